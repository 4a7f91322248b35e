#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What pgoutput sent and what a real Debezium made of it, recorded side by side: `ingest pgcdc --replay` must print the same topics, keys
# and values byte for byte, but for the times beside "op", at which the message was made. Recordings of other settings, of TOAST, replica
# identities, defaults and arrays are in tests/capture/recorded; 25 more come with the shared data.
. tests/lib.sh

python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" tests/capture/recorded

# The comparison sees a difference.
mkdir "$WORK/changed"
cp tests/capture/recorded/stocks.txmeta.string.schemas_false.* "$WORK/changed"
sed -i '0,/138.08/s//138.09/' "$WORK/changed/stocks.txmeta.string.schemas_false.jsonl"
if python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" "$WORK/changed" >"$WORK/said"; then
    fail "a changed price was not seen"
fi
grep -q '1 differ$' "$WORK/said" || fail "one changed price gave: $(cat "$WORK/said")"

recorded=../shared/data/debezium/captured
[ -d "$recorded" ] || skip "the recordings $recorded are not here"
python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" "$recorded"
