-- SPDX-License-Identifier: Apache-2.0
-- Candles to read: what is settled, and from there on the ticks.

-- Time is cut at `settled`, 6 s before the newest round. Before it stand candles of the wanted width up to the one in which the cut
-- lies; that one is put together of hours, minutes and seconds up to the cut, and of ticks behind it. No tick is in two of these. Sums are as in ohlc_state; ohlc(seconds) has them in shares.
CREATE OR REPLACE VIEW warehouse.ohlc_exact AS
WITH
    (
        SELECT toStartOfSecond(greatest(max(settled_at), toDateTime64('1970-01-01 00:00:06', 6, 'UTC')) - toIntervalSecond(6))
        FROM warehouse.ohlc_state WHERE seconds = 0
    ) AS settled,
    fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(settled), {seconds:UInt32} * 1000000) * {seconds:UInt32} * 1000000, 'UTC') AS whole,
    fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(settled), 3600000000) * 3600000000, 'UTC') AS hour,
    fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(settled), 60000000) * 60000000, 'UTC') AS minute
SELECT *
FROM
(
    SELECT * EXCEPT (seconds, received_at, settled_at, is_deleted)
    FROM warehouse.ohlc_state FINAL
    WHERE seconds = {seconds:UInt32} AND ts < whole
    UNION ALL
    SELECT
        symbol,
        fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(piece.ts), {seconds:UInt32} * 1000000) * {seconds:UInt32} * 1000000, 'UTC') AS ts,
        argMin(piece.open, piece.open_at) AS open,
        max(piece.high) AS high,
        min(piece.low) AS low,
        argMax(piece.close, piece.close_at) AS close,
        min(piece.open_at) AS open_at,
        argMax(piece.high_at, (piece.high, -toUnixTimestamp64Micro(piece.high_at))) AS high_at,
        argMin(piece.low_at, (piece.low, piece.low_at)) AS low_at,
        max(piece.close_at) AS close_at,
        sum(piece.volume) AS volume,
        sum(piece.turnover) AS turnover,
        sum(piece.trades) AS trades,
        sum(piece.ticks) AS ticks
    FROM
    (
        SELECT * EXCEPT received_at FROM warehouse.ohlc_tick WHERE ts >= settled
        UNION ALL
        SELECT * EXCEPT (seconds, received_at, settled_at, is_deleted) FROM warehouse.ohlc_state FINAL
        WHERE {seconds:UInt32} > 1 AND seconds = 1 AND ts >= minute AND ts < settled
        UNION ALL
        SELECT * EXCEPT (seconds, received_at, settled_at, is_deleted) FROM warehouse.ohlc_state FINAL
        WHERE {seconds:UInt32} > 60 AND seconds = 60 AND ts >= greatest(whole, hour) AND ts < minute
        UNION ALL
        SELECT * EXCEPT (seconds, received_at, settled_at, is_deleted) FROM warehouse.ohlc_state FINAL
        WHERE {seconds:UInt32} > 3600 AND seconds = 3600 AND ts >= whole AND ts < hour
    ) AS piece
    GROUP BY symbol, ts
);

CREATE OR REPLACE VIEW warehouse.ohlc AS
SELECT
    symbol,
    ts,
    open,
    high,
    low,
    close,
    open_at,
    high_at,
    low_at,
    close_at,
    toFloat64(candle.volume) / 1e8 AS volume,
    trades,
    if(candle.volume > 0, toFloat64(turnover) / toFloat64(candle.volume), NULL) AS vwap,
    ticks
FROM warehouse.ohlc_exact(seconds = {seconds:UInt32}) AS candle;

CREATE OR REPLACE VIEW warehouse.ohlc_1s AS SELECT * FROM warehouse.ohlc(seconds = 1);
CREATE OR REPLACE VIEW warehouse.ohlc_1m AS SELECT * FROM warehouse.ohlc(seconds = 60);
CREATE OR REPLACE VIEW warehouse.ohlc_5m AS SELECT * FROM warehouse.ohlc(seconds = 300);
CREATE OR REPLACE VIEW warehouse.ohlc_15m AS SELECT * FROM warehouse.ohlc(seconds = 900);
CREATE OR REPLACE VIEW warehouse.ohlc_1h AS SELECT * FROM warehouse.ohlc(seconds = 3600);
CREATE OR REPLACE VIEW warehouse.ohlc_1d AS SELECT * FROM warehouse.ohlc(seconds = 86400);
