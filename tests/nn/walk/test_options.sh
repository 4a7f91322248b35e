#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Options that come by a query on a descriptor: quotes keep spaces, and no query names the server's files.
. tests/nn/walk/common.sh

make_rows "$WORK/rows" "*" "ticker IN ('AAPL', 'MSFT') AND date >= '2023-01-01'"
small="--layers gru:4,dense:1 --epochs 1"

# native FORMAT: a Native block with one String of at most 127 bytes, as printf makes it.
native() {
    # shellcheck disable=SC2059 # a format
    printf -- "$1" >"$WORK/text"
    # shellcheck disable=SC2059
    printf "\\001\\001\\007options\\006String\\$(printf '%03o' "$(wc -c <"$WORK/text")")"
    cat "$WORK/text"
}
# by_query COMMAND FORMAT
by_query() {
    native "$2" >"$WORK/options"
    "$train" "$1" --options-fd 3 <"$WORK/rows" >"$WORK/out" 2>"$WORK/err" 3<"$WORK/options"
}
refused() {
    code=0
    by_query "$2" "$3" || code=$?
    expect_equal "$code" 64 "the code of $2 $3"
    grep -qF -- "$1" "$WORK/err" || fail "'$2 $3' does not say '$1': $(cat "$WORK/err")"
}

by_query train "$small --name 'gold' --source \"gold table of 'today'\"\\n--snapshot=''" || fail "quotes: $(cat "$WORK/err")"
grep -qF "\"source\": \"gold table of 'today'\"" "$TICKHOUSE_MODELS/gold/1/params.json" || fail "$(cat "$TICKHOUSE_MODELS/gold/1/params.json")"
refused "open a quote (') and do not close it" train "$small --source 'gold"
refused "hold a NUL" train "$small\\000--name gold"

# Whatever option of a command takes a file.
found=0
for command in train walk tune retrain; do
    for option in $("$train" "$command" --help | sed -n 's/^ *--\([a-z-]*\)[ =]\(FILE\|DIR\|PATH\).*/\1/p'); do
        found=$((found + 1))
        refused "--$option names a file of the server" "$command" "--$option $WORK/rows"
        refused "--$option names a file of the server" "$command" "'--$option='$WORK/rows"
    done
done
expect_equal "$found" 3 "options that take a file"
echo "options of a query hold"
