#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The search of nn tune beside random search and Keras Tuner's Bayesian optimiser: test functions with known minima, of which two come
# with noise too, then the training of a small GRU by nn-train, of which each searcher chooses the settings. Medians over seeds.
# Keras Tuner takes about a second to propose, so what it found is kept in the cache until it or the functions change.
# Usage: ./tickhouse bench tune; BENCH_SEEDS (10) searches of each, BENCH_PROCESSES (2) of the peer's at once
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=scripts/common.sh
. "$ROOT/scripts/common.sh"
trap cleanup EXIT
seeds=${BENCH_SEEDS:-10} trials=64 training_trials=32
ours=$TICKHOUSE_BIN/tune_bench train=$TICKHOUSE_BUILD/user_scripts/nn-train
if [ ! -x "$ours" ] || [ ! -x "$train" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --target tune_bench nn-train tickhouse-hub >/dev/null
fi
python=$(scripts/peers.sh tune)/bin/python || skip "the Python packages of tests/peers/tune.txt could not be installed"
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 # small matrices

# ---- functions

functions="branin hartmann3 hartmann6 ackley5 rosenbrock4 branin_noisy hartmann6_noisy"
known=$CACHE/peers/tune-$(cat bench/nn/tune/peer.py bench/nn/tune/functions.c tests/peers/tune.txt | sha256sum | cut -c 1-12)
mkdir -p "$known"
missing() {
    for seed in $(seq "$seeds"); do
        for name in $functions; do
            [ -s "$known/$name.$seed" ] || printf '%s %s %s\n' "$name" "$("$ours" list | awk -v n="$name" '$1 == n { print $2 }')" "$seed"
        done
    done
}
missing >"$WORK/missing"
[ ! -s "$WORK/missing" ] || note "$(wc -l <"$WORK/missing") searches by Keras Tuner, one or two minutes each ..."
# shellcheck disable=SC2016 # for the shell that xargs starts
xargs -r -P "${BENCH_PROCESSES:-2}" -n 3 sh -c '
    "$1" bench/nn/tune/peer.py bayesian function "$2" "$5" "$6" "$7" "$4" 2>/dev/null >"$3/$5.$7.new" && mv "$3/$5.$7.new" "$3/$5.$7"' \
    sh "$python" "$ours" "$known" "$trials" <"$WORK/missing"

# label METHOD FUNCTION SEED: a search's lines with what they are
label() { sed "s/^/$1	$2	$3	/"; }
for name in $functions; do
    for seed in $(seq "$seeds"); do
        "$ours" ours "$name" "$seed" "$trials" | label ours "$name" "$seed"
        "$ours" random "$name" "$seed" "$trials" | label random "$name" "$seed"
        label keras "$name" "$seed" <"$known/$name.$seed"
    done
done >"$WORK/functions"

# medians FILE AT AT AT: for each function, the median over seeds of the true score of the best trial seen after so many trials, and after
# how many trials ours and random first have the median that Keras Tuner ends with.
medians() {
    awk -F '\t' -v OFS='\t' '
        { key = $1 OFS $2 OFS $3 }
        !(key in best) || $5 < best[key] { best[key] = $5 + 0; true[key] = $6 }
        { print $1, $2, $4 + 1, true[key] }' "$1" | sort -t '	' -k 2,2 -k 1,1 -k 3,3n -k 4,4g | awk -F '\t' -v ats="$2 $3 $4" '
        function flush() { if (n) median[method, name, trial] = (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2; n = 0 }
        { if ($1 != method || $2 != name || $3 != trial) flush(); method = $1; name = $2; trial = $3; v[++n] = $4; if (trial > last) last = trial }
        !(name in seen) { seen[name]; names[++count] = name }
        function first(method, name, goal, t) {
            for (t = 1; t <= last; t++) if (median[method, name, t] <= goal) return t
            return "more than " last
        }
        END {
            flush()
            split(ats, at, " ")
            for (i = 1; i <= count; i++) {
                name = names[i]
                line = "| " name " |"
                for (k = 1; k <= 3; k++)
                    line = line sprintf(" %.5g / %.5g / %.5g |", median["ours", name, at[k]], median["keras", name, at[k]], median["random", name, at[k]])
                goal = median["keras", name, last]
                print line " " first("ours", name, goal) " | " first("random", name, goal) " |"
            }
        }'
}

header() {
    echo "| $1 | after $2 trials | after $3 | after $4 | trials of ours to the last of Keras Tuner's | of random search |"
    echo "| --- | --- | --- | --- | ---: | ---: |"
}
printf 'Keras Tuner %s, scikit-learn %s; median of %s seeds; ours / Keras Tuner / random search, small is good\n\n' \
    "$(sed -n 's/^keras-tuner==//p' tests/peers/tune.txt)" "$(sed -n 's/^scikit-learn==//p' tests/peers/tune.txt)" "$seeds"
header "function" 16 32 64
medians "$WORK/functions" 16 32 64

# ---- training

# The next day's range of three shares, which can be predicted; returns hardly can, and would rank searches by chance.
# shellcheck source=tests/nn/walk/common.sh
. tests/nn/walk/common.sh
range="leadInFrame(range, 1, nan) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
make_rows "$WORK/rows" "ticker, date, return_1, return_5, range, gap, volume_change, volatility, toFloat64($range) AS target" \
    "ticker IN ('AAPL', 'MSFT', 'NVDA') AND date >= '2019-01-01'"
options="--leak-limit 1 --loss mse --epochs 5 --patience 0 --preset hanoi_gru"
ranges="layers=1..2 hidden=4..32:log dropout=0..0.5 optimizer=adam,adamw,rmsprop learning_rate=1e-4..1e-1:log lookback=3..20"
for seed in $(seq "$seeds"); do
    # shellcheck disable=SC2086 # words
    "$train" tune --output tsv --seed "$seed" --count $training_trials $options $ranges <"$WORK/rows" |
        awk -F '\t' -v OFS='\t' 'NR > 1 && $2 != "best" { print $1 - 1, $4, $3 }' | label ours training "$seed"
    for kind in bayesian random; do
        # shellcheck disable=SC2086
        "$python" bench/nn/tune/peer.py $kind training "$train" "$WORK/rows" "$seed" $training_trials "$options" $ranges 2>"$WORK/log" |
            label "$(echo $kind | sed s/bayesian/keras/)" training "$seed"
    done
done >"$WORK/trials"

# How lucky its first weights were is part of what a trial was seen to score. So those that were the best when they were seen are trained
# five times more, from other weights, and the mean is what their settings are worth.
worth() {
    for seed in 1001 1002 1003 1004 1005; do
        # shellcheck disable=SC2086
        "$train" tune --output tsv --count 1 --seed $seed $options $1 <"$WORK/rows" | awk -F '\t' 'NR == 2 { print $4 }'
    done | awk '{ sum += $1 } END { print sum / NR }'
}
awk -F '\t' '{ key = $1 FS $2 FS $3 } !(key in best) || $5 < best[key] { best[key] = $5 + 0; print $6 }' "$WORK/trials" | sort -u >"$WORK/bests"
while IFS= read -r words; do printf '%s\t%s\n' "$words" "$(worth "$words")"; done <"$WORK/bests" >"$WORK/worth"
awk -F '\t' -v OFS='\t' 'NR == FNR { worth[$1] = $2; next } { $6 = worth[$6]; print }' "$WORK/worth" "$WORK/trials" >"$WORK/training"
printf '\nA GRU that predicts the next day'"'"'s range, validation loss times 10,000, over other first weights; %s seeds\n\n' "$seeds"
awk -F '\t' -v OFS='\t' '{ $6 *= 1e4; print }' "$WORK/training" >"$WORK/scaled"
header "training" 8 16 32
medians "$WORK/scaled" 8 16 32
