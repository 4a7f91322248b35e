-- SPDX-License-Identifier: Apache-2.0
-- Ticks as they come: from PostgreSQL's changes through Kafka, or straight from an ingestor.

-- One row a (symbol, timestamp): the one with the highest version wins, and it may say that the row is deleted, so read it with FINAL.
-- version is the change's position in PostgreSQL's log (LSN), 0 where there is no log; a change that is delivered again is the same row
-- again. Quotes have no volume. Rows are flushed to disk before the consumer's offset is committed.
CREATE TABLE IF NOT EXISTS warehouse.stock_realtime
(
    symbol LowCardinality(String),
    timestamp DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    price Float64 CODEC(ZSTD(1)),
    volume Nullable(Float64) CODEC(ZSTD(1)),
    source LowCardinality(String),
    version UInt64 CODEC(DoubleDelta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(timestamp)
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

-- Messages that no row could be made of. A replay of the topic finds the same (topic, partition, offset).
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
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
