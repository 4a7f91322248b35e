#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Beyond loopback: refused without a password; with one, user 'tickhouse' comes in and 'default' stays on this machine.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
unset TICKHOUSE_PASSWORD

expect_code 64 "$TICKHOUSE" up --data "$WORK/hub" --listen 0.0.0.0
expect_match "$(cat "$WORK/err")" "*--listen 0.0.0.0 *wants a password: set TICKHOUSE_PASSWORD or give --password-file FILE*" "no password"
expect_code 64 "$TICKHOUSE" up --data "$WORK/hub" --listen '<x>'
: >"$WORK/empty"
expect_code 64 "$TICKHOUSE" up --data "$WORK/hub" --listen 0.0.0.0 --password-file "$WORK/empty"
[ ! -d "$WORK/hub/run" ] || fail "a refused up has begun"

hub_start "$WORK/hub"
expect_listening "$LISTENING_LOOPBACK"
hub_stop

printf '%s' "p&<'\"\\ w" >"$WORK/password"
hub_start "$WORK/hub" --listen 0.0.0.0 --password-file "$WORK/password" --networks 127.0.0.0/8,10.0.0.0/8,192.0.2.0/24
expect_listening 00000000 # 0.0.0.0
ask() { curl -sS --fail-with-body "$@" --data-binary "SELECT currentUser()" >"$WORK/answer" 2>"$WORK/err"; }
expect_equal "$(query "SELECT currentUser()")" default "loopback, as before"
ask -u "tickhouse:$(cat "$WORK/password")" "$HUB_URL/" || fail "the password is refused: $(cat "$WORK/answer")"
expect_equal "$(cat "$WORK/answer")" tickhouse "with the password"
if ask -u tickhouse:wrong "$HUB_URL/"; then fail "a wrong password is accepted"; fi
if ask -u tickhouse: "$HUB_URL/"; then fail "an empty password is accepted"; fi
if grep -rqF "$(cat "$WORK/password")" "$HUB_DATA"; then fail "the password lies in the data folder"; fi
if tr '\0' '\n' <"/proc/$HUB_PID/environ" | grep -q TICKHOUSE_PASSWORD; then fail "the hub has the password in its environment"; fi
expect_equal "$(stat -c %a "$HUB_DATA/run/users.d/network.xml")" 600 "the hash is for the owner's eyes"

# Without --listen the next start is on loopback alone again.
hub_stop
hub_start "$WORK/hub"
expect_listening "$LISTENING_LOOPBACK"
[ ! -e "$HUB_DATA/run/users.d/network.xml" ] || fail "the network user outlives its hub"
if ask -u "tickhouse:$(cat "$WORK/password")" "$HUB_URL/"; then fail "user 'tickhouse' outlives its hub"; fi
hub_stop
