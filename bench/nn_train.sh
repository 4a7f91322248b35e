#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Training beside PyTorch, on one and two threads: from the same start weights, through the same batches, so that the validation losses
# can be compared before the times. Both sides take turns; the fastest batch of each counts, by CPU time with one thread and by the clock with two.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${TICKHOUSE_BIN:-${TICKHOUSE_BUILD:-$root/build/release}/bin}
if [ ! -x "$bin/nn_train_bench" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target bench/nn/train/all >/dev/null)
fi
python=$("$root/scripts/peers.sh" nn-bench)/bin/python || {
    echo "skipped: PyTorch could not be installed" >&2
    exit 77
}
turns=${BENCH_RUNS:-3}
epochs=4
work=$(mktemp -d "${TMPDIR:-/tmp}/tickhouse-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# row TITLE NETWORK THREADS
row() {
    : >"$work/ours"
    : >"$work/torch"
    for _ in $(seq "$turns"); do
        "$bin/nn_train_bench" train "$2" "$work/$2" "$3" $epochs >>"$work/ours"
        "$python" "$root/bench/nn/train/train_torch.py" "$2" "$work/$2" "$3" $epochs >>"$work/torch"
    done
    { sort -n "$work/ours" | head -n 1 && sort -n "$work/torch" | head -n 1; } | awk -v title="$1" -v threads="$3" -F '\t' '
        { best[NR] = $1; last[NR] = $NF }
        { for (i = 2; i <= NF; i++) loss[NR, i] = $i }
        END {
            for (i = 2; i <= NF; i++) {
                d = loss[1, i] / loss[2, i] - 1
                if (d * d > 0.001 * 0.001) { print "the validation losses of " title " differ by " d > "/dev/stderr"; exit 1 }
            }
            printf "| %s | %d | %.0f | %.0f | %.1f | %.6f | %.6f |\n", title, threads, 64 / best[1], 64 / best[2], best[2] / best[1], last[1], last[2]
        }'
}

echo "| network | threads | ours, sequences/s | PyTorch | ratio (goal 3) | validation loss after $epochs epochs, ours | PyTorch |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
for network in gru gru2 lstm3; do
    "$bin/nn_train_bench" data "$network" "$work/$network"
done
for threads in 1 2; do
    row "60×20 → GRU 64 → 1" gru $threads
    row "60×20 → GRU 64, 64 → 1" gru2 $threads
    row "60×5 → LSTM 128, 64, 32 → 3" lstm3 $threads
done
[ ! -x "$bin/nn_multiply_bench" ] || {
    echo
    "$bin/nn_multiply_bench"
}
