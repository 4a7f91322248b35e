# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of nn-train share: rows made of samples/prices, and a models folder of their own.
. tests/lib.sh
# shellcheck disable=SC2034 # the tests use it
train=$TICKHOUSE_BUILD/user_scripts/nn-train
TICKHOUSE_MODELS=$WORK/models
export TICKHOUSE_MODELS

# make_rows FILE [COLUMNS [CONDITION]]: rows.sql as Native blocks.
make_rows() {
    query_new "SELECT ${2:-*} FROM ($(sed '/^--/d' tests/nn/walk/rows.sql)) WHERE ${3:-1} ORDER BY ticker, date FORMAT Native" >"$1"
}

# column NAME: the values of a column of the TSV on standard input.
column() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }'; }

# says CODE WHAT COMMAND...: fails with that code and that sentence; standard input is $WORK/rows.
says() {
    wanted=$1 what=$2
    shift 2
    expect_code "$wanted" "$@" <"$WORK/rows"
    grep -qF -- "$what" "$WORK/err" || fail "'$*' does not say '$what': $(cat "$WORK/err")"
}
