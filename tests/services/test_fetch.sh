#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The jars of the services come from a repository once: what is there already is not fetched again, and nothing with another checksum stays.
. tests/lib.sh

MIRROR=$WORK/mirror
mkdir -p "$MIRROR/org/one/1" "$MIRROR/org/two/2" "$WORK/cache"
echo first >"$MIRROR/org/one/1/one-1.jar"
tar -czf "$MIRROR/org/two/2/two-2.tar.gz" -C "$MIRROR" org/one
sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }
cat >"$WORK/list" <<LIST
# a comment
kafka $(sum_of "$MIRROR/org/one/1/one-1.jar") org/one/1/one-1.jar
debezium $(sum_of "$MIRROR/org/two/2/two-2.tar.gz") org/two/2/two-2.tar.gz
LIST

# fetch REPOSITORY: as './tickhouse test' does it, but with that list, and without Java and PostgreSQL.
cat >"$WORK/fetch.sh" <<'SH'
. "$ROOT/scripts/common.sh"
. "$ROOT/scripts/services.sh"
SERVICES_LIST=$1
services_archive_classes() { :; }
services_make_template() { :; }
ensure_services
echo "$SERVICES"
SH
fetch() { env TICKHOUSE_CACHE="$WORK/cache" MAVEN_CENTRAL="$1" ROOT="$ROOT" sh -eu "$WORK/fetch.sh" "$WORK/list"; }

expect_code 69 fetch "http://127.0.0.1:9"
expect_match "$(cat "$WORK/err")" "*MAVEN_CENTRAL*" "an unreachable repository"

mv "$MIRROR/org/one/1/one-1.jar" "$WORK/good"
echo other >"$MIRROR/org/one/1/one-1.jar"
expect_code 65 fetch "file://$MIRROR"
expect_match "$(cat "$WORK/err")" "*one-1.jar arrived with another checksum*" "another checksum"

rm "$MIRROR/org/two/2/two-2.tar.gz" # has arrived
mv "$WORK/good" "$MIRROR/org/one/1/one-1.jar"
expect_code 0 fetch "file://$MIRROR"
folder=$(cat "$WORK/out")
expect_equal "$(cat "$folder/kafka/one-1.jar" "$folder/debezium/org/one/1/one-1.jar")" "first
first" "what was fetched"

expect_code 0 fetch "http://127.0.0.1:9"
expect_equal "$(cat "$WORK/out")" "$folder" "a full cache needs no network"

# A test says what it misses.
TICKHOUSE_CACHE=$WORK/empty expect_code 77 sh tests/services/test_services.sh
expect_match "$(cat "$WORK/err")" "skipped: Kafka's jars are not in *" "the reason"
