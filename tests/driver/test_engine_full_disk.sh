#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk of the cache is full while the engine is unpacked: the sentence says so.
# shellcheck source=tests/lib.sh
. tests/lib.sh
[ "$(uname -m)" = x86_64 ] || skip "the package's name is that of another CPU"
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
mkdir "$WORK/small" "$WORK/package"
mount -t tmpfs -o size=1m tmpfs "$WORK/small" 2>/dev/null || skip "mounting is not allowed here"

head -c 3000000 /dev/urandom >"$WORK/package/libchdb.so"
tar -czf "$WORK/engine.tgz" -C "$WORK" package/libchdb.so
unset TICKHOUSE_ENGINE
TICKHOUSE_CACHE=$WORK/small
TICKHOUSE_ENGINE_VERSION=1.2.3
TICKHOUSE_ENGINE_SHA256=$(sha256sum "$WORK/engine.tgz" | cut -d ' ' -f 1)
export TICKHOUSE_CACHE TICKHOUSE_ENGINE_VERSION TICKHOUSE_ENGINE_SHA256
code=0
"$TICKHOUSE" engine --engine "$WORK/engine.tgz" 2>"$WORK/err" || code=$?
umount "$WORK/small"
expect_equal "$code" 75 "exit code on a full disk"
expect_match "$(cat "$WORK/err")" "*cannot unpack*make room or set TICKHOUSE_CACHE*" "a full disk"
