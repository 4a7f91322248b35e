#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whole GKG files on one core: unzip, split, parse and link, beside zlib's inflate alone and beside Python; then tickers for a million
# rows by SQL. The files are made of real rows, as large as GDELT's (bench/gkg/archive.py).
# Usage: ./tickhouse bench gkg
# shellcheck source=tests/lib.sh
. tests/lib.sh
sample=$ROOT/../shared/data/gdelt/gkg_2015_sample
[ -f "$sample/gkg.csv" ] || skip "../shared/data/gdelt is not there"
rounds=${BENCH_ROUNDS:-31}
bytes=12000000
TICKHOUSE_ALIASES=$TICKHOUSE_BUILD/user_scripts/aliases
export TICKHOUSE_ALIASES

# One core for ours and for Python's threads.
one_core() { taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')" "$@"; }

for name in gkg gkgT; do
    printf '%s: %s\n' "$name" "$(python3 bench/gkg/archive.py "$sample/$name.csv" "$WORK/$name.zip" "$bytes")"
    one_core "$TICKHOUSE_BIN/gkg_bench" "$WORK/$name.zip" "$rounds" >"$WORK/$name.ours"
done
if python=$("$ROOT/scripts/peers.sh" gkg); then
    "$TICKHOUSE_BUILD/user_scripts/gdelt" aliases >"$WORK/aliases.tsv"
    one_core "$python/bin/python" bench/gkg/peer.py "$WORK/aliases.tsv" "$WORK/gkg.zip" "$WORK/gkgT.zip" >"$WORK/peer"
else
    echo "without Python: its packages could not be installed" >&2
    : >"$WORK/peer"
fi

for name in gkg gkgT; do
    printf '\n| %s, one core, %s runs | best ms | median ms | MB/s of text | rows/s | of zlib'"'"'s time |\n| --- | --- | --- | --- | --- | --- |\n' "$name" "$rounds"
    grep "/$name.zip" "$WORK/peer" | cut -f 2,4,5 | sed 's/^unzip/Python, unzip/; s/^whole/Python, as gdeltPyR/; s/^lean/Python, as lean as it goes/' |
        cat "$WORK/$name.ours" - |
        awk -F '\t' '
            NF == 2 { size[$1] = $2; next }
            zlib == 0 { zlib = $2; $1 = $1 ", inflate alone" }
            $1 == "inflate" { $1 = "ours: inflate and CRC" }
            $1 == "split" { $1 = "ours: and 27 columns of each row" }
            $1 == "parse" { $1 = "ours: and tone, title, canonical URL" }
            $1 == "link" { $1 = "ours: and tickers, so all of it"; ours = $2 }
            { rate = $1 ~ /zlib|inflate|columns|unzip/ ? "" : sprintf("%d", 1000 * size["rows"] / $2)
              printf "| %s | %.1f | %.1f | %.0f | %s | %.2f |\n", $1, $2, $3, size["bytes"] / $2 / 1e3, rate, $2 / zlib }
            $1 == "ours: inflate and CRC" { inflate = $2 }
            $1 == "Python, unzip" { unzip = $2; next }
            /Python/ { times = times sprintf("; %s: %.1f times as long as ours, %.1f times without unzipping", $1, $2 / ours,
                                             ($2 - unzip) / (ours - inflate)) }
            END { printf "\n%d rows, %d links%s\n", size["rows"], size["links"], times }'
done

# A million rows in SQL: the three columns that the linker reads, as bronze has them, a hundred in turn.
hub_start "$WORK/hub"
query "CREATE TABLE linked (v2_organizations String CODEC(ZSTD), all_names String CODEC(ZSTD), extras String CODEC(ZSTD)) ENGINE = MergeTree ORDER BY ()"
query "INSERT INTO linked SELECT row.1, row.2, row.3 FROM numbers(10000) ARRAY JOIN (
    SELECT groupArray((f[15], f[24], f[27]))
    FROM (SELECT splitByChar('\t', line) AS f FROM file('$sample/gkg.csv', LineAsString, 'line String'))) AS row"

# seconds QUERY THREADS: the best of three, as the server counts.
seconds() {
    for _ in 1 2 3; do
        query "$1 SETTINGS max_threads = $2 FORMAT JSON" | sed -n 's/.*"elapsed": *\([0-9.]*\).*/\1/p'
    done | sort -n | head -n 1
}
printf '\n| SQL over %s rows | s, 1 thread | s, 2 threads |\n| --- | --- | --- |\n' "$(query 'SELECT count() FROM linked')"
for what in 'the columns alone|cityHash64(v2_organizations, all_names, extras)' 'titles|length(gdelt_title(extras))' \
    'tickers|length(gdelt_tickers(v2_organizations, all_names, gdelt_title(extras)))'; do
    sql="SELECT sum(${what#*|}) FROM linked"
    printf '| %s | %.2f | %.2f |\n' "${what%%|*}" "$(seconds "$sql" 1)" "$(seconds "$sql" 2)"
done
