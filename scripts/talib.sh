#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the path of TA-Lib's C library 0.8.1, the peer of tests and benchmarks. It comes inside the `ta-lib`
# wheel 0.8.2 and is kept in the cache folder; TICKHOUSE_TALIB names one that is already there.
set -eu
if [ -n "${TICKHOUSE_TALIB:-}" ]; then
    echo "$TICKHOUSE_TALIB"
    exit 0
fi
folder=${TICKHOUSE_CACHE:-$HOME/.cache/tickhouse}/talib-0.8.2
find_library() {
    find "$folder" -name 'libta-lib*.so*' 2>/dev/null | head -n 1
}
if [ -z "$(find_library)" ]; then
    mkdir -p "$folder"
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$folder" ta-lib==0.8.2 >&2
    for wheel in "$folder"/*.whl; do
        python3 -m zipfile -e "$wheel" "$folder"
        rm "$wheel"
    done
fi
find_library | grep . || {
    echo "the ta-lib wheel in $folder holds no C library; remove the folder and try again" >&2
    exit 69
}
