#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the ingestor at random moments, of the hub while it inserts, and SIGTERM: after a rerun the table is the one that an
# undisturbed load gives, without FINAL.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest/common.sh
. tests/ingest/common.sh
hub_start "$WORK/hub"
make_bulk "$WORK/bulk.us.txt" 300
make_database reference
expect_code 0 load --database reference "$WORK/bulk.us.txt"
wanted=$(table_sum reference)
expect_match "$wanted" "462600	*" "the undisturbed load"

# A fraction of a second from 0.000 to 0.499.
random_wait() { awk -v n="$(od -An -N2 -tu2 /dev/urandom)" 'BEGIN { printf "%.3f\n", n % 500 / 1000 }'; }

killed=0
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    query "TRUNCATE TABLE warehouse.stock_daily"
    "$TICKHOUSE_BIN/ingest" stooq --url "$HUB_URL" --quiet "$WORK/bulk.us.txt" &
    pid=$!
    sleep "$(random_wait)"
    kill -KILL $pid 2>/dev/null || :
    wait $pid 2>/dev/null || killed=$((killed + 1))
    expect_code 0 load "$WORK/bulk.us.txt"
    expect_equal "$(table_sum warehouse)" "$wanted" "round $round of kill -9 and rerun"
done
[ $killed -gt 0 ] || fail "no round killed a run under way; the moments are badly chosen"
echo "$killed of 20 runs were killed under way"

# SIGTERM ends a run that waits for its input at once, and one under way after its batch; both say what is stored.
mkfifo "$WORK/pipe"
sleep 5 >"$WORK/pipe" &
writer=$!
"$TICKHOUSE_BIN/ingest" stooq --url "$HUB_URL" --input - <"$WORK/pipe" 2>"$WORK/err" &
pid=$!
sleep 0.3
kill -TERM $pid
code=0
wait $pid || code=$?
kill $writer
expect_equal $code 75 "stopped by SIGTERM"
expect_match "$(cat "$WORK/err")" "*stopped by SIGTERM; what is counted as loaded is stored*" "the stop is explained"
query "TRUNCATE TABLE warehouse.stock_daily"
"$TICKHOUSE_BIN/ingest" stooq --url "$HUB_URL" "$WORK/bulk.us.txt" 2>"$WORK/err" &
pid=$!
while [ "$(query "SELECT count() FROM warehouse.stock_daily")" -eq 0 ] && kill -0 $pid 2>/dev/null; do :; done
kill -TERM $pid 2>/dev/null || :
code=0
wait $pid || code=$?
case $code in
0) ;; # it was faster
75) expect_equal "$(sed -n 's/.* rows read, \([0-9]*\) loaded.*/\1/p' "$WORK/err")" "$(query "SELECT count() FROM warehouse.stock_daily")" "the count of loaded rows" ;;
*) fail "SIGTERM under way ended with $code" ;;
esac
expect_code 0 load "$WORK/bulk.us.txt"
expect_equal "$(table_sum warehouse)" "$wanted" "a rerun after SIGTERM"

# The hub is killed and started again while a load runs: the load waits, and ends well.
http_port=${HUB_URL##*:}
for round in 1 2 3 4 5; do
    query "TRUNCATE TABLE warehouse.stock_daily"
    "$TICKHOUSE_BIN/ingest" stooq --url "$HUB_URL" "$WORK/bulk.us.txt" 2>"$WORK/err" &
    pid=$!
    sleep "$(random_wait)"
    hub_kill9
    hub_start "$HUB_DATA" --http-port "$http_port"
    code=0
    wait $pid || code=$?
    [ $code -eq 0 ] || fail "the load did not survive the hub's restart: $code
$(cat "$WORK/err")"
    expect_equal "$(table_sum warehouse)" "$wanted" "round $round of a killed hub"
done
hub_stop
