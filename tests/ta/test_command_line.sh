#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ta INDICATOR < prices.csv`: options, columns found by name, several tickers in one file, and what is said of bad input.
. tests/lib.sh
ta=$TICKHOUSE_BUILD/user_scripts/ta

cat >"$WORK/prices.csv" <<'CSV'
Ticker,Date,High,Low,Close
A,2024-01-02,2,1,1.5
A,2024-01-03,3,2,2.5
B,2024-01-02,9,8,8.5
B,2024-01-03,9,8,
B,2024-01-04,9,8,9
CSV
expect_equal "$($ta sma --period 2 <"$WORK/prices.csv")" "Ticker,Date,High,Low,Close,sma_2
A,2024-01-02,2,1,1.5,nan
A,2024-01-03,3,2,2.5,2
B,2024-01-02,9,8,8.5,nan
B,2024-01-03,9,8,,nan
B,2024-01-04,9,8,9,nan" "two tickers in one file, and an empty field"

expect_equal "$(printf 'x\n1\n\n2\n\n' | $ta mom --period 1)" "x,mom_1
1,nan
2,1" "blank lines"

expect_equal "$(printf 'x\r\n1\r\n2\r\n' | $ta mom --period=1)" "x,mom_1
1,nan
2,1" "CR LF, one column, an option with ="

# says WHAT COMMAND...: fails with 65 or 64 and says it
says() {
    wanted=$1 what=$2
    shift 2
    expect_code "$wanted" "$@" <"$WORK/in"
    grep -qF -- "$what" "$WORK/err" || fail "'$*' does not say '$what': $(cat "$WORK/err")"
}
: >"$WORK/in"
says 65 "standard input is empty" "$ta" ema
printf 'Date,Close\n2024-01-02,1\n2024-13-02,1\n' >"$WORK/in"
says 65 "line 3: column 'Date': '2024-13-02' is no date" "$ta" ema
printf 'Date,Close\n2024-01-02,1\n2024-01-01,1\n' >"$WORK/in"
says 65 "row 2: column 'Date' falls; order the input by Date" "$ta" ema
printf 'Ticker,Close\nA,1\nB,1\nA,2\n' >"$WORK/in"
says 65 "row 3: 'A' comes again after other series; order the input by Ticker" "$ta" ema
printf 'Close,Date\nx,2024-01-02\n' >"$WORK/in"
says 65 "line 2: column 'Close': 'x' is no number" "$ta" ema
printf 'Close\n1,2\n' >"$WORK/in"
says 65 "line 2 has 2 columns, the header has 1" "$ta" ema
says 65 "atr needs the series 'high', which is not there" "$ta" atr
says 65 "argument 'n' is 0; it must be a whole number" "$ta" ema --period 0
says 65 "argument 'n' is 2.5; it must be a whole number" "$ta" ema --period 2.5
says 64 "--period wants a number, not 'x'" "$ta" ema --period x
says 64 "unknown option '--perod'" "$ta" ema --perod 3
says 64 "unknown command 'emo'" "$ta" emo
says 64 "no function 'ta_emo'" "$ta" udf ta_emo
says 64 "TICKHOUSE_CPU=z80 cannot run on this CPU" env TICKHOUSE_CPU=z80 "$ta" ema
# table's errors also stand on its output, where ClickHouse finds them
says 65 "spec: there is no indicator 'emo'" "$ta" table 'emo(3)'
says 65 "spec: a name is missing before '='" "$ta" table '=ema(12)'
says 65 "spec: a number is wanted where '1e)' stands" "$ta" table 'ema(1e)'
"$ta" table --help | grep -q "usage: ta table SPEC" || fail "ta table --help"

for command in ema macd obv; do
    "$ta" $command --help | grep -q "usage: ta $command" || fail "ta $command --help"
done
"$ta" --version | grep -qE '^ta [0-9]+\.[0-9]+\.[0-9]+$' || fail "ta --version"
"$ta" --complete | grep -qx macd || fail "ta --complete"
echo "the command line of ta holds"
