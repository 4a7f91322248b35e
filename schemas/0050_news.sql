-- SPDX-License-Identifier: Apache-2.0
-- Silver: articles with the companies that they are about, and one row for each company.
--
-- An article's time is the slot in which GDELT saw it; its date is the first New York session that closes after that time.
--
-- Slots that bronze has and warehouse.news_slot has not are linked in four steps, each a refreshable view that appends what the view
-- *_todo of its name selects: articles, tickers, sums a day, and the slot itself, once all of it is found to be there. What dies half-way is
-- done again and replaces itself, so it does not matter when. Definitions are in plain views, which `up` brings up to date.

CREATE TABLE IF NOT EXISTS warehouse.news_article
(
    feed       LowCardinality(String) COMMENT 'gkg or gkg_translingual',
    slot       DateTime('UTC')        COMMENT 'the 15-minute file that held the record',
    row        UInt32                 COMMENT 'its line there, from 1',
    seen_at    DateTime('UTC')        COMMENT 'when GDELT saw the article: the later of its slot and of its own date',
    date       Date                   COMMENT 'the session that it counts for, 1970-01-01 where the calendar has none',
    url        String                 COMMENT 'canonical; a citation where the source has no URL',
    source     LowCardinality(String) COMMENT 'the outlet, as GDELT names it',
    title      String                 COMMENT 'empty where GDELT has none, as in 2015',
    tone       Float32                COMMENT 'GDELT''s tone, positive minus negative, -100 to 100',
    positive   Float32,
    negative   Float32,
    polarity   Float32,
    word_count UInt32,
    links      Array(Tuple(ticker String, score Float32, rule String, surface String, offset UInt32)),
    linked_at  DateTime64(6, 'UTC')   COMMENT 'the newest holds'
)
ENGINE = ReplacingMergeTree(linked_at)
PARTITION BY toYear(slot)
ORDER BY (feed, slot, row)
COMMENT 'Every article of bronze_gkg, linked. Read with FINAL.';

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
    feed       LowCardinality(String),
    slot       DateTime('UTC'),
    row        UInt32,
    version    UInt64                 COMMENT 'highest for the earliest record'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(date)
ORDER BY (ticker, date, url)
COMMENT 'Which article counts for which company on which session. Read with FINAL.';

CREATE TABLE IF NOT EXISTS warehouse.news_daily
(
    ticker            LowCardinality(String),
    date              Date,
    sentiment_sum     Float64 COMMENT 'of tones; one that GDELT did not give counts as 0',
    positive_articles UInt64,
    negative_articles UInt64,
    news_volume       UInt64  COMMENT 'articles whose link is more likely right than wrong: score 0.5 or more',
    made_at           DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYear(date)
ORDER BY (ticker, date)
COMMENT 'The news of a company and session. Read with FINAL.';

CREATE TABLE IF NOT EXISTS warehouse.news_slot
(
    feed      LowCardinality(String),
    slot      DateTime('UTC'),
    rows      UInt64 COMMENT 'of bronze, when the slot was linked',
    links     UInt64,
    linked_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(linked_at)
ORDER BY (feed, slot)
COMMENT 'Slots whose articles, tickers and sums are all in silver. Read with FINAL.';

-- What bronze has and silver has not, the newest first: today's news need not wait for a back-fill. The limit bounds what one
-- refresh holds in memory.
CREATE OR REPLACE VIEW warehouse.news_pending AS
SELECT bronze.feed AS feed, bronze.slot AS slot, bronze.rows AS rows
FROM (SELECT feed, slot, count() AS rows FROM warehouse.bronze_gkg GROUP BY feed, slot) AS bronze
LEFT JOIN (SELECT feed, slot, rows FROM warehouse.news_slot FINAL) AS done ON done.feed = bronze.feed AND done.slot = bronze.slot
WHERE bronze.rows != done.rows
ORDER BY slot DESC, feed
LIMIT 2000
SETTINGS optimize_aggregation_in_order = 1, join_use_nulls = 0;

CREATE OR REPLACE VIEW warehouse.news_article_todo AS
SELECT
    feed,
    slot,
    row,
    greatest(slot, gdelt_date(bronze.date)) AS seen_at,
    cal_effective_date(seen_at, 'XNYS') AS date,
    url_canonical(document) AS url,
    source_name AS source,
    gdelt_title(extras) AS title,
    tones.tone AS tone,
    tones.positive AS positive,
    tones.negative AS negative,
    tones.polarity AS polarity,
    tones.word_count AS word_count,
    gdelt_tickers_at(v2_organizations, all_names, title, toDate(seen_at)) AS links,
    now64(6) AS linked_at
FROM
(
    SELECT *, gdelt_tone(v2_tone) AS tones
    FROM warehouse.bronze_gkg
    WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending)
) AS bronze;

-- An article for which the calendar has no session counts for none.
CREATE OR REPLACE VIEW warehouse.news_ticker_todo AS
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
    feed,
    slot,
    row,
    bitNot(bitShiftLeft(toUInt64(toUnixTimestamp(seen_at)), 32) + bitShiftLeft(toUInt64(feed != 'gkg'), 31) + row) AS version
FROM
(
    SELECT *
    FROM warehouse.news_article FINAL
    WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending) AND date > '1970-01-01'
)
ARRAY JOIN links AS link;

-- Tones are summed as decimals: the same to the last bit in whatever order the rows come.
CREATE OR REPLACE VIEW warehouse.news_daily_todo AS
SELECT
    ticker,
    date,
    toFloat64(sum(toDecimal64(if(isFinite(tone), greatest(-100, least(100, tone)), 0), 6))) AS sentiment_sum,
    countIf(tone > 0) AS positive_articles,
    countIf(tone < 0) AS negative_articles,
    count() AS news_volume,
    now64(6) AS made_at
FROM warehouse.news_ticker FINAL
WHERE score >= 0.5 AND date IN
(
    SELECT date FROM warehouse.news_article WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending)
)
GROUP BY ticker, date
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Pending slots of which every record is an article, every link a row, and every day's sum up to date.
CREATE OR REPLACE VIEW warehouse.news_slot_todo AS
WITH
    articles AS
    (
        SELECT feed, slot, row, date, url, links
        FROM warehouse.news_article FINAL
        WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending)
    ),
    days AS (SELECT DISTINCT date FROM articles WHERE date > '1970-01-01'),
    tickers AS (SELECT ticker, date, url, score FROM warehouse.news_ticker FINAL WHERE date IN (SELECT date FROM days)),
    stale AS
    (
        SELECT date
        FROM (SELECT ticker, date, countIf(score >= 0.5) AS articles FROM tickers GROUP BY ticker, date) AS now
        LEFT JOIN (SELECT ticker, date, news_volume FROM warehouse.news_daily FINAL WHERE date IN (SELECT date FROM days)) AS daily
            ON daily.ticker = now.ticker AND daily.date = now.date
        WHERE now.articles != daily.news_volume
    ),
    unfinished AS
    (
        SELECT feed, slot FROM articles WHERE date IN (SELECT date FROM stale)
        UNION ALL
        SELECT feed, slot
        FROM (SELECT feed, slot, date, url, link.ticker AS ticker FROM articles ARRAY JOIN links AS link WHERE date > '1970-01-01')
        WHERE (ticker, date, url) NOT IN (SELECT ticker, date, url FROM tickers)
    )
SELECT pending.feed AS feed, pending.slot AS slot, pending.rows AS rows, linked.links AS links, now64(6) AS linked_at
FROM warehouse.news_pending AS pending
INNER JOIN
(
    SELECT feed, slot, uniqExact(row) AS records
    FROM warehouse.bronze_gkg
    WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_pending)
    GROUP BY feed, slot
) AS bronze ON bronze.feed = pending.feed AND bronze.slot = pending.slot
INNER JOIN
(
    SELECT feed, slot, uniqExact(row) AS records, sum(length(links)) AS links FROM articles GROUP BY feed, slot
) AS linked ON linked.feed = pending.feed AND linked.slot = pending.slot
WHERE linked.records >= bronze.records AND (feed, slot) NOT IN (SELECT feed, slot FROM unfinished)
SETTINGS join_use_nulls = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_article_refresh REFRESH EVERY 5 MINUTE
APPEND TO warehouse.news_article AS SELECT * FROM warehouse.news_article_todo;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_ticker_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.news_article_refresh
APPEND TO warehouse.news_ticker AS SELECT * FROM warehouse.news_ticker_todo;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_daily_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.news_ticker_refresh
APPEND TO warehouse.news_daily AS SELECT * FROM warehouse.news_daily_todo;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.news_slot_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.news_daily_refresh
APPEND TO warehouse.news_slot AS SELECT * FROM warehouse.news_slot_todo;
