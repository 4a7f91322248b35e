#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A table function that is asked for something wrong says so in the query's error, whatever rows were meant for it: not an empty table, and
# not a broken pipe.
. tests/lib.sh

rows="(SELECT toString(number) AS ticker, toDate('2020-01-01') AS date, number / 3 AS x FROM numbers(3000000))"
# refused COMMAND SENTENCE
refused() {
    for input in '' ", $rows"; do
        expect_code 65 query_new "SELECT count() FROM executable('$1', Native, 'a Float64'$input)"
        grep -qF -- "$2" "$WORK/err" || fail "'$1' does not say '$2': $(cat "$WORK/err")"
    done
}
refused 'ta table nonsense(' 'there is no indicator "nonsense"'
refused 'ta table a b' 'table wants one spec without spaces'
refused 'ta table --nonsense' 'unknown option "--nonsense"'
refused 'cal calendar x' 'calendar takes no words'
refused 'cal calendar --nonsense' 'unknown option "--nonsense"'
refused 'nn sequences --nonsense' 'unknown option "--nonsense"'
refused 'nn models --nonsense' 'unknown option "--nonsense"'
refused 'nn models --output csv' '--output is native or tsv'
refused 'nn-train train --nonsense' 'unknown option "--nonsense"'
echo "sentences come through"
