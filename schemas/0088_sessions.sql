-- SPDX-License-Identifier: Apache-2.0
-- Candles and the trading calendar: sessions, gaps, history with what is live, indicators.

-- A candle a symbol and session: its minutes from the opening to the close, half days included. Sessions of New York lie within one UTC day,
-- so `date` is both; ohlc_1d has whole UTC days, what is traded before and after hours included.
CREATE OR REPLACE VIEW warehouse.ohlc_session AS
SELECT
    symbol,
    date,
    argMin(minute.open, minute.open_at) AS open,
    max(minute.high) AS high,
    min(minute.low) AS low,
    argMax(minute.close, minute.close_at) AS close,
    min(minute.open_at) AS open_at,
    argMax(minute.high_at, (minute.high, -toUnixTimestamp64Micro(minute.high_at))) AS high_at,
    argMin(minute.low_at, (minute.low, minute.low_at)) AS low_at,
    max(minute.close_at) AS close_at,
    toFloat64(sum(minute.volume) AS shares) / 1e8 AS volume,
    sum(minute.trades) AS trades,
    if(shares > 0, toFloat64(sum(minute.turnover)) / toFloat64(shares), NULL) AS vwap,
    sum(minute.ticks) AS ticks
FROM (SELECT *, toDate(ts) AS date FROM warehouse.ohlc_exact(seconds = 60)) AS minute
INNER JOIN (SELECT date, open_at AS opens, close_at AS closes FROM warehouse.dim_date WHERE mic = 'XNYS' AND is_open) AS session
    ON session.date = minute.date
WHERE minute.ts >= opens AND minute.ts < closes
GROUP BY symbol, date;

-- Without gaps, from `from` up to `to` or now: a candle for every step of a session in which nothing came, with the close before it, no volume
-- and is_filled = 1. What came outside of sessions is there too, and nothing is filled there. symbol: '' for all.
CREATE OR REPLACE VIEW warehouse.ohlc_filled AS
WITH
    toDateTime64({from:DateTime64(6, 'UTC')}, 6, 'UTC') AS since,
    least(toDateTime64({to:DateTime64(6, 'UTC')}, 6, 'UTC'), now64(6, 'UTC')) AS until,
    toDateTime64(toStartOfHour(since), 6, 'UTC') AS since_hour,
    steps AS
    (
        SELECT fromUnixTimestamp64Micro(1000000 * arrayJoin(range(
            intDiv(toUnixTimestamp64Micro(assumeNotNull(open_at)), {seconds:UInt32} * 1000000) * {seconds:UInt32},
            intDiv(toUnixTimestamp64Micro(assumeNotNull(close_at)), 1000000), {seconds:UInt32})), 'UTC') AS ts
        FROM warehouse.dim_date
        WHERE mic = 'XNYS' AND is_open AND date >= toDate(since) - 1 AND date <= toDate(until)
    ),
    found AS
    (
        SELECT *, 0 AS is_filled FROM warehouse.ohlc(seconds = {seconds:UInt32})
        WHERE ({symbol:String} = '' OR symbol = {symbol:String}) AND ts >= since AND ts < until
    ),
    before AS
    (
        SELECT symbol, argMax(close, close_at) AS close
        FROM
        (
            SELECT symbol, close, close_at FROM warehouse.ohlc_1h
            WHERE ({symbol:String} = '' OR symbol = {symbol:String}) AND ts >= since_hour - toIntervalDay(10) AND ts < since_hour
            UNION ALL
            SELECT symbol, close, close_at FROM warehouse.ohlc_1m
            WHERE ({symbol:String} = '' OR symbol = {symbol:String}) AND ts >= since_hour AND ts < since AND close_at < since
        )
        GROUP BY symbol
    )
SELECT
    symbol,
    ts,
    ifNull(open, last) AS open,
    ifNull(high, last) AS high,
    ifNull(low, last) AS low,
    assumeNotNull(last) AS close,
    open_at,
    high_at,
    low_at,
    close_at,
    volume,
    trades,
    vwap,
    is_filled
FROM
(
    SELECT
        * EXCEPT (open, high, low, close, carried),
        if(is_filled, NULL, row.open) AS open,
        if(is_filled, NULL, row.high) AS high,
        if(is_filled, NULL, row.low) AS low,
        anyLast(if(carried, row.close, NULL)) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last
    FROM
    (
        SELECT
            symbol, ts, open, high, low, close, toNullable(open_at) AS open_at, toNullable(high_at) AS high_at, toNullable(low_at) AS low_at,
            toNullable(close_at) AS close_at, volume, trades, vwap, is_filled, 1 AS carried
        FROM found
        UNION ALL
        SELECT symbol, ts, 0, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, NULL, 1, 0
        FROM (SELECT symbol FROM found UNION DISTINCT SELECT symbol FROM before) AS symbols
        CROSS JOIN steps
        WHERE ts >= since AND ts < until AND (symbol, ts) NOT IN (SELECT symbol, ts FROM found)
        UNION ALL
        SELECT symbol, since - toIntervalMicrosecond(1), close, close, close, close, NULL, NULL, NULL, NULL, 0, 0, NULL, 2, 1 FROM before
    ) AS row
)
WHERE is_filled < 2 AND last IS NOT NULL;

-- The days of gold, and after a ticker's last one there the sessions of what came live: none is in both. A running session is there with
-- is_over = 0. Gold's prices are adjusted as its source has them, live ones are as traded; after a split they differ until the source
-- is loaded again. BRK.B, as live sources spell it, is BRK-B in gold.
CREATE OR REPLACE VIEW warehouse.stock_unified AS
SELECT ticker, date, open, high, low, close, volume, 'gold' AS origin, toUInt8(1) AS is_over
FROM warehouse.gold_stock_analytics
UNION ALL
SELECT live.ticker, live.date, open, high, low, close, volume, 'live', toUInt8(closes <= now64(6, 'UTC'))
FROM
(
    SELECT toLowCardinality(replaceRegexpOne(upper(symbol), '^([A-Z]+)\\.([ABC])$', '\\1-\\2')) AS ticker, * EXCEPT symbol
    FROM warehouse.ohlc_session
) AS live
INNER JOIN (SELECT date, assumeNotNull(close_at) AS closes FROM warehouse.dim_date WHERE mic = 'XNYS' AND is_open) AS session ON session.date = live.date
LEFT JOIN (SELECT ticker, max(date) AS last FROM warehouse.gold_stock_analytics GROUP BY ticker) AS history ON history.ticker = live.ticker
WHERE live.date > history.last
SETTINGS join_use_nulls = 0;

-- ta_daily's columns on the newest 1,000 minutes of a symbol. They are computed anew with each query: after 1,000 candles no average
-- remembers more of its start than the last bit. symbol: '' for all.
CREATE OR REPLACE VIEW warehouse.ta_1m AS
SELECT
    symbol,
    toDateTime64(time, 6, 'UTC') AS ts,
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
        symbol,
        groupArray(ts) AS times,
        groupArray(open) AS opens,
        groupArray(high) AS highs,
        groupArray(low) AS lows,
        groupArray(close) AS closes,
        groupArray(volume) AS volumes,
        ta_bars('ema(12), ema(26), macd(12,26,9), rsi(14), bbands(20,2,2), atr(14)', times, opens, highs, lows, closes, volumes) AS ta
    FROM
    (
        SELECT symbol, ts, open, high, low, close, volume FROM warehouse.ohlc_1m
        WHERE {symbol:String} = '' OR symbol = {symbol:String}
        ORDER BY ts DESC LIMIT 1000 BY symbol
    )
    GROUP BY symbol
)
ARRAY JOIN
    ta.time AS time,
    arraySort((value, ts) -> ts, opens, times) AS open,
    arraySort((value, ts) -> ts, highs, times) AS high,
    arraySort((value, ts) -> ts, lows, times) AS low,
    arraySort((value, ts) -> ts, closes, times) AS close,
    arraySort((value, ts) -> ts, volumes, times) AS volume,
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
