#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints schemas/0086_ohlc.sql: the views ohlc_*, a flat one for each width. ClickHouse plans all that a view could read with each query; one
# view for all widths, and thin ones over it, took three times as long to plan, and a view of ticks inside of them half as long again.
set -eu

# view NAME WIDTH NEWEST [exact]: NEWEST says of which finer candles the newest is put together; exact leaves sums as ohlc_state has them.
view() {
    if [ "${4:-}" = exact ]; then
        sums="volume, turnover, trades, ticks"
        newest_sums="sum(piece.volume) AS volume, sum(piece.turnover) AS turnover, sum(piece.trades) AS trades, sum(piece.ticks) AS ticks"
    else
        sums="toFloat64(state.volume) / 1e8 AS volume, trades,
    if(state.volume > 0, toFloat64(turnover) / toFloat64(state.volume), NULL) AS vwap, ticks"
        newest_sums="toFloat64(sum(piece.volume) AS shares) / 1e8 AS volume, sum(piece.trades) AS trades,
    if(shares > 0, toFloat64(sum(piece.turnover)) / toFloat64(shares), NULL) AS vwap, sum(piece.ticks) AS ticks"
    fi
    cat <<EOF

CREATE OR REPLACE VIEW warehouse.$1 AS
WITH
    (
        SELECT toStartOfSecond(greatest(max(settled_at), toDateTime64('1970-01-01 00:00:06', 6, 'UTC')) - toIntervalSecond(6))
        FROM warehouse.ohlc_state WHERE seconds = 0
    ) AS settled,
    toUnixTimestamp(settled) AS cut,
    toDateTime64(cut - cut % 60, 6, 'UTC') AS minute,
    toDateTime64(cut - cut % 3600, 6, 'UTC') AS hour,
    toDateTime64(cut - cut % $2, 6, 'UTC') AS whole
SELECT
    symbol, ts, open, high, low, close, open_at, high_at, low_at, close_at,
    $sums
FROM warehouse.ohlc_state AS state FINAL
WHERE seconds = $2 AND ts < whole
SETTINGS optimize_move_to_prewhere_if_final = 1
UNION ALL
SELECT
    symbol,
    fromUnixTimestamp64Micro(intDiv(toUnixTimestamp64Micro(piece.ts), $2 * 1000000) * $2 * 1000000, 'UTC') AS ts,
    argMin(piece.open, piece.open_at) AS open,
    max(piece.high) AS high,
    min(piece.low) AS low,
    argMax(piece.close, piece.close_at) AS close,
    min(piece.open_at) AS open_at,
    argMax(piece.high_at, (piece.high, -toUnixTimestamp64Micro(piece.high_at))) AS high_at,
    argMin(piece.low_at, (piece.low, piece.low_at)) AS low_at,
    max(piece.close_at) AS close_at,
    $newest_sums
FROM
(
EOF
    [ -z "$3" ] || cat <<EOF
    SELECT symbol, ts, open, high, low, close, open_at, high_at, low_at, close_at, volume, turnover, trades, ticks
    FROM warehouse.ohlc_state FINAL
    WHERE ts >= whole AND ts < settled AND ($3)
    UNION ALL
EOF
    cat <<EOF
    SELECT
        symbol, timestamp AS ts, price AS open, price AS high, price AS low, price AS close,
        timestamp AS open_at, timestamp AS high_at, timestamp AS low_at, timestamp AS close_at,
        toInt128(round(1e8 * greatest(-1e20, least(1e20, if(isFinite(ifNull(tick.volume, 0)), ifNull(tick.volume, 0), 0))))) AS volume,
        toInt128(round(1e8 * greatest(-1e20, least(1e20,
            if(isFinite(price * ifNull(tick.volume, 0)), price * ifNull(tick.volume, 0), 0))))) AS turnover,
        toUInt64(tick.volume IS NOT NULL) AS trades,
        toUInt64(1) AS ticks
    FROM warehouse.stock_realtime AS tick FINAL
    WHERE timestamp >= settled
) AS piece
GROUP BY symbol, ts
SETTINGS optimize_move_to_prewhere_if_final = 1;
EOF
}

cat <<'EOF'
-- SPDX-License-Identifier: Apache-2.0
-- Candles to read: what is settled, and from there on the ticks. Written by scripts/generate_ohlc.sh; a test fails when it differs.
--
-- Time is cut at `settled`, 6 s before the newest round. Before it stand candles of the wanted width up to the one in which the cut
-- lies; that one is put together of hours, minutes and seconds up to the cut, and of ticks behind it. No tick is in two of these.
--
-- In ohlc_exact sums are as in ohlc_state, in ohlc_* volume is in shares. Ticks are as in ohlc_tick, inline, since a view costs each query as much
-- as reading its candles. The setting reads columns of the sorting key first, and of the others only what they leave.
EOF
second="seconds = 1"
seconds="(seconds = 1 AND ts >= minute)"
minutes="(seconds = 60 AND ts < minute)"
view ohlc_1s 1 ""
view ohlc_1m 60 "$second"
view ohlc_5m 300 "$seconds OR $minutes"
view ohlc_15m 900 "$seconds OR $minutes"
view ohlc_1h 3600 "$seconds OR $minutes"
any="$seconds OR (seconds = 60 AND ts >= hour AND ts < minute) OR (seconds = 3600 AND ts < hour)"
view ohlc_1d 86400 "$any"
view ohlc_exact '{seconds:UInt32}' "$any" exact

cat <<'EOF'

-- For a width that is a parameter. It costs twice as much to plan.
CREATE OR REPLACE VIEW warehouse.ohlc AS
SELECT
    symbol, ts, open, high, low, close, open_at, high_at, low_at, close_at,
    toFloat64(candle.volume) / 1e8 AS volume,
    trades,
    if(candle.volume > 0, toFloat64(turnover) / toFloat64(candle.volume), NULL) AS vwap,
    ticks
FROM warehouse.ohlc_exact(seconds = {seconds:UInt32}) AS candle;
EOF
