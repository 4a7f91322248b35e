#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Query mode without a data folder works in one of its own and takes it away again, also when the query fails.
. tests/lib.sh
mkdir "$WORK/tmp"
export TMPDIR="$WORK/tmp"
expect_equal "$(query_mode 26.7.3-stable.1 "SELECT 1")" 1 "a query"
expect_code 65 query_mode 26.7.3-stable.1 "SELECT throwIf(1)"
expect_equal "$(ls -A "$WORK/tmp")" "" "what is left in TMPDIR"
echo "nothing is left"
