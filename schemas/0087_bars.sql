-- SPDX-License-Identifier: Apache-2.0
-- Bars that end when enough was traded, not when the clock says so.

-- kind: 'tick', 'volume' or 'dollar'; size: so many trades, shares or so much money a bar; symbol: '' for all. A bar ends with the trade that
-- reaches its size, which belongs to it whole; the last one of a symbol may not be complete. Counting begins at `from`. Quotes count for nothing.
CREATE OR REPLACE VIEW warehouse.trade_bars AS
SELECT *
FROM executable(
    'ta bars',
    Native,
    'symbol String, bar UInt64, open_at DateTime64(6, \'UTC\'), close_at DateTime64(6, \'UTC\'), open Float64, high Float64, low Float64,
     close Float64, volume Float64, dollars Float64, trades UInt64, vwap Float64, is_complete Bool',
    (
        SELECT {kind:String} AS kind, {size:Float64} AS size, symbol, timestamp, price, volume
        FROM warehouse.stock_realtime FINAL
        WHERE volume IS NOT NULL AND timestamp >= {from:DateTime64(6, 'UTC')} AND timestamp < {to:DateTime64(6, 'UTC')}
            AND ({symbol:String} = '' OR symbol = {symbol:String})
        ORDER BY symbol, timestamp
    ),
    SETTINGS check_exit_code = 1);
