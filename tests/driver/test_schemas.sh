#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A schema that failed at the first start, and one that is newer than the hub: the next up applies it, and says so once.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine

# A tree whose schemas are this test's.
mkdir "$WORK/tree"
cp -r tickhouse schemas "$WORK/tree/"
for part in scripts hub clickhouse-config CMakeLists.txt; do ln -s "$ROOT/$part" "$WORK/tree/$part"; done
TICKHOUSE=$WORK/tree/tickhouse
hub_register "$WORK/hub"
up() { "$TICKHOUSE" up --data "$WORK/hub" --http-port 0 --tcp-port 0; }

echo "CREATE TABEL warehouse.mine (n UInt8) ENGINE = Memory;" >"$WORK/tree/schemas/0900_mine.sql"
expect_code 65 up
expect_match "$(cat "$WORK/err")" "*SYNTAX_ERROR*0900_mine.sql*" "the schema that fails is named"
expect_code 65 up
echo "CREATE TABLE IF NOT EXISTS warehouse.mine (n UInt8) ENGINE = Memory;" >"$WORK/tree/schemas/0900_mine.sql"
expect_code 0 up
expect_match "$(cat "$WORK/out")" "already up*the schema was brought up to date*" "the schema that was mended"
expect_equal "$("$TICKHOUSE" sql --data "$WORK/hub" "EXISTS TABLE warehouse.mine")" 1 "its table is there"
expect_code 0 up
expect_match "$(cat "$WORK/out")" "already up*nothing changed*" "the up after it"
"$TICKHOUSE" down --data "$WORK/hub" >/dev/null
