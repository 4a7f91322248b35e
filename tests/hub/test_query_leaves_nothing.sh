#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Query mode without a data folder works in one of its own and takes it away again, also when the query fails or is never run.
. tests/lib.sh
mkdir "$WORK/tmp"
export TMPDIR="$WORK/tmp"
expect_equal "$(query_new "SELECT 1")" 1 "a query"
expect_code 65 query_new "SELECT throwIf(1)"
query_with() { "$TICKHOUSE_BIN/tickhouse-hub" query "$@"; }
expect_code 69 query_with --engine "$WORK/nonexistent.so" "SELECT 1"
expect_code 65 query_with --engine "$WORK/nonexistent.so" - <<EOF
$(head -c 70000000 /dev/zero | tr '\0' x)
EOF
expect_code 66 query_with --config "$WORK/nonexistent.xml" "SELECT 1"
expect_equal "$(ls -A "$WORK/tmp")" "" "what is left in TMPDIR"
echo "nothing is left"
