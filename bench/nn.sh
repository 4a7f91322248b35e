#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Networks, one thread: microseconds a sequence of 60 steps at batches of 1, 32 and 1024, beside onnxruntime, OpenVINO and PyTorch with
# the same weights and inputs; of the core's measured peak; errors against a reference in double; time of loading a model. What all of
# them compute is compared before anything is timed. Times are of CPU, ours and the peers' in turn, and the shortest counts.
# Usage: ./tickhouse bench nn
# shellcheck source=tests/lib.sh
. tests/lib.sh
rounds=${BENCH_ROUNDS:-2}
bench=$TICKHOUSE_BIN/nn_bench
python=$("$ROOT/scripts/peers.sh" nn-bench) || skip "the peers could not be installed"

one_core() { taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')" "$@"; }
peers() { one_core "$python/bin/python" bench/nn/forward/peers.py "$@" 2>"$WORK/peers.err" || fail "$(cat "$WORK/peers.err")"; }

one_core "$bench" write "$WORK" >"$WORK/ours"
peers check "$WORK" >"$WORK/theirs"
for _ in $(seq "$rounds"); do
    one_core "$bench" peak >>"$WORK/ours"
    one_core "$bench" time >>"$WORK/ours"
    peers time "$WORK" >>"$WORK/theirs"
done

printf '%s, %s, %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(cc --version | head -n 1)" "$(sed -n 's/^versions\t//p' "$WORK/theirs")"
cat "$WORK/ours" "$WORK/theirs" | awk -F '\t' '
    function least(a, b) { return a == "" || b + 0 < a + 0 ? b : a }
    function round(x) { return x < 100 ? sprintf("%.1f", x) : sprintf("%.0f", x) }
    function row(name, batch, what, ours, peers, count,    i, best, line) {
        line = sprintf("| %s | %d | %s |", name, batch, round(time[name, batch, ours]))
        for (i = 1; i <= count; i++) {
            line = line sprintf(" %s |", round(time[name, batch, peers[i]]))
            best = least(best, time[name, batch, peers[i]])
        }
        flop = gflop[name, batch, ours] / 1
        printf "%s %.2f | %.0f | %.0f%% |\n", line, best / time[name, batch, ours], flop, 100 * flop / peak[what]
    }
    $1 == "peak" && $3 + 0 > peak[$2] + 0 { peak[$2] = $3 }
    $1 == "error" { error[$2, $3] = $4 }
    $1 == "load" { load[$2] = $3 }
    $1 == "time" {
        if (!($2 in seen)) { seen[$2] = 1; names[++count] = $2 }
        time[$2, $3, $4] = least(time[$2, $3, $4], $5)
        if ($6 + 0 > gflop[$2, $3, $4] + 0) gflop[$2, $3, $4] = $6
    }
    END {
        batches = split("1 32 1024", batch, " ")
        peers = split("onnxruntime,OpenVINO,PyTorch", peer, ",")
        best = ("gru64", 1, "avx512") in time ? "avx512" : "avx2"
        printf "multiply-adds in registers: %s GFLOP/s float32, %s bfloat16\n\n", peak["float32"], peak["bf16"]
        print "float32, us a sequence\n"
        print "| network | batch | ours | onnxruntime | OpenVINO | PyTorch | best of them / ours | GFLOP/s | of peak |"
        print "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        for (n = 1; n <= count; n++)
            for (b = 1; b <= batches; b++)
                row(names[n], batch[b], "float32", best, peer, peers)
        if (peak["bf16"] > 0) {
            print "\nbfloat16 products (TICKHOUSE_NN_PRECISION=bf16), us a sequence\n"
            print "| network | batch | ours | OpenVINO bf16 | it / ours | GFLOP/s | of peak |"
            print "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
            split("OpenVINO bf16", one, ",")
            for (n = 1; n <= count; n++)
                for (b = 1; b <= batches; b++)
                    row(names[n], batch[b], "bf16", "bf16", one, 1)
        }
        print "\nlargest error against double, load of a model, us a sequence with narrower instructions\n"
        print "| network | ours | onnxruntime | OpenVINO | PyTorch | ours bf16 | OpenVINO bf16 | load, us | AVX2: 1 | 32 | 1024 |"
        print "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        for (n = 1; n <= count; n++) {
            name = names[n]
            printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, error[name, best], error[name, "onnxruntime"],
                error[name, "OpenVINO"], error[name, "PyTorch"], error[name, "bf16"], error[name, "OpenVINO bf16"], load[name],
                round(time[name, 1, "avx2"]), round(time[name, 32, "avx2"]), round(time[name, 1024, "avx2"])
        }
    }'
