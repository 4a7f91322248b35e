#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The functions that TA-Lib has, against its C library, on seeded random bars and on real daily bars.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${TICKHOUSE_BIN:-$root/build/release/bin}
library=$("$root/scripts/talib.sh") || {
    echo "skipped: TA-Lib's C library is not there and could not be fetched" >&2
    exit 77
}
set --
for file in "$root"/samples/prices/*.csv "$root"/../shared/data/ohlcv/stooq_csv_2026_02/*_us_d.csv; do
    if [ -f "$file" ]; then
        set -- "$@" "$file"
    fi
done
exec "$bin/ta_parity" "$library" "$@"
