#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Local files: real rows come back byte for byte, each slot is loaded once, however it is given.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
hub_start "$WORK/hub"

# A zip, its text under GDELT's name, and the same from stdin are one slot.
make_gkg 20250101120000 50 >"$WORK/20250101120000.gkg.csv"
make_zip "$WORK/20250101120000.gkg.csv.zip" 20250101120000.gkg.csv "$WORK/20250101120000.gkg.csv"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 1 loaded, 0 there before,*50 rows, 0 quarantined*" "the summary"
raw bronze_gkg gkg '2025-01-01 12:00:00' | cmp - "$WORK/20250101120000.gkg.csv" || fail "the zip's text does not come back"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv"
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 0 loaded, 1 there before,*" "the text of a slot that is there"
expect_code 0 gdelt --input - <"$WORK/20250101120000.gkg.csv.zip"
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 0 loaded, 1 there before,*" "the zip from stdin"
expect_equal "$(query "SELECT count(), uniqExact(record_id) FROM warehouse.bronze_gkg")" "50	50" "rows"
expect_equal "$(query "SELECT count() FROM system.parts WHERE active AND database = 'warehouse' AND table = 'bronze_gkg'")" 1 "parts"

# Many small slots: the ledger is written for several at a time, and yet a slot that comes twice in a run is known the second time.
mkdir "$WORK/many"
for minute in $(seq 0 15 885); do
    slot=20250201$(printf '%02d%02d00' $((minute / 60)) $((minute % 60)))
    make_gkg "$slot" 2 >"$WORK/many/$slot.gkg.csv"
done
expect_code 0 gdelt "$WORK/many" "$WORK/many/20250201144500.gkg.csv"
expect_match "$(cat "$WORK/err")" "gdelt: 61 files: 60 loaded, 1 there before,*" "a slot twice in a run"
expect_equal "$(query "SELECT count(), sum(rows_loaded) FROM warehouse.ingest_ledger_now WHERE state = 'loaded' AND slot >= '2025-02-01'")" "60	120" "the ledger of many"
query "SYSTEM FLUSH LOGS"
inserts=$(query "SELECT count() FROM system.query_log WHERE type = 'QueryFinish' AND query LIKE 'INSERT INTO%ingest_ledger%'")
[ "$inserts" -lt 61 ] || fail "the ledger of 61 slots took $inserts inserts"
query "ALTER TABLE warehouse.bronze_gkg DELETE WHERE slot >= '2025-02-01' SETTINGS mutations_sync = 1"

# Rows without a line in the ledger, as a killed run leaves them, are not stored again; a line without rows cannot be, but rows that
# were deleted come back although the table remembers their insert.
query "TRUNCATE TABLE warehouse.ingest_ledger"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
expect_equal "$(ledger "state, rows_loaded" gkg)" "loaded	50" "the ledger is mended"
expect_equal "$(query "SELECT count() FROM warehouse.bronze_gkg")" 50 "rows after a lost ledger"
query "TRUNCATE TABLE warehouse.ingest_ledger"
query "ALTER TABLE warehouse.bronze_gkg DELETE WHERE 1 SETTINGS mutations_sync = 1"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
expect_equal "$(query "SELECT count() FROM warehouse.bronze_gkg")" 50 "rows that were deleted come back"

# Only the end of a name says that it is an archive's.
mkdir "$WORK/odd.zip.d"
make_gkg 20250105120000 3 >"$WORK/odd.zip.d/20250105120000.gkg.csv"
expect_code 0 gdelt "$WORK/odd.zip.d/20250105120000.gkg.csv"
query "ALTER TABLE warehouse.bronze_gkg DELETE WHERE slot >= '2025-01-05' SETTINGS mutations_sync = 1"

# The pair of statements that docs/ingest-gdelt.md has for loading a slot anew, more than once.
for round in 1 2 3; do
    for table in bronze_gkg ingest_ledger; do
        query "ALTER TABLE warehouse.$table DELETE WHERE feed = 'gkg' AND slot = '2025-01-01 12:00:00' SETTINGS mutations_sync = 1"
    done
    expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
    expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 1 loaded,*; 50 rows,*" "a slot loaded anew, round $round"
    expect_equal "$(query "SELECT count(), uniqExact(row) FROM warehouse.bronze_gkg")" "50	50" "rows of a slot loaded anew, round $round"
done

# GCAM may be left out; a dry run stores nothing; --feeds and dates leave files out.
empty_tables
expect_code 0 gdelt --dry-run "$WORK/20250101120000.gkg.csv"
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 1 good (dry run)*" "the dry run"
expect_code 0 gdelt --feeds events "$WORK/20250101120000.gkg.csv"
expect_code 0 gdelt --from 2025-01-02 "$WORK/20250101120000.gkg.csv"
expect_code 0 gdelt --to 2024-12-31 "$WORK/20250101120000.gkg.csv"
expect_equal "$(query "SELECT count() FROM warehouse.ingest_ledger")" 0 "nothing is loaded so far"
expect_code 0 gdelt --from 2025-01-01 --to 2025-01-01 --drop-gcam "$WORK/20250101120000.gkg.csv"
expect_equal "$(query "SELECT count(), max(gcam), countIf(extras = 'c27-7') FROM warehouse.bronze_gkg")" "50		1" "GCAM is empty"

# Local files may be of any time, and nothing is expected between them.
make_gkg 20250101123000 5 >"$WORK/20250101123000.gkg.csv"
expect_code 0 gdelt "$WORK/20250101123000.gkg.csv"
expect_equal "$(query "SELECT * FROM warehouse.gdelt_gaps")" "" "gdelt_gaps of local files"

# Real rows, of every feed, unchanged. A file of another name is of its first row's slot.
need_sample
empty_tables
expect_code 0 gdelt "$SAMPLE/gkg.csv" "$SAMPLE/gkgT.csv" "$SAMPLE/mentions.csv" "$SAMPLE/events.csv"
raw bronze_gkg gkg '2015-02-18 23:00:00' | cmp - "$SAMPLE/gkg.csv" || fail "gkg.csv does not come back"
raw bronze_gkg gkg_translingual '2015-02-18 22:45:00' | cmp - "$SAMPLE/gkgT.csv" || fail "gkgT.csv does not come back"
raw bronze_mentions mentions '2015-02-18 23:00:00' | cmp - "$SAMPLE/mentions.csv" || fail "mentions.csv does not come back"
raw bronze_events events '2015-02-18 23:00:00' | cmp - "$SAMPLE/events.csv" || fail "events.csv does not come back"
expect_code 0 gdelt "$SAMPLE/../events"
for file in "$SAMPLE"/../events/*.CSV; do
    slot=$(basename "$file" .export.CSV)
    raw bronze_events events "$(query "SELECT parseDateTime('$slot', '%Y%m%d%H%i%s', 'UTC')")" | cmp - "$file" || fail "$file does not come back"
done
hub_stop
