#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# peers.sh NAME: prints the folder of a Python environment that holds tests/peers/NAME.txt, and makes it when it is not there. What pip
# cannot say in a list, tests/peers/NAME.sh does to the folder.
# Python is a peer or an oracle in tests and benchmarks, never a part of the product.
set -eu

ROOT=$(dirname "$(dirname "$(readlink -f "$0")")")
# shellcheck source=scripts/common.sh
. "$ROOT/scripts/common.sh"

[ $# -eq 1 ] || die 64 "usage: scripts/peers.sh NAME, for tests/peers/NAME.txt"
list=$ROOT/tests/peers/$1.txt
[ -f "$list" ] || die 66 "no such list: $list"

more=$ROOT/tests/peers/$1.sh
[ -f "$more" ] || more=

# Another list, or another Python, is another folder.
# shellcheck disable=SC2086 # none or one
key=$({ cat "$list" $more && python3 --version; } | sha256sum | cut -c 1-12)
folder=$CACHE/peers/$1-$key
mkdir -p "$CACHE/peers"
exec 9>"$CACHE/peers/$1.lock"
flock 9 # two tests may ask at once
if [ ! -f "$folder/complete" ]; then
    note "installing the Python packages of tests/peers/$1.txt (once) ..."
    rm -rf "$folder"
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --no-input --only-binary :all: -r "$list" &&
        if [ -n "$more" ]; then sh "$more" "$folder"; fi; } >"$folder.log" 2>&1 </dev/null; then
        tail -n 5 "$folder.log" >&2
        die 69 "the Python packages could not be installed; $folder.log says why"
    fi
    touch "$folder/complete"
fi
printf '%s\n' "$folder"
