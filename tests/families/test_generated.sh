#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is generated is committed, and is what would be written today.
. tests/lib.sh
sh scripts/generate.sh "$TICKHOUSE_BUILD" "$WORK"
for made in clickhouse-config/functions docs/functions.md schemas/0086_ohlc.sql; do
    diff -ru "$made" "$WORK/$made" || fail "run: sh scripts/generate.sh $TICKHOUSE_BUILD ."
done
echo "functions, their page and the candles' views are up to date"
