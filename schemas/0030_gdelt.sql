-- SPDX-License-Identifier: Apache-2.0
-- GDELT as it is delivered: bronze tables hold the columns of its files as text, unchanged, so that
-- anything can be derived from them again. A row belongs to a slot, the 15 minutes that its file is
-- named after, and to a feed: gkg, mentions, events, or one of those with _translingual.
--
-- A slot of a feed is one insert and so one part: it is there whole or not at all. Its insert
-- carries the slot as its deduplication token, of which a table remembers 10,000. So plain SELECTs
-- are right, without FINAL.
CREATE TABLE IF NOT EXISTS warehouse.bronze_gkg
(
    feed                LowCardinality(String),
    slot                DateTime('UTC') CODEC(Delta, ZSTD(1)),
    row                 UInt32 COMMENT 'line of the file, from 1' CODEC(Delta, ZSTD(1)),
    record_id           String CODEC(ZSTD(3)),
    date                String CODEC(ZSTD(3)),
    source_collection   String CODEC(ZSTD(3)),
    source_name         String CODEC(ZSTD(3)),
    document            String CODEC(ZSTD(3)),
    counts              String CODEC(ZSTD(3)),
    v2_counts           String CODEC(ZSTD(3)),
    themes              String CODEC(ZSTD(3)),
    v2_themes           String CODEC(ZSTD(3)),
    locations           String CODEC(ZSTD(3)),
    v2_locations        String CODEC(ZSTD(3)),
    persons             String CODEC(ZSTD(3)),
    v2_persons          String CODEC(ZSTD(3)),
    organizations       String CODEC(ZSTD(3)),
    v2_organizations    String CODEC(ZSTD(3)),
    v2_tone             String CODEC(ZSTD(3)),
    dates               String CODEC(ZSTD(3)),
    gcam                String CODEC(ZSTD(3)),
    sharing_image       String CODEC(ZSTD(3)),
    related_images      String CODEC(ZSTD(3)),
    social_image_embeds String CODEC(ZSTD(3)),
    social_video_embeds String CODEC(ZSTD(3)),
    quotations          String CODEC(ZSTD(3)),
    all_names           String CODEC(ZSTD(3)),
    amounts             String CODEC(ZSTD(3)),
    translation_info    String CODEC(ZSTD(3)),
    extras              String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(slot)
ORDER BY (feed, slot, row)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'GDELT 2.1 Global Knowledge Graph, a document a row, columns named as in BigQuery.';

CREATE TABLE IF NOT EXISTS warehouse.bronze_mentions
(
    feed                         LowCardinality(String),
    slot                         DateTime('UTC') CODEC(Delta, ZSTD(1)),
    row                          UInt32 COMMENT 'line of the file, from 1' CODEC(Delta, ZSTD(1)),
    global_event_id              String CODEC(ZSTD(3)),
    event_time_date              String CODEC(ZSTD(3)),
    mention_time_date            String CODEC(ZSTD(3)),
    mention_type                 String CODEC(ZSTD(3)),
    mention_source_name          String CODEC(ZSTD(3)),
    mention_identifier           String CODEC(ZSTD(3)),
    sentence_id                  String CODEC(ZSTD(3)),
    actor1_char_offset           String CODEC(ZSTD(3)),
    actor2_char_offset           String CODEC(ZSTD(3)),
    action_char_offset           String CODEC(ZSTD(3)),
    in_raw_text                  String CODEC(ZSTD(3)),
    confidence                   String CODEC(ZSTD(3)),
    mention_doc_len              String CODEC(ZSTD(3)),
    mention_doc_tone             String CODEC(ZSTD(3)),
    mention_doc_translation_info String CODEC(ZSTD(3)),
    extras                       String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(slot)
ORDER BY (feed, slot, row)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'GDELT 2.0 mentions, an event in a document a row.';

CREATE TABLE IF NOT EXISTS warehouse.bronze_events
(
    feed                    LowCardinality(String),
    slot                    DateTime('UTC') CODEC(Delta, ZSTD(1)),
    row                     UInt32 COMMENT 'line of the file, from 1' CODEC(Delta, ZSTD(1)),
    global_event_id         String CODEC(ZSTD(3)),
    sql_date                String CODEC(ZSTD(3)),
    month_year              String CODEC(ZSTD(3)),
    year                    String CODEC(ZSTD(3)),
    fraction_date           String CODEC(ZSTD(3)),
    actor1_code             String CODEC(ZSTD(3)),
    actor1_name             String CODEC(ZSTD(3)),
    actor1_country_code     String CODEC(ZSTD(3)),
    actor1_known_group_code String CODEC(ZSTD(3)),
    actor1_ethnic_code      String CODEC(ZSTD(3)),
    actor1_religion1_code   String CODEC(ZSTD(3)),
    actor1_religion2_code   String CODEC(ZSTD(3)),
    actor1_type1_code       String CODEC(ZSTD(3)),
    actor1_type2_code       String CODEC(ZSTD(3)),
    actor1_type3_code       String CODEC(ZSTD(3)),
    actor2_code             String CODEC(ZSTD(3)),
    actor2_name             String CODEC(ZSTD(3)),
    actor2_country_code     String CODEC(ZSTD(3)),
    actor2_known_group_code String CODEC(ZSTD(3)),
    actor2_ethnic_code      String CODEC(ZSTD(3)),
    actor2_religion1_code   String CODEC(ZSTD(3)),
    actor2_religion2_code   String CODEC(ZSTD(3)),
    actor2_type1_code       String CODEC(ZSTD(3)),
    actor2_type2_code       String CODEC(ZSTD(3)),
    actor2_type3_code       String CODEC(ZSTD(3)),
    is_root_event           String CODEC(ZSTD(3)),
    event_code              String CODEC(ZSTD(3)),
    event_base_code         String CODEC(ZSTD(3)),
    event_root_code         String CODEC(ZSTD(3)),
    quad_class              String CODEC(ZSTD(3)),
    goldstein_scale         String CODEC(ZSTD(3)),
    num_mentions            String CODEC(ZSTD(3)),
    num_sources             String CODEC(ZSTD(3)),
    num_articles            String CODEC(ZSTD(3)),
    avg_tone                String CODEC(ZSTD(3)),
    actor1_geo_type         String CODEC(ZSTD(3)),
    actor1_geo_full_name    String CODEC(ZSTD(3)),
    actor1_geo_country_code String CODEC(ZSTD(3)),
    actor1_geo_adm1_code    String CODEC(ZSTD(3)),
    actor1_geo_adm2_code    String CODEC(ZSTD(3)),
    actor1_geo_lat          String CODEC(ZSTD(3)),
    actor1_geo_long         String CODEC(ZSTD(3)),
    actor1_geo_feature_id   String CODEC(ZSTD(3)),
    actor2_geo_type         String CODEC(ZSTD(3)),
    actor2_geo_full_name    String CODEC(ZSTD(3)),
    actor2_geo_country_code String CODEC(ZSTD(3)),
    actor2_geo_adm1_code    String CODEC(ZSTD(3)),
    actor2_geo_adm2_code    String CODEC(ZSTD(3)),
    actor2_geo_lat          String CODEC(ZSTD(3)),
    actor2_geo_long         String CODEC(ZSTD(3)),
    actor2_geo_feature_id   String CODEC(ZSTD(3)),
    action_geo_type         String CODEC(ZSTD(3)),
    action_geo_full_name    String CODEC(ZSTD(3)),
    action_geo_country_code String CODEC(ZSTD(3)),
    action_geo_adm1_code    String CODEC(ZSTD(3)),
    action_geo_adm2_code    String CODEC(ZSTD(3)),
    action_geo_lat          String CODEC(ZSTD(3)),
    action_geo_long         String CODEC(ZSTD(3)),
    action_geo_feature_id   String CODEC(ZSTD(3)),
    date_added              String CODEC(ZSTD(3)),
    source_url              String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(slot)
ORDER BY (feed, slot, row)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'GDELT 2.0 events, an event a row.';

-- What is known of each file: listed by GDELT, and what became of it. It is written after the rows,
-- and it is the list of what is left to do. A change is a new row; the one with the highest version
-- holds, and 'loaded' is above everything that another ingestor may still say.
CREATE TABLE IF NOT EXISTS warehouse.ingest_ledger
(
    feed          LowCardinality(String),
    slot          DateTime('UTC'),
    state         Enum8('listed' = 1, 'fetched' = 2, 'loaded' = 3, 'missing' = 4, 'checksum_mismatch' = 5, 'malformed' = 6),
    file          String COMMENT 'as the list names it, or the path of a local file',
    size_listed   UInt64 COMMENT '0 for a local file; known to be wrong at times',
    size_received UInt64,
    size_raw      UInt64 COMMENT 'unpacked',
    md5_listed    String COMMENT 'empty for a local file',
    md5_received  String,
    rows_loaded   UInt64,
    rows_rejected UInt64 COMMENT 'they are in warehouse.quarantine',
    utf8_replaced UInt64 COMMENT 'ill-formed parts of UTF-8 that became U+FFFD',
    attempts      UInt32 COMMENT 'downloads tried without success since it was listed',
    fetched_at    DateTime64(6, 'UTC') COMMENT '1970 until then',
    loaded_at     DateTime64(6, 'UTC') COMMENT '1970 until then',
    message       String COMMENT 'why it is not loaded',
    updated_at    DateTime64(6, 'UTC'),
    version       UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (feed, slot)
COMMENT 'One row a file of GDELT. Read ingest_ledger_now, or this with FINAL.';

-- How far --follow has read each feed's master list. Where a slot after the mark is not in the ledger
-- although later ones are, the list is read again.
CREATE TABLE IF NOT EXISTS warehouse.gdelt_marks
(
    feed LowCardinality(String),
    slot DateTime('UTC') COMMENT 'everything up to here that GDELT lists is in the ledger'
)
ENGINE = ReplacingMergeTree(slot)
ORDER BY feed
COMMENT 'Read max(slot) of a feed.';

CREATE OR REPLACE VIEW warehouse.ingest_ledger_now AS
SELECT * EXCEPT (version) FROM warehouse.ingest_ledger FINAL;

-- Expected against received, a day and feed a row, only where something is missing. Expected is every
-- slot that a list named, and the quarters of an hour between two of them, however far apart: the list
-- has holes, and so had the feed. Nothing is expected of local files, nor of times to come.
CREATE OR REPLACE VIEW warehouse.gdelt_gaps AS
WITH
    known AS
    (
        SELECT feed, slot, state, md5_listed FROM warehouse.ingest_ledger FINAL
    ),
    listed AS
    (
        SELECT
            feed,
            slot,
            leadInFrame(slot, 1, slot) OVER (PARTITION BY feed ORDER BY slot ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next
        FROM known WHERE md5_listed != '' AND slot <= now() + INTERVAL 1 DAY
    ),
    expected AS
    (
        SELECT
            feed,
            arrayJoin(arrayPushFront(
                range(
                    toUInt32(toStartOfFifteenMinutes(slot)) + 900,
                    toUInt32(toStartOfFifteenMinutes(next)),
                    900),
                toUInt32(slot)))::DateTime('UTC') AS slot
        FROM listed
    )
SELECT
    feed,
    toDate(slot) AS date,
    count() AS expected,
    countIf(state = 'loaded') AS loaded,
    countIf(state IN ('listed', 'fetched')) AS pending,
    countIf(state = 'missing') AS missing,
    countIf(state = 'checksum_mismatch') AS checksum_mismatch,
    countIf(state = 'malformed') AS malformed,
    countIf(state = '') AS unlisted,
    arraySort(groupArrayIf(slot, state != 'loaded')) AS slots
FROM
(
    SELECT e.feed AS feed, e.slot AS slot, toString(k.state) AS state
    FROM expected AS e LEFT JOIN (SELECT feed, slot, toString(state) AS state FROM known) AS k USING (feed, slot)
)
GROUP BY feed, date
HAVING loaded < expected
ORDER BY feed, date;
