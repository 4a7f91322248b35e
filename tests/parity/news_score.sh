#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The scorer of links, on answers whose score is known: all that a reader found, that and one mistake, nothing. And it keeps the
# mistakes made on the report's half to itself.
# shellcheck source=tests/lib.sh
. tests/lib.sh
data=$ROOT/../shared/data
[ -d "$data/gdelt" ] || skip "the texts that are judged lie in ../shared/data/gdelt, which is not there"

# score ANSWERS ARGUMENTS...: with a linker that gives these answers, whatever it is asked.
score() {
    answers=$1
    shift
    printf '#!/bin/sh\ncat >/dev/null\nexec cat "%s"\n' "$answers" >"$WORK/linker"
    chmod +x "$WORK/linker"
    code=0
    python3 -B bench/news/score.py --half develop --linker "$WORK/linker" "$@" "$data" >"$WORK/out" 2>"$WORK/err" || code=$?
}
row() { sed -n 's/^| gdelt_tickers | \([0-9]*\) | \([0-9]*\) | \([0-9]*\) .*/\1 \2 \3/p' "$WORK/out"; }

awk -F '\t' -v OFS='\t' '$3 == "yes" { print $1, $2, "1.0", "read", $2, 0 }' tests/parity/news/develop.tsv >"$WORK/all"
found=$(wc -l <"$WORK/all")
score "$WORK/all" --precision 1 --recall 1
expect_equal "$code $(row)" "0 $found 0 0" "all that a reader found"

awk -F '\t' -v OFS='\t' '$3 == "no" && $2 != "-" { print $1, $2, "0.5", "guessed", $2, 0; exit }' tests/parity/news/develop.tsv >>"$WORK/all"
score "$WORK/all" --precision 1 --recall 1
expect_equal "$code $(row)" "1 $found 1 0" "one mistake"

: >"$WORK/none"
score "$WORK/none" --recall 0.01
expect_equal "$code $(row)" "1 0 0 $found" "no answer"

code=0
python3 -B bench/news/score.py --half report --wrong --linker "$WORK/linker" "$data" >"$WORK/out" 2>"$WORK/err" || code=$?
expect_equal "$code $(wc -l <"$WORK/out")" "2 0" "mistakes on the report's half are not listed"
