#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The linker's table of names: look-ups of delimited names and memory at 1,000, 10,000 and 100,000 aliases; then names found in free
# text, row by row, beside the Rust crate aho-corasick (DFA), Vectorscan and RE2::Set with the same names and rows. What they find is
# compared before anything is timed. A peer that cannot be built is left out, with a sentence.
# Usage: ./tickhouse bench link
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=scripts/common.sh
. "$ROOT/scripts/common.sh"
# shellcheck source=scripts/packages.sh
. "$ROOT/scripts/packages.sh"
trap cleanup EXIT
gdelt=$ROOT/../shared/data/gdelt
[ -f "$gdelt/gkg_2015_sample/gkg.csv" ] || skip "../shared/data/gdelt is not there"
rounds=${BENCH_ROUNDS:-3} passes=${BENCH_PASSES:-5}
SCRATCH=$WORK
ours=$TICKHOUSE_BIN/link_bench
LC_ALL=C
export LC_ALL

# ---- texts: a row a line

# shellcheck disable=SC2016 # awk's columns
gkg_columns() { awk -F '\t' "NF == 27 { print $1 }" "$gdelt/gkg_2015_sample/gkg.csv" "$gdelt/gkg_2015_sample/gkgT.csv"; }
# shellcheck disable=SC2016
gkg_columns '$24' | grep . >"$WORK/names.once"
sed -n 's/^.*,[0-9-]\{10\} [0-9:]\{8\},//p' "$gdelt/titles/gdelt_titles_part1.csv" | tr -d '\r' |
    sed 's/^"\(.*\)"$/\1/; s/""/"/g' >"$WORK/titles.once"
# shellcheck disable=SC2016
gkg_columns '$13 ";" $15 ";" $24' | tr ';' '\n' | sed 's/,[0-9]*$//' | grep . >"$WORK/delimited.once"

# repeat NAME BYTES
repeat() {
    size=$(wc -c <"$WORK/$1.once")
    for _ in $(seq $(($2 / size + 1))); do cat "$WORK/$1.once"; done >"$WORK/$1"
}
repeat names 8000000
repeat titles 8000000
repeat delimited 4000000
cat "$WORK/names.once" "$WORK/titles.once" >"$WORK/once"
"$ours" fold "$WORK/once" >"$WORK/folded"

# ---- names: those of the alias files as the table holds them, then made ones of their words

"$ours" keys schemas/aliases/*.tsv | sort -u >"$WORK/keys"
# made COUNT: two or three words of names in another order; a generator that is the same everywhere.
made() {
    tr ' ' '\n' <"$WORK/keys" | grep . | awk -v count="$1" '
        function next_word() { seed = (seed * 16807) % 2147483647; return words[seed % NR + 1] }
        { words[NR] = $0 }
        END {
            for (seed = 42; count > 0; count--) {
                name = next_word() " " next_word()
                if (seed % 3 == 0) name = name " " next_word()
                print name
            }
        }'
}
# some COUNT: as many lines, evenly taken.
some() { awk -v want="$1" -v have="$(wc -l <"$2")" 'int(NR * want / have) != int((NR - 1) * want / have)' "$2"; }
{ cat "$WORK/keys" && made 100000; } | awk '!known[$0]++' >"$WORK/all"
some 1000 "$WORK/keys" >"$WORK/aliases.1000"
some 10000 "$WORK/keys" >"$WORK/aliases.10000"
[ "$(wc -l <"$WORK/all")" -ge 100000 ] || fail "too few names were made"
head -n 100000 "$WORK/all" >"$WORK/aliases.100000"

# ---- peers

# Each engine is a program; what they are built of decides where they lie.
built=$CACHE/peers/link-$(cat bench/peers/*.c* bench/peers/aho_corasick/Cargo.* bench/peers/aho_corasick/src/* bench/link/rows.* | sha256sum | cut -c 1-12)
mkdir -p "$built"
flags="-O3 -march=native"
build_vectorscan() {
    # shellcheck disable=SC2046,SC2086 # lists of words
    cc -std=gnu17 $flags bench/peers/vectorscan.c bench/link/rows.c -o "$built/vectorscan" \
        $(pkg-config --cflags --libs --static libhs) -lstdc++ -lm
}
build_re2() {
    # shellcheck disable=SC2046,SC2086
    cc -std=gnu17 $flags -c bench/link/rows.c -o "$WORK/rows.o" &&
        c++ $flags bench/peers/re2_set.cc "$WORK/rows.o" -o "$built/re2_set" $(pkg-config --cflags --libs re2)
}
build_aho_corasick() {
    command -v cargo >/dev/null || return 1
    (cd bench/peers/aho_corasick && RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR=$WORK/cargo cargo build --quiet --release --locked) &&
        cp "$WORK/cargo/release/aho-corasick-peer" "$built/aho_corasick"
}
(ensure_packages peers) || note "without the packages of some peers"
peers=
for peer in aho_corasick vectorscan re2; do
    program=$built/$peer
    [ $peer != re2 ] || program=$built/re2_set
    if [ -x "$program" ] || "build_$peer" >"$WORK/log" 2>&1 </dev/null; then
        peers="$peers $program"
    else
        note "without $peer: it could not be built: $(tail -n 1 "$WORK/log" 2>/dev/null)"
    fi
done
version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }
printf 'aho-corasick %s (%s), Vectorscan %s, RE2 %s; %s; ours as it is shipped (x86-64, -O2), C and C++ peers %s, Rust for this CPU\n' \
    "$(sed -n '/name = "aho-corasick"/{n;s/.*"\(.*\)"/\1/p;}' bench/peers/aho_corasick/Cargo.lock)" \
    "$(rustc --version 2>/dev/null | cut -d ' ' -f 1,2)" "$(version libvectorscan-dev)" "$(version libre2-dev)" \
    "$(cc --version | head -n 1)" "$flags"

# ---- do they find the same?

# On folded text, where a word is a word to all: each match that is in no longer one and behind no other. Rows in which ours takes the
# s of a plural off are left out, for only ours does.
"$ours" pairs "$WORK/aliases.10000" "$WORK/folded" >"$WORK/pairs"
awk -F '\t' '$3 == "stem" { print $1 }' "$WORK/pairs" | sort -u >"$WORK/stems"
without_stems() { awk -F '\t' 'NR == FNR { stem[$1]; next } !($1 in stem) { print $1 "\t" $2 }' "$WORK/stems" - | sort -u; }
without_stems <"$WORK/pairs" >"$WORK/pairs.ours"
longest() {
    sort -t '	' -k 1,1n -k 3,3n -k 4,4nr | awk -F '\t' '$1 != row { row = $1; end = 0 } $3 >= end { end = $4; print }'
}
echo
echo "rows with names, folded: $(wc -l <"$WORK/folded"); pairs of row and name that ours finds: $(wc -l <"$WORK/pairs.ours"); rows left out for a plural: $(wc -l <"$WORK/stems")"
for peer in $peers; do
    "$peer" pairs "$WORK/aliases.10000" "$WORK/folded" >"$WORK/pairs.peer"
    case $peer in
    */vectorscan)
        longest <"$WORK/pairs.peer" | without_stems >"$WORK/pairs.longest"
        expect_equal "$(comm -3 "$WORK/pairs.ours" "$WORK/pairs.longest" | wc -l)" 0 "Vectorscan's longest matches are ours"
        cut -f 1,2 "$WORK/pairs.peer" | sort -u >"$WORK/pairs.all"
        echo "Vectorscan: the longest of its $(wc -l <"$WORK/pairs.all") pairs are ours, every one"
        ;;
    */re2_set)
        sort -u "$WORK/pairs.peer" >"$WORK/pairs.sorted"
        without_stems <"$WORK/pairs.peer" | comm -23 "$WORK/pairs.ours" - >"$WORK/missing"
        expect_equal "$(wc -l <"$WORK/missing")" 0 "RE2::Set finds what ours does"
        [ ! -f "$WORK/pairs.all" ] || cmp "$WORK/pairs.all" "$WORK/pairs.sorted" || fail "RE2::Set and Vectorscan differ"
        echo "RE2::Set: $(wc -l <"$WORK/pairs.sorted") pairs, the names inside others too: Vectorscan's, every one"
        ;;
    *)
        without_stems <"$WORK/pairs.peer" >"$WORK/pairs.theirs"
        only_theirs=$(comm -13 "$WORK/pairs.ours" "$WORK/pairs.theirs" | wc -l)
        missed=$(comm -23 "$WORK/pairs.ours" "$WORK/pairs.theirs" | wc -l)
        total=$(wc -l <"$WORK/pairs.ours")
        [ $((100 * (missed + only_theirs))) -le "$total" ] || fail "aho-corasick: $missed pairs less and $only_theirs more than ours, of $total"
        echo "aho-corasick: $missed pairs less than ours, $only_theirs more: names that a longer one hides, which goes on inside a word"
        ;;
    esac
done

# ---- times

# measure ALIASES TEXTS ENGINE...: the facts of each engine's best round, engines in turn.
measure() {
    aliases=$1 texts=$2
    shift 2
    for _ in $(seq "$rounds"); do
        for engine in "$@"; do
            "$engine" scan "$WORK/aliases.$aliases" "$WORK/$texts" "$passes" || echo "$(basename "$engine") gave up with $aliases names" >&2
        done
    done | sort -t '	' -k 1,1 -k 7,7g | awk -F '\t' '!seen[$1]++'
}

printf '\n| aliases | look-ups/s | ns a look-up | MB of the table | ms to build |\n| ---: | ---: | ---: | ---: | ---: |\n'
for aliases in 1000 10000 100000; do
    measure $aliases delimited "$ours" | awk -F '\t' -v aliases=$aliases -v bytes="$("$ours" size "$WORK/aliases.$aliases")" '
        { printf "| %d | %.1f M | %.0f | %.1f | %.0f |\n", aliases, $3 / $7 / 1e6, 1e9 * $7 / $3, bytes / 1e6, 1e3 * $6 }'
done

table() {
    printf '\n%s names, %s: %s rows, %.1f MB\n\n' "$1" "$2" "$(wc -l <"$WORK/$2")" "$(awk -v b="$(wc -c <"$WORK/$2")" 'BEGIN { print b / 1e6 }')"
    echo "| engine | MB/s | ns a row | matches | MB of memory | ms to build | times the best peer |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    # shellcheck disable=SC2086
    measure "$1" "$2" "$ours" $peers | sort -t '	' -k 7,7g | awk -F '\t' '
        { line[NR] = sprintf("| %s | %.0f | %.0f | %d | %.1f | %.0f |", $1, $4 / $7 / 1e6, 1e9 * $7 / $3, $5, $8 / 1e6, 1e3 * $6) }
        $1 == "tickhouse" { at = NR; ours = $7 }
        $1 != "tickhouse" && (peer == 0 || $7 < peer) { peer = $7 }
        END { for (i = 1; i <= NR; i++) print line[i] (i == at && peer ? sprintf(" %.2f |", peer / ours) : " |") }'
}
table 10000 names
for aliases in 1000 10000 100000; do table $aliases titles; done
