#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that are damaged, hostile, or not GDELT's: the good rows are loaded, the rest is in quarantine with file, line and reason, and
# the ledger says what became of the file.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
hub_start "$WORK/hub"
make_gkg 20250101120000 5 >"$WORK/text"

# malformed REASON: the file that was just given is not loaded, and why.
malformed() {
    expect_equal "$(ledger "state, rows_loaded" gkg)" "malformed	0" "the ledger of $1"
    expect_match "$(ledger message gkg)" "$1" "the message"
    expect_match "$(query "SELECT source, file, line, reason FROM warehouse.quarantine FINAL WHERE line = 0 FORMAT TSVRaw")" "gdelt	*20250101120000.gkg.csv*	0	$1" "quarantine"
    expect_match "$(cat "$WORK/err")" "*20250101120000.gkg.csv*: $1*" "what is said"
    expect_equal "$(query "SELECT count() FROM warehouse.bronze_gkg")" 0 "nothing is loaded"
    empty_tables
}

# archive FAULT [MEMBER]: loads an archive that has the fault.
archive() {
    python3 tests/ingest_gdelt/archive.py "$WORK/20250101120000.gkg.csv.zip" "${2:-20250101120000.gkg.csv}" "$1" <"$WORK/text"
    expect_code 65 gdelt "$WORK/20250101120000.gkg.csv.zip"
}

archive two
malformed "the zip archive holds 2 members where one is wanted"
archive none
malformed "the zip archive holds 0 members where one is wanted"
archive encrypted
malformed "the zip archive is encrypted"
archive bzip2
malformed "the zip archive is packed by method 12; only 8 (deflate) and 0 (stored) are read"
archive cut
malformed "the zip archive is cut off: it has no directory at its end"
archive crc
malformed "the zip archive is damaged: the checksum of its member is wrong"
archive short
malformed "the zip archive's member unpacks to more than the * bytes that it claims"
archive long
malformed "the zip archive's member unpacks to * bytes, not to the * that it claims"
archive bomb
malformed "the zip archive claims to unpack * bytes to 67108864: more than 200 times as many, which only a bomb does"
archive huge
malformed "the zip archive's member claims 4026531840 bytes, above the limit of 1073741824"
archive "" 20250101121500.gkg.csv
malformed "the zip archive holds '20250101121500.gkg.csv', not what 20250101120000.gkg.csv.zip should hold"
archive "" ../../etc/passwd
malformed "the zip archive holds '../../etc/passwd', not what 20250101120000.gkg.csv.zip should hold"
printf '<!DOCTYPE html>\n<html><body>maintenance</body></html>\n' >"$WORK/20250101120000.gkg.csv.zip"
expect_code 65 gdelt "$WORK/20250101120000.gkg.csv.zip"
malformed "this is no zip archive: it begins with '<!DOCTYPE html>*'"
printf '<!DOCTYPE html>\n<html><body>maintenance</body></html>\n' >"$WORK/20250101120000.gkg.csv"
expect_code 65 gdelt "$WORK/20250101120000.gkg.csv"
malformed "none of its 2 rows has the 27 columns of gkg"

# A stored member is as good as a packed one, an empty file is a slot without rows.
python3 tests/ingest_gdelt/archive.py "$WORK/20250101120000.gkg.csv.zip" 20250101120000.gkg.csv stored <"$WORK/text"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
: >"$WORK/20250101121500.gkg.csv"
expect_code 0 gdelt "$WORK/20250101121500.gkg.csv"
expect_equal "$(ledger "state, rows_loaded" gkg)" "loaded	5
loaded	0" "stored, and empty"
empty_tables

# A file without a name of GDELT's and without its columns is set aside, the ledger knows nothing of it.
echo "a,b,c" >"$WORK/prices.csv"
expect_code 65 gdelt "$WORK/prices.csv"
expect_match "$(query "SELECT reason, raw FROM warehouse.quarantine FINAL FORMAT TSVRaw")" "the file is none of GDELT's*	a,b,c" "quarantine"
expect_equal "$(query "SELECT count() FROM warehouse.ingest_ledger")" 0 "no entry"
expect_code 66 gdelt "$WORK/is_not_there.csv"
empty_tables

# Rows: 26 and 28 columns, ill-formed UTF-8, no line end at the end, a CR before it, an empty line, a NUL byte.
make_gkg 20250101120000 6 | LC_ALL=C awk '
    NR == 1 { sub(/\tc27-0$/, "") }
    NR == 2 { $0 = $0 "\tmore" }
    NR == 3 { sub(/c10-2/, "a\377\303(z") }
    NR == 4 { $0 = $0 "\r" }
    NR == 5 { sub(/c11-4/, "x@y"); $0 = $0 "\n" }
    { printf "%s%s", NR == 1 ? "" : "\n", $0 }' | tr '@' '\000' >"$WORK/20250101120000.gkg.csv"
expect_code 65 gdelt "$WORK/20250101120000.gkg.csv"
expect_equal "$(query "SELECT row, hex(locations), length(extras), hex(v2_locations) FROM warehouse.bronze_gkg ORDER BY row")" \
    "3	61EFBFBDEFBFBD287A	5	6331312D32
4	6331302D33	6	6331312D33
5	6331302D34	5	780079
7	6331302D35	5	6331312D35" "the good rows"
expect_equal "$(query "SELECT line, reason FROM warehouse.quarantine FINAL ORDER BY line")" "1	26 columns where gkg has 27
2	28 columns where gkg has 27" "the bad rows"
expect_equal "$(ledger "state, rows_loaded, rows_rejected, utf8_replaced" gkg)" "loaded	4	2	2" "the ledger"
empty_tables

# A row of 10 MB is loaded; one of 17 MB is not, and costs only itself.
big() { make_gkg 20250101120000 3 | awk -F '\t' -v OFS='\t' -v size="$1" 'NR == 2 { x = "0123456789abcdef"; while (length(x) < size) x = x x; $18 = substr(x, 1, size) } 1'; }
big 10000000 >"$WORK/20250101120000.gkg.csv"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv"
expect_equal "$(query "SELECT max(length(gcam)), count() FROM warehouse.bronze_gkg")" "10000000	3" "10 MB"
empty_tables
big 17000000 >"$WORK/20250101120000.gkg.csv"
expect_code 65 gdelt "$WORK/20250101120000.gkg.csv"
expect_equal "$(query "SELECT line, reason, length(raw) FROM warehouse.quarantine FINAL")" "2	the row has 17000205 bytes, above the limit of 16777216	4096" "17 MB"
expect_equal "$(query "SELECT count() FROM warehouse.bronze_gkg")" 2 "the others are loaded"
empty_tables

# A local file whose MD5 is not the listed one is never loaded, and its entry still waits for the download.
site_start
publish 20250101120000.gkg.csv "$WORK/text"
list_line 20250101120000.gkg.csv >"$SITE/masterfilelist.txt"
mv "$SITE/20250101120000.gkg.csv.zip" "$WORK/right.zip"
expect_code 0 gdelt --base-url "$SITE_URL" --from 2025-01-01 --to 2025-01-01
make_gkg 20250101120000 7 >"$WORK/other"
make_zip "$WORK/20250101120000.gkg.csv.zip" 20250101120000.gkg.csv "$WORK/other"
expect_code 65 gdelt "$WORK/20250101120000.gkg.csv.zip"
expect_match "$(cat "$WORK/err")" "*the file has MD5 *, GDELT's list says *; not loaded*" "the message"
expect_equal "$(ledger "state" gkg)" missing "the entry waits"
mv "$WORK/right.zip" "$WORK/20250101120000.gkg.csv.zip"
expect_code 0 gdelt "$WORK/20250101120000.gkg.csv.zip"
expect_equal "$(ledger "state, rows_loaded" gkg)" "loaded	5" "the right file, from elsewhere"
hub_stop
