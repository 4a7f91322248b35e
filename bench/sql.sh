#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Indicators in SQL on 1,000 tickers x 2,520 bars, beside pure SQL and beside clickhouse-connect + TA-Lib; the transport beside an
# echo worker; the memory of a worker. Every result is compared before anything is timed.
# Usage: ./tickhouse bench sql [-- SECTION...]   SECTION: expressions job panel transport memory
set -eu
ROOT=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$ROOT"
. tests/lib.sh
python=$(scripts/peers.sh bench)/bin/python

# The functions as shipped, and the echo worker.
mkdir -p "$WORK/functions" "$WORK/scripts" "$WORK/hub/config.d"
cp "$TICKHOUSE_BUILD/user_scripts/ta" "$TICKHOUSE_BUILD/test_scripts/echo_worker" "$WORK/scripts/"
cp clickhouse-config/functions/*_function.xml bench/sql/echo_function.xml "$WORK/functions/"
cat >"$WORK/hub/config.d/bench.xml" <<XML
<clickhouse>
    <user_scripts_path replace="1">$WORK/scripts/</user_scripts_path>
    <user_defined_executable_functions_config replace="1">$WORK/functions/*_function.xml</user_defined_executable_functions_config>
</clickhouse>
XML
hub_start "$WORK/hub"
"$python" bench/sql/bench.py "$HUB_URL" "$HUB_PID" "$@"
