# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Partitions. The whole chain runs in a network namespace of its own, whose only interface is its loopback. A rule of its routing table
# swallows the packets from or to one port, so that what happens is what happens on a network: nothing comes, nobody says why, and the
# kernel sends again and again until the rule is gone. Each pair has a port, or an address, of its own.

# net_enter SCRIPT ARGUMENT...: runs the script again inside, with mounts of its own too. One who is not root is master there of a
# namespace of users. Where neither is allowed the script goes on outside, with NET_PRIVATE empty.
net_enter() {
    [ -z "${NET_TRIED-}" ] || return 0
    export NET_TRIED=yes
    if [ "$(id -u)" -eq 0 ]; then
        set -- unshare --net --mount sh "$@"
    else
        set -- unshare --user --map-current-user --keep-caps --net --mount sh "$@"
    fi
    net_allowed "$1" || return 0
    NET_PRIVATE=yes exec "$@"
}

net_allowed() {
    if [ "$(id -u)" -eq 0 ]; then
        unshare --net --mount ip link set lo up 2>/dev/null
    else
        unshare --user --map-current-user --keep-caps --net --mount ip link set lo up 2>/dev/null
    fi
}

# Local addresses are looked up by the rule that comes first; it makes room for ours.
net_up() {
    ip link set lo up
    ip rule add pref 10 lookup local
    ip rule del pref 0
}

# net_cut DIRECTION PORT [ADDRESS]: requests are what goes to the port, replies what comes from it.
net_cut() {
    case $1 in
    requests | both) ip rule add pref 1 ${3:+to "$3"} ipproto tcp dport "$2" blackhole ;;
    esac
    case $1 in
    replies | both) ip rule add pref 1 ${3:+from "$3"} ipproto tcp sport "$2" blackhole ;;
    esac
}

net_heal() {
    while ip rule del pref 1 2>/dev/null; do :; done
}
