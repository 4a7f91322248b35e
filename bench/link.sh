#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Finding aliases: look-ups of names per second and memory at 1,000, 10,000 and 100,000 aliases; and the search in free text, row by
# row, beside the Rust crate aho-corasick's DFA, Vectorscan and RE2::Set with the same names and texts. The peers find substrings in
# either case; ours looks at whole words, and folds accents too. A peer that cannot be built is left out with a sentence.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${TICKHOUSE_BUILD:-$root/build/release}
data=$root/../shared/data/gdelt
peers=$root/bench/peers/text
cache=${TICKHOUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tickhouse}/text-peers
if [ ! -d "$data" ]; then
    echo "skipped: the texts lie in ../shared/data/gdelt, which is not there" >&2
    exit 77
fi
if [ ! -x "$build/bin/link_bench" ] || [ ! -x "$build/user_scripts/gdelt" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target link_bench gdelt >/dev/null)
fi
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Names of four letters and more, in ASCII, each once; names and titles of real rows, 16 MB each.
"$build/user_scripts/gdelt" aliases | cut -f2 | LC_ALL=C grep -xE '[ -~]{4,}' | LC_ALL=C sort -fu >"$work/aliases"
cut -f15,24 "$data/gkg_2015_sample/gkg.csv" "$data/gkg_2015_sample/gkgT.csv" | tr '\t' '\n' | grep . >"$work/rows"
sed '1d; s/^[^,]*,[^,]*,[^,]*,//; s/^"//; s/"\r*$//' "$data/titles/gdelt_titles_part1.csv" | grep . >"$work/headlines"
grow() { # FROM TO: as often as makes 16 MB
    left=$((16000000 / $(wc -c <"$1") + 1))
    while [ "$left" -gt 0 ]; do
        cat "$1"
        left=$((left - 1))
    done >"$2"
}
grow "$work/rows" "$work/names"
grow "$work/headlines" "$work/titles"
cd "$work"

left_out() { echo "left out: $1" >&2; }
run_vectorscan() {
    # shellcheck disable=SC2046 # several words
    cc -O3 -I"$peers" "$peers/vectorscan.c" -o "$cache/vectorscan" $(pkg-config --cflags --libs libhs) 2>"$work/log" ||
        { left_out "Vectorscan; the package libvectorscan-dev has it"; return; }
    "$cache/vectorscan" aliases names titles
}
run_re2() {
    # shellcheck disable=SC2046
    c++ -O3 -std=c++17 -I"$peers" "$peers/re2set.cc" -o "$cache/re2set" $(pkg-config --cflags --libs re2) 2>"$work/log" ||
        { left_out "RE2::Set; the package libre2-dev has it"; return; }
    "$cache/re2set" aliases names titles
}
run_aho_corasick() {
    cargo build --quiet --release --manifest-path "$peers/Cargo.toml" --target-dir "$cache/rust" 2>"$work/log" ||
        { left_out "the crate aho-corasick; cargo builds it"; return; }
    "$cache/rust/release/aho_corasick_peer" aliases names titles
}
{
    "$build/bin/link_bench" aliases names titles
    run_aho_corasick
    run_vectorscan
    run_re2
} >results

echo "Look-ups of names, half of them known:"
echo
echo "| aliases | M look-ups/s | MB |"
echo "| ---: | ---: | ---: |"
awk -F'\t' '$1 == "lookup" { printf "| %d | %s | %s |\n", $2, $3, $4 }' results
echo
echo "Search in free text, $(wc -l <aliases) aliases, row by row, MB/s:"
echo
awk -F'\t' '
    $1 == "lookup" { next }
    $1 == "memory" { memory[$2] = $3; next }
    !($1 in seen) { order[++count] = $1; seen[$1] = 1 }
    { speed[$1, $2] = $3; if ($1 != "ours" && $3 > best[$2]) best[$2] = $3 }
    END {
        print "| | names | titles | MB |\n| --- | ---: | ---: | ---: |"
        for (i = 1; i <= count; i++)
            printf "| %s | %d | %d | %s |\n", order[i], speed[order[i], "names"], speed[order[i], "titles"], memory[order[i]]
        if (count > 1)
            printf "| ours / best peer | %.1f | %.1f | |\n", speed["ours", "names"] / best["names"], speed["ours", "titles"] / best["titles"]
    }' results
