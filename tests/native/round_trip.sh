#!/bin/sh
# Every type of types.tsv goes through native_echo and must come back the same, for blocks of 1, 1,000 and (a few types) 1,000,000
# rows, whole, cut and put together again, and with dictionaries spelt out. Usage: round_trip.sh new | old
set -eu
. tests/lib.sh
here=tests/native
SCRIPTS=$TICKHOUSE_BUILD/test_scripts
tab=$(printf '\t')

# check TYPE EXPRESSION ROWS MODE: one SELECT that prints 1 when both hashes are equal
check() {
    case $4 in plain) declared=$(printf %s "$1" | sed -E 's/LowCardinality\((String|Nullable\(String\)|FixedString\(3\))\)/\1/g') ;; *) declared=$1 ;; esac
    quoted=$(printf %s "$declared" | sed "s/\\\\/\\\\\\\\/g; s/'/\\\\'/g")
    source="SELECT CAST($2 AS $1) AS c FROM numbers($3)"
    hash='(SELECT (count(), sum(cityHash64(toString(c), rowNumberInAllBlocks()))) FROM'
    settings='SETTINGS stderr_reaction = '"'throw'"', check_exit_code = true'
    printf "%s\n" "SELECT throwIf($hash ($source)) != $hash executable('native_echo $4', Native, 'c $quoted', ($source), $settings)), '$4 of $3 rows of $quoted differs') FORMAT Null;"
}

while IFS="$tab" read -r type expression; do
    for mode in whole split plain; do
        for rows in 1 1000; do
            check "$type" "$expression" $rows $mode
        done
    done
done < $here/types.tsv > "$WORK/checks.sql"
for mode in whole split; do
    check "Float64" "number / 3" 1000000 $mode
    check "Array(Float64)" "range(number % 3)" 1000000 $mode
    check "String" "toString(number)" 1000000 $mode
    check "LowCardinality(String)" "toString(number % 70000)" 1000000 $mode
done | sed 's/FORMAT Null/SETTINGS max_block_size = 1000000, max_insert_block_size = 1000000, preferred_block_size_bytes = 0 FORMAT Null/' >> "$WORK/checks.sql"

# An argument holds 128 KiB at most.
split -l 60 "$WORK/checks.sql" "$WORK/part."
for part in "$WORK"/part.*; do
    "query_$1" "SET allow_suspicious_low_cardinality_types = 1, max_threads = 1, session_timezone = 'UTC'; $(cat "$part")" ||
        fail "round trip through the $1 engine"
done
echo "$(wc -l <"$WORK/checks.sql") round trips through the $1 engine are exact"
