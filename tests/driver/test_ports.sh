#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# up, down and status beside others: a second up, two hubs, taken ports, one folder twice, a killed hub.
# shellcheck source=tests/lib.sh
. tests/lib.sh

expect_code 3 "$TICKHOUSE" status --data "$WORK/one"
expect_code 0 "$TICKHOUSE" down --data "$WORK/one"
expect_match "$(cat "$WORK/out")" "not up; nothing to stop" "down before up"

hub_start "$WORK/one"
one_pid=$HUB_PID one_port=${HUB_URL##*:}
expect_code 0 "$TICKHOUSE" up --data "$WORK/one"
expect_match "$(cat "$WORK/out")" "already up with pid $one_pid; nothing changed*" "a second up"
expect_code 0 "$TICKHOUSE" status --data "$WORK/one"
expect_match "$(cat "$WORK/out")" "up with pid $one_pid*$HUB_URL*ClickHouse     26.*memory * MiB*" "status"

# Views: one that fails, one that is stopped, one that waits for it for long, and one that is as it should be.
expect_equal "$(grep -c 'refresh of' "$WORK/out")" 0 "nothing is late on a fresh hub"
"$TICKHOUSE" sql --data "$WORK/one" >/dev/null <<'EOF'
CREATE DATABASE v;
CREATE MATERIALIZED VIEW v.fails REFRESH EVERY 1 YEAR (n UInt8) ENGINE = Memory AS SELECT throwIf(1, 'too bad') AS n;
CREATE MATERIALIZED VIEW v.stops REFRESH EVERY 1 SECOND (n UInt8) ENGINE = Memory AS SELECT 1 AS n;
CREATE MATERIALIZED VIEW v.waits REFRESH EVERY 1 SECOND DEPENDS ON v.stops (n UInt8) ENGINE = Memory AS SELECT 1 AS n;
CREATE MATERIALIZED VIEW v.works REFRESH EVERY 1 HOUR (n UInt8) ENGINE = Memory AS SELECT 1 AS n;
SYSTEM WAIT VIEW v.works;
SYSTEM STOP VIEW v.stops;
EOF
sleep 5
expect_code 0 "$TICKHOUSE" status --data "$WORK/one" --late 1
expect_match "$(sed -n '/refresh of v\./p' "$WORK/out")" "  failed         refresh of v.fails: *too bad*
  stopped        refresh of v.stops; SYSTEM START VIEW v.stops *
  late           refresh of v.waits: WaitingForDependencies, *" "views that are not refreshed"
expect_equal "$(grep -c 'refresh of' "$WORK/out")" 3 "and no others"
expect_code 0 "$TICKHOUSE" status --data "$WORK/one"
expect_equal "$(grep -c 'late  *refresh of' "$WORK/out")" 0 "nothing is late by an hour"
expect_code 64 "$TICKHOUSE" status --data "$WORK/one" --late soon

# Without the executable nobody knows, and a live hub's state file stays.
for name in down status; do
    TICKHOUSE_BUILD=$WORK/nosuch expect_code 69 "$TICKHOUSE" $name --data "$WORK/one"
    expect_match "$(cat "$WORK/err")" "*'./tickhouse build'*" "$name without the executable"
done
expect_code 0 "$TICKHOUSE" status --data "$WORK/one"

# A proxy for others is none for loopback.
expect_code 0 env -u no_proxy NO_PROXY=example.com http_proxy=http://127.0.0.1:9 timeout 60 "$TICKHOUSE" up --data "$WORK/one"
expect_equal "$(env -u no_proxy -u NO_PROXY http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 "$TICKHOUSE" sql --data "$WORK/one" "SELECT 1")" 1 \
    "sql where a proxy is set"

# A hub beside it, in a folder whose name wants care; the first one's port is taken.
second="$WORK/a folder & <more>"
mkdir "$second"
hub_register "$second"
expect_code 69 "$TICKHOUSE" up --data "$second" --http-port "$one_port" --tcp-port 0
expect_match "$(cat "$WORK/err")" "*port $one_port of 127.0.0.1 is taken by tickhouse-hub (pid $one_pid); choose another with --http-port N*" "a taken port"
expect_code 69 "$TICKHOUSE" up --data "$second" --http-port 0 --tcp-port "$HUB_TCP_PORT"
expect_match "$(cat "$WORK/err")" "*port $HUB_TCP_PORT of 127.0.0.1 is taken by*--tcp-port N*" "the native port"
expect_code 3 "$TICKHOUSE" status --data "$second"
"$TICKHOUSE" up --data "$second" --http-port 0 --tcp-port 0 >"$WORK/out" || fail "no second hub"
expect_equal "$("$TICKHOUSE" sql --data "$second" "CREATE DATABASE only_second ENGINE = Atomic; " </dev/null)" "" "the second hub works"
expect_equal "$(query "SELECT count() FROM system.databases WHERE name = 'only_second'")" 0 "two hubs, two stores"

# Two launches on one folder.
expect_code 75 "$TICKHOUSE_BIN/tickhouse-hub" serve --data "$second" --config hub/config.xml --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/err")" "*a hub with pid * already runs on *choose another folder*" "one folder, one hub"
expect_code 0 "$TICKHOUSE" down --data "$second"
expect_code 0 "$TICKHOUSE" status --data "$WORK/one"

# A hub that was killed leaves nothing in the way of the next, and nothing running: not even a worker that waits for its next call.
expect_match "$(query "SELECT ta_ema([1., 2.], 2)")" "[[]*[]]" "a function runs"
members() { cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (\(.*\)) [^Z] [0-9]* [0-9]* $one_pid .*/\2/p" | sort; }
expect_match "$(members)" "*ta*tickhouse-hub*" "the hub and its worker share a session"
hub_kill9
expect_code 3 "$TICKHOUSE" status --data "$WORK/one"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -n "$(members)" ] || break
    sleep 0.1
done
expect_equal "$(members)" "" "workers end with their hub"
hub_start "$WORK/one"
[ "$HUB_PID" != "$one_pid" ] || fail "the state file of the killed hub was believed"
hub_kill9
expect_code 0 "$TICKHOUSE" down --data "$WORK/one"
[ ! -e "$WORK/one/run/hub.env" ] || fail "down leaves the state file of a killed hub"

# A folder that cannot be.
expect_code 73 "$TICKHOUSE" up --data /proc/nosuch --http-port 0 --tcp-port 0
expect_match "$(cat "$WORK/err")" "*/proc/nosuch*--data DIR*" "a folder that cannot be made"
