#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Alias files that are replaced while queries run: each answer is the old file's or the new one's, none is an error; a broken file
# changes nothing and says why; the table of aliases is what the linker reads; a text of 100 MB is read up to a ceiling.
. tests/lib.sh
mkdir "$WORK/aliases"
export TICKHOUSE_ALIASES="$WORK/aliases"
# Renamed into place, as a careful hand does it: no reader sees half a file.
put() {
    printf '%b' "$1" >"$WORK/new"
    mv "$WORK/new" "$WORK/aliases/mine.tsv"
}
old='OLD\tZorp\tname\t\t\t\n'
new='NEW\tZorp Works\tname\t2020-01-01\t\t\nNEW\tZorp\tname\t\t\tevidence\n'
put "$old"
hub_start
found() { query "SELECT arrayStringConcat(arrayMap(t -> t.ticker, gdelt_tickers('Zorp Works,7', '', '')))"; }
expect_equal "$(found)" OLD "the first file"

put "$new"
expect_equal "$(found)" NEW "the one that replaced it"
expect_equal "$(query "SELECT ticker, alias, kind, valid_from, needs FROM executable('gdelt aliases', TSV, 'ticker String, alias String, kind String, valid_from Nullable(Date), valid_to Nullable(Date), needs String, file String') WHERE needs = ''")" \
    "NEW	Zorp Works	name	2020-01-01	" "the aliases as rows"

put 'OLD\tZorp\tnmae\t\t\t\n'
expect_equal "$(found)" NEW "a broken file"
expect_code 65 "$TICKHOUSE_BUILD/user_scripts/gdelt" aliases
expect_match "$(cat "$WORK/err")" "*mine.tsv, line 1, column 'kind': 'nmae' is not a kind: *" "what is wrong with it"

# 200 replacements under four clients; blocks of 1,000 rows, so that a query sees several files.
put "$old"
: >"$WORK/answers"
client() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        query "SELECT DISTINCT arrayMap(t -> t.ticker, gdelt_tickers(concat('Zorp Works,', toString(number)), '', '')) FROM numbers(30000) SETTINGS max_block_size = 1000" || echo failed
    done >>"$WORK/answers"
}
clients=
for _ in 1 2 3 4; do
    client &
    clients="$clients $!"
done
round=0
while [ "$round" -lt 100 ]; do
    put "$new"
    put "$old"
    round=$((round + 1))
done
for pid in $clients; do wait "$pid"; done
[ -s "$WORK/answers" ] || fail "no client had an answer"
expect_equal "$(sort -u "$WORK/answers" | grep -vxE "\['(OLD|NEW)'\]" || :)" "" "an answer that no file gives"
expect_equal "$(found)" OLD "the last file"

rm "$WORK/aliases/mine.tsv"
expect_equal "$(found)" OLD "no file at all"
put "$new"
expect_equal "$(query "SELECT length(gdelt_tickers('', '', concat(repeat(repeat('a b, ', 1000), 20000), 'Zorp Works')))")" 0 "a title of 100 MB"
echo "aliases are replaced, refused and shown"
