#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The linker on the labelled set of news (docs/news-labels.md): precision, recall and F1 with their intervals, for the whole, per
# stratum and per rule, and how far its score can be trusted; beside two plain ways of matching names.
# Usage: ./tickhouse bench news
#        bench/news.sh --half develop [--wrong]     the half for development, and the mistakes made on it
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
data=$root/../shared/data
linker=${TICKHOUSE_BUILD:-$root/build/release}/user_scripts/gdelt
if [ ! -d "$data/gdelt" ]; then
    echo "skipped: the texts that are judged lie in ../shared/data/gdelt, which is not there" >&2
    exit 77
fi
if [ ! -x "$linker" ]; then
    echo "$linker is not there; ./tickhouse build makes it" >&2
    exit 69
fi
exec python3 -B "$root/bench/news/score.py" --linker "$linker" "$@" "$data"
