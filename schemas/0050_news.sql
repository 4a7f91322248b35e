-- SPDX-License-Identifier: Apache-2.0
-- Silver: articles with the companies that they are about, and one row for each company.
--
-- An article's time is the slot in which GDELT saw it; its date is the first New York session that closes after that time.

CREATE TABLE IF NOT EXISTS warehouse.news_article
(
    feed       LowCardinality(String) COMMENT 'gkg or gkg_translingual',
    slot       DateTime('UTC')        COMMENT 'the 15-minute file that held the record',
    row        UInt32                 COMMENT 'its line there, from 1',
    seen_at    DateTime('UTC')        COMMENT 'when GDELT saw the article: the record''s own date',
    date       Date                   COMMENT 'the session that it counts for',
    url        String                 COMMENT 'canonical; a citation where the source has no URL',
    source     LowCardinality(String) COMMENT 'the outlet, as GDELT names it',
    title      String                 COMMENT 'empty where GDELT has none, as in 2015',
    tone       Float32                COMMENT 'GDELT''s tone, positive minus negative, -100 to 100',
    positive   Float32,
    negative   Float32,
    polarity   Float32,
    word_count UInt32,
    links      Array(Tuple(ticker String, score Float32, rule String, surface String, offset UInt32))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(slot)
ORDER BY (feed, slot, row)
COMMENT 'Every article of bronze_gkg, linked. Read with FINAL.';

-- What bronze has and silver has not, the oldest first; a thousand slots at a time bound what one refresh holds in memory.
CREATE OR REPLACE VIEW warehouse.news_pending AS
SELECT feed, slot
FROM (SELECT feed, slot, uniqExact(row) AS rows FROM warehouse.bronze_gkg GROUP BY feed, slot) AS bronze
LEFT JOIN (SELECT feed, slot, uniqExact(row) AS rows FROM warehouse.news_article GROUP BY feed, slot) AS silver USING (feed, slot)
WHERE bronze.rows != silver.rows
ORDER BY slot, feed
LIMIT 1000
SETTINGS optimize_aggregation_in_order = 1;

-- One row for each canonical URL, session and company: the earliest record of an article that came more than once.
CREATE TABLE IF NOT EXISTS warehouse.news_ticker
(
    date       Date,
    ticker     LowCardinality(String),
    url        String,
    seen_at    DateTime('UTC'),
    source     LowCardinality(String),
    title      String,
    tone       Float32,
    positive   Float32,
    negative   Float32,
    polarity   Float32,
    word_count UInt32,
    score      Float32                COMMENT 'how likely the link is right: 0.9 means nine in ten',
    rule       LowCardinality(String) COMMENT 'what made the link',
    surface    String                 COMMENT 'the words that made it',
    version    UInt64                 COMMENT 'highest for the earliest record'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(date)
ORDER BY (ticker, date, url)
COMMENT 'Which article counts for which company on which session. Read with FINAL.';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_ticker_from_article TO warehouse.news_ticker AS
SELECT
    date,
    link.ticker AS ticker,
    url,
    seen_at,
    source,
    title,
    tone,
    positive,
    negative,
    polarity,
    word_count,
    link.score AS score,
    link.rule AS rule,
    link.surface AS surface,
    bitNot(bitShiftLeft(toUInt64(toUnixTimestamp(seen_at)), 32) + bitShiftLeft(toUInt64(feed != 'gkg'), 31) + row) AS version
FROM warehouse.news_article
ARRAY JOIN links AS link;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_article_refresh REFRESH EVERY 5 MINUTE APPEND TO warehouse.news_article AS
SELECT
    feed,
    slot,
    row,
    gdelt_date(bronze.date) AS seen_at,
    cal_effective_date(seen_at, 'XNYS') AS date,
    url_canonical(document) AS url,
    source_name AS source,
    gdelt_title(extras) AS title,
    tones.tone AS tone,
    tones.positive AS positive,
    tones.negative AS negative,
    tones.polarity AS polarity,
    tones.word_count AS word_count,
    gdelt_tickers_at(v2_organizations, all_names, title, toDate(seen_at)) AS links
FROM
(
    SELECT *, gdelt_tone(v2_tone) AS tones
    FROM warehouse.bronze_gkg
    WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending)
) AS bronze;
