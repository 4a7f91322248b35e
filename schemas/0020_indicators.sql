-- Indicators of daily bars: one ticker on demand, and all tickers kept ready.
-- bars is ordered by its first element, the date, and ta_bars answers in order of time: so the two arrays run side by side.

CREATE OR REPLACE VIEW warehouse.ta_daily AS
SELECT
    {ticker:String} AS ticker,
    bar.1 AS date,
    bar.2 AS open,
    bar.3 AS high,
    bar.4 AS low,
    bar.5 AS close,
    bar.6 AS volume,
    ta.2[1] AS ema_12,
    ta.2[2] AS ema_26,
    ta.2[3] AS macd,
    ta.2[4] AS macd_signal,
    ta.2[5] AS macd_hist,
    ta.2[6] AS rsi_14,
    ta.2[7] AS bb_upper,
    ta.2[8] AS bb_middle,
    ta.2[9] AS bb_lower,
    ta.2[10] AS atr_14
FROM
(
    SELECT
        arraySort(groupArray((date, open, high, low, close, volume))) AS bars,
        ta_bars('ema(12), ema(26), macd(12,26,9), rsi(14), bbands(20,2,2), atr(14)', bars) AS indicators
    FROM warehouse.stock_daily FINAL
    WHERE ticker = {ticker:String}
)
ARRAY JOIN
    bars AS bar,
    indicators AS ta;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.silver_stock_indicators
REFRESH EVERY 1 HOUR
(
    ticker LowCardinality(String),
    date Date,
    close Float64,
    volume Float64,
    ema_12 Float64,
    ema_26 Float64,
    macd Float64,
    macd_signal Float64,
    macd_hist Float64,
    rsi_14 Float64,
    bb_upper Float64,
    bb_middle Float64,
    bb_lower Float64,
    atr_14 Float64
)
ENGINE = MergeTree
ORDER BY (ticker, date)
AS
SELECT
    ticker,
    bar.1 AS date,
    bar.5 AS close,
    bar.6 AS volume,
    ta.2[1] AS ema_12,
    ta.2[2] AS ema_26,
    ta.2[3] AS macd,
    ta.2[4] AS macd_signal,
    ta.2[5] AS macd_hist,
    ta.2[6] AS rsi_14,
    ta.2[7] AS bb_upper,
    ta.2[8] AS bb_middle,
    ta.2[9] AS bb_lower,
    ta.2[10] AS atr_14
FROM
(
    SELECT
        ticker,
        arraySort(groupArray((date, open, high, low, close, volume))) AS bars,
        ta_bars('ema(12), ema(26), macd(12,26,9), rsi(14), bbands(20,2,2), atr(14)', bars) AS indicators
    FROM warehouse.stock_daily FINAL
    GROUP BY ticker
)
ARRAY JOIN
    bars AS bar,
    indicators AS ta;
