#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who comes in from another machine when --listen is given: 'tickhouse' with its password, 'default' not. A network namespace plays it.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
[ "$(id -u)" -eq 0 ] || skip "only root can make a network namespace"
command -v ip >/dev/null || skip "ip is not installed"
machine=th$$
ip netns add "$machine" 2>/dev/null || skip "making a network namespace is not allowed here"
leave() {
    code=$?
    ip netns del "$machine" 2>/dev/null || :
    (exit "$code") || cleanup
    cleanup
}
trap leave EXIT
{
    ip link add "$machine" type veth peer name eth0 netns "$machine" &&
        ip addr add 10.213.7.1/30 dev "$machine" && ip link set "$machine" up &&
        ip -n "$machine" addr add 10.213.7.2/30 dev eth0 && ip -n "$machine" link set eth0 up
} 2>/dev/null || skip "a pair of network devices is not allowed here"

printf '%s' "p&<'\"\\ w" >"$WORK/password"
hub_start "$WORK/hub" --listen 0.0.0.0 --password-file "$WORK/password" --networks 127.0.0.0/8,10.0.0.0/8
elsewhere() {
    ip netns exec "$machine" curl -sS --noproxy '*' --max-time 10 "$@" "http://10.213.7.1:${HUB_URL##*:}/" --data-binary "SELECT currentUser()" 2>&1
}
expect_equal "$(elsewhere -u "tickhouse:$(cat "$WORK/password")")" tickhouse "user 'tickhouse' from another machine"
expect_match "$(elsewhere)" "*Authentication failed*" "user 'default' from another machine"
hub_stop
