-- SPDX-License-Identifier: Apache-2.0
-- Indicators of daily bars: for all tickers, for one, and kept ready.

-- groupArray gives the bars in any order, the same for all columns: ta_bars answers in order of time, and arraySort puts the prices
-- in that order too. A condition on ticker reaches the table.
CREATE OR REPLACE VIEW warehouse.stock_indicators AS
SELECT
    ticker,
    toDate(time) AS date,
    open,
    high,
    low,
    close,
    volume,
    ema_12,
    ema_26,
    macd,
    macd_signal,
    macd_hist,
    rsi_14,
    bb_upper,
    bb_middle,
    bb_lower,
    atr_14
FROM
(
    SELECT
        ticker,
        groupArray(date) AS dates,
        groupArray(open) AS opens,
        groupArray(high) AS highs,
        groupArray(low) AS lows,
        groupArray(close) AS closes,
        groupArray(volume) AS volumes,
        ta_bars('ema(12), ema(26), macd(12,26,9), rsi(14), bbands(20,2,2), atr(14)', dates, opens, highs, lows, closes, volumes) AS ta
    FROM warehouse.stock_daily FINAL
    GROUP BY ticker
)
ARRAY JOIN
    ta.time AS time,
    arraySort((value, day) -> day, opens, dates) AS open,
    arraySort((value, day) -> day, highs, dates) AS high,
    arraySort((value, day) -> day, lows, dates) AS low,
    arraySort((value, day) -> day, closes, dates) AS close,
    arraySort((value, day) -> day, volumes, dates) AS volume,
    ta.values[1] AS ema_12,
    ta.values[2] AS ema_26,
    ta.values[3] AS macd,
    ta.values[4] AS macd_signal,
    ta.values[5] AS macd_hist,
    ta.values[6] AS rsi_14,
    ta.values[7] AS bb_upper,
    ta.values[8] AS bb_middle,
    ta.values[9] AS bb_lower,
    ta.values[10] AS atr_14;

CREATE OR REPLACE VIEW warehouse.ta_daily AS
SELECT * FROM warehouse.stock_indicators WHERE ticker = {ticker:String};

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
AS SELECT ticker, date, close, volume, ema_12, ema_26, macd, macd_signal, macd_hist, rsi_14, bb_upper, bb_middle, bb_lower, atr_14
FROM warehouse.stock_indicators;
