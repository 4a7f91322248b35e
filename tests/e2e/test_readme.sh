#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# README.md is true: its queries print what stands below them, its command-line example runs, and the two folders that it tells to copy
# are all that another ClickHouse needs.
. tests/lib.sh
hub_start "$WORK/hub"
"$TICKHOUSE" ingest stooq --input samples/prices --url "$HUB_URL" --quiet || fail "the samples do not load"
"$TICKHOUSE" ingest gdelt --input samples/news --url "$HUB_URL" --quiet || fail "the news do not load"
"$TICKHOUSE" relink --data "$HUB_DATA" 2>/dev/null || fail "the news are not linked"

# A command begins with '$ ' and ends when its quotes are closed; what follows, up to the next one, is what it prints.
awk -v folder="$WORK" '
    /^```/ { state = "" }
    /^\$ / { n = sprintf("%02d", n + 1); state = "command"; quotes = 0; sub(/^\$ /, "") }
    state == "command" {
        print > (folder "/command." n)
        quotes += gsub(/"/, "\"")
        if (quotes % 2 == 0) { state = "output"; printf "" > (folder "/output." n) }
        next
    }
    state == "output" { print > (folder "/output." n) }' README.md

count=0
for command in "$WORK"/command.*; do
    sed -i -e "s|^\./tickhouse sql|'$TICKHOUSE' sql --data '$HUB_DATA'|" -e "s|^\./tickhouse nn|'$TICKHOUSE' nn --data '$HUB_DATA'|" "$command"
    sh "$command" >"$WORK/found" 2>&1 || :
    diff -u "$WORK/output.${command##*.}" "$WORK/found" || fail "README.md shows another output for: $(cat "$command")"
    count=$((count + 1))
done
[ "$count" -ge 5 ] || fail "only $count commands found in README.md"

"$TICKHOUSE" ta ema --period 12 <samples/prices/nvda_us_d.csv | grep -q '^2026-02-20,.*,186.6' || fail "the command line of README.md"

mkdir "$WORK/user_scripts" "$WORK/functions"
cp -r "$TICKHOUSE_BUILD"/user_scripts/* "$WORK/user_scripts/"
cp clickhouse-config/functions/*_function.xml "$WORK/functions/"
expect_equal "$(SCRIPTS=$WORK/user_scripts FUNCTIONS=$WORK/functions query_new "SELECT ta_sma([1, 2, 3], 2)")" \
    "[nan,1.5,2.5]" "the two folders, copied elsewhere"
expect_equal "$(SCRIPTS=$WORK/user_scripts FUNCTIONS=$WORK/functions query_new "SELECT text_sentiment('Nvidia soars', 'headlines').compound")" \
    0.6124 "the lexicon beside the executable, copied elsewhere"
expect_equal "$(SCRIPTS=$WORK/user_scripts FUNCTIONS=$WORK/functions query_new "SELECT gdelt_tickers('Nvidia Corp,1', '', '').ticker")" \
    "['NVDA']" "the aliases beside the executable, copied elsewhere"
for program in ta gdelt cal nn nn-train; do
    if readelf -d "$WORK/user_scripts/$program" 2>/dev/null | grep -q NEEDED; then
        case $TICKHOUSE_BUILD in */release) fail "user_scripts/$program needs shared libraries" ;; esac
    fi
done
echo "README.md: $count commands print what it shows; two copied folders suffice"
