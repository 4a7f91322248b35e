#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What pgoutput sent and what a real Debezium made of it, recorded side by side: `ingest pgcdc --replay` must print the same topics, keys
# and values byte for byte, but for the times beside "op", at which the message was made. Recordings of other settings, of TOAST, replica
# identities, defaults and arrays are in tests/capture/recorded; 25 more come with the shared data.
. tests/lib.sh

python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" tests/capture/recorded

# The comparison sees a difference.
mkdir "$WORK/changed"
cp tests/capture/recorded/stocks.txmeta.string.schemas_false.* "$WORK/changed"
sed -i '0,/138.08/s//138.09/' "$WORK/changed/stocks.txmeta.string.schemas_false.jsonl"
if python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" "$WORK/changed" >"$WORK/said"; then
    fail "a changed price was not seen"
fi
grep -q '1 differ$' "$WORK/said" || fail "one changed price gave: $(cat "$WORK/said")"

# Of the SQL beside a recording, what could describe a table and is not read is named.
: >"$WORK/empty.pgoutput.jsonl"
cp tests/capture/recorded/stocks.txmeta.string.schemas_false.config.json "$WORK/empty.config.json"
cat >"$WORK/empty.sql" <<'SQL'
/* CREATE DOMAIN a AS int; /* nested */ */ CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE a (id int PRIMARY KEY, m mood); ALTER TABLE a REPLICA IDENTITY FULL;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ ALTER TABLE a ADD c int; $body$;
ALTER TABLE a
    ADD b int;
CREATE TABLE p PARTITION OF a DEFAULT; INSERT INTO a VALUES (1, 'ALTER TABLE');
CREATE DOMAIN d AS int;
SQL
"$TICKHOUSE_BIN/ingest" pgcdc --replay "$WORK/empty.pgoutput.jsonl" --config "$WORK/empty.config.json" 2>"$WORK/said"
expect_equal "$(sed "s|$WORK/||" "$WORK/said")" "empty.sql:4: passed over: ALTER TABLE a ...
empty.sql:6: passed over: CREATE TABLE p PARTITION OF a DEFAULT
empty.sql:7: passed over: CREATE DOMAIN d AS int" "what the SQL says besides"

recorded=../shared/data/debezium/captured
[ -d "$recorded" ] || skip "the recordings $recorded are not here"
python3 tests/capture/compare.py "$TICKHOUSE_BIN/ingest" "$recorded"
