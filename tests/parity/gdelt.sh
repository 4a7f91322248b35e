#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every function over GKG fields, on all rows of the real sample, against a parse that was written apart from it.
. tests/lib.sh
folder=$ROOT/../shared/data/gdelt/gkg_2015_sample
[ -f "$folder/gkg.csv" ] || skip "../shared/data/gdelt is not there"

for name in gkg gkgT; do
    query_old "
        WITH splitByChar('\t', line) AS f
        SELECT line,
               gdelt_date(f[2]) AS date, gdelt_counts(f[6]) AS counts, gdelt_counts(f[7]) AS v2_counts, gdelt_themes(f[8]) AS themes,
               gdelt_themes(f[9]) AS v2_themes, gdelt_locations(f[10]) AS locations, gdelt_locations(f[11]) AS v2_locations,
               gdelt_persons(f[12]) AS persons, gdelt_persons(f[13]) AS v2_persons, gdelt_orgs(f[14]) AS organizations,
               gdelt_orgs(f[15]) AS v2_organizations, gdelt_tone(f[16]) AS v2_tone, gdelt_gcam_map(f[18]) AS gcam,
               gdelt_gcam(f[18], 'wc') AS words, gdelt_gcam(f[18], 'v10.1') AS score, gdelt_gcam(f[18], 'c1.1') AS rare,
               gdelt_quotations(f[23]) AS quotations, gdelt_names(f[24]) AS all_names, gdelt_amounts(f[25]) AS amounts,
               gdelt_title(f[27]) AS title, gdelt_authors(f[27]) AS authors
        FROM file('$folder/$name.csv', LineAsString, 'line String')
        FORMAT JSONEachRow
        SETTINGS output_format_json_named_tuples_as_objects = 0, output_format_json_quote_denormals = 0"
done >"$WORK/rows.json"
# GKG 1: lists without offsets, places without offsets, a tone without the number of words.
query_old "
    WITH splitByChar('\t', line) AS f
    SELECT line, gdelt_counts(f[3]) AS counts, gdelt_themes(f[4]) AS themes, gdelt_locations(f[5]) AS locations,
           gdelt_persons(f[6]) AS persons, gdelt_orgs(f[7]) AS organizations, gdelt_tone(f[8]) AS v2_tone
    FROM file('$folder/gkg1.csv', LineAsString, 'line String')
    FORMAT JSONEachRow
    SETTINGS output_format_json_named_tuples_as_objects = 0, output_format_json_quote_denormals = 0" >>"$WORK/rows.json"
python3 tests/parity/gdelt.py <"$WORK/rows.json"
