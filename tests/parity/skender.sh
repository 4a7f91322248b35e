#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The published results of another library, where its conventions are ours.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$root/../shared/data/indicators
if [ ! -d "$folder/skender_results" ]; then
    echo "skipped: ../shared/data/indicators is not there" >&2
    exit 77
fi
exec python3 "$root/tests/parity/skender.py" "${TICKHOUSE_BUILD:-$root/build/release}/user_scripts/ta" "$folder"
