#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is generated from the families' lists is committed, and is what the executables would write today.
. tests/lib.sh
sh scripts/generate.sh "$TICKHOUSE_BUILD" "$WORK"
for made in clickhouse-config/functions docs/functions.md; do
    diff -ru "$made" "$WORK/$made" || fail "run: sh scripts/generate.sh $TICKHOUSE_BUILD ."
done
echo "clickhouse-config/functions and docs/functions.md are up to date"
