#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The checker finds what is planted: one loss, one double, one stranger, one changed price, one disorder, in each of its inputs; and it
# finds nothing where nothing is.
# shellcheck source=tests/lib.sh
. tests/lib.sh
CHECKER=$TICKHOUSE_BIN/checker
SENT="--symbols 7 --ticks 1003"

# Each input with all ticks in it.
# shellcheck disable=SC2086 # SENT is words
{
    "$CHECKER" produce $SENT | awk -F '\t' '{ print $1 "\t" $4 "\t" $3 }' >"$WORK/rows"
    "$CHECKER" expect $SENT >"$WORK/expected"
}
envelope() {
    awk -F '\t' -v op="$1" '{ printf "{\"before\":null,\"after\":{\"symbol\":\"%s\",\"price\":\"%s\",\"volume\":\"%s\",\"ts\":\"2024-03-01T14:30:00.123456Z\"},\"source\":{\"lsn\":%d},\"op\":\"%s\"}\n", $1, $3, $2, NR, op }'
}
envelope c <"$WORK/rows" >"$WORK/kafka"
totals() { awk -F '\t' '{ n[$1]++; s[$1] += $2 } END { for (i in n) print i "\t" n[i] "\t" s[i] }' "$1"; }
totals "$WORK/rows" >"$WORK/totals"

# check FORM FILE [options]: the verdict is in CODE, the report in REPORT.
check() {
    form=$1 file=$2
    shift 2
    CODE=0
    # shellcheck disable=SC2086
    REPORT=$("$CHECKER" $SENT --as "$form" "$@" "$file" 2>"$WORK/examples") || CODE=$?
}

# expect_verdict CODE PATTERN WHAT
expect_verdict() {
    expect_equal "$CODE" "$1" "$3: $REPORT"
    expect_match "$REPORT" "*$2*" "$3"
}

for form in rows kafka totals; do
    check "$form" "$WORK/$form"
    expect_verdict 0 '"lost":0,"duplicated":0,"never_sent":0,"wrong_price":0,"disordered":0,"unreadable":0,"equal":true' "$form as sent"
    "$CHECKER" --expected "$WORK/expected" --as "$form" "$WORK/$form" >"$WORK/report" || fail "$form with --expected: $(cat "$WORK/report")"
    check "$form" /dev/null
    expect_verdict 1 '"lost":1003,' "$form with nothing in it"
done

# One row less, and one twice, at either end and in the middle.
for line in 1 500 1003; do
    for form in rows kafka; do
        sed "${line}d" "$WORK/$form" >"$WORK/lossy"
        check "$form" "$WORK/lossy"
        expect_verdict 1 '"lost":1,"duplicated":0,"never_sent":0' "$form without line $line"
        expect_match "$(cat "$WORK/examples")" "*$(sed -n "${line}p" "$WORK/rows" | cut -f1) * is lost" "the loss is named"
        sed "${line}p" "$WORK/$form" >"$WORK/doubled"
        check "$form" "$WORK/doubled"
        expect_verdict 1 '"lost":0,"duplicated":1,"never_sent":0' "$form with line $line twice"
        check "$form" "$WORK/doubled" --allow-repeats
        expect_verdict 0 '"duplicated":1,' "$form with line $line twice where that may be"
    done
    sed "${line}d" "$WORK/rows" >"$WORK/lossy"
    totals "$WORK/lossy" >"$WORK/lossy.totals"
    check totals "$WORK/lossy.totals"
    expect_verdict 1 '"lost":1,"duplicated":0' "candles without line $line"
    sed "${line}p" "$WORK/rows" >"$WORK/doubled"
    totals "$WORK/doubled" >"$WORK/doubled.totals"
    check totals "$WORK/doubled.totals"
    expect_verdict 1 '"lost":0,"duplicated":1' "candles with line $line twice"
done

# A loss and a double that cancel out in the count do not in the sum.
sed -e 8d -e 15p "$WORK/rows" >"$WORK/mixed" # both are of S000
totals "$WORK/mixed" >"$WORK/mixed.totals"
check rows "$WORK/mixed"
expect_verdict 1 '"lost":1,"duplicated":1' "rows with a loss and a double"
check totals "$WORK/mixed.totals"
expect_verdict 1 '"lost":1,"duplicated":1' "candles with a loss and a double"
sed 1p "$WORK/totals" >"$WORK/twice.totals"
check totals "$WORK/twice.totals"
expect_verdict 1 '"duplicated":1' "a symbol with two totals"

# What nobody sent, a price that changed, a line that is none, disorder.
{ cat "$WORK/rows"; printf 'S000\t145\t101.45\n'; } >"$WORK/stranger"
check rows "$WORK/stranger"
expect_verdict 1 '"never_sent":1,' "a number that was never sent"
{ cat "$WORK/rows"; printf 'S007\t1\t100.01\n'; } >"$WORK/stranger"
check rows "$WORK/stranger"
expect_verdict 1 '"never_sent":1,' "a symbol that was never sent"
sed '700s/[0-9]$/x/' "$WORK/rows" >"$WORK/price"
check rows "$WORK/price"
expect_verdict 1 '"wrong_price":1,' "a price that is no number"
sed '700s/"price":"1/"price":"2/' "$WORK/kafka" >"$WORK/price"
check kafka "$WORK/price"
expect_verdict 1 '"wrong_price":1,' "a price that changed"
sed '3s/$/	and more/' "$WORK/rows" >"$WORK/garbage"
check rows "$WORK/garbage"
expect_verdict 1 '"lost":1,"duplicated":0,"never_sent":0,"wrong_price":0,"disordered":0,"unreadable":1' "a line with too much"
sed '3s/.$//' "$WORK/kafka" >"$WORK/garbage"
check kafka "$WORK/garbage"
expect_verdict 1 '"lost":1,"duplicated":0,"never_sent":0,"wrong_price":0,"disordered":0,"unreadable":1' "JSON that is cut off"
{ sed 1d "$WORK/rows"; head -n 1 "$WORK/rows"; } >"$WORK/late"
check rows "$WORK/late"
expect_verdict 0 '"disordered":1,' "a late row is counted"
check rows "$WORK/late" --in-order
expect_verdict 1 '"disordered":1,' "a late row where order is wanted"

# Deletes, truncations and tombstones are no ticks; schemas may be on, decimals may be numbers.
{
    sed -e 's/^/{"schema":null,"payload":/' -e 's/$/}/' "$WORK/kafka"
    head -n 3 "$WORK/rows" | envelope d
    echo '{"op":"t","source":{}}'
    echo null
    echo
} >"$WORK/other"
check kafka "$WORK/other"
expect_verdict 0 '"lost":0,"duplicated":0' "events that are no ticks"
sed -e 's/"volume":"\([^"]*\)"/"volume":\1/' -e 's/"price":"\([^"]*\)"/"price":\1/' "$WORK/kafka" >"$WORK/numbers"
check kafka "$WORK/numbers"
expect_verdict 0 '"lost":0,' "decimals as numbers"

expect_code 64 "$CHECKER" --ticks 3 /dev/null
expect_code 64 "$CHECKER" --symbols 3 --ticks 3 --as parquet /dev/null
expect_code 66 "$CHECKER" --symbols 3 --ticks 3 "$WORK/none"
printf 'S000\tmany\n' >"$WORK/bad"
expect_code 65 "$CHECKER" --expected "$WORK/bad" /dev/null
printf 'S000\t1\nS000\t1\n' >"$WORK/bad"
expect_code 65 "$CHECKER" --expected "$WORK/bad" /dev/null
expect_code 65 "$CHECKER" --expected /dev/null /dev/null
