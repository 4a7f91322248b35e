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
hub_stop
expect_equal "$(grep -c '127.0.0.1' "$WORK/hub/run/config.xml")" 1 "nothing but loopback unless asked"

printf '%s' "p&<'\"\\ w" >"$WORK/password"
hub_start "$WORK/hub" --listen 0.0.0.0 --password-file "$WORK/password" --networks 127.0.0.0/8,10.0.0.0/8,192.0.2.0/24
ask() { curl -sS --fail-with-body "$@" --data-binary "SELECT currentUser()" >"$WORK/answer" 2>"$WORK/err"; }
expect_equal "$(query "SELECT currentUser()")" default "loopback, as before"
ask -u "tickhouse:$(cat "$WORK/password")" "$HUB_URL/" || fail "the password is refused: $(cat "$WORK/answer")"
expect_equal "$(cat "$WORK/answer")" tickhouse "with the password"
if ask -u tickhouse:wrong "$HUB_URL/"; then fail "a wrong password is accepted"; fi
if ask -u tickhouse: "$HUB_URL/"; then fail "an empty password is accepted"; fi
if grep -rqF "$(cat "$WORK/password")" "$HUB_DATA"; then fail "the password lies in the data folder"; fi
if tr '\0' '\n' <"/proc/$HUB_PID/environ" | grep -q TICKHOUSE_PASSWORD; then fail "the hub has the password in its environment"; fi
expect_equal "$(stat -c %a "$HUB_DATA/run/users.d/network.xml")" 600 "the hash is for the owner's eyes"

# From another machine: a network namespace plays it, where we may make one.
machine=th$$
if [ "$(id -u)" -eq 0 ] && command -v ip >/dev/null && ip netns add "$machine" 2>/dev/null; then
    ip link add "$machine" type veth peer name eth0 netns "$machine"
    ip addr add 10.213.7.1/30 dev "$machine" && ip link set "$machine" up
    ip -n "$machine" addr add 10.213.7.2/30 dev eth0 && ip -n "$machine" link set eth0 up
    elsewhere() { ip netns exec "$machine" curl -sS --max-time 10 "$@" "http://10.213.7.1:${HUB_URL##*:}/" --data-binary "SELECT currentUser()" 2>&1; }
    as_default=$(elsewhere) || :
    as_tickhouse=$(elsewhere -u "tickhouse:$(cat "$WORK/password")") || :
    ip netns del "$machine"
    expect_equal "$as_tickhouse" tickhouse "user 'tickhouse' from another machine"
    expect_match "$as_default" "*Authentication failed*" "user 'default' from another machine"
fi

# Without --listen the next start is on loopback alone again.
hub_stop
hub_start "$WORK/hub"
[ ! -e "$HUB_DATA/run/users.d/network.xml" ] || fail "the network user outlives its hub"
if ask -u "tickhouse:$(cat "$WORK/password")" "$HUB_URL/"; then fail "user 'tickhouse' outlives its hub"; fi
hub_stop
