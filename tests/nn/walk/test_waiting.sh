#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rows that a query takes long to make: ClickHouse, which ends a command that is silent for command_read_timeout, hears that it is alive.
. tests/nn/walk/common.sh

make_rows "$WORK/rows" "*" "ticker IN ('AAPL', 'MSFT') AND date >= '2023-01-01'"
mkfifo "$WORK/fifo"
for command in train walk tune; do
    "$train" "$command" --epochs 1 <"$WORK/fifo" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    exec 3>"$WORK/fifo"
    left=600
    until [ -s "$WORK/out" ]; do
        is_alive "$pid" || fail "$command ended: $(cat "$WORK/err")"
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$command says nothing while it waits for rows"
        sleep 0.05
    done
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || :
    exec 3>&-
done
# ClickHouse with less patience than the query takes.
query_new "SELECT count() FROM executable('nn-train train --epochs 1 --layers gru:4,dense:1 --features return_1', Native,
    'fold UInt64, epoch UInt64, train_loss Float64, validation_loss Float64, learning_rate Float64, seconds Float64, note String',
    (SELECT * FROM ($(sed '/^--/d' tests/nn/walk/rows.sql)) WHERE ticker = 'MSFT' AND sleep(3) = 0 ORDER BY ticker, date),
    SETTINGS command_read_timeout = 2500)" >"$WORK/out" || fail "a slow query"
expect_equal "$(cat "$WORK/out")" 2 "rows of a training on a slow query"
echo "waiting holds"
