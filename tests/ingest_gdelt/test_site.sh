#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Downloads from a site on loopback that has every fault a site can have: each slot is loaded once, what is not there is said and
# looked for again, and nothing stalls.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
hub_start "$WORK/hub"
site_start
download() { gdelt --base-url "$SITE_URL" --probe 1 --stall 1 "$@"; }

states() { ledger "formatDateTime(slot, '%H:%i'), state, rows_loaded" "$1"; }

# A day of eight slots, and lists with lines of every kind.
for time in 120000 121500 123000 124500 130000 131500 133000 134500; do
    make_gkg 20250101$time 20 >"$WORK/$time"
    publish 20250101$time.gkg.csv "$WORK/$time"
    publish 20250101$time.translation.gkg.csv "$WORK/$time"
    list_line 20250101$time.gkg.csv >>"$SITE/masterfilelist.txt"
    list_line 20250101$time.translation.gkg.csv >>"$SITE/masterfilelist-translation.txt"
done
{
    echo
    echo "garbage"
    echo "123 00000000000000000000000000000000 http://data.gdeltproject.org/gdeltv2/20250101120000.other.csv.zip"
    head -c 5000 /dev/zero | tr '\0' x
    echo
    echo "99 0123456789abcdef0123456789abcdef http://data.gdeltproject.org/gdeltv2/20250103000000.gkg.csv.zip" # another day
    echo "99 0123456789abcdef0123456789abcdef http://data.gdeltproject.org/gdeltv2/20250101120000.mentions.CSV.zip"
} >>"$SITE/masterfilelist.txt"
cat >"$SITE/faults" <<EOF
masterfilelist.txt truncate 1
masterfilelist.txt 503 1
20250101120000.gkg.csv.zip reset 2
20250101121500.gkg.csv.zip truncate 2
20250101123000.gkg.csv.zip 429 1
20250101124500.gkg.csv.zip stall 1
20250101130000.gkg.csv.zip 404 3
20250101131500.gkg.csv.zip html 9
20250101133000.gkg.csv.zip wrong 2
20250101134500.gkg.csv.zip circle 60
EOF
# The declared size is wrong in GDELT's list at times; only the MD5 counts.
sed -i 's/^[0-9]* \(.*20250101120000.gkg\)/18095 \1/' "$SITE/masterfilelist.txt"
expect_code 65 download --from 2025-01-01 --to 2025-01-01
cp "$WORK/err" "$WORK/first"
expect_match "$(cat "$WORK/err")" "*20250101131500.gkg.csv.zip: 53 bytes came with MD5*it is a web page or other text: '<!DOCTYPE html>*" "HTML is explained"
expect_match "$(cat "$WORK/err")" "*20250101134500.gkg.csv.zip: *leads in circles*" "circles are explained"
expect_equal "$(states gkg)" \
"12:00	loaded	20
12:15	loaded	20
12:30	loaded	20
12:45	loaded	20
13:00	missing	0
13:15	checksum_mismatch	0
13:30	loaded	20
13:45	listed	0" "the ledger after the first run"
expect_equal "$(ledger "size_listed, size_received" gkg | head -n 1)" "18095	$(wc -c <"$SITE/20250101120000.gkg.csv.zip")" "both sizes are kept"
expect_equal "$(query "SELECT count(), uniqExact(record_id) FROM warehouse.bronze_gkg")" "100	100" "rows"
expect_match "$(query "SELECT * FROM warehouse.gdelt_gaps")" "gkg	2025-01-01	8	5	1	1	1	0	0	*13:00:00*" "gdelt_gaps"

expect_match "$(cat "$WORK/first")" "*20250101123000.gkg.csv.zip answers with status 429 and asks to wait: next try in 1 s*" "a wait is said"
expect_equal "$(requests 20250101123000.gkg.csv.zip) $(requests 20250101124500.gkg.csv.zip) $(requests 20250101133000.gkg.csv.zip)" "2 2 3" \
    "429, a stall and a wrong MD5 are tried again"

# What was not loaded is looked for again when its time has come, everything else is left alone; the 404 goes away at last.
sleep 1.2
expect_code 65 download --from 2025-01-01 --to 2025-01-01
expect_equal "$(requests 20250101120000.gkg.csv.zip)" 3 "a loaded slot is not asked for again"
expect_equal "$(ledger "state, attempts" gkg | sed -n '5p')" "missing	2" "still 404"
sed -i -e '/wrong/d' -e '/html/d' -e '/circle/d' "$SITE/faults"
expect_code 0 download --from 2025-01-01 --to 2025-01-01 --retry
expect_code 0 download --from 2025-01-01 --to 2025-01-01 --retry
expect_equal "$(query "SELECT count(), uniqExact(record_id), uniqExact(slot) FROM warehouse.bronze_gkg")" "160	160	8" "all is there"
expect_equal "$(query "SELECT count() FROM warehouse.gdelt_gaps")" 0 "no gaps are left"
expect_equal "$(query "SELECT count() FROM warehouse.ingest_ledger_now")" 8 "one entry a slot and feed"

# The twins of other languages come by an option; their lists are others.
expect_code 0 download --from 2025-01-01 --to 2025-01-01 --translingual
expect_equal "$(query "SELECT feed, count() FROM warehouse.bronze_gkg GROUP BY feed ORDER BY feed")" "gkg	160
gkg_translingual	160" "translingual"

# A file that is right by its MD5 and yet no archive, or an archive of something else.
empty_tables
rm "$SITE/faults" "$SITE/masterfilelist.txt"
cp "$WORK/120000" "$SITE/20250101120000.gkg.csv.zip"
python3 tests/ingest_gdelt/archive.py "$SITE/20250101121500.gkg.csv.zip" 20250101120000.gkg.csv <"$WORK/120000"
for time in 120000 121500 123000; do list_line 20250101$time.gkg.csv >>"$SITE/masterfilelist.txt"; done
expect_code 65 download --from 2025-01-01 --to 2025-01-01
expect_equal "$(states gkg)" "12:00	malformed	0
12:15	malformed	0
12:30	loaded	20" "malformed files"
expect_match "$(ledger message gkg)" "this is no zip archive: it begins with '20250101120000-0*
the zip archive holds '20250101120000.gkg.csv', not what 20250101121500.gkg.csv.zip should hold*" "why"
expect_code 0 download --from 2025-01-01 --to 2025-01-01
list_line 20250101123000.gkg.csv >>"$SITE/masterfilelist.txt"
publish 20250101120000.gkg.csv "$WORK/120000"
list_line 20250101120000.gkg.csv >>"$SITE/masterfilelist.txt"
expect_code 0 download --from 2025-01-01 --to 2025-01-01
expect_equal "$(states gkg | head -n 1)" "12:00	loaded	20" "a file that is listed with another MD5 is tried again"

# Gaps: what the list names and the quarters of an hour between, until a slot two days later. Lines of 12:37 and of a time decades ahead
# are passed by; a local file of 12:45 fills a hole.
gaps() { query "SELECT feed, date, expected, loaded, pending, unlisted, if(unlisted > 1, [], slots) FROM warehouse.gdelt_gaps"; }
empty_tables
publish 20250101121500.gkg.csv "$WORK/121500"
rm "$SITE/20250101130000.gkg.csv.zip"
{
    for time in 120000 121500 123000; do list_line 20250101$time.gkg.csv; done
    for slot in 20250101123700 20250101130000 20250103000000 20850101000000; do
        echo "99 0123456789abcdef0123456789abcdef http://data.gdeltproject.org/gdeltv2/$slot.gkg.csv.zip"
    done
} >"$SITE/masterfilelist.txt"
expect_code 0 download --from 2025-01-01 --to 2100-01-01
expect_match "$(cat "$WORK/err")" "*masterfilelist.txt: 2 files are of times between*the first is 20250101123700.gkg.csv.zip*" "odd lines are said"
expect_equal "$(gaps)" \
"gkg	2025-01-01	48	3	0	44	[]
gkg	2025-01-02	96	0	0	96	[]
gkg	2025-01-03	1	0	0	0	['2025-01-03 00:00:00']" "gdelt_gaps with odd slots"
for slot in 20250101124500 20250101225800; do
    make_gkg $slot 5 >"$WORK/$slot.gkg.csv"
    expect_code 0 gdelt "$WORK/$slot.gkg.csv"
done
expect_equal "$(gaps | head -n 1)" "gkg	2025-01-01	48	4	0	43	[]" "gdelt_gaps beside local files"

publish 20250101130000.gkg.csv "$WORK/130000"
empty_tables

# A site that is away, and lists that are none.
expect_code 69 gdelt --base-url "${SITE_URL}nowhere.txt/" --from 2025-01-01 --to 2025-01-01
expect_code 69 gdelt --base-url http://127.0.0.1:9/ --tries 0 --from 2025-01-01 --to 2025-01-01
echo "<html>maintenance</html>" >"$SITE/masterfilelist.txt"
expect_code 69 download --from 2025-01-01 --to 2025-01-01
expect_match "$(cat "$WORK/err")" "*masterfilelist.txt lists no file of GDELT*" "a page for a list"
for status in 503 429 404; do
    # The same with pages of 64 KB: a passing one is tried again, and no page ends a run as bad data.
    echo "masterfilelist.txt ${status}page 1000" >"$SITE/faults"
    expect_code 69 download --tries 0 --from 2025-01-01 --to 2025-01-01
    expect_match "$(cat "$WORK/err")" "*masterfilelist.txt*$status*" "a large page with status $status for a list"
done
rm "$SITE/faults"
for time in 124500 130000 131500 133000; do list_line 20250101$time.gkg.csv; done >"$SITE/masterfilelist.txt"
for time in 124500 130000 131500; do echo "20250101$time.gkg.csv.zip 503 99"; done >"$SITE/faults"
expect_code 75 download --tries 1 --from 2025-01-01 --to 2025-01-01
expect_match "$(cat "$WORK/err")" "*3 files in a row did not come*status 503*" "a site that does not answer"

# One look, as for a job every 15 minutes: the newest slot only, though a local file is of long before; again it is there already, and
# a file that did not come is tried again. --from fills in what was passed over.
empty_tables
rm "$SITE/faults"
make_gkg 20241201120000 5 >"$WORK/20241201120000.gkg.csv"
expect_code 0 gdelt "$WORK/20241201120000.gkg.csv"
list_line 20250101124500.gkg.csv >"$SITE/lastupdate.txt"
for time in 120000 121500 123000 124500; do publish 20250101$time.gkg.csv "$WORK/$time"; done
for time in 120000 121500 123000 124500; do list_line 20250101$time.gkg.csv; done >"$SITE/masterfilelist.txt"
echo "20250101124500.gkg.csv.zip 404 $(($(requests 20250101124500.gkg.csv.zip) + 1))" >"$SITE/faults"
once() { download --follow --once "$@"; }
expect_code 0 once
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 0 loaded, 0 there before, 1 missing,*" "a label that runs ahead of its file"
sleep 1.2
expect_code 0 once
expect_match "$(cat "$WORK/err")" "gdelt: 1 files: 1 loaded,*" "one look"
expect_code 0 once
expect_match "$(cat "$WORK/err")" "gdelt: 0 files: 0 loaded,*" "one look again"
expect_code 0 once --from 2025-01-01
expect_equal "$(states gkg)" "12:00	loaded	5
12:00	loaded	20
12:15	loaded	20
12:30	loaded	20
12:45	loaded	20" "one look with --from"
expect_code 69 gdelt --base-url http://127.0.0.1:9/ --tries 0 --follow --once
expect_code 64 once --to 2025-01-01
expect_code 64 gdelt --once --from 2025-01-01 --to 2025-01-01
expect_match "$(cat "$WORK/err")" "*--once goes with --follow*" "--once alone"

# Following: the newest slot, then one that passes two over, then one whose label runs ahead of its file.
empty_tables
rm "$SITE/faults" "$SITE/20250101121500.gkg.csv.zip" "$SITE/20250101123000.gkg.csv.zip"
mv "$SITE/20250101133000.gkg.csv.zip" "$WORK/late.zip"
list_line 20250101120000.gkg.csv >"$SITE/lastupdate.txt"
list_line 20250101120000.gkg.csv >"$SITE/masterfilelist.txt"
"$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --follow --poll 1 --probe 1 2>"$WORK/err" &
pid=$!
await() {
    left=200
    while [ "$(states gkg)" != "$1" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "$2
  wanted: $1
  found: $(states gkg)
$(cat "$WORK/err")"
        sleep 0.05
    done
}
publish 20250101123000.gkg.csv "$WORK/123000"
publish 20250101121500.gkg.csv "$WORK/121500"
await "12:00	loaded	20" "the newest slot"
for time in 121500 123000 124500; do list_line 20250101$time.gkg.csv; done >>"$SITE/masterfilelist.txt"
list_line 20250101124500.gkg.csv >"$SITE/lastupdate.txt"
await "12:00	loaded	20
12:15	loaded	20
12:30	loaded	20
12:45	loaded	20" "slots that were passed over"
mv "$WORK/late.zip" "$WORK/20250101130000.zip"
publish 20250101130000.gkg.csv "$WORK/130000"
line=$(list_line 20250101130000.gkg.csv)
mv "$SITE/20250101130000.gkg.csv.zip" "$WORK/late.zip"
echo "$line" >"$SITE/lastupdate.txt"
await "12:00	loaded	20
12:15	loaded	20
12:30	loaded	20
12:45	loaded	20
13:00	missing	0" "a label that runs ahead"
mv "$WORK/late.zip" "$SITE/20250101130000.gkg.csv.zip"
await "12:00	loaded	20
12:15	loaded	20
12:30	loaded	20
12:45	loaded	20
13:00	loaded	20" "the file came later"
kill -TERM $pid
code=0
wait $pid || code=$?
expect_equal $code 75 "following ends by SIGTERM"
expect_match "$(cat "$WORK/err")" "*gdelt: *loaded*stopped by SIGTERM*" "and says what it did"

# Following survives large error pages instead of the newest list and of a file.
empty_tables
list_line 20250101124500.gkg.csv | tee "$SITE/masterfilelist.txt" >"$SITE/lastupdate.txt"
{
    echo "lastupdate.txt 503page $(($(requests lastupdate.txt) + 2))"
    echo "20250101124500.gkg.csv.zip 429page $(($(requests 20250101124500.gkg.csv.zip) + 1))"
} >"$SITE/faults"
"$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --follow --poll 1 --probe 1 --tries 1 2>"$WORK/err" &
pid=$!
await "12:45	loaded	20" "following past error pages"
expect_match "$(cat "$WORK/err")" "*lastupdate.txt answers with status 503; the next look is in at most 1 s*" "the error page is said"
kill -TERM $pid
wait $pid || :

# A trickle is a stall, a list has an end, and what a site sends does not reach the terminal as it is.
empty_tables
list_line 20250101124500.gkg.csv >"$SITE/masterfilelist.txt"
echo "20250101124500.gkg.csv.zip drip 9999" >"$SITE/faults"
expect_code 75 timeout 60 "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --stall 2 --tries 0 --from 2025-01-01 --to 2025-01-01
echo "masterfilelist.txt endless 9999" >"$SITE/faults"
expect_code 69 timeout 60 "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --tries 0 --from 2025-01-01 --to 2025-01-01
expect_match "$(cat "$WORK/err")" "*a list of more than 1073741824 bytes*" "an endless list"
echo "20250101124500.gkg.csv.zip escape 9999" >"$SITE/faults"
expect_code 65 download --retry --from 2025-01-01 --to 2025-01-01
expect_match "$(cat "$WORK/err")" "*it is a web page or other text: '<?\[2J?>'*" "control bytes"

# A name and a password in an address are used, and shown nowhere.
secret() { echo "$1" | sed 's#//#//someone:s3cret@#'; }
list_line 20250101124500.gkg.csv >"$SITE/masterfilelist.txt"
for fault in "masterfilelist.txt 503" "masterfilelist.txt 404" "20250101124500.gkg.csv.zip 429" "20250101124500.gkg.csv.zip 503"; do
    empty_tables
    echo "$fault 9999" >"$SITE/faults"
    gdelt --base-url "$(secret "$SITE_URL")" --tries 1 --from 2025-01-01 --to 2025-01-01 2>"$WORK/err" && fail "$fault did no harm"
    expect_match "$(cat "$WORK/err")" "*//127.0.0.1*" "an address is shown, $fault"
    ! grep -q s3cret "$WORK/err" || fail "a password is shown: $(cat "$WORK/err")"
    expect_equal "$(query "SELECT count() FROM warehouse.ingest_ledger WHERE message LIKE '%s3cret%'")" 0 "a password in the ledger"
done
expect_code 75 "$TICKHOUSE_BIN/ingest" gdelt --url http://someone:s3cret@127.0.0.1:9 --from 2025-01-01 --to 2025-01-01
! grep -q s3cret "$WORK/err" || fail "ClickHouse's password is shown: $(cat "$WORK/err")"

# A stop while a file is about to be downloaded again, into memory that has grown since its connection's earlier files.
empty_tables
for slot in $(seq 0 15); do
    slot=20250102$(printf '%02d%02d00' $((slot / 4)) $((slot % 4 * 15)))
    make_gkg "$slot" 2 >"$WORK/small"
    publish "$slot.gkg.csv" "$WORK/small"
    list_line "$slot.gkg.csv"
done >"$SITE/masterfilelist.txt"
head -c 3000000 /dev/urandom >"$WORK/large"
publish 20250102040000.gkg.csv "$WORK/large"
list_line 20250102040000.gkg.csv >>"$SITE/masterfilelist.txt"
echo "20250102040000.gkg.csv.zip wrong 99" >"$SITE/faults"
"$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" --base-url "$SITE_URL" --from 2025-01-02 --to 2025-01-02 2>"$WORK/err" &
pid=$!
left=400
until [ "$(requests 20250102040000.gkg.csv.zip)" -gt 0 ]; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "the large file was not asked for: $(cat "$WORK/err")"
    sleep 0.05
done
sleep 0.25
kill -TERM $pid
code=0
wait $pid || code=$?
expect_equal $code 75 "a stop before the second download: $(cat "$WORK/err")"
hub_stop
