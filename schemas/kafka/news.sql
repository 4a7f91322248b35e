-- SPDX-License-Identifier: Apache-2.0
-- Change events of finnhub_news from Kafka into warehouse.finnhub_news, as stocks.sql does it for ticks. News are never taken back: deletions
-- and truncations change nothing here.

CREATE TABLE IF NOT EXISTS warehouse.kafka_news (raw String)
ENGINE = Kafka@COLLECTION@
SETTINGS @SOURCE@
    kafka_format = 'RawBLOB', kafka_handle_error_mode = 'stream',
    kafka_flush_interval_ms = @FLUSH@, kafka_poll_timeout_ms = @POLL@,@RESCHEDULE@
    kafka_poll_max_batch_size = 65536, kafka_max_block_size = 65536, kafka_num_consumers = @CONSUMERS@, kafka_thread_per_consumer = 1;

CREATE TABLE IF NOT EXISTS warehouse.kafka_news_change
(
    op LowCardinality(String),
    id UInt64,
    published_at DateTime64(6, 'UTC'),
    category String,
    headline String,
    related String,
    source String,
    summary String,
    url String,
    error String,
    raw String,
    topic LowCardinality(String),
    partition UInt64,
    offset UInt64,
    key String,
    message_at Nullable(DateTime64(3))
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_news_row TO warehouse.finnhub_news AS
SELECT id, published_at, category, headline, related, source, summary, url
FROM warehouse.kafka_news_change
WHERE error = '' AND op NOT IN ('d', 't');

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_news_refused TO warehouse.kafka_dead_letters AS
SELECT topic, partition, offset, key, raw AS raw_message, error, message_at
FROM warehouse.kafka_news_change
WHERE error != '';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_news_read TO warehouse.kafka_news_change AS
WITH
    'Tuple(id Nullable(UInt64), ts Nullable(String), category String, headline String, related String, source String, summary String,
           url String, __op String, __deleted String)' AS article_type,
    concat('Tuple(after ', article_type, ', op String)') AS envelope_type,
    JSONExtract(raw, envelope_type) AS bare,
    bare.op = '' AND JSONHas(raw, 'payload') AS is_described,
    if(is_described, JSONExtract(raw, 'payload', envelope_type), bare) AS event,
    event.op = '' AS is_flat,
    if(NOT is_flat, event.after, if(is_described, JSONExtract(raw, 'payload', article_type), JSONExtract(raw, article_type))) AS article,
    multiIf(NOT is_flat, event.op, article.__deleted = 'true', 'd', article.__op != '', article.__op, isNotNull(article.id), 'c', '') AS kind,
    article.ts AS ts_text,
    if(isNull(toInt64OrNull(ts_text)),
        if(toUInt16OrZero(substring(ts_text, 1, 4)) BETWEEN 1970 AND 2200 AND substring(ts_text, 5, 1) = '-', parseDateTime64BestEffortOrNull(ts_text, 6, 'UTC'), NULL),
        if(toInt64OrNull(ts_text) BETWEEN 0 AND intDiv(7289654400000000000, @NANOSECONDS@) - 1,
            fromUnixTimestamp64Micro(intDiv(ifNull(toInt64OrNull(ts_text), 0) * @NANOSECONDS@, 1000), 'UTC'), NULL)) AS time,
    multiIf(
        kind = '', if(isValidJSON(raw), 'JSON, but no change event: there is no op', 'no JSON that can be read'),
        kind NOT IN ('c', 'u', 'r', 'd', 't'), concat('op ''', left(kind, 64), ''' is none of c, u, r, d and t'),
        kind IN ('d', 't'), '',
        isNull(article.id), 'there is no id, or it is no number from 0',
        isNull(ts_text), 'there is no ts',
        isNull(time), concat('ts ''', left(ts_text, 64), ''' is no time from 1970 to 2200; if it is a number, look at stream attach --time-precision-mode'),
        '') AS reason
SELECT
    kind AS op,
    ifNull(article.id, 0) AS id,
    ifNull(time, toDateTime64(0, 6, 'UTC')) AS published_at,
    article.category AS category,
    article.headline AS headline,
    article.related AS related,
    article.source AS source,
    article.summary AS summary,
    article.url AS url,
    ifNull(reason, '') AS error,
    raw,
    _topic AS topic,
    _partition AS partition,
    _offset AS offset,
    _key AS key,
    _timestamp_ms AS message_at
FROM warehouse.kafka_news
COMMENT '@COMMENT@';
