#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A thousand rounds of faults. They take more than an hour; where the time was not enough, the next run goes on with the journal.
journal=${TICKHOUSE_BUILD:-build/release}/rounds.tsv
code=0
sh tests/faults/rounds.sh --rounds 1000 --seed 2 --batch 10 --patience 120 --chain clickhouse,kafka,postgres,debezium --journal "$journal" || code=$?
awk -F '\t' '$1 == "batch" { last = $4 } END { exit last < 1000 }' "$journal" && mv "$journal" "$journal.done" # the next run begins anew
exit "$code"
