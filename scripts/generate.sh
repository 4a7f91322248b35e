#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes what is made of the families' lists, clickhouse-config/functions/<family>_function.xml and docs/functions.md, and the candles' views.
# Usage: generate.sh BUILD FOLDER: from the executables of BUILD/user_scripts, into FOLDER (the repository's root, or a test's folder).
set -eu
build=$1
folder=$2
mkdir -p "$folder/clickhouse-config/functions" "$folder/docs" "$folder/schemas"
sh scripts/generate_ohlc.sh >"$folder/schemas/0086_ohlc.sql"
{
    cat <<EOF
# Functions

<!-- Written by scripts/generate.sh from the families' lists; a test fails when it differs. -->

Arguments are converted to the types given here; what does not fit is an error that names the argument. They are not Nullable: for a NULL,
ClickHouse itself ends the query (349), so write \`coalesce(title, '')\`.
EOF
    for family in "$build"/user_scripts/*; do
        case ${family##*/} in *-*) continue ;; esac # a program beside its family, as nn-train
        [ -f "$family" ] && [ -x "$family" ] || continue
        "$family" print-xml >"$folder/clickhouse-config/functions/${family##*/}_function.xml"
        "$family" print-docs
    done
} >"$folder/docs/functions.md"
