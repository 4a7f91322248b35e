-- SPDX-License-Identifier: Apache-2.0
-- Change events of finnhub_stocks from Kafka into warehouse.stock_realtime. './tickhouse stream attach' fills in what stands between @ signs.
--
-- A message is taken whole, as text, and taken apart in SQL: so a message that means nothing cannot stop the topic, and a dead letter
-- has the bytes that came. (Parsing into columns, as JSONEachRow, has half the speed besides: docs/stream.md.)
--
--   kafka_stocks  the topic  ->  kafka_stocks_change  what each message says  ->  stock_realtime       rows, deletions
--                                                                                 kafka_truncation     TRUNCATE
--                                                                                 kafka_dead_letters   what cannot be used
--
-- Without a position in a log (lsn), a quote has version 0 and a trade or a deletion 1; a truncation must have one.
--
-- The offset is committed after all of these are on disk; a message that comes again makes the same rows again.

CREATE TABLE IF NOT EXISTS warehouse.kafka_stocks (raw String)
ENGINE = Kafka@COLLECTION@
SETTINGS @SOURCE@
    kafka_format = 'RawBLOB', kafka_handle_error_mode = 'stream',
    kafka_flush_interval_ms = @FLUSH@, kafka_poll_timeout_ms = @POLL@,@RESCHEDULE@
    kafka_poll_max_batch_size = 65536, kafka_max_block_size = 65536, kafka_num_consumers = @CONSUMERS@, kafka_thread_per_consumer = 1;

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
    committed_ms Int64,
    error String,
    raw String,
    topic LowCardinality(String),
    partition UInt64,
    offset UInt64,
    key String,
    message_at Nullable(DateTime64(3))
)
ENGINE = Null;

-- What comes after a truncation and is from before it (another partition, a redelivery) comes as deleted: its position is lower, and it was
-- committed earlier. The second tells it from a row of a server that was made anew and counts its log from the beginning.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_row TO warehouse.stock_realtime AS
SELECT symbol, ts AS timestamp, price, volume, source, topic, version,
    op = 'd' OR (version > 1 AND version < truncation.below AND committed_ms <= truncation.until) AS is_deleted
FROM warehouse.kafka_stocks_change
LEFT JOIN (SELECT topic, max(version) AS below, max(committed_ms) AS until FROM warehouse.kafka_truncation GROUP BY topic) AS truncation USING (topic)
WHERE error = '' AND op != 't';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_moved TO warehouse.stock_realtime AS
SELECT old_symbol AS symbol, old_ts AS timestamp, price, volume, source, topic, version, 1 AS is_deleted
FROM warehouse.kafka_stocks_change
WHERE error = '' AND old_symbol != '';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_truncated TO warehouse.kafka_truncation AS
SELECT topic, version, committed_ms
FROM warehouse.kafka_stocks_change
WHERE error = '' AND op = 't';

-- Rows that were there get a deletion, but for those without a position (0 and 1). Reads stock_realtime only while a truncation is to be
-- done, which is for ten seconds: so long may a block that did not know of it be on its way.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_truncate
REFRESH EVERY 5 SECOND APPEND TO warehouse.stock_realtime AS
SELECT symbol, timestamp, price, volume, source, topic, truncation.below AS version, 1 AS is_deleted
FROM
(
    SELECT * FROM warehouse.stock_realtime FINAL
    WHERE (SELECT count() FROM warehouse.kafka_truncation_todo) > 0 AND topic IN (SELECT topic FROM warehouse.kafka_truncation_todo)
) AS tick
INNER JOIN (SELECT topic, max(version) AS below, max(received_at) AS until FROM warehouse.kafka_truncation_todo GROUP BY topic) AS truncation USING (topic)
WHERE tick.version > 1 AND tick.version < truncation.below AND tick.received_at <= truncation.until + INTERVAL 10 SECOND
SETTINGS log_queries = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_truncate_done
REFRESH EVERY 5 SECOND DEPENDS ON warehouse.kafka_stocks_truncate APPEND TO warehouse.kafka_truncation_done AS
SELECT topic, version
FROM warehouse.kafka_truncation_todo
WHERE received_at < (SELECT last_success_time - INTERVAL 10 SECOND FROM system.view_refreshes WHERE database = 'warehouse' AND view = 'kafka_stocks_truncate')
SETTINGS log_queries = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_refused TO warehouse.kafka_dead_letters AS
SELECT topic, partition, offset, key, raw AS raw_message, error, message_at
FROM warehouse.kafka_stocks_change
WHERE error != '';

-- An event is Debezium's envelope, the envelope beside its schema, or a flat row (ExtractNewRecordState). A time is ISO text, or a number
-- whose unit the schema says, else the declared mode: never its size. Made last, since it lets the messages in. It is nested, and not one
-- list of aliases, since ClickHouse writes an alias out wherever it is used: 90 ms for each insert then, however few its rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.kafka_stocks_read TO warehouse.kafka_stocks_change AS
SELECT
    op,
    symbol,
    ifNull(time, toDateTime64(0, 6, 'UTC')) AS ts,
    ifNull(price_number, 0) AS price,
    volume_number AS volume,
    if(is_moved, old_symbol_text, '') AS old_symbol,
    if(is_moved, old_time, toDateTime64(0, 6, 'UTC')) AS old_ts,
    source,
    if(lsn > 1, least(lsn, 72057594037927935) + @GENERATION@ * 72057594037927936, lsn) AS version,
    ifNull(ms, if(op = 't', 9223372036854775807, 0)) AS committed_ms,
    multiIf(
        op = '', multiIf(raw = 'null', 'a deletion without its row; let ExtractNewRecordState rewrite deletions: delete.tombstone.handling.mode=rewrite',
            isValidJSON(raw), 'JSON, but no change event: there is no op', 'no JSON that can be read'),
        op = 't', if(lsn > 1, '', 'a truncation without its position, source.lsn'),
        op NOT IN ('c', 'u', 'r', 'd'), concat('op ''', left(op, 64), ''' is none of c, u, r, d and t'),
        op = 'd' AND (symbol = '' OR isNull(ts_text)), 'a deletion that does not say of which symbol and ts; give the table PRIMARY KEY (symbol, ts) or REPLICA IDENTITY FULL',
        symbol = '', 'there is no symbol',
        isNull(ts_text), 'there is no ts',
        isNull(time), concat('ts ''', left(assumeNotNull(ts_text), 64), ''' is no time from 1970 to 2200; if it is a number, look at stream attach --time-precision-mode'),
        op = 'd', '',
        isNull(price_text), 'there is no price',
        isNull(price_number), concat('price ''', left(assumeNotNull(price_text), 64), ''' is no number; set decimal.handling.mode=string in the connector'),
        NOT isFinite(assumeNotNull(price_number)), concat('price ''', left(assumeNotNull(price_text), 64), ''' is not finite'),
        isNotNull(volume_text) AND NOT ifNull(isFinite(volume_number), false), concat('volume ''', left(assumeNotNull(volume_text), 64), ''' is no finite number'),
        '') AS error,
    raw, topic, partition, offset, key, message_at
FROM
(
    SELECT *,
        if(isNull(number), if(toUInt16OrZero(substring(ts_text, 1, 4)) BETWEEN 1970 AND 2200 AND substring(ts_text, 5, 1) = '-',
                parseDateTime64BestEffortOrNull(ts_text, 6, 'UTC'), NULL),
            if(number BETWEEN 0 AND intDiv(7289654400000000000, unit) - 1, fromUnixTimestamp64Micro(intDiv(assumeNotNull(number) * unit, 1000), 'UTC'), NULL)) AS time,
        if(isNull(old_number), if(toUInt16OrZero(substring(old_ts_text, 1, 4)) BETWEEN 1970 AND 2200 AND substring(old_ts_text, 5, 1) = '-',
                parseDateTime64BestEffortOrNull(old_ts_text, 6, 'UTC'), NULL),
            if(old_number BETWEEN 0 AND intDiv(7289654400000000000, unit) - 1, fromUnixTimestamp64Micro(intDiv(assumeNotNull(old_number) * unit, 1000), 'UTC'), NULL)) AS old_time,
        old_symbol_text != '' AND isNotNull(old_time) AND (old_symbol_text != symbol OR NOT ifNull(old_time = time, false)) AS is_moved,
        toFloat64OrNull(price_text) AS price_number,
        toFloat64OrNull(volume_text) AS volume_number
    FROM
    (
        WITH 'Tuple(fields Array(Tuple(field String, name String, fields Array(Tuple(field String, name String)))))' AS schema_type
        SELECT raw, topic, partition, offset, key, message_at, op,
            ifNull(if(is_flat, flat.symbol, if(op = 'd', event.before.symbol, event.after.symbol)), '') AS symbol,
            if(is_flat, flat.ts, if(op = 'd', event.before.ts, event.after.ts)) AS ts_text,
            if(is_flat, flat.price, event.after.price) AS price_text,
            if(is_flat, flat.volume, event.after.volume) AS volume_text,
            if(op = 'u', ifNull(event.before.symbol, ''), '') AS old_symbol_text,
            if(op = 'u', event.before.ts, NULL) AS old_ts_text,
            if(is_flat, flat.__source_connector, event.source.connector) AS source,
            ifNull(if(is_flat, flat.__source_lsn, event.source.lsn), op = 'd' OR (op != 't' AND isNotNull(volume_text))) AS lsn,
            if(is_flat, flat.__source_ts_ms, event.source.ts_ms) AS ms,
            toInt64OrNull(ts_text) AS number,
            toInt64OrNull(old_ts_text) AS old_number,
            if(isNotNull(number) AND is_described, JSONExtract(raw, 'schema', schema_type), defaultValueOfTypeName(schema_type)).fields AS described,
            if(is_flat, arrayFirst(f -> f.field = 'ts', described).name,
                arrayFirst(f -> f.field = 'ts', arrayFirst(f -> f.field = 'after', described).fields).name) AS ts_type,
            transform(ts_type, ['io.debezium.time.Timestamp', 'org.apache.kafka.connect.data.Timestamp', 'io.debezium.time.MicroTimestamp',
                'io.debezium.time.NanoTimestamp'], [1000000, 1000000, 1000, 1], @NANOSECONDS@) AS unit
        FROM
        (
            WITH 'Tuple(symbol Nullable(String), price Nullable(String), volume Nullable(String), ts Nullable(String),
                    __op String, __deleted String, __source_connector String, __source_lsn Nullable(UInt64),
                    __source_ts_ms Nullable(Int64))' AS flat_type
            SELECT *,
                if(is_flat, if(is_described, JSONExtract(raw, 'payload', flat_type), JSONExtract(raw, flat_type)), defaultValueOfTypeName(flat_type)) AS flat,
                multiIf(NOT is_flat, event.op, flat.__deleted = 'true', 'd', flat.__op != '', flat.__op, isNotNull(flat.symbol), 'c', '') AS op
            FROM
            (
                WITH 'Tuple(before Tuple(symbol Nullable(String), ts Nullable(String)),
                        after Tuple(symbol Nullable(String), price Nullable(String), volume Nullable(String), ts Nullable(String)),
                        op String, source Tuple(connector String, lsn Nullable(UInt64), ts_ms Nullable(Int64)))' AS event_type,
                    JSONExtract(raw, event_type) AS bare
                SELECT raw, _topic AS topic, _partition AS partition, _offset AS offset, _key AS key, _timestamp_ms AS message_at,
                    bare.op = '' AND JSONHas(raw, 'payload') AS is_described,
                    if(is_described, JSONExtract(raw, 'payload', event_type), bare) AS event,
                    event.op = '' AS is_flat
                FROM warehouse.kafka_stocks
            )
        )
    )
)
SETTINGS precise_float_parsing = 1
COMMENT '@COMMENT@';
