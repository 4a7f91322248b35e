#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From files to gold and back: the sample's articles reach the right companies and sessions, a rebuild from bronze in another order
# gives the same tables to the last bit, and a row that looks ahead stops the build.
. tests/lib.sh
hub_start
ingest=$TICKHOUSE_BIN/ingest

# refresh VIEW: now, and until it has ended; WAIT says why when it failed.
refresh() { query "SYSTEM REFRESH VIEW warehouse.$1"; query "SYSTEM WAIT VIEW warehouse.$1"; }
settle() {
    while [ "$(query "SELECT count() > 0 FROM warehouse.news_pending")" = 1 ]; do refresh news_article_refresh; done
    refresh gold_stock_analytics
    refresh ops_lookahead_refresh
}
fingerprint() {
    for table in "news_article FINAL" "news_ticker FINAL" gold_stock_analytics; do
        query "SELECT '$table', count(), groupBitXor(cityHash64(toString(tuple(*)))) FROM warehouse.$table"
    done
}

python3 tests/gdelt/make_sample.py --check samples/news || fail "run python3 tests/gdelt/make_sample.py samples/news"
"$ingest" stooq --input samples/prices --url "$HUB_URL" 2>/dev/null
for file in samples/news/20260105*.zip samples/news/202602*.zip; do echo "$file"; done | sort -R >"$WORK/files"
xargs -n 20 "$ingest" gdelt --quiet --url "$HUB_URL" --input <"$WORK/files"
settle
articles=$(query "SELECT count() FROM warehouse.bronze_gkg")
expect_equal "$(query "SELECT count() FROM warehouse.news_article FINAL")" "$articles" "every record is an article"

# An article after the close counts for the next session: Friday 2026-02-06 21:45 UTC for Monday.
expect_equal "$(query "SELECT DISTINCT date FROM warehouse.news_article FINAL WHERE seen_at = '2026-02-06 21:45:00'")" 2026-02-09 "after Friday's close"
expect_equal "$(query "SELECT DISTINCT date FROM warehouse.news_article FINAL WHERE seen_at = '2026-02-06 17:30:00'")" 2026-02-06 "during Friday's session"

# The rest of the sample arrives later and older: only it is linked, and a rebuild from bronze gives the same.
"$ingest" gdelt --input samples/news --url "$HUB_URL" 2>/dev/null
settle
fingerprint >"$WORK/grown"

# Every invented story is about one company, and only words that are companies elsewhere name none.
expect_equal "$(query "
    SELECT stories, count() > 20, countIf(length(links) != stories), countIf(stories = 1 AND links[1].ticker != multiIf(
        organizations LIKE 'nvidia%', 'NVDA', organizations LIKE 'microsoft%', 'MSFT', organizations LIKE 'apple%', 'AAPL',
        organizations LIKE 'amazon%', 'AMZN', organizations IN ('google', 'alphabet inc'), 'GOOGL', organizations IN ('facebook', 'meta platforms'),
        'META', organizations LIKE 'tesla%', 'TSLA', organizations LIKE 'jpmorgan%', 'JPM', ''))
    FROM warehouse.news_article AS a FINAL INNER JOIN (SELECT feed, slot, row, v2_themes LIKE 'ECON%' AS stories, organizations FROM warehouse.bronze_gkg) AS b
        ON (a.feed, a.slot, a.row) = (b.feed, b.slot, b.row)
    GROUP BY stories ORDER BY stories")" "0	1	0	0
1	1	0	0" "each story has its company, and nothing else has one"

query "TRUNCATE TABLE warehouse.news_article"
query "TRUNCATE TABLE warehouse.news_ticker"
settle
fingerprint >"$WORK/rebuilt"
diff -u "$WORK/grown" "$WORK/rebuilt" || fail "a rebuild from bronze differs from what grew"
expect_equal "$(query "SELECT sum(violations), min(rows) > 0 FROM warehouse.ops_lookahead")" "0	1" "no look-ahead"

# One planted row: an article of the evening under the session that had ended. The build's proof fails, and says why.
proofs=$(query "SELECT count() FROM warehouse.ops_lookahead_proof")
query "INSERT INTO warehouse.news_ticker SELECT * REPLACE ('2026-02-20' AS date, toDateTime('2026-02-20 23:00:00', 'UTC') AS seen_at, 'https://planted.example/' AS url) FROM warehouse.news_ticker FINAL LIMIT 1"
refresh gold_stock_analytics
query "SYSTEM REFRESH VIEW warehouse.ops_lookahead_refresh"
query_error "SYSTEM WAIT VIEW warehouse.ops_lookahead_refresh" >"$WORK/error"
expect_match "$(cat "$WORK/error")" "*gold looks ahead*" "the planted row is found"
expect_equal "$(query "SELECT count() FROM warehouse.ops_lookahead_proof")" "$proofs" "no proof of a build that looks ahead"
expect_match "$(query "SELECT exception FROM system.view_refreshes WHERE view = 'ops_lookahead_refresh'")" "*gold looks ahead*" "the refresh says so"
echo "gold of $articles records and the rest of the sample: no look-ahead, rebuilt the same"
