#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What following passed over is sought until it is found: after a master list that failed, after a restart, and for each feed of its own.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
hub_start "$WORK/hub"
site_start

for time in 120000 121500 123000 124500 130000 131500 133000; do
    make_gkg 20250101$time 20 >"$WORK/$time"
    publish 20250101$time.gkg.csv "$WORK/$time"
    publish 20250101$time.translation.gkg.csv "$WORK/$time"
done
lines() { for time in "$@"; do list_line "20250101$time.gkg.csv"; done; }
twins() { for time in "$@"; do list_line "20250101$time.translation.gkg.csv"; done; }
loaded() { query "SELECT formatDateTime(slot, '%H:%i') FROM warehouse.ingest_ledger_now WHERE feed = '$1' AND state = 'loaded' ORDER BY slot" | tr '\n' ' '; }
once() { gdelt --base-url "$SITE_URL" --probe 1 --stall 1 --tries 0 --follow --once "$@"; }

# await FEED TIMES WHAT
await() {
    left=200
    while [ "$(loaded "$1")" != "$2 " ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "$3
  wanted: $2
  found: $(loaded "$1")
$(cat "$WORK/err")"
        sleep 0.05
    done
}

# By --once: the first look begins with what it names, whatever the master list has before. The master list fails when it is needed;
# then it lags behind; the hole is filled when it has caught up, and nobody reads it again.
lines 120000 121500 123000 >"$SITE/masterfilelist.txt"
lines 123000 >"$SITE/lastupdate.txt"
expect_code 0 once
expect_equal "$(loaded gkg) $(requests masterfilelist.txt)" "12:30  0" "the first look"
lines 131500 >"$SITE/lastupdate.txt"
echo "masterfilelist.txt 503 1" >"$SITE/faults"
expect_code 69 once
expect_equal "$(loaded gkg)" "12:30 13:15 " "the master list failed"
lines 124500 >>"$SITE/masterfilelist.txt"
expect_code 0 once
expect_equal "$(loaded gkg)" "12:30 12:45 13:15 " "the master list lags behind"
expect_code 0 once --catch-up 0
expect_equal "$(requests masterfilelist.txt)" 2 "without catching up no master list is needed"
lines 130000 131500 >>"$SITE/masterfilelist.txt"
expect_code 0 once
expect_equal "$(loaded gkg)" "12:30 12:45 13:00 13:15 " "the hole is filled"
lines 133000 >"$SITE/lastupdate.txt"
expect_code 0 once
expect_equal "$(requests masterfilelist.txt)" 3 "without a hole no master list is read"

# A run that died between the newest list and the master list leaves entries and the old mark; so does one that died before any entry.
empty_tables
rm "$SITE/faults"
lines 130000 >"$SITE/lastupdate.txt"
expect_code 0 once
query "TRUNCATE TABLE warehouse.bronze_gkg"
query "TRUNCATE TABLE warehouse.ingest_ledger"
lines 133000 >>"$SITE/masterfilelist.txt"
lines 133000 >"$SITE/lastupdate.txt"
expect_code 0 once
expect_equal "$(loaded gkg)" "13:00 13:15 13:30 " "a mark without its entry"

# Following, with twins that come late: 12:15 of the translations is named by their master list only, long after gkg is past it.
empty_tables
lines 120000 >"$SITE/lastupdate.txt"
twins 120000 >"$SITE/lastupdate-translation.txt"
twins 120000 >"$SITE/masterfilelist-translation.txt"
"$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --follow --translingual --poll 1 --probe 1 --tries 0 2>"$WORK/err" &
pid=$!
await gkg_translingual "12:00" "the first twin"
lines 121500 >"$SITE/lastupdate.txt"
await gkg "12:00 12:15" "the second slot"
lines 123000 >"$SITE/lastupdate.txt"
await gkg "12:00 12:15 12:30" "the third slot"
twins 121500 >>"$SITE/masterfilelist-translation.txt"
twins 123000 >"$SITE/lastupdate-translation.txt"
await gkg_translingual "12:00 12:15 12:30" "a twin that was passed over"

# The master list fails under a running one, and works later.
echo "masterfilelist.txt 503 $(($(requests masterfilelist.txt) + 2))" >"$SITE/faults"
lines 131500 >"$SITE/lastupdate.txt"
await gkg "12:00 12:15 12:30 12:45 13:00 13:15 13:30" "slots that were passed over while the master list failed"
kill -TERM $pid
wait $pid || :

# A line of the ledger by a clock that is ahead: what this run learns replaces it, and the slot is asked for once.
empty_tables
rm "$SITE/faults" "$SITE/20250101134500.gkg.csv.zip" 2>/dev/null || :
echo "99 0123456789abcdef0123456789abcdef http://data.gdeltproject.org/gdeltv2/20250101134500.gkg.csv.zip" >"$SITE/masterfilelist.txt"
query "INSERT INTO warehouse.ingest_ledger (feed, slot, state, file, md5_listed, updated_at, version) SELECT 'gkg', '2025-01-01 13:45:00',
    'listed', '', '0123456789abcdef0123456789abcdef', now64(6) + 3600, toUnixTimestamp64Micro(now64(6) + 3600)"
expect_code 0 timeout 20 "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --from 2025-01-01 --to 2025-01-01
expect_equal "$(requests 20250101134500.gkg.csv.zip) $(ledger "state, attempts" gkg)" "1 missing	1" "a line of the ledger from the future"
hub_stop
