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
    for table in bronze_gkg bronze_mentions bronze_events ingest_ledger quarantine; do
        query "TRUNCATE TABLE warehouse.$table"
    done
}

# raw TABLE FEED SLOT: the file of a slot, as bronze has it.
raw() { query "SELECT * EXCEPT (feed, slot, row) FROM warehouse.$1 WHERE feed = '$2' AND slot = '$3' ORDER BY row FORMAT TSVRaw"; }

# ledger COLUMNS FEED: of the feed's slots in their order.
ledger() { query "SELECT $1 FROM warehouse.ingest_ledger_now WHERE feed = '$2' ORDER BY slot"; }
