#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ./tickhouse sql: one query, a file of statements, rows on stdin, errors.
# shellcheck source=tests/lib.sh
. tests/lib.sh

expect_code 69 "$TICKHOUSE" sql --data "$WORK/nothing" "SELECT 1"
expect_match "$(cat "$WORK/err")" "*no hub runs on $WORK/nothing; start it with './tickhouse up --data $WORK/nothing'*" "no hub"

hub_start
sql() { "$TICKHOUSE" sql --data "$HUB_DATA" "$@"; }

expect_equal "$(sql "SELECT 1, 'a b'" </dev/null)" "1	a b" "one query"
expect_equal "$(sql "SELECT 'it''s 100% \"quoted\" & \\\\ + done'")" "it\\'s 100% \"quoted\" & \\\\ + done" "odd characters arrive"
expect_equal "$(sql --format CSV "SELECT 1, 'x'")" '1,"x"' "a format"
expect_equal "$("$TICKHOUSE" sql --url "$HUB_URL" "SELECT 7")" 7 "by address"
expect_equal "$(sql "SELECT 1 WHERE 0")" "" "no rows"
expect_equal "$(sql "SELECT number FROM numbers(3000000)" | tail -n 1)" 2999999 "a long answer arrives whole"
expect_equal "$(sql --format RowBinary "SELECT toUInt16(256)" | od -An -tx1 | tr -d ' ')" 0001 "bytes are left alone"

# Statements end with ';' at the end of a line; one that holds ';' inside is not cut.
expect_equal "$(
    sql <<'EOF'
-- a comment
CREATE DATABASE s ENGINE = Atomic;
CREATE TABLE s.t (n UInt64, text String)
    ENGINE = MergeTree ORDER BY n;

INSERT INTO s.t VALUES (1, 'a;b'),
    (2, 'c');
SELECT text FROM s.t ORDER BY n;
SELECT count() FROM s.t
EOF
)" "a;b
c
2" "a file of statements"

printf '3,x\n4,y\n' | sql "INSERT INTO s.t FORMAT CSV"
expect_equal "$(sql "SELECT count(), sum(n) FROM s.t")" "4	10" "rows from stdin"

# An error: its code and its sentence on stderr, nothing on stdout, exit code 65; what follows it is not run.
expect_code 65 sql "SELECT nosuch FROM s.t"
expect_equal "$(cat "$WORK/out")" "" "nothing on stdout"
expect_match "$(cat "$WORK/err")" "Code: 47. *nosuch*(UNKNOWN_IDENTIFIER)" "the error"
printf 'SELECT 1;\nSELECT nosuch;\nDROP TABLE s.t;\n' >"$WORK/bad.sql"
expect_code 65 sql <"$WORK/bad.sql"
expect_equal "$(cat "$WORK/out")" 1 "what stands before the error is run"
expect_equal "$(sql "EXISTS TABLE s.t")" 1 "what stands after it is not"

# An error after rows were sent is one, too.
expect_code 65 sql "SELECT throwIf(number = 2000000) FROM numbers(3000000) SETTINGS max_block_size = 1000"
expect_match "$(cat "$WORK/err")" "*FUNCTION_THROW_IF_VALUE_IS_NON_ZERO*" "an error in the middle"

expect_code 69 "$TICKHOUSE" sql --url http://127.0.0.1:1 "SELECT 1"
expect_match "$(cat "$WORK/err")" "*127.0.0.1*" "nobody there"
hub_stop
