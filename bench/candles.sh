#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Candles of ten million ticks: how long queries take, beside the same from the ticks; what a backfill and what a live feed cost.
# Usage: ./tickhouse bench candles, or bench/candles.sh TICKS QUERIES (10000000 100)
set -eu
ROOT=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$ROOT"
. tests/lib.sh
command -v python3 >/dev/null || skip "python3, which asks and takes the time, is not there"
hub_start "$WORK/hub"
python3 bench/candles/bench.py "$HUB_URL" "$HUB_PID" "${1:-10000000}" "${2:-100}"
