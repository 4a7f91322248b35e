#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every case of tests/cases/FUNCTION/CASE: query.sql gives exactly expected.tsv, or an error that holds the sentence of error.txt.
# Usage: run.sh hub | old: through the hub that tests share, or in query mode on the older engine.
set -eu
. tests/lib.sh
mode=$1
cases=tests/cases
failed=0

[ "$mode" != hub ] || hub_use

ask() {
    if [ "$mode" = hub ]; then
        curl -sS --fail-with-body --data-binary @- "$HUB_URL/" <"$1"
    else
        query_old "$(cat "$1")"
    fi
}

report() {
    echo "FAILED: $1" >&2
    failed=$((failed + 1))
}

# Functions without a case are a defect of the tests.
for family in "$TICKHOUSE_BUILD"/user_scripts/*; do
    case ${family##*/} in *-*) continue ;; esac # a program beside its family
    [ ! -f "$family" ] || "$family" list
done | sed 's/(.*//' | while read -r function; do
    ls "$cases/$function"/*/query.sql >/dev/null 2>&1 || echo "$function"
done >"$WORK/missing"
[ ! -s "$WORK/missing" ] || fail "no case in tests/cases for: $(tr '\n' ' ' <"$WORK/missing")"

# All queries that succeed run as one script, since an engine in query mode takes half a second to start.
succeeding=0
for expected in "$cases"/*/*/expected.tsv; do
    folder=${expected%/expected.tsv}
    printf "SELECT '== %s' FORMAT TSVRaw;\n%s\nFORMAT TSV;\n" "$folder" "$(cat "$folder/query.sql")" >>"$WORK/script.sql"
    printf '== %s\n%s\n' "$folder" "$(cat "$expected")" >>"$WORK/expected"
    succeeding=$((succeeding + 1))
done
if [ "$mode" = hub ]; then
    for expected in "$cases"/*/*/expected.tsv; do
        folder=${expected%/expected.tsv}
        printf '== %s\n' "$folder"
        ask "$folder/query.sql" || :
    done >"$WORK/found"
else
    ask "$WORK/script.sql" >"$WORK/found" || :
fi
diff -u "$WORK/expected" "$WORK/found" >&2 || report "results differ from what is expected (- expected, + found)"

failing=0
for error in "$cases"/*/*/error.txt; do
    folder=${error%/error.txt}
    failing=$((failing + 1))
    if ask "$folder/query.sql" >"$WORK/found" 2>&1; then
        report "$folder: an error was expected, found: $(cat "$WORK/found")"
    elif ! grep -qF -- "$(cat "$error")" "$WORK/found"; then
        report "$folder: the error does not say: $(cat "$error")
$(cat "$WORK/found")"
    fi
done

echo "$succeeding results and $failing errors checked on $mode"
[ "$failed" -eq 0 ] || exit 1
