#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same tables from ingest pgcdc and from a source that writes into Kafka itself: PostgreSQL's rows are ClickHouse's after every kind of
# change, a truncation among them, and a mock's trades arrive as they are printed. News too.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/services/services.sh
. tests/services/services.sh
# shellcheck source=tests/pgcdc/lib.sh
. tests/pgcdc/lib.sh
# shellcheck source=tests/kafka/kafka.sh
. tests/kafka/kafka.sh
kafka_start
postgres_start
hub_start
stream attach --brokers "$KAFKA_BROKERS"

# ---- ingest pgcdc

# same WHAT: what PostgreSQL has, ClickHouse has, to the last digit of a double.
same() {
    sql -F '	' -c "SELECT symbol, to_char(ts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), price::float8, coalesce(volume::float8::text, '\\N')
        FROM finnhub_stocks ORDER BY symbol COLLATE \"C\", ts" >"$WORK/postgres"
    waited=0
    until query "SELECT symbol, timestamp, price, volume FROM warehouse.stock_realtime FINAL ORDER BY symbol, timestamp" >"$WORK/clickhouse" &&
        cmp -s "$WORK/postgres" "$WORK/clickhouse"; do
        waited=$((waited + 1))
        [ "$waited" -lt 200 ] || fail "$1: PostgreSQL and ClickHouse differ: $(diff "$WORK/postgres" "$WORK/clickhouse" | head -n 5)
$("$TICKHOUSE" stream status --data "$HUB_DATA")"
        sleep 0.1
    done
}
sql -f schemas/postgres/finnhub.sql
sql -c "INSERT INTO finnhub_stocks SELECT 'S' || i % 7, 100 + i / 100.0, CASE WHEN i % 3 > 0 THEN i END, '2024-03-01 14:30:00Z'::timestamptz + i * interval '17 microseconds'
    FROM generate_series(1, 500) i"
config skipped.operations=none
capture_start
same "a snapshot"
sql <<'SQL'
INSERT INTO finnhub_stocks VALUES ('AAPL', 179.660000, 100, '2024-03-01 14:30:00.123456Z'), ('MSFT', 410.50, NULL, '2024-03-01 15:30:00+01'), ('BRK.B', 0.1234567890123456789, 3, '2024-02-29 23:59:59Z');
UPDATE finnhub_stocks SET volume = 12, price = price + 0.01 WHERE symbol = 'MSFT';
UPDATE finnhub_stocks SET ts = ts + interval '1 hour' WHERE symbol = 'S3';
UPDATE finnhub_stocks SET symbol = 'META' WHERE symbol = 'S4';
DELETE FROM finnhub_stocks WHERE symbol = 'S5';
BEGIN;
INSERT INTO finnhub_stocks VALUES ('GONE', 1, 1, '2024-03-01Z');
DELETE FROM finnhub_stocks WHERE symbol = 'GONE';
INSERT INTO finnhub_stocks VALUES ('BACK', 1, 1, '2024-03-01Z');
DELETE FROM finnhub_stocks WHERE symbol = 'BACK';
INSERT INTO finnhub_stocks VALUES ('BACK', 2, 2, '2024-03-01Z');
COMMIT;
INSERT INTO finnhub_news VALUES (7, '2024-03-01 15:00:00Z', 'company', 'Zürich — "up"', 'AAPL', 'Reuters', E'two\nlines', 'https://news.example/7');
SQL
same "inserts, updates of values and of keys, deletions"
await "SELECT id, published_at, headline, related, summary FROM warehouse.finnhub_news FINAL" "7	2024-03-01 15:00:00.000000	Zürich — \"up\"	AAPL	two\\nlines" "an article"
echo '{"id":8,"ts":"2024-03-01T15:00:00Z","headline":"flat","source":"Reuters","__op":"c","__deleted":"false"}' | produce dbserver1.public.finnhub_news
echo '{"id":8,"ts":"2024-03-01T15:00:00Z","__op":"d","__deleted":"true"}' | produce dbserver1.public.finnhub_news
await "SELECT published_at, headline, source FROM warehouse.finnhub_news FINAL WHERE id = 8" "2024-03-01 15:00:00.000000	flat	Reuters" "a flat article, which a deletion leaves"
sql -c "TRUNCATE finnhub_stocks" -c "INSERT INTO finnhub_stocks VALUES ('AFTER', 5, 5, '2024-03-02Z'), ('AAPL', 6, 6, '2024-03-01 14:30:00.123456Z')"
same "a truncation, and what came after it"
expect_equal "$(query "SELECT count() FROM warehouse.kafka_dead_letters FINAL")" 0 "dead letters"
capture_stop

# ---- a source into Kafka, and so into other rows of the same table

"$INGEST" mock --sink text --ticks 5000 --always-open --seed 3 --quiet >"$WORK/trades"
"$INGEST" mock --sink kafka --brokers "$KAFKA_BROKERS" --ticks 5000 --always-open --seed 3 --quiet
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE source = 'tickhouse'" "$(wc -l <"$WORK/trades")" "trades straight from a source"
awk -F '\t' -v OFS='\t' '{ sub("T", " ", $2); sub("Z", "", $2); if ($4 ~ /\./) { sub(/0+$/, "", $4); sub(/\.$/, "", $4) } print $3, $2, $4, $5 }' "$WORK/trades" |
    LC_ALL=C sort >"$WORK/wanted"
query "SELECT symbol, timestamp, price, volume FROM warehouse.stock_realtime FINAL WHERE source = 'tickhouse'" | LC_ALL=C sort >"$WORK/found"
diff "$WORK/wanted" "$WORK/found" >"$WORK/diff" || fail "trades are others than were printed: $(head -n 6 "$WORK/diff")"

# A trade beats a quote of the same symbol and time, whichever comes first. The last ten tell that what was before them in their partition has
# been read.
for range in "--quotes --ticks 20" "--ticks 10" "--quotes --ticks 20" "--quotes --ticks 30 --from 20"; do
    # shellcheck disable=SC2086 # words
    "$TICKHOUSE_BIN/live_feed" --quiet --sink kafka --brokers "$KAFKA_BROKERS" $range
done
await "SELECT count() FROM warehouse.stock_realtime FINAL WHERE match(symbol, '^S00[0-9]$')" 30 "quotes and trades"
expect_equal "$(query "SELECT count(volume), round(sum(price), 2) FROM warehouse.stock_realtime FINAL WHERE match(symbol, '^S00[0-9]$')")" \
    "10	2010.1" "trades over quotes"
