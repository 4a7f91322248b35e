#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ./tickhouse demo --live against a site of our own: the newest slot, of which the sample is months away, and nothing between them; then
# against a site that does not answer, where the demo goes on.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
need_engine
hub_register "$WORK/hub"
site_start
demo() { "$TICKHOUSE" demo --live --data "$WORK/hub" --http-port 0 --tcp-port 0; }
slots() { "$TICKHOUSE" sql --data "$WORK/hub" "SELECT count(), countIf(md5_listed != '') FROM warehouse.ingest_ledger_now"; }
sample=$(find samples/news -name '*.zip' | wc -l)

TICKHOUSE_GDELT_URL=http://127.0.0.1:9/ expect_code 0 demo
expect_match "$(cat "$WORK/out")" "*fetching the newest slot of GDELT*about 5 MB*Articles (invented*Market mood*Next:*" "a site that does not answer"
expect_match "$(cat "$WORK/err")" "*the demo goes on with the sample*" "and the reason"
expect_equal "$(slots)" "$sample	0" "slots without the site"

# The newest slot is a sample's rows with other times; the slot before it is in the master list only, and is not asked for.
python3 -m zipfile -e samples/news/20260220214500.gkg.csv.zip "$WORK"
sed -e 's/synthetic\.example/live.example/g' -e 's/20260220214500/20260302143000/g' "$WORK/20260220214500.gkg.csv" >"$WORK/newest"
publish 20260302143000.gkg.csv "$WORK/newest"
list_line 20260302143000.gkg.csv >"$SITE/lastupdate.txt"
{
    echo "99 0123456789abcdef0123456789abcdef http://data.gdeltproject.org/gdeltv2/20260302141500.gkg.csv.zip"
    cat "$SITE/lastupdate.txt"
} >"$SITE/masterfilelist.txt"
export TICKHOUSE_GDELT_URL="$SITE_URL"
expect_code 0 demo
expect_match "$(cat "$WORK/out")" "*The newest slot of GDELT*ticker*articles*tone*Market mood*Next:*" "the newest slot is shown"
expect_equal "$(slots)" "$((sample + 1))	1" "slots with the site"
"$TICKHOUSE" sql --data "$WORK/hub" "SELECT count() > 0 FROM warehouse.news_ticker FINAL WHERE source = 'live.example'" >"$WORK/linked"
expect_equal "$(cat "$WORK/linked")" 1 "its articles are linked"
expect_code 0 demo
expect_equal "$(requests 20260302143000.gkg.csv.zip) $(requests masterfilelist.txt)" "1 0" "a second run downloads nothing again"

# Hours later the demo still wants the newest slot only.
publish 20260302163000.gkg.csv "$WORK/newest"
list_line 20260302163000.gkg.csv >"$SITE/lastupdate.txt"
expect_code 0 demo
expect_equal "$(requests 20260302163000.gkg.csv.zip) $(requests masterfilelist.txt)" "1 0" "a later run does not catch up"
"$TICKHOUSE" down --data "$WORK/hub" >/dev/null
