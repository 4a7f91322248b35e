#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our kernels against TA-Lib's C library 0.8.1, in one process: M values/s, ratio, and the machine's copy speed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${TICKHOUSE_BIN:-${TICKHOUSE_BUILD:-$root/build/release}/bin}
if [ ! -x "$bin/ta_bench" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target ta_bench >/dev/null)
fi
library=$("$root/scripts/talib.sh") || {
    echo "skipped: TA-Lib's C library is not there and could not be fetched" >&2
    exit 77
}
exec "$bin/ta_bench" "$library" "${1:-9}"
