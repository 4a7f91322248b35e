#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From pgoutput's bytes to Debezium's messages on one core, without a database and without Kafka: recorded transactions again and
# again. The test of equality is run first; the best of the rounds counts.
# Usage: ./tickhouse bench capture
# shellcheck source=tests/lib.sh
. tests/lib.sh
trap cleanup EXIT
recorded=$ROOT/../shared/data/debezium/captured
[ -d "$recorded" ] || skip "the recordings ../shared/data/debezium/captured are not here"
rounds=${BENCH_ROUNDS:-5} messages=${BENCH_MESSAGES:-500000}

sh tests/capture/test_captured.sh

# lines NAME: LSN in decimal and hex of each recorded message
lines() {
    python3 - "$recorded/$1.pgoutput.jsonl" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    high, low = record['lsn'].split('/')
    print((int(high, 16) << 32) + int(low, 16), record['data'])
PYTHON
}

printf '%-48s %s\n' recording "best of $rounds rounds"
for name in stocks.string.schemas_false stocks.double.schemas_false stocks.precise.schemas_false stocks.string.schemas_true \
    stocks.replica_full.string.schemas_false stocks.unwrap.string.schemas_false alltypes.adaptive.schemas_false; do
    lines "$name" >"$WORK/lines"
    "$TICKHOUSE_BIN/capture_bench" "$recorded/$name.config.json" "$messages" "$rounds" <"$WORK/lines" | sort -rn | head -n 1 >"$WORK/best"
    printf '%-48s %s\n' "$name" "$(cat "$WORK/best")"
done
