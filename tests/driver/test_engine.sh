#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetching the engine: resumed downloads, two at once, wrong checksums, files given, no network. A small package stands in for the real
# one, served on loopback.
# shellcheck source=tests/lib.sh
. tests/lib.sh
command -v python3 >/dev/null || skip "python3 is not installed"

[ "$(uname -m)" = x86_64 ] || skip "the package's name is that of another CPU"
mkdir -p "$WORK/package"
head -c 3000000 /dev/urandom >"$WORK/package/libchdb.so"
tar -czf "$WORK/engine.tgz" -C "$WORK" package/libchdb.so
unset TICKHOUSE_ENGINE npm_config_registry
TICKHOUSE_CACHE="$WORK/a cache"
TICKHOUSE_ENGINE_VERSION=1.2.3
TICKHOUSE_ENGINE_SHA256=$(sha256sum "$WORK/engine.tgz" | cut -d ' ' -f 1)
export TICKHOUSE_CACHE TICKHOUSE_ENGINE_VERSION TICKHOUSE_ENGINE_SHA256

python3 tests/driver/registry.py "$WORK/engine.tgz" "$WORK/requests" >"$WORK/port" &
registry=$!
stop_registry() {
    code=$?
    kill "$registry" 2>/dev/null || :
    (exit "$code") || cleanup
    cleanup
}
trap stop_registry EXIT
while [ ! -s "$WORK/port" ]; do sleep 0.02; done
NPM_CONFIG_REGISTRY=http://127.0.0.1:$(cat "$WORK/port")/
export NPM_CONFIG_REGISTRY
engine=$TICKHOUSE_CACHE/engine/1.2.3/libchdb.so

# The server breaks off after a megabyte, refuses once, then sends the rest.
expect_code 75 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*broke off*goes on where it stopped*" "a broken download"
part=$TICKHOUSE_CACHE/engine/lib-linux-x64-gnu-1.2.3.tgz.part
expect_code 69 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*answered 403*" "a refusal"
expect_equal "$(stat -c %s "$part")" 1000000 "a refusal leaves what has arrived"
expect_code 0 "$TICKHOUSE" engine
expect_equal "$(cat "$WORK/out")" "$engine" "its path is printed"
cmp "$engine" "$WORK/package/libchdb.so" || fail "the engine is not what the package holds"
expect_equal "$(sed -n 3p "$WORK/requests")" "GET /@chdb/lib-linux-x64-gnu/-/lib-linux-x64-gnu-1.2.3.tgz bytes=1000000-" "the rest alone is asked for"
expect_equal "$(find "$TICKHOUSE_CACHE/engine" -name '*.part' -o -name '.unpack*')" "" "nothing half-done is left"
expect_code 0 "$TICKHOUSE" engine
expect_equal "$(wc -l <"$WORK/requests")" 3 "what is there is not fetched again"

# All had arrived, but the call ended before it could look.
rm -r "$TICKHOUSE_CACHE/engine/1.2.3"
cp "$WORK/engine.tgz" "$part"
expect_code 0 "$TICKHOUSE" engine
cmp "$engine" "$WORK/package/libchdb.so" || fail "the engine is not what the package holds"

# Two first runs at once: one fetches, both have it.
rm -r "$TICKHOUSE_CACHE/engine/1.2.3"
: >"$WORK/requests"
"$TICKHOUSE" engine >"$WORK/other" 2>&1 &
other=$!
expect_code 0 "$TICKHOUSE" engine
wait "$other" || fail "the other run failed: $(cat "$WORK/other")"
expect_equal "$(grep -c . "$WORK/requests")" 1 "it is fetched once"

# A package that is another one is thrown away.
rm -r "$TICKHOUSE_CACHE"
TICKHOUSE_ENGINE_SHA256=$(printf x | sha256sum | cut -d ' ' -f 1)
expect_code 65 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*another checksum than the pinned one ($TICKHOUSE_ENGINE_SHA256)*" "a wrong checksum"
expect_equal "$(find "$TICKHOUSE_CACHE" -type f)" "" "nothing of it is kept"
expect_code 65 "$TICKHOUSE" engine --engine "$WORK/engine.tgz"
TICKHOUSE_ENGINE_SHA256=$(sha256sum "$WORK/engine.tgz" | cut -d ' ' -f 1)

# A file that the user has.
expect_code 0 "$TICKHOUSE" engine --engine "$WORK/engine.tgz"
cmp "$engine" "$WORK/package/libchdb.so" || fail "the engine is not what the package holds"
expect_code 0 "$TICKHOUSE" engine --engine "$WORK/package/libchdb.so"
expect_equal "$(cat "$WORK/out")" "$WORK/package/libchdb.so" "a library is used where it lies"
expect_code 66 "$TICKHOUSE" engine --engine "$WORK/nosuch"

# A registry that has no such package, and none at all.
rm -r "$TICKHOUSE_CACHE"
NPM_CONFIG_REGISTRY=${NPM_CONFIG_REGISTRY}nosuch expect_code 69 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*answered 404*" "no such package"
kill "$registry"
expect_code 69 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*cannot be reached*NPM_CONFIG_REGISTRY*--engine FILE*" "no network"
