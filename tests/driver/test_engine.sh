#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetching the engine: resumed downloads, wrong checksums, files given, no network, a full disk. A small package stands in for the real
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
while [ ! -s "$WORK/port" ]; do sleep 0.02; done
NPM_CONFIG_REGISTRY=http://127.0.0.1:$(cat "$WORK/port")/
export NPM_CONFIG_REGISTRY
engine=$TICKHOUSE_CACHE/engine/1.2.3/libchdb.so

# The server breaks off after a megabyte, once; the next call asks for the rest.
expect_code 75 "$TICKHOUSE" engine
expect_match "$(cat "$WORK/err")" "*broke off*goes on where it stopped*" "a broken download"
expect_code 0 "$TICKHOUSE" engine
expect_equal "$(cat "$WORK/out")" "$engine" "its path is printed"
cmp "$engine" "$WORK/package/libchdb.so" || fail "the engine is not what the package holds"
expect_equal "$(sed -n 2p "$WORK/requests")" "GET /@chdb/lib-linux-x64-gnu/-/lib-linux-x64-gnu-1.2.3.tgz bytes=1000000-" "the rest alone is asked for"
expect_equal "$(find "$TICKHOUSE_CACHE/engine" -name '*.part' -o -name '.unpack*')" "" "nothing half-done is left"
expect_code 0 "$TICKHOUSE" engine
expect_equal "$(wc -l <"$WORK/requests")" 2 "what is there is not fetched again"

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

# A full disk.
if [ "$(id -u)" -eq 0 ] && mkdir "$WORK/small" && mount -t tmpfs -o size=1m tmpfs "$WORK/small" 2>/dev/null; then
    TICKHOUSE_CACHE=$WORK/small
    code=0
    "$TICKHOUSE" engine --engine "$WORK/engine.tgz" 2>"$WORK/err" || code=$?
    umount "$WORK/small"
    expect_equal "$code" 75 "exit code on a full disk"
    expect_match "$(cat "$WORK/err")" "*cannot unpack*make room or set TICKHOUSE_CACHE*" "a full disk"
fi
