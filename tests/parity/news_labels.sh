#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The labelled set of news: its form, and with the shared data that every document it judges exists.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
data=$root/../shared/data
python3 "$root/tests/parity/news/labels.py"
if [ ! -d "$data/gdelt" ]; then
    echo "skipped: the form is right; ../shared/data/gdelt is not there, so no key was looked up" >&2
    exit 77
fi
exec python3 "$root/tests/parity/news/labels.py" "$data"
