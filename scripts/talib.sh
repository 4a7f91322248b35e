#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the path of TA-Lib's C library 0.8.1, the peer of tests and benchmarks: it comes inside the `ta-lib` wheel 0.8.2, which
# tests/peers/talib.txt pins. TICKHOUSE_TALIB names one that is already there.
set -eu
if [ -n "${TICKHOUSE_TALIB:-}" ]; then
    echo "$TICKHOUSE_TALIB"
    exit 0
fi
folder=$("$(dirname "$0")/peers.sh" talib) || exit $?
find "$folder" -name 'libta-lib*.so*' | grep -m 1 . || {
    echo "the ta-lib wheel in $folder holds no C library; remove the folder and try again" >&2
    exit 69
}
