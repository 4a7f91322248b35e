#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is stored survives a stop and a kill -9; nothing is left running after either.
# shellcheck source=tests/lib.sh
. tests/lib.sh

hub_start
query "CREATE DATABASE kept ENGINE = Atomic"
query "CREATE TABLE kept.bars (n UInt64) ENGINE = MergeTree ORDER BY n"
query "INSERT INTO kept.bars SELECT number FROM numbers(100000)"
hub_stop
! is_alive "$HUB_PID" || fail "process $HUB_PID is still there after down"
[ ! -e "$HUB_DATA/run/hub.env" ] || fail "hub.env is still there after down"
expect_equal "$(sed -n '/Exception/p' "$HUB_DATA/logs/launcher.log")" "" "a clean stop prints no error"

hub_start "$HUB_DATA"
expect_equal "$(query "SELECT count(), sum(n) FROM kept.bars")" "100000	4999950000" "rows after a stop"
query "INSERT INTO kept.bars SELECT number FROM numbers(100000, 50000)"
hub_kill9

hub_start "$HUB_DATA"
expect_equal "$(query "SELECT count(), sum(n) FROM kept.bars")" "150000	11249925000" "rows after kill -9"
query "SYSTEM FLUSH LOGS"
expect_match "$(query "SELECT count() FROM system.query_log WHERE query LIKE 'INSERT INTO kept.bars%'")" "[1-9]*" "the query log spans starts"
hub_stop
