-- SPDX-License-Identifier: Apache-2.0
-- The trading calendar: as a table function of any range, and kept ready as a dimension.

-- SELECT * FROM warehouse.trading_calendar(from = '2025-01-01', to = '2025-12-31', mic = 'XNYS'), both days included.
CREATE OR REPLACE VIEW warehouse.trading_calendar AS
SELECT *
FROM executable(
    'cal calendar',
    Native,
    'date Date, mic String, is_open Bool, open_at Nullable(DateTime64(6, \'UTC\')), close_at Nullable(DateTime64(6, \'UTC\')),
     is_half_day Bool, reason String, session_number UInt16, prev_session Date, next_session Date, iso_year UInt16, iso_week UInt8,
     is_month_end Bool, is_year_end Bool',
    (SELECT {from:Date} AS from, {to:Date} AS to, {mic:String} AS mic),
    SETTINGS check_exit_code = 1);

-- Made anew each time that the schema is applied, in one step: readers see the old table or the new one.
CREATE OR REPLACE TABLE warehouse.dim_date
(
    date           Date                            COMMENT 'exchange date, every day from 1990-01-01 to 2035-12-31',
    mic            LowCardinality(String)          COMMENT 'XNYS or XNAS',
    is_open        Bool                            COMMENT 'the exchange has a session',
    open_at        Nullable(DateTime64(6, 'UTC'))  COMMENT 'its opening, NULL without a session',
    close_at       Nullable(DateTime64(6, 'UTC'))  COMMENT 'its close, NULL without a session',
    is_half_day    Bool                            COMMENT 'the close comes before 16:00 New York time',
    reason         LowCardinality(String)          COMMENT 'why there is no session or an unusual one, else empty',
    session_number UInt16                          COMMENT 'sessions from 1990-01-01 to this day, itself included: differences count sessions',
    prev_session   Date                            COMMENT 'the last session before the day, 1970-01-01 before the first',
    next_session   Date                            COMMENT 'the first session after the day, 1970-01-01 after the last',
    iso_year       UInt16                          COMMENT 'the year that iso_week belongs to',
    iso_week       UInt8,
    is_month_end   Bool                            COMMENT 'the last session of its month',
    is_year_end    Bool                            COMMENT 'the last session of its year'
)
ENGINE = MergeTree
ORDER BY (mic, date)
COMMENT 'The trading calendar of XNYS and XNAS.'
AS
SELECT * FROM warehouse.trading_calendar(from = '1990-01-01', to = '2035-12-31', mic = 'XNYS')
UNION ALL
SELECT * FROM warehouse.trading_calendar(from = '1990-01-01', to = '2035-12-31', mic = 'XNAS');
