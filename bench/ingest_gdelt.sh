#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# GKG files into bronze: `ingest gdelt` over zips of full size, beside reading and checking alone (--dry-run) and beside the hub's own
# reader, which takes the unpacked text into the same table without ledger, checksums or checks. Then bytes an article: GDELT's own
# zip, bronze, and bronze without GCAM. The rows are real ones of ../shared/data, repeated with ids and addresses of their own.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
runs=${BENCH_RUNS:-5}
slots=${BENCH_SLOTS:-24}
need_sample
hub_start "$WORK/hub"

mkdir "$WORK/texts" "$WORK/zips"
for number in $(seq 0 $((slots - 1))); do
    slot=20250301$(printf '%02d%02d00' $((number / 4)) $((number % 4 * 15)))
    cat "$SAMPLE/gkg.csv" "$SAMPLE/gkgT.csv" | awk -F '\t' -v OFS='\t' -v slot="$slot" -v number="$number" '
        { row[NR] = $0 }
        END {
            for (i = 0; i < 1000; i++) {
                $0 = row[(i * 7 + number * 13) % NR + 1]
                $1 = slot "-" i
                $2 = slot
                $5 = $5 "?" number "-" i
                print
            }
        }' >"$WORK/texts/$slot.gkg.csv"
done
python3 tests/ingest_gdelt/publish.py "$WORK/texts" "$WORK/zips" >"$WORK/list"
bytes=$(cat "$WORK"/texts/* | wc -c)
columns=$(query "SELECT arrayStringConcat(groupArray(name || ' String'), ', ') FROM system.columns
    WHERE database = 'warehouse' AND table = 'bronze_gkg' AND name NOT IN ('feed', 'slot', 'row')")

by_check() { gdelt --quiet --dry-run "$WORK/zips"; }
by_ingest() { gdelt --quiet "$WORK/zips"; }
by_ingest_without_gcam() { gdelt --quiet --drop-gcam "$WORK/zips"; }
by_hub() {
    query "INSERT INTO warehouse.bronze_gkg SELECT 'gkg', parseDateTime(date, '%Y%m%d%H%i%S', 'UTC'), toUInt32(splitByChar('-', record_id)[2]) + 1, *
        FROM file('$WORK/texts/*', TSVRaw, '$(echo "$columns" | sed "s/'/\\\\'/g")')"
}

# measure WAY: milliseconds of every run, sorted.
measure() {
    for _ in $(seq "$runs"); do
        empty_tables
        from=$(date +%s%N)
        "by_$1"
        echo $((($(date +%s%N) - from) / 10000))
    done | sort -n | awk '{ printf "%.2f\n", $1 / 100 }'
}

row() {
    echo "$2" | awk -v name="$1" -v bytes="$bytes" -v ours="$best" '
        { t[NR] = $1 }
        END { printf "| %s | %.0f | %.0f | %.1f | %.2f |\n", name, t[1], t[int((NR + 1) / 2)], bytes / t[1] / 1000, t[1] / ours }'
}

content() { query "SELECT count(), sum(cityHash64(*)) FROM warehouse.bronze_gkg"; }
by_ingest
wanted=$(content)
empty_tables
by_hub
expect_equal "$(content)" "$wanted" "both ways load the same rows"
printf '%s zips of 1,000 rows, %s bytes of text; %s runs each\n\n' "$slots" "$bytes" "$runs"
times=$(measure ingest)
best=$(echo "$times" | head -n 1)
echo "| way | best ms | median ms | MB/s of text (best) | times as long as ingest |"
echo "| --- | --- | --- | --- | --- |"
row "ingest gdelt: zips into bronze, with ledger" "$times"
row "the same without GCAM (--drop-gcam)" "$(measure ingest_without_gcam)"
row "unzip, split and check alone (--dry-run)" "$(measure check)"
row "the hub's own reader, INSERT SELECT FROM file() of the text" "$(measure hub)"

# Bytes an article, of the real rows once: what repeats compresses too well.
stored() { query "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'warehouse' AND table LIKE '$1'"; }
mkdir "$WORK/real" "$WORK/real_zips"
cp "$SAMPLE/gkg.csv" "$WORK/real/20150218230000.gkg.csv"
cp "$SAMPLE/gkgT.csv" "$WORK/real/20150218224500.translation.gkg.csv"
python3 tests/ingest_gdelt/publish.py "$WORK/real" "$WORK/real_zips" >/dev/null
articles=$(cat "$WORK"/real/* | wc -l)
empty_tables
gdelt --quiet "$WORK/real_zips"
bronze=$(stored bronze_gkg)
for table in article ticker daily slot; do query "TRUNCATE TABLE warehouse.news_$table"; done
"$TICKHOUSE" relink --data "$HUB_DATA" 2>/dev/null
for table in article ticker; do query "OPTIMIZE TABLE warehouse.news_$table FINAL"; done
silver=$(stored 'news\_%')
empty_tables
gdelt --quiet --drop-gcam "$WORK/real_zips"
without=$(stored bronze_gkg)
printf '\nBytes an article, %s real ones of 2015 and 2020:\n\n| text | zip as GDELT sends it | bronze | bronze without GCAM | silver |\n| --- | --- | --- | --- | --- |\n' "$articles"
echo "$(cat "$WORK"/real/* | wc -c) $(cat "$WORK"/real_zips/* | wc -c) $bronze $without $silver" |
    awk -v n="$articles" '{ printf "| %.0f | %.0f | %.0f (%.2f of the zip) | %.0f (%.2f) | %.0f (%.2f) |\n", $1 / n, $2 / n, $3 / n, $3 / $2, $4 / n, $4 / $2, $5 / n, $5 / $2 }'
hub_stop
