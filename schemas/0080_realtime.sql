-- SPDX-License-Identifier: Apache-2.0
-- Ticks as they come: from PostgreSQL's changes through Kafka, or straight from an ingestor.

-- One row a (symbol, timestamp): the one with the highest version wins, and it may say that the row is deleted, so read it with FINAL.
-- version is the change's position in PostgreSQL's log (LSN); where there is no log it is 0 for a quote, which has no volume, and 1 for a
-- trade, so that a trade beats a quote. A change that is delivered again is the same row again. Rows are flushed to disk before the consumer's offset is committed.
CREATE TABLE IF NOT EXISTS warehouse.stock_realtime
(
    symbol LowCardinality(String),
    timestamp DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    price Float64 CODEC(ZSTD(1)),
    volume Nullable(Float64) CODEC(ZSTD(1)),
    source LowCardinality(String),
    version UInt64 CODEC(DoubleDelta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    topic LowCardinality(String) COMMENT 'of Kafka; empty where it came by another way'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY least(greatest(toYear(timestamp), 1990), 2060) -- at most 71, since an insert may touch 100: a batch with odd times must not fail
ORDER BY (symbol, timestamp)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS warehouse.finnhub_news
(
    id UInt64,
    published_at DateTime64(6, 'UTC'),
    category LowCardinality(String),
    headline String CODEC(ZSTD(3)),
    related String,
    source LowCardinality(String),
    summary String CODEC(ZSTD(3)),
    url String CODEC(ZSTD(3)),
    received_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(received_at)
ORDER BY (id, related)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Messages that no row could be made of, for 30 days. A replay of the topic finds the same (topic, partition, offset).
CREATE TABLE IF NOT EXISTS warehouse.kafka_dead_letters
(
    topic LowCardinality(String),
    partition UInt32,
    offset UInt64,
    key String,
    raw_message String CODEC(ZSTD(3)),
    error String,
    message_at Nullable(DateTime64(3, 'UTC')),
    received_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(received_at)
ORDER BY (topic, partition, offset)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What './tickhouse stream attach' was told, one row for stocks and one for news; it stays after a detach, since the group does.
CREATE TABLE IF NOT EXISTS warehouse.kafka_attachment
(
    part LowCardinality(String),
    topics String,
    group String,
    brokers String,
    collection String,
    consumers UInt16,
    flush UInt32,
    nanoseconds UInt32,
    generation UInt8,
    is_attached UInt8,
    attached_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(attached_at)
ORDER BY part
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- TRUNCATE in PostgreSQL: rows of the topic with a lower version, and from before that moment, are gone. committed_ms is the moment there.
-- schemas/kafka/stocks.sql has what does it.
CREATE TABLE IF NOT EXISTS warehouse.kafka_truncation
(
    topic LowCardinality(String),
    version UInt64,
    committed_ms Int64,
    received_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS warehouse.kafka_truncation_done
(
    topic LowCardinality(String),
    version UInt64,
    done_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW warehouse.kafka_truncation_todo AS
SELECT topic, version, received_at FROM warehouse.kafka_truncation
WHERE (topic, version) NOT IN (SELECT topic, version FROM warehouse.kafka_truncation_done);

-- What the Kafka tables read: a row a partition. The end of a partition is known from librdkafka's statistics, about a second late
-- (<kafka><statistics_interval_ms>). lag counts the messages that are not stored yet: beyond the committed offset. A tombstone at the end is
-- never committed, since nothing is made of it; so what was read two seconds before the last poll counts as stored, too. read_offset is not
-- known after a start or a failed insert, until something is read. What an insert failed of stands in last_error.
CREATE OR REPLACE VIEW warehouse.kafka_lag AS
WITH arrayJoin(arrayZip(assignments.topic, assignments.partition_id, assignments.current_offset)) AS assigned,
    JSONExtract(rdkafka_stat, 'topics', assigned.1, 'partitions', toString(assigned.2), 'Tuple(committed_offset Int64, hi_offset Int64)') AS statistics,
    rdkafka_stat != '' AND statistics.hi_offset >= 0 AS is_end_known,
    assigned.3 >= statistics.hi_offset AND last_poll_time > last_commit_time + 2 AND last_poll_time >= now() - 1 AS is_idle
SELECT
    database,
    table,
    assigned.1 AS topic,
    assigned.2 AS partition,
    if(assigned.3 >= 0, assigned.3, NULL) AS read_offset,
    if(statistics.committed_offset >= 0, statistics.committed_offset, NULL) AS committed_offset,
    if(is_end_known, statistics.hi_offset, NULL) AS end_offset,
    multiIf(NOT is_end_known, NULL, is_idle, 0, greatest(0, statistics.hi_offset - greatest(statistics.committed_offset, 0))) AS lag,
    num_messages_read AS messages_read,
    last_poll_time,
    last_commit_time,
    num_commits AS commits,
    splitByChar('\n', exceptions.text[-1])[1] AS last_error,
    if(empty(exceptions.time), NULL, exceptions.time[-1]) AS last_error_at,
    consumer_id
FROM system.kafka_consumers;
