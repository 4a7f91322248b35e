# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of `ingest gdelt` share; sourced after tests/lib.sh.

SAMPLE=$ROOT/../shared/data/gdelt/gkg_2015_sample

# gdelt ARGUMENTS...: ingest gdelt into the hub.
gdelt() { "$TICKHOUSE_BIN/ingest" gdelt --url "$HUB_URL" "$@"; }

need_sample() { [ -f "$SAMPLE/gkg.csv" ] || skip "../shared/data/gdelt/gkg_2015_sample is not beside the checkout"; }

# make_zip ZIP MEMBER FILE: an archive as GDELT makes them.
make_zip() { python3 tests/ingest_gdelt/archive.py "$1" "$2" <"$3"; }

# make_gkg SLOT ROWS: rows in the form of gkg.
make_gkg() {
    awk -v slot="$1" -v rows="$2" 'BEGIN {
        for (i = 0; i < rows; i++) {
            printf "%s-%d\t%s\t1\texample.com\thttps://example.com/%s/%d", slot, i, slot, slot, i
            for (column = 6; column <= 27; column++)
                printf "\tc%d-%d", column, i
            printf "\n"
        }
    }'
}

# empty_tables: as after a fresh start.
empty_tables() {
    for table in bronze_gkg bronze_mentions bronze_events ingest_ledger gdelt_marks quarantine; do
        query "TRUNCATE TABLE warehouse.$table"
    done
}

# raw TABLE FEED SLOT: the file of a slot, as bronze has it.
raw() { query "SELECT * EXCEPT (feed, slot, row) FROM warehouse.$1 WHERE feed = '$2' AND slot = '$3' ORDER BY row FORMAT TSVRaw"; }

# ledger COLUMNS FEED: of the feed's slots in their order.
ledger() { query "SELECT $1 FROM warehouse.ingest_ledger_now WHERE feed = '$2' ORDER BY slot FORMAT TSVRaw"; }

# site_start: a site of our own that serves $SITE; $SITE_URL is its address.
site_start() {
    SITE=$WORK/site
    mkdir -p "$SITE"
    : >"$WORK/site.log"
    python3 tests/ingest_gdelt/site.py "$SITE" "$WORK/site.port" "$WORK/site.log" &
    SITE_PID=$!
    trap site_end EXIT
    left=200
    while [ ! -f "$WORK/site.port" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "the site did not start"
        sleep 0.05
    done
    # shellcheck disable=SC2034 # for the script that sources this
    SITE_URL=http://127.0.0.1:$(cat "$WORK/site.port")/gdeltv2/
}

site_end() {
    code=$?
    kill "$SITE_PID" 2>/dev/null || :
    (exit $code) || cleanup
    cleanup
}

# publish NAME FILE: a zip of the text, named NAME.zip, on the site.
publish() { make_zip "$SITE/$1.zip" "$1" "$2"; }

# list_line NAME: the line of a list for a published zip.
list_line() {
    echo "$(wc -c <"$SITE/$1.zip") $(md5sum <"$SITE/$1.zip" | cut -c1-32) http://data.gdeltproject.org/gdeltv2/$1.zip"
}

# requests NAME: how often it was asked for.
requests() { grep -c "^$1 " "$WORK/site.log" || :; }
