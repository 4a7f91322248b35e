#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shared hub is the pinned ClickHouse, on loopback alone, with the settings that keep it healthy.
# shellcheck source=tests/lib.sh
. tests/lib.sh
hub_use

expect_equal "$(query "SELECT version()")" 26.7.2.1 "the engine's version"
expect_equal "$(query "SELECT currentUser()")" default "the user without a name"
expect_equal "$(query "SELECT value FROM system.server_settings WHERE name = 'background_schedule_pool_size'")" 16 "a pool's size"
expect_equal "$(query "SELECT engine FROM system.databases WHERE name = 'system'")" Atomic "database system is on disk"
expect_match "$(query_error "SELECT nosuch")" "*Code: 47*UNKNOWN_IDENTIFIER*" "an error is an error"
expect_match "$(curl -fsS "$HUB_URL/play")" "*<html*" "the query page"

expect_listening "$LISTENING_LOOPBACK"

# The log is quiet: clickhouse-local's own pools would write thousands of lines a second.
sleep 1
lines=$(wc -l <"$HUB_DATA/logs/hub.log")
[ "$lines" -lt 5000 ] || fail "the log has $lines lines after a second or so"
