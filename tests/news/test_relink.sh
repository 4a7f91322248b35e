#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# relink: refuses what it does not understand before anything is emptied, and loses nothing when it is killed.
. tests/lib.sh
hub_start
"$TICKHOUSE_BIN/ingest" gdelt --quiet --input samples/news --url "$HUB_URL"
relink() { "$TICKHOUSE" relink --data "$HUB_DATA" "$@"; }
counts() { query "SELECT (SELECT count() FROM warehouse.news_article FINAL), (SELECT count() FROM warehouse.news_ticker FINAL), (SELECT sum(news_volume) FROM warehouse.news_daily FINAL), (SELECT count() FROM warehouse.news_slot FINAL)"; }
expect_code 0 relink
expect_match "$(cat "$WORK/err")" "*linked 117 of 117 slots*" "what it says"
wanted=$(counts)
expect_code 0 relink
expect_match "$(cat "$WORK/err")" "*no slot waits to be linked*" "nothing to do"

expect_code 64 relink --all --from 2026-01-05
expect_code 64 relink --from 2026-01-05
expect_code 64 relink --from 2026-02-06 --to 2026-01-05
expect_match "$(cat "$WORK/err")" "*--from 2026-02-06 is after --to 2026-01-05*" "days in the wrong order"
expect_code 64 relink --from 2026-02-30 --to 2026-03-01
expect_match "$(cat "$WORK/err")" "*there is no day 2026-02-30*" "a day that does not exist"
expect_code 64 relink --from 2026-13-01 --to 2026-13-02
expect_code 64 relink --from yesterday --to 2026-01-05
expect_code 69 relink --data "$WORK/nobody"
expect_equal "$(counts)" "$wanted" "refusals change nothing"

expect_code 0 relink --from 2026-01-20 --to 2026-01-21
expect_match "$(cat "$WORK/err")" "*linking * slots again, * articles*" "a part"
expect_equal "$(counts)" "$wanted" "a part again"

# Killed at any time, by a signal that can be caught or by one that cannot: the next run has everything.
for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
    signal=TERM
    [ $((round % 3)) -ne 0 ] || signal=KILL
    timeout -s $signal "0.$((4 + round * 4 / 3))" "$TICKHOUSE" relink --data "$HUB_DATA" --all >/dev/null 2>&1 || :
    [ $signal = KILL ] || expect_equal "$(query "SELECT count() FROM system.view_refreshes WHERE status = 'Disabled'")" 0 "views that are stopped after SIG$signal"
    expect_code 0 relink
    expect_equal "$(counts)" "$wanted" "silver after SIG$signal in round $round"
    expect_equal "$(query "SELECT count() FROM system.view_refreshes WHERE status = 'Disabled'")" 0 "views that are stopped"
done
echo "relink refuses, resumes and loses nothing"
