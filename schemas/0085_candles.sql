-- SPDX-License-Identifier: Apache-2.0
-- Candles of what is in stock_realtime: 1 s, 1 m, 5 m, 15 m, 1 h and 1 d.
--
-- Ticks come late, twice, in any order, are corrected and deleted. So a candle is never added to: it is computed anew from what it is made of,
-- and replaces itself. A second is made of its ticks, a minute of its seconds, and so on up to a day. Every insert of ticks leaves marks
-- (which symbol, which second); every two seconds a round takes the new marks, computes the candles that they touch and writes them with
-- the time up to which marks are settled, all in one part: a round is there or not, whatever is killed. Rounds may be repeated at will.
--
-- Readers need not wait for a round: the views ohlc_* take what is newer than it from the ticks themselves.

-- Marks of one insert are a microsecond apart, so that a large one can be settled in several rounds.
CREATE TABLE IF NOT EXISTS warehouse.ohlc_mark
(
    symbol    LowCardinality(String),
    ts        DateTime64(6, 'UTC') COMMENT 'a second of which ticks came, were changed or deleted',
    marked_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (marked_at, symbol, ts)
TTL toDateTime(marked_at) + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Which candles have to be computed anew.';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.ohlc_mark_insert TO warehouse.ohlc_mark AS
SELECT symbol, ts, now64(6, 'UTC') + toIntervalMicrosecond(rowNumberInAllBlocks()) AS marked_at
FROM (SELECT DISTINCT symbol, toStartOfSecond(timestamp) AS ts FROM warehouse.stock_realtime);

-- Sums are whole numbers of 1e-8: the same to the bit in whatever order ticks come, and no value of a tick can make them fail.
-- Rows of seconds = 0 say up to which marks the first, second and third look have come. There is one partition, so that a round is one part;
-- its expression makes ClickHouse keep the newest ts of each part, and who reads the newest candles skips parts that have none.
CREATE TABLE IF NOT EXISTS warehouse.ohlc_state
(
    seconds     UInt32                 COMMENT 'the candle''s width: 1, 60, 300, 900, 3600 or 86400',
    symbol      LowCardinality(String),
    ts          DateTime64(6, 'UTC')   COMMENT 'its start' CODEC(DoubleDelta, ZSTD(1)),
    open        Float64                COMMENT 'argMin(price, timestamp)' CODEC(ZSTD(1)),
    high        Float64                COMMENT 'max(price)' CODEC(ZSTD(1)),
    low         Float64                COMMENT 'min(price)' CODEC(ZSTD(1)),
    close       Float64                COMMENT 'argMax(price, timestamp)' CODEC(ZSTD(1)),
    open_at     DateTime64(6, 'UTC')   COMMENT 'of the first tick' CODEC(DoubleDelta, ZSTD(1)),
    high_at     DateTime64(6, 'UTC')   COMMENT 'of the first tick at that price' CODEC(DoubleDelta, ZSTD(1)),
    low_at      DateTime64(6, 'UTC')   COMMENT 'of the first tick at that price' CODEC(DoubleDelta, ZSTD(1)),
    close_at    DateTime64(6, 'UTC')   COMMENT 'of the last tick' CODEC(DoubleDelta, ZSTD(1)),
    volume      Int128                 COMMENT 'traded, in 1e-8' CODEC(ZSTD(1)),
    turnover    Int128                 COMMENT 'price times volume, in 1e-8' CODEC(ZSTD(1)),
    trades      UInt64                 COMMENT 'ticks with a volume' CODEC(ZSTD(1)),
    ticks       UInt64                 COMMENT 'trades and quotes' CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC')   COMMENT 'of the tick that came first' CODEC(DoubleDelta, ZSTD(1)),
    settled_at  DateTime64(6, 'UTC')   COMMENT 'up to which mark its round came' CODEC(DoubleDelta, ZSTD(1)),
    is_deleted  UInt8                  COMMENT 'it has no tick any more' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(settled_at, is_deleted)
PARTITION BY ignore(ts)
ORDER BY (seconds, symbol, ts)
SETTINGS index_granularity = 256
COMMENT 'Candles as they were last computed. Read with FINAL, or better the views ohlc_*.';

-- Ticks in the shape of candles. A quote has no volume: it counts for the prices alone.
CREATE OR REPLACE VIEW warehouse.ohlc_tick AS
SELECT
    symbol,
    timestamp AS ts,
    tick.price AS open,
    tick.price AS high,
    tick.price AS low,
    tick.price AS close,
    timestamp AS open_at,
    timestamp AS high_at,
    timestamp AS low_at,
    timestamp AS close_at,
    toInt128(round(1e8 * greatest(-1e20, least(1e20, if(isFinite(ifNull(tick.volume, 0)), ifNull(tick.volume, 0), 0))))) AS volume,
    toInt128(round(1e8 * greatest(-1e20, least(1e20,
        if(isFinite(tick.price * ifNull(tick.volume, 0)), tick.price * ifNull(tick.volume, 0), 0))))) AS turnover,
    toUInt64(tick.volume IS NOT NULL) AS trades,
    toUInt64(1) AS ticks,
    received_at
FROM (SELECT * FROM warehouse.stock_realtime FINAL) AS tick
SETTINGS do_not_merge_across_partitions_select_final = 1, optimize_move_to_prewhere_if_final = 1;

-- A round. Each mark gets three looks, in three rounds: at once, after 2 s and after a minute, since an insert may take its time between the
-- moment of its marks and the one at which its rows can be seen. A look takes 100,000 marks at most; one that comes late, since there are more,
-- stands for those that were due meanwhile. Marks are read once, into an array: a table read twice in a query may have got rows in between.
--
-- A second of which ticks may be gone (stock_realtime keeps them for 30 days after they came) stays as it is, whatever comes for it now.
--
-- Every row that a candle is made of comes once, and says which widths it goes into: a tick into all of them; a candle that was not touched
-- and lies in one that was, into all wider ones. Marked seconds come once more without a tick, so that those which have lost
-- all of them are known.
CREATE OR REPLACE VIEW warehouse.ohlc_todo AS
WITH
    [1, 60, 300, 900, 3600, 86400]::Array(UInt32) AS widths,
    (SELECT now64(6, 'UTC')) AS now,
    (
        SELECT (maxIf(settled_at, toUnixTimestamp64Second(ts) = 1), maxIf(settled_at, toUnixTimestamp64Second(ts) = 2), maxIf(settled_at, toUnixTimestamp64Second(ts) = 3))
        FROM warehouse.ohlc_state WHERE seconds = 0
    ) AS looked,
    (
        SELECT greatest(looked.1, if(count() < 100000, now, least(now, max(marked_at))))
        FROM (SELECT marked_at FROM warehouse.ohlc_mark WHERE marked_at > looked.1 ORDER BY marked_at LIMIT 100000)
    ) AS first,
    (
        SELECT greatest(looked.2, least(looked.1, now - toIntervalSecond(2), if(count() < 100000, now, max(marked_at))))
        FROM (SELECT marked_at FROM warehouse.ohlc_mark WHERE marked_at > looked.2 ORDER BY marked_at LIMIT 100000)
    ) AS second,
    (
        SELECT greatest(looked.3, least(looked.2, now - toIntervalSecond(60), if(count() < 100000, now, max(marked_at))))
        FROM (SELECT marked_at FROM warehouse.ohlc_mark WHERE marked_at > looked.3 ORDER BY marked_at LIMIT 100000)
    ) AS third,
    (
        SELECT groupUniqArray((symbol, ts)) FROM warehouse.ohlc_mark
        WHERE (marked_at > looked.1 AND marked_at <= first) OR (marked_at > looked.2 AND marked_at <= second) OR (marked_at > looked.3 AND marked_at <= third)
    ) AS due,
    marks AS (SELECT mark.1 AS symbol, mark.2 AS ts FROM (SELECT arrayJoin(due) AS mark)),
    (SELECT (min(ts), max(ts)) FROM marks) AS bounds,
    if(second >= looked.1, least(first, now - toIntervalSecond(2)), second) AS second_end,
    if(third >= looked.2, least(second_end, now - toIntervalSecond(60)), third) AS third_end,
    (
        SELECT groupArray((symbol, ts)) FROM warehouse.ohlc_state FINAL
        WHERE seconds = 1 AND (symbol, ts) IN marks AND received_at < now - toIntervalDay(29)
    ) AS full,
    kept AS (SELECT mark.1 AS symbol, mark.2 AS ts FROM (SELECT arrayJoin(full) AS mark)),
    candles AS
    (
        SELECT DISTINCT
            width AS seconds,
            symbol,
            fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(marks.ts), width * 1000000) * width * 1000000, 'UTC') AS ts
        FROM marks ARRAY JOIN widths AS width
    )
SELECT
    width AS seconds,
    symbol,
    fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(piece.ts), width * 1000000) * width * 1000000, 'UTC') AS ts,
    argMin(piece.open, piece.open_at) AS open,
    max(piece.high) AS high,
    min(piece.low) AS low,
    argMaxIf(piece.close, piece.close_at, piece.ticks > 0) AS close,
    min(piece.open_at) AS open_at,
    argMax(piece.high_at, (piece.high, -toUnixTimestamp64Micro(piece.high_at))) AS high_at,
    argMin(piece.low_at, (piece.low, piece.low_at)) AS low_at,
    max(piece.close_at) AS close_at,
    sum(piece.volume) AS volume,
    sum(piece.turnover) AS turnover,
    sum(piece.trades) AS trades,
    sum(piece.ticks) AS ticks,
    min(piece.received_at) AS received_at,
    first AS settled_at,
    ticks = 0 AS is_deleted
FROM
(
    SELECT *, widths AS into
    FROM warehouse.ohlc_tick
    WHERE ts >= bounds.1 AND ts < bounds.2 + toIntervalSecond(1) AND (symbol, toStartOfSecond(ts)) IN marks AND (symbol, toStartOfSecond(ts)) NOT IN kept
    UNION ALL
    SELECT * EXCEPT (seconds, settled_at, is_deleted), arrayFilter(width -> width > seconds, widths) AS into
    FROM warehouse.ohlc_state FINAL
    WHERE (seconds, symbol, ts) IN
    (
        SELECT widths[indexOf(widths, seconds) - 1] AS part, symbol, arrayJoin(arrayMap(start -> ts + toIntervalSecond(start), range(0, seconds, part)))
        FROM candles WHERE seconds > 1
    )
    AND ((seconds, symbol, ts) NOT IN candles OR (seconds = 1 AND (symbol, ts) IN kept))
    UNION ALL
    SELECT
        symbol, ts, 0. AS open, -inf AS high, inf AS low, 0. AS close,
        toDateTime64('2299-12-31 23:59:59', 6, 'UTC') AS open_at, ts AS high_at, ts AS low_at, toDateTime64(0, 6, 'UTC') AS close_at,
        toInt128(0) AS volume, toInt128(0) AS turnover, toUInt64(0) AS trades, toUInt64(0) AS ticks,
        toDateTime64('2299-12-31 23:59:59', 6, 'UTC') AS received_at, widths AS into
    FROM marks
    WHERE (symbol, ts) NOT IN kept
) AS piece
ARRAY JOIN into AS width
GROUP BY width, symbol, ts
UNION ALL
SELECT
    toUInt32(0), '', at, 0., 0., 0., 0., at, at, at, at, toInt128(0), toInt128(0), toUInt64(0), toUInt64(0), at, [first, greatest(looked.2, second_end), greatest(looked.3, third_end)][look], 0
FROM (SELECT arrayJoin([1, 2, 3]) AS look, toDateTime64(look, 6, 'UTC') AS at)
WHERE notEmpty(due);

-- Planning a round takes five times as long as to see that there is nothing to do. merge() plans a view only where the condition leaves its name.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.ohlc_refresh REFRESH EVERY 2 SECOND
APPEND TO warehouse.ohlc_state AS
SELECT * FROM merge('warehouse', '^ohlc_todo$')
WHERE _table = (
    SELECT if(count() > 0, 'ohlc_todo', '')
    FROM
    (
        SELECT 1 FROM warehouse.ohlc_mark
        WHERE marked_at > (SELECT max(settled_at) FROM warehouse.ohlc_state WHERE seconds = 0 AND ts = toDateTime64(3, 6, 'UTC'))
        LIMIT 1
    ))
SETTINGS log_queries = 0;
