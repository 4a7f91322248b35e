-- SPDX-License-Identifier: Apache-2.0
-- Change events of finnhub_stocks from Kafka into warehouse.stock_realtime. './tickhouse stream attach' fills in what stands between @ signs.
--
-- A message is taken whole, as text, and taken apart in SQL: so a message that means nothing cannot stop the topic, and a dead letter
-- has the bytes that came. (Parsing by columns, as JSONEachRow, also has 0.4 times the speed: docs/stream.md.)
--
--   kafka_stocks  the topic  ->  kafka_stocks_change  what each message says  ->  stock_realtime       rows, deletions
--                                                                                 stock_truncation     TRUNCATE
--                                                                                 kafka_dead_letters   what cannot be used
--
-- The offset is committed after all of these are on disk; a message that comes again makes the same rows again.

CREATE TABLE IF NOT EXISTS warehouse.kafka_stocks (raw String)
ENGINE = Kafka@COLLECTION@
SETTINGS @SOURCE@
    kafka_format = 'RawBLOB', kafka_handle_error_mode = 'stream',
    kafka_flush_interval_ms = @FLUSH@, kafka_poll_timeout_ms = @POLL@, kafka_consumer_reschedule_ms = @POLL@,
    kafka_poll_max_batch_size = 65536, kafka_max_block_size = 65536, kafka_num_consumers = @CONSUMERS@, kafka_thread_per_consumer = 1
COMMENT '@COMMENT@';

-- op is c, u, r, d or t where error is empty. old_* is the key that a row had before, where the event says so and it is another one.
CREATE TABLE IF NOT EXISTS warehouse.kafka_stocks_change
(
    op LowCardinality(String),
    symbol String,
    ts DateTime64(6, 'UTC'),
    price Float64,
    volume Nullable(Float64),
    old_symbol String,
    old_ts DateTime64(6, 'UTC'),
    source LowCardinality(String),
    version UInt64,
    error String,
    raw String,
    topic LowCardinality(String),
    partition UInt64,
    offset UInt64,
    key String,
    message_at Nullable(DateTime64(3))
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_row TO warehouse.stock_realtime AS
SELECT symbol, ts AS timestamp, price, volume, source, version,
    op = 'd' OR (version > 0 AND version < (SELECT max(version) FROM warehouse.stock_truncation)) AS is_deleted
FROM warehouse.kafka_stocks_change
WHERE error = '' AND op != 't';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_moved TO warehouse.stock_realtime AS
SELECT old_symbol AS symbol, old_ts AS timestamp, price, volume, source, version, 1 AS is_deleted
FROM warehouse.kafka_stocks_change
WHERE error = '' AND old_symbol != '';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_truncated TO warehouse.stock_truncation AS
SELECT version
FROM warehouse.kafka_stocks_change
WHERE error = '' AND op = 't';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_refused TO warehouse.kafka_dead_letters AS
SELECT topic, partition, offset, key, raw AS raw_message, error, message_at
FROM warehouse.kafka_stocks_change
WHERE error != '';

-- An event is Debezium's envelope, the envelope beside its schema, or a flat row (ExtractNewRecordState). A time is ISO text, or a number
-- whose unit the schema says, else the declared mode: never its size. Made last, since it lets the messages in.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_read TO warehouse.kafka_stocks_change AS
WITH
    'Tuple(before Tuple(symbol Nullable(String), ts Nullable(String)),
           after Tuple(symbol Nullable(String), price Nullable(String), volume Nullable(String), ts Nullable(String)),
           op String, source Tuple(connector String, lsn Nullable(UInt64)))' AS envelope_type,
    'Tuple(symbol Nullable(String), price Nullable(String), volume Nullable(String), ts Nullable(String),
           __op String, __deleted String, __source_connector String, __source_lsn Nullable(UInt64))' AS flat_type,
    'Tuple(fields Array(Tuple(field String, name String, fields Array(Tuple(field String, name String)))))' AS schema_type,

    JSONExtract(raw, envelope_type) AS bare,
    if(bare.op != '', bare, JSONExtract(raw, 'payload', envelope_type)) AS event,
    event.op = '' AS is_flat,
    if(is_flat, if(JSONHas(raw, 'payload'), JSONExtract(raw, 'payload', flat_type), JSONExtract(raw, flat_type)), JSONExtract('', flat_type)) AS flat,
    multiIf(NOT is_flat, event.op, flat.__deleted = 'true', 'd', flat.__op != '', flat.__op, flat.symbol IS NOT NULL, 'c', '') AS change,

    multiIf(is_flat, flat.symbol, change = 'd', event.before.symbol, event.after.symbol) AS symbol_text,
    multiIf(is_flat, flat.ts, change = 'd', event.before.ts, event.after.ts) AS ts_text,
    if(is_flat, flat.price, event.after.price) AS price_text,
    if(is_flat, flat.volume, event.after.volume) AS volume_text,
    ifNull(if(is_flat, flat.__source_lsn, event.source.lsn), 0) AS lsn,

    if(isNotNull(toInt64OrNull(ts_text)) AND bare.op = '', JSONExtract(raw, 'schema', schema_type), JSONExtract('', schema_type)).fields AS described,
    arrayFirst(f -> f.field = 'ts', if(is_flat, arrayMap(f -> (f.field, f.name)::Tuple(field String, name String), described),
        arrayFirst(f -> f.field = 'after', described).fields)).name AS ts_type,
    transform(ts_type, ['io.debezium.time.Timestamp', 'org.apache.kafka.connect.data.Timestamp', 'io.debezium.time.MicroTimestamp', 'io.debezium.time.NanoTimestamp'],
        [1000000, 1000000, 1000, 1], @NANOSECONDS@) AS nanoseconds,
    text -> if(isNull(toInt64OrNull(text)),
        if(toUInt16OrZero(substring(text, 1, 4)) BETWEEN 1970 AND 2200 AND substring(text, 5, 1) = '-', parseDateTime64BestEffortOrNull(text, 6, 'UTC'), NULL),
        if(toInt64OrNull(text) BETWEEN 0 AND intDiv(7289654400000000000, nanoseconds) - 1,
            fromUnixTimestamp64Micro(intDiv(ifNull(toInt64OrNull(text), 0) * nanoseconds, 1000), 'UTC'), NULL)) AS to_time,
    to_time(ts_text) AS time,
    to_time(event.before.ts) AS old_time,
    toFloat64OrNull(price_text) AS price_number,
    toFloat64OrNull(volume_text) AS volume_number,
    change = 'u' AND NOT is_flat AND event.before.symbol != '' AND old_time IS NOT NULL
        AND (event.before.symbol != event.after.symbol OR old_time != time) AS is_moved,

    multiIf(
        change = '', multiIf(raw = 'null', 'a deletion without its row; let ExtractNewRecordState rewrite deletions: delete.tombstone.handling.mode=rewrite',
            isValidJSON(raw), 'JSON, but no change event: there is no op', 'no JSON that can be read'),
        change = 't', if(lsn > 0, '', 'a truncation without its position, source.lsn'),
        change NOT IN ('c', 'u', 'r', 'd'), concat('op ''', left(change, 64), ''' is none of c, u, r, d and t'),
        change = 'd' AND (ifNull(symbol_text, '') = '' OR isNull(ts_text)),
            'a deletion that does not say of which symbol and ts; give the table PRIMARY KEY (symbol, ts) or REPLICA IDENTITY FULL',
        ifNull(symbol_text, '') = '', 'there is no symbol',
        isNull(ts_text), 'there is no ts',
        isNull(time), concat('ts ''', left(ts_text, 64), ''' is no time from 1970 to 2200; if it is a number, look at stream attach --time-precision-mode'),
        change = 'd', '',
        isNull(price_text), 'there is no price',
        isNull(price_number), concat('price ''', left(price_text, 64), ''' is no number; set decimal.handling.mode=string in the connector'),
        NOT isFinite(price_number), concat('price ''', left(price_text, 64), ''' is not finite'),
        isNotNull(volume_text) AND (isNull(volume_number) OR NOT isFinite(volume_number)), concat('volume ''', left(volume_text, 64), ''' is no finite number'),
        '') AS reason
SELECT
    change AS op,
    ifNull(symbol_text, '') AS symbol,
    ifNull(time, toDateTime64(0, 6, 'UTC')) AS ts,
    ifNull(price_number, 0) AS price,
    volume_number AS volume,
    if(is_moved, event.before.symbol, '') AS old_symbol,
    if(is_moved, old_time, toDateTime64(0, 6, 'UTC')) AS old_ts,
    if(is_flat, flat.__source_connector, event.source.connector) AS source,
    lsn AS version,
    ifNull(reason, '') AS error,
    raw,
    _topic AS topic,
    _partition AS partition,
    _offset AS offset,
    _key AS key,
    _timestamp_ms AS message_at
FROM warehouse.kafka_stocks
SETTINGS precise_float_parsing = 1;
