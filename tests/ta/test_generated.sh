#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is generated from ta.def is committed, and is what the executable would write today.
. tests/lib.sh
ta=$TICKHOUSE_BUILD/user_scripts/ta
$ta print-xml | diff -u clickhouse-config/functions/ta_function.xml - ||
    fail "run: ta print-xml > clickhouse-config/functions/ta_function.xml"
$ta print-docs | diff -u docs/functions.md - || fail "run: ta print-docs > docs/functions.md"
echo "clickhouse-config/functions/ta_function.xml and docs/functions.md are up to date"
