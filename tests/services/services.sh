# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Real services for a test; source it after tests/lib.sh:
#
#   . tests/lib.sh
#   . tests/services/services.sh
#   postgres_start
#   kafka_start
#
# scripts/services.sh lists what there is and which variables it sets. A service that does not start ends the test with the last lines of its
# log; all end with the test, however it ends. A test is skipped where the services are not installed.

# shellcheck source=scripts/common.sh
. "$ROOT/scripts/common.sh"
# shellcheck disable=SC2034 # scripts/services.sh takes it
SERVICES_LAUNCH="setpriv --pdeathsig KILL"
# shellcheck source=scripts/services.sh
. "$ROOT/scripts/services.sh"

SERVICES_DATA=$WORK/services
mkdir -p "$SERVICES_DATA"
chmod a+x "$WORK" "$SERVICES_DATA" # PostgreSQL is another user
at_end services_end
services_found 2>"$WORK/missing" || skip "$(cat "$WORK/missing")"

# topic_wait TOPIC COUNT: until it holds so many messages, in any partitions.
topic_wait() {
    left=100
    until [ "$(topic_size "$1")" -ge "$2" ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "topic $1 holds $(topic_size "$1") messages, not $2: $(topic_read "$1" '%k %s\n' | tail -n 20)"
        sleep 0.1
    done
}

topic_size() { topic_read "$1" '%o\n' | wc -l; }

# topic_read TOPIC FORMAT: all its messages as kcat's format says them, a null as NULL.
topic_read() { kcat -b "$KAFKA_BROKERS" -C -t "$1" -e -q -Z -f "$2" -X fetch.wait.max.ms=10 2>/dev/null || :; }
