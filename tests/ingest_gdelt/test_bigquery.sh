#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The statements of docs/ingest-gdelt.md for BigQuery's exports, as they stand there: CSV and Parquet with BigQuery's column names and
# types give the bronze rows that the files of GDELT give.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest_gdelt/common.sh
. tests/ingest_gdelt/common.sh
hub_start "$WORK/hub"

# statement MARK: the SQL below the comment of that name.
statement() { awk -v mark="<!-- $1 -->" '$0 == mark { found = 1; next } found && /^```$/ { exit } found && !/^```sql$/' docs/ingest-gdelt.md; }

# Values that a CSV has to quote, and none at all.
make_gkg 20250101120000 3 | sed -e '2s/c26-1/a "quoted", text/; 2s/c27-1/ c27-1 /' -e '3s/c7-2//' >"$WORK/20250101120000.gkg.csv"
make_gkg 20250101120000 2 | sed 's/^\([0-9]*\)-/\1-T/' >"$WORK/20250101120000.translation.gkg.csv"
sources=$WORK/20250101120000.gkg.csv
translated=$WORK/20250101120000.translation.gkg.csv
if [ -f "$SAMPLE/gkg.csv" ]; then
    awk -F '\t' '$2 == "20150218230000"' "$SAMPLE/gkg.csv" >"$WORK/20150218230000.gkg.csv"
    sources="$sources $WORK/20150218230000.gkg.csv"
fi
# shellcheck disable=SC2086 # a list of files
expect_code 0 gdelt $sources "$translated"
# Without `row`, which is the line here and the record's number there: the real file is an excerpt, where the two differ.
content() { query "SELECT count(), sum(cityHash64(* EXCEPT (row))), sumIf(row, slot > '2016-01-01') FROM warehouse.bronze_gkg"; }
wanted=$(content)

export_as() {
    query "SELECT record_id AS GKGRECORDID, toInt64(date) AS DATE, toInt64(source_collection) AS SourceCollectionIdentifier,
        source_name AS SourceCommonName, document AS DocumentIdentifier, counts AS Counts, nullIf(v2_counts, '') AS V2Counts, themes AS Themes,
        v2_themes AS V2Themes, locations AS Locations, v2_locations AS V2Locations, persons AS Persons, v2_persons AS V2Persons,
        organizations AS Organizations, v2_organizations AS V2Organizations, v2_tone AS V2Tone, dates AS Dates, gcam AS GCAM,
        sharing_image AS SharingImage, related_images AS RelatedImages, social_image_embeds AS SocialImageEmbeds,
        social_video_embeds AS SocialVideoEmbeds, quotations AS Quotations, all_names AS AllNames, amounts AS Amounts,
        translation_info AS TranslationInfo, extras AS Extras
        FROM warehouse.bronze_gkg SETTINGS format_csv_null_representation = '' FORMAT $1" >"$WORK/export.$1"
}
# BigQuery quotes only what needs it: a value with spaces around it does not.
export_as CSVWithNames
sed -i 's/" c27-1 "/ c27-1 /; s/,"c8-1",/,c8-1,/' "$WORK/export.CSVWithNames"
export_as Parquet
for format in CSVWithNames Parquet; do
    empty_tables
    "$TICKHOUSE" sql --data "$HUB_DATA" "$(statement bigquery) FORMAT $format" <"$WORK/export.$format" || fail "the statement fails for $format"
    expect_equal "$(content)" "$wanted" "bronze from $format"
    query "$(statement "bigquery ledger")"
    # shellcheck disable=SC2086
    expect_code 0 gdelt $sources "$translated"
    expect_match "$(cat "$WORK/err")" "*: 0 loaded, *" "the ledger knows what came by $format"
    "$TICKHOUSE" sql --data "$HUB_DATA" "$(statement bigquery) FORMAT $format" <"$WORK/export.$format" || fail "the statement fails for $format again"
    expect_equal "$(content)" "$wanted" "the same export again"
done
hub_stop
