#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Articles that GDELT lists with their address for telephones: how many pairs get one canonical form. Publishers who give the other page
# another name altogether cannot be matched by rules; the rest must stay matched.
. tests/lib.sh
titles=$ROOT/../shared/data/gdelt/titles/gdelt_titles_part1.csv
[ -f "$titles" ] || skip "../shared/data/gdelt is not there"
query_old "
    SELECT count(), countIf(url_canonical(URL) = url_canonical(MobileURL)), countIf(URL = MobileURL),
           countIf(url_canonical(URL) != url_canonical(url_canonical(URL)) OR url_canonical(MobileURL) != url_canonical(url_canonical(MobileURL)))
    FROM file('$titles', CSVWithNames, 'URL String, MobileURL String, Date String, Title String') WHERE MobileURL != ''" >"$WORK/counts"
read -r pairs matched equal unstable <"$WORK/counts"
echo "$pairs pairs of addresses: $matched get one form ($equal are equal as they stand)"
expect_equal 0 "$unstable" "forms that are not their own"
[ "$((matched * 100))" -ge "$((pairs * 70))" ] || fail "fewer than 70 of 100 pairs get one form"
