#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# warehouse.dim_alias holds every line of the alias files, or fails with the line that is broken: never a part of them.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
cp -r "$TICKHOUSE_BUILD/user_scripts" "$WORK/user_scripts"
aliases=$WORK/user_scripts/aliases
ask() { SCRIPTS=$WORK/user_scripts query_new "CREATE DATABASE warehouse; $(cat schemas/0035_alias.sql) $1"; }

lines=$(cat "$aliases"/*.tsv | grep -cv -e '^#' -e '^$' -e '^ticker	')
expect_equal "$(ask "SELECT count() FROM warehouse.dim_alias")" "$lines" "aliases of all files"
expect_equal "$(ask "SELECT alias FROM warehouse.dim_alias LIMIT 3" | wc -l)" 3 "the first of them"

curated=$(wc -l <"$aliases/curated.tsv")
echo "a broken line" >>"$aliases/curated.tsv"
expect_code 65 ask "SELECT count() FROM warehouse.dim_alias"
expect_match "$(cat "$WORK/err")" "*curated.tsv, line $((curated + 1)): fewer than the 6 columns*" "a broken line"
expect_equal "$(cat "$WORK/out")" "" "no count"
rm -r "$aliases"
expect_code 65 ask "SELECT count() FROM warehouse.dim_alias"
expect_match "$(cat "$WORK/err")" "*the alias folder $aliases cannot be read*" "no folder"
