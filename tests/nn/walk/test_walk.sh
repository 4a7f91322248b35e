#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `nn walk` over the sample prices: every fold beside its baselines; nothing of what comes after a fold's test changes it; labels that
# were shuffled cannot be predicted; a feature from the future is refused, and would have been seen.
. tests/nn/walk/common.sh

make_rows "$WORK/rows"
small="--layers gru:16,dense:1 --epochs 6 --output tsv"
# walk NAME FILE [options]: the table as $WORK/NAME.tsv
walk() {
    name=$1 rows=$2
    shift 2
    # shellcheck disable=SC2086 # words
    $train walk $small "$@" <"$rows" >"$WORK/$name.tsv" || fail "walk $*"
}
# cell NAME KIND COLUMN: of the row over all tests
cell() {
    awk -F '\t' -v kind="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["fold"] == 0 && $at["kind"] == kind { print $at[name] }' "$WORK/$1.tsv"
}
# holds COMPARISON WHAT: of numbers; awk would take nan and inf for 0
holds() {
    case $1 in *nan* | *inf*) fail "$2: $1" ;; esac
    awk "BEGIN { exit !($1) }" || fail "$2: $1"
}

walk plain "$WORK/rows" --plot "$WORK/walk.svg"
expect_equal "$(column fold <"$WORK/plain.tsv" | uniq -c | awk '{ print $1 "x" $2 }' | paste -sd' ')" "6x1 6x2 6x3 6x4 6x5 6x0" "rows a fold"
expect_equal "$(column kind <"$WORK/plain.tsv" | head -6 | paste -sd' ')" "gru zero mean last ridge moving_average" "kinds"
expect_equal "$(cell plain zero n)" "$(column n <"$WORK/plain.tsv" | awk 'NR % 6 == 1 && NR < 31 { n += $1 } END { print n }')" "the folds' tests are all tests"
expect_equal "$(cell plain zero sharpe)" nan "who holds nothing has no Sharpe ratio"
expect_equal "$(cell plain mean ic)" nan "who says the same of all has no IC"
holds "$(cell plain last sharpe) > $(cell plain last sharpe_net)" "costs cost"
holds "$(cell plain gru ic) < 0.1 && $(cell plain gru ic) > -0.1" "an IC that nobody has"
grep -q '</svg>' "$WORK/walk.svg" || fail "no chart"

# Twice the trials: the same Sharpe ratio is worth less.
walk trials "$WORK/rows" --trials 100
expect_equal "$(cell trials ridge sharpe_net)" "$(cell plain ridge sharpe_net)" "trials change no return"
holds "$(cell trials ridge deflated_sharpe) < $(cell plain ridge deflated_sharpe)" "100 trials deflate"

# Rows after a fold's test, changed or gone, change nothing of the fold.
fixed="--first-test 2022-06-01 --test-bars 120 --folds 2"
untimed() { awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i != "seconds") keep[i] = 1 } { line = ""; for (i = 1; i <= NF; i++) if (keep[i]) line = line $i "\t"; print line }' "$1" | awk -F '\t' '$2 != 0'; }
# shellcheck disable=SC2086 # words
walk whole "$WORK/rows" $fixed
last=$(column test_to <"$WORK/whole.tsv" | sort | tail -1)
make_rows "$WORK/cut" "*" "date <= '$last'"
make_rows "$WORK/changed" "ticker, date, return_1, return_5, range, gap, volume_change, volatility * if(date > '$last', -3, 1) AS volatility, target * if(date > '$last', 7, 1) AS target"
# shellcheck disable=SC2086
walk cut "$WORK/cut" $fixed
# shellcheck disable=SC2086
walk changed "$WORK/changed" $fixed
expect_equal "$(untimed "$WORK/cut.tsv")" "$(untimed "$WORK/whole.tsv")" "rows after the last test were cut off"
expect_equal "$(untimed "$WORK/changed.tsv")" "$(untimed "$WORK/whole.tsv")" "rows after the last test were changed"

# Shuffled labels: the mean of the dates' ICs within three standard errors of 0.
walk shuffled "$WORK/rows" --shuffle-labels
dates=$(($(cell shuffled gru n) / 8))
for kind in gru ridge last; do
    holds "$(cell shuffled $kind icir) * sqrt($dates) < 3 && $(cell shuffled $kind icir) * sqrt($dates) > -3" "$kind predicts shuffled labels"
done

# A feature from the future
make_rows "$WORK/leak" "*, target + 0.02 * sin(cityHash64(ticker, date)) AS rumour"
cp "$WORK/leak" "$WORK/rows"
says 65 "feature 'rumour' has a correlation of 0." "$train" walk
says 65 "it looks ahead" "$train" train
walk leaking "$WORK/leak" --allow-leaks
holds "$(cell leaking gru ic) > 0.5 && $(cell leaking ridge ic) > 0.5" "a leak that is let in shows"

# From SQL, with the options of the command line
make_rows "$WORK/rows"
query_new "SELECT kind, count() AS folds, max(n) > 0 FROM executable('nn-train walk --layers gru:4,dense:1 --epochs 2 --folds 2', Native,
    'model String, fold UInt64, kind String, n UInt64, ic Float64',
    (SELECT ticker, date, return_1, volatility, target FROM ($(sed '/^--/d' tests/nn/walk/rows.sql)) ORDER BY ticker, date))
    WHERE fold > 0 GROUP BY kind ORDER BY kind FORMAT TSV" >"$WORK/sql" || fail "from SQL"
expect_equal "$(cat "$WORK/sql")" "gru	2	1
last	2	1
mean	2	1
moving_average	2	1
ridge	2	1
zero	2	1" "from SQL"
query_new "SELECT * FROM executable('nn-train walk --layers gru:4', Native, 'fold UInt64', (SELECT 'A' AS ticker, today() AS date, 1. AS x, 2. AS target))" >"$WORK/sql" 2>&1 && fail "an error became an empty table"
grep -q 'outputs; --task regression wants 1' "$WORK/sql" || fail "ClickHouse does not show the error: $(cat "$WORK/sql")"

says 64 "--plot wants the name of an .svg file" "$train" walk --plot "$WORK/walk"
says 73 "--plot: cannot write into $WORK/nowhere: No such file or directory" "$train" walk --plot "$WORK/nowhere/walk.svg"
echo "no chart" >"$WORK/taken.svg"
says 64 "is there already, and no chart" "$train" walk --plot "$WORK/taken.svg"
says 66 "there is no model 'nobody'" "$train" walk --name nobody
says 65 "which is no fold" "$train" walk --initial 0.9999
says 64 "--initial wants a share" "$train" walk --initial 1
echo "walking forward holds"
