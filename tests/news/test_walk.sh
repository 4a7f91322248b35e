#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The walk of docs/news.md: each block of SQL gives what the page prints below it.
# Usage: test_walk.sh [--write]: with it, the page is written anew with today's answers.
. tests/lib.sh
page=docs/news.md
hub_start
"$TICKHOUSE_BIN/ingest" stooq --quiet --input samples/prices --url "$HUB_URL"
"$TICKHOUSE_BIN/ingest" gdelt --quiet --input samples/news --url "$HUB_URL"
"$TICKHOUSE" relink --data "$HUB_DATA" 2>/dev/null

# The page without its answers, and the number of its queries, each in a file.
awk -v folder="$WORK" '
    /^```text$/ { answer = 1; next }
    answer && /^```$/ { answer = 0; getline; next }
    answer { next }
    { print >(folder "/bare") }
    /^```sql$/ { count++; sql = 1; next }
    sql && /^```$/ { sql = 0; print ""; next }
    sql { print >(folder "/query." count) }
    END { print count >(folder "/count") }' "$page" >/dev/null
count=$(cat "$WORK/count")
settings="SETTINGS output_format_pretty_row_numbers = 0, output_format_pretty_grid_charset = 'UTF-8' FORMAT PrettyCompactMonoBlock"
n=0
while [ "$n" -lt "$count" ]; do
    n=$((n + 1))
    query "$(cat "$WORK/query.$n") $settings" >"$WORK/result.$n"
done

awk -v folder="$WORK" '
    { print }
    /^```sql$/ { count++; sql = 1; next }
    sql && /^```$/ {
        sql = 0
        print "\n```text"
        while ((getline line <(folder "/result." count)) > 0) print line
        print "```"
    }' "$WORK/bare" >"$WORK/page"
if [ "${1-}" = --write ]; then cp "$WORK/page" "$page"; fi
diff -u "$page" "$WORK/page" || fail "$page differs from what its queries give; sh tests/news/test_walk.sh --write"
echo "$count queries of $page give what it says"
