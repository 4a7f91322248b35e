#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A worker alone, fed what a broken peer could send: truncated and garbage blocks, lying lengths, wrong arguments; and read from as a
# broken peer would: not at all, or slowly. It ends with a sentence and a code, and writes nothing that is not a whole answer.
. tests/lib.sh
worker="$TICKHOUSE_BUILD/user_scripts/ta udf ta_ema"
block=tests/fuzz/corpus/fuzz_native/ta_ema_arguments.native
size=$(wc -c <$block)

# answers INPUT CODE SENTENCE
answers() {
    code=0
    $worker <"$1" >"$WORK/out" 2>"$WORK/err" || code=$?
    expect_equal "$code" "$2" "exit code for $1: $(cat "$WORK/err")"
    grep -qF -- "$3" "$WORK/err" || fail "for $1 the worker does not say '$3': $(cat "$WORK/err")"
    [ "$(wc -l <"$WORK/err")" -le 1 ] || fail "more than one line: $(cat "$WORK/err")"
    [ ! -s "$WORK/out" ] || fail "half an answer was written for $1"
}

$worker <$block >"$WORK/whole" || fail "the whole block"
[ -s "$WORK/whole" ] || fail "no answer to the whole block"

length=1
while [ $length -lt "$size" ]; do
    head -c $length $block >"$WORK/cut"
    answers "$WORK/cut" 65 "cut short"
    length=$((length + 1 + size / 60))
done

head -c 4096 /dev/urandom >"$WORK/noise"
printf '\377\377\377\377\001' | cat - "$WORK/noise" >"$WORK/garbage"
answers "$WORK/garbage" 65 "limit"
printf '\001\200\200\200\200\200\200\200\200\020\001x\016Array(Float64)' >"$WORK/rows_2_60"
answers "$WORK/rows_2_60" 65 "the block claims 1152921504606846976 rows"
printf '\001\001\001x\016Array(Float64)\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >"$WORK/one_argument"
answers "$WORK/one_argument" 65 "got 1 arguments, wanted 2"
printf '\001\001\001x\006Nested' >"$WORK/unknown_type"
answers "$WORK/unknown_type" 65 "this type is not supported"

# a whole block and half of the next: the first is answered
head -c $((size / 2)) $block | cat $block - >"$WORK/one_and_a_half"
code=0
$worker <"$WORK/one_and_a_half" >"$WORK/out" 2>"$WORK/err" || code=$?
expect_equal "$code" 65 "one block and a half"
cmp -s "$WORK/out" "$WORK/whole" || fail "the whole block before a broken one was not answered as it should"

# the table function: blocks must go on as they began
tab="$TICKHOUSE_BUILD/user_scripts/ta table mom(1)"
column() { printf '\001%b\007Float64\000\000\000\000\000\000\360\077' "$1"; }
{ printf '\002\001'; column x; column y; printf '\001\001'; column x; } >"$WORK/fewer"
{ printf '\001\001'; column x; printf '\001\001\001x\005UInt8\001'; } >"$WORK/other"
for input in fewer other; do
    code=0
    $tab <"$WORK/$input" >"$WORK/out" 2>"$WORK/err" || code=$?
    expect_equal "$code" 65 "table blocks that change: $input"
done
grep -qF "column 'x' was Float64 and becomes UInt8" "$WORK/err" || fail "$(cat "$WORK/err")"

# closed standard output: an error, no signal
code=0
(trap '' PIPE; $worker <$block 2>"$WORK/err" >&-) || code=$?
expect_equal "$code" 74 "closed standard output"
grep -qF "cannot write the result" "$WORK/err" || fail "closed standard output: $(cat "$WORK/err")"

# a slow reader gets everything
i=0
while [ $i -lt 2000 ]; do
    cat $block
    i=$((i + 1))
done >"$WORK/many"
$worker <"$WORK/many" | { sleep 0.3; dd bs=777 status=none | md5sum; } >"$WORK/slow"
$worker <"$WORK/many" | md5sum | cmp -s - "$WORK/slow" || fail "a slow reader got something else"
echo "the worker stands truncated, garbage and lying blocks, a closed output and a slow reader"
