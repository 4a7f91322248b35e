-- SPDX-License-Identifier: Apache-2.0
-- Daily bars as the ingestors load them, and the rows that they set aside.
--
-- The newest load of a (ticker, date) wins: a split makes the source restate its whole history, and
-- the restated rows replace the old ones. Replacing happens in merges, so read with FINAL.
-- The deduplication window remembers this many inserts: an ingestor that repeats one of them changes
-- nothing. So a file that was loaded before never replaces what came later; use --overwrite.
-- A bar before 1970-01-01 does not fit the type Date and is quarantined.
CREATE TABLE IF NOT EXISTS warehouse.stock_daily
(
    ticker      LowCardinality(String) COMMENT 'upper case, US shares without .US: NVDA, ^SPX, CDR.PL',
    date        Date                   COMMENT 'exchange date',
    open        Float64                COMMENT 'adjusted as the source has it',
    high        Float64,
    low         Float64,
    close       Float64,
    volume      Float64                COMMENT 'fractional where the source adjusts it for splits, 0 where it has none',
    source      LowCardinality(String) COMMENT 'the ingestor, for example stooq',
    ingested_at DateTime64(6, 'UTC')   COMMENT 'when the row was loaded, the newest wins',
    CONSTRAINT ticker_given      CHECK ticker != '',
    CONSTRAINT prices_positive   CHECK open > 0 AND high > 0 AND low > 0 AND close > 0,
    CONSTRAINT prices_finite     CHECK isFinite(open) AND isFinite(high) AND isFinite(low) AND isFinite(close),
    CONSTRAINT open_in_range     CHECK open >= low AND open <= high,
    CONSTRAINT close_in_range    CHECK close >= low AND close <= high,
    CONSTRAINT volume_not_negative CHECK volume >= 0 AND isFinite(volume)
)
ENGINE = ReplacingMergeTree(ingested_at)
ORDER BY (ticker, date)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Daily bars. Read with FINAL: the newest load of a (ticker, date) wins.';

CREATE TABLE IF NOT EXISTS warehouse.quarantine
(
    source      LowCardinality(String) COMMENT 'the ingestor, for example stooq',
    file        String                 COMMENT 'as it was named to the ingestor, archive.zip:member inside an archive',
    line        UInt64                 COMMENT 'from 1, 0 for a whole file',
    reason      String                 COMMENT 'what is wrong with the row',
    raw         String                 COMMENT 'the row as it was read, its first 4096 bytes',
    ingested_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(ingested_at)
ORDER BY (source, file, line)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Rows that were not loaded, and why. Read with FINAL.';
