#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From files to gold and back: the sample's articles reach the right companies and sessions; a rebuild from bronze, in another order and
# after failures half-way, gives the same tables to the last bit; and each kind of look-ahead that is planted stops the proof.
. tests/lib.sh
python3 tests/gdelt/make_sample.py --check samples/news || fail "run python3 tests/gdelt/make_sample.py samples/news"
hub_start
ingest=$TICKHOUSE_BIN/ingest

relink() { "$TICKHOUSE" relink --data "$HUB_DATA" "$@" 2>/dev/null || fail "relink $*"; }
fingerprint() {
    for table in "(SELECT * EXCEPT linked_at FROM warehouse.news_article FINAL)" "(SELECT * FROM warehouse.news_ticker FINAL)" \
        "(SELECT * EXCEPT made_at FROM warehouse.news_daily FINAL)" "(SELECT * EXCEPT linked_at FROM warehouse.news_slot FINAL)" \
        warehouse.gold_stock_analytics; do
        query "SELECT count(), groupBitXor(cityHash64(toString(tuple(*)))) FROM $table"
    done
}

"$ingest" stooq --quiet --input samples/prices --url "$HUB_URL"
for file in samples/news/20260105*.zip samples/news/202602*.zip; do echo "$file"; done | sort -R >"$WORK/files"
xargs -n 20 "$ingest" gdelt --quiet --url "$HUB_URL" --input <"$WORK/files"
relink

# An article after the close counts for the next session: Friday 2026-02-06 21:45 UTC for Monday.
expect_equal "$(query "SELECT DISTINCT date FROM warehouse.news_article FINAL WHERE seen_at = '2026-02-06 21:45:00'")" 2026-02-09 "after Friday's close"
expect_equal "$(query "SELECT DISTINCT date FROM warehouse.news_article FINAL WHERE seen_at = '2026-02-06 17:30:00'")" 2026-02-06 "during Friday's session"

# The rest of the sample arrives later and is older: only it is linked.
linked=$(query "SELECT max(linked_at) FROM warehouse.news_slot")
"$ingest" gdelt --quiet --input samples/news --url "$HUB_URL"
relink
expect_equal "$(query "SELECT countIf(linked_at <= '$linked') FROM warehouse.news_slot FINAL")" "$(wc -l <"$WORK/files")" "slots that were not linked again"
expect_equal "$(query "SELECT count(), sum(rows) FROM warehouse.news_slot FINAL")" "117	516" "every slot is linked"
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

same() {
    fingerprint >"$WORK/now"
    diff -u "$WORK/grown" "$WORK/now" || fail "silver and gold differ $1"
}
relink --all
same "when all is linked again"
relink --from 2026-01-20 --to 2026-01-23
same "when four sessions are linked again"

# A refresh that dies in the middle leaves its slots pending, whatever was written before.
query "TRUNCATE TABLE warehouse.news_slot"
query "TRUNCATE TABLE warehouse.news_ticker"
query "TRUNCATE TABLE warehouse.news_daily"
query "ALTER TABLE warehouse.news_ticker ADD CONSTRAINT no_nvidia CHECK ticker != 'NVDA'"
expect_code 65 "$TICKHOUSE" relink --data "$HUB_DATA"
for view in news_daily_refresh news_slot_refresh; do
    query "SYSTEM REFRESH VIEW warehouse.$view"
    query "SYSTEM WAIT VIEW warehouse.$view"
done
expect_equal "$(query "SELECT count() FROM warehouse.news_slot WHERE (feed, slot) IN (SELECT feed, slot FROM warehouse.news_article WHERE has(links.ticker, 'NVDA'))")" 0 \
    "slots whose links are not there are not done"
query "ALTER TABLE warehouse.news_ticker DROP CONSTRAINT no_nvidia"
relink
same "after a refresh that died half-way"

# Records whose date cannot be read, or is years away, count by their slot.
query "INSERT INTO warehouse.bronze_gkg (feed, slot, row, date, document, v2_tone, v2_organizations) VALUES
    ('gkg', '2026-02-20 23:00:00', 1, '2026022x214500', 'https://odd.example/1', '', 'Nvidia,1'),
    ('gkg', '2026-02-20 23:00:00', 2, '20110101000000', 'https://odd.example/2', '1e300,nan', 'Nvidia,1'),
    ('gkg', '2099-01-01 00:00:00', 1, '20990101000000', 'https://odd.example/3', '', 'Nvidia,1')"
relink
expect_equal "$(query "SELECT groupArray(date) FROM (SELECT date FROM warehouse.news_ticker FINAL WHERE url LIKE '%odd.example%' ORDER BY url)")" \
    "['2026-02-23','2026-02-23']" "odd records"
query "ALTER TABLE warehouse.bronze_gkg DELETE WHERE document LIKE '%odd.example%' SETTINGS mutations_sync = 2"
relink --all
same "without the odd records"

# Ten years of slots, one a month: more partitions than an insert may touch when they were months.
query "INSERT INTO warehouse.bronze_gkg (feed, slot, row, date, document)
    SELECT 'gkg', addMonths(toDateTime('2015-02-18 00:00:00', 'UTC'), number) AS s, 1, formatDateTime(s, '%Y%m%d%H%i%S'), 'https://months.example/' FROM numbers(130)
    SETTINGS max_partitions_per_insert_block = 0"
relink
expect_equal "$(query "SELECT count() FROM warehouse.news_pending")" 0 "slots of many months are linked"
query "ALTER TABLE warehouse.bronze_gkg DELETE WHERE document LIKE '%months.example%' SETTINGS mutations_sync = 2"
relink --all
same "without the months"

expect_equal "$(query "SELECT sum(violations), min(rows) > 0 FROM warehouse.ops_lookahead")" "0	1" "no look-ahead"

# planted WHAT CHECK SQL: the SQL makes one row look ahead; the check of that name finds it, the proof's refresh fails and says so. Then
# gold is built again, which its schedule must not do before.
planted() {
    query "SYSTEM STOP VIEW warehouse.gold_refresh"
    proofs=$(query "SELECT count() FROM warehouse.ops_lookahead_proof")
    query "$3"
    expect_match "$(query "SELECT violations FROM warehouse.ops_lookahead WHERE check = '$2'")" "[1-9]*" "$1 is found"
    query "SYSTEM REFRESH VIEW warehouse.ops_lookahead_refresh"
    query_error "SYSTEM WAIT VIEW warehouse.ops_lookahead_refresh" >"$WORK/error"
    expect_match "$(cat "$WORK/error")" "*gold looks ahead*" "$1 stops the proof"
    expect_equal "$(query "SELECT count() FROM warehouse.ops_lookahead_proof")" "$proofs" "no proof of a build with $1"
    expect_match "$("$TICKHOUSE" status --data "$HUB_DATA")" "*ops_lookahead_refresh*gold looks ahead*" "status tells of $1"
    query "ALTER TABLE warehouse.news_ticker DELETE WHERE url = 'https://planted.example/' SETTINGS mutations_sync = 2"
    query "SYSTEM START VIEW warehouse.gold_refresh"
    relink
}
# tomorrow COLUMN EXPRESSION: a row of gold with another value in a column.
tomorrow() {
    query "SELECT concat('ALTER TABLE warehouse.gold_stock_analytics UPDATE $1 = $2 WHERE ticker = \\'NVDA\\' AND date = \\'2026-02-11\\' SETTINGS mutations_sync = 2')
        FROM warehouse.gold_stock_analytics WHERE ticker = 'NVDA' AND date = '2026-02-11' FORMAT TSVRaw"
}
planted "an article of the evening" "an article was seen before its session closed" \
    "INSERT INTO warehouse.news_ticker SELECT * REPLACE ('2026-02-20' AS date, toDateTime('2026-02-20 23:00:00', 'UTC') AS seen_at, 'https://planted.example/' AS url) FROM warehouse.news_ticker FINAL LIMIT 1"
planted "tomorrow's sentiment" "news of a session are the articles seen before its close" "$(tomorrow sentiment_sum 'sentiment_sum + 1')"
planted "tomorrow's articles" "news of a session are the articles seen before its close" "$(tomorrow news_volume 'news_volume + 1')"
planted "tomorrow's close" "prices are those of the session" "$(tomorrow close 'close * 1.01')"
planted "tomorrow's volume" "prices are those of the session" "$(tomorrow volume 'volume + 1')"
planted "tomorrow's return" "features end at their own close" "$(tomorrow return_t target_next_return)"
planted "tomorrow's mean" "features end at their own close" "$(tomorrow ma_7 'ma_7 * 1.001')"
planted "tomorrow's volatility" "features end at their own close" "$(tomorrow volatility_7 'volatility_7 * 1.001')"
planted "another label" "the label is the return of the next bar" "$(tomorrow target_next_return return_t)"
same "after all that was planted"

# Articles that come between gold and its proof are no look-ahead: they belong to the next build.
query "INSERT INTO warehouse.bronze_gkg (feed, slot, row, date, document, v2_tone, v2_organizations)
    VALUES ('gkg', '2026-02-11 15:00:00', 1, '20260211150000', 'https://late.example/', '1,1,0,1,1,1,9', 'Nvidia,1')"
for view in news_article_refresh news_ticker_refresh news_daily_refresh news_slot_refresh ops_lookahead_refresh; do
    query "SYSTEM REFRESH VIEW warehouse.$view"
    query "SYSTEM WAIT VIEW warehouse.$view"
done
echo "no look-ahead but what was planted, and rebuilt the same each time"
