#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What pgoutput sent and what a real Debezium made of it, recorded side by side for 25 settings: `ingest pgcdc --replay` must print the
# same topics, keys and values byte for byte, but for the times beside "op", at which the message was made.
. tests/lib.sh

recorded=../shared/data/debezium/captured
[ -d "$recorded" ] || skip "the recordings $recorded are not here"
python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" "$recorded"
