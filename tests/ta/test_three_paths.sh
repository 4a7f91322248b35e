#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The array function, the table function and the command line give the same bits, for every indicator with its usual parameters,
# on the shipped bars. NaN counts as equal to NaN.
. tests/lib.sh
ta=$TICKHOUSE_BUILD/user_scripts/ta
[ -f samples/prices/nvda_us_d.csv ] || skip "samples/ is not there"
cp samples/prices/nvda_us_d.csv "$WORK/bars.csv"
bars="file('$WORK/bars.csv', CSVWithNames, 'Date Date, Open Float64, High Float64, Low Float64, Close Float64, Volume Float64')"
count=0

# Of every function of ta.def: its name, its inputs as columns, its usual parameters, its number of outputs.
sed -n 's/^TA_FUNCTION(\([a-z_0-9]*\), *\(.*\)$/\1/p' udf/ta/ta.def >"$WORK/names"
: >"$WORK/script.sql"
while read -r name; do
    "$ta" "$name" <"$WORK/bars.csv" >"$WORK/$name.csv" || fail "ta $name"
    outputs=$(head -n 1 "$WORK/$name.csv" | tr ',' '\n' | tail -n +7)
    signature=$("$ta" list | sed -n "s/^ta_$name(\(.*\))	.*/\1/p")
    arguments=
    for argument in $(echo "$signature" | tr ',' ' '); do
        case $argument in
        x) arguments="$arguments, c" ;;
        open | high | low | close | volume) arguments="$arguments, $(echo "$argument" | cut -c1)" ;;
        *)
            option=$argument
            [ "$argument" != n ] || option=period
            arguments="$arguments, $("$ta" "$name" --help | sed -n "s/.*--$option N .*(default \(.*\))/\1/p")" ;;
        esac
    done
    columns='Date Date, Open Float64, High Float64, Low Float64, Close Float64, Volume Float64'
    for output in $outputs; do
        columns="$columns, $output Float64"
    done
    k=0
    for output in $outputs; do
        k=$((k + 1))
        element=
        [ "$(echo "$outputs" | wc -l)" -eq 1 ] || element=.$k
        bits="groupArray(if(isNaN($output), 1, reinterpretAsUInt64($output)))" # 0 would be the bits of 0.0
        cat >>"$WORK/script.sql" <<SQL
WITH (SELECT arraySort(groupArray((Date, Open, High, Low, Close, Volume))) FROM $bars) AS bars,
    bars.2 AS o, bars.3 AS h, bars.4 AS l, bars.5 AS c, bars.6 AS v,
    arrayMap(x -> if(isNaN(x), 1, reinterpretAsUInt64(x)), ta_$name(${arguments#, })$element) AS by_array,
    (SELECT $bits FROM executable('ta table $name', Native, '$columns', (SELECT * FROM $bars ORDER BY Date),
        SETTINGS check_exit_code = 1)) AS by_table,
    (SELECT $bits FROM file('$WORK/$name.csv', CSVWithNames, '$columns')) AS by_command
SELECT throwIf(length(by_array) < 1000 OR by_array != by_table, '$name: the table function differs'),
    throwIf(by_array != by_command, '$name: the command line differs') FORMAT Null;
SQL
        count=$((count + 1))
    done
done <"$WORK/names"
[ "$count" -gt 36 ] || fail "only $count outputs found"
query_new "$(cat "$WORK/script.sql")" || fail "the three paths differ"
echo "$count outputs have the same bits by array function, table function and command line"
