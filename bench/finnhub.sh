#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages of Finnhub's WebSocket on one core: our parser beside jansson and simdjson (on demand, which checks only what it is asked
# for), with 1, 10 and 100 trades a message. What they find is compared first. Then the whole client, from the socket to text.
# Usage: ./tickhouse bench finnhub
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=scripts/common.sh
. "$ROOT/scripts/common.sh"
# shellcheck source=scripts/packages.sh
. "$ROOT/scripts/packages.sh"
# shellcheck source=tests/finnhub/common.sh
. "$ROOT/tests/finnhub/common.sh"
rounds=${BENCH_ROUNDS:-101} trades=200000
SCRATCH=$WORK
ours=$TICKHOUSE_BIN/finnhub_bench
one_core() { taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')" "$@"; }

(ensure_packages peers) || note "without the packages of some peers"
peer=$CACHE/peers/finnhub-$(sha256sum <bench/peers/simdjson.cc | cut -c 1-12)/simdjson
mkdir -p "$(dirname "$peer")"
[ -x "$peer" ] || c++ -O3 -march=native -std=c++17 bench/peers/simdjson.cc -o "$peer" -lsimdjson 2>"$WORK/log" ||
    note "without simdjson: it could not be built: $(tail -n 1 "$WORK/log")"
version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }
echo "jansson $(version libjansson4), simdjson $(version libsimdjson-dev) (-O3 -march=native), ours as it is shipped (-O2); $rounds runs"

for size in 1 10 100; do
    "$ours" make $size $((trades / size)) >"$WORK/messages"
    one_core "$ours" read "$WORK/messages" "$rounds" >"$WORK/found"
    if [ -x "$peer" ]; then
        one_core "$peer" "$WORK/messages" "$rounds" >"$WORK/found.peer"
        expect_equal "$(head -n 1 "$WORK/found.peer")" "$(head -n 1 "$WORK/found")" "what simdjson finds"
        sed 1d "$WORK/found.peer" >>"$WORK/found"
    fi
    printf '\n| %s trades a message | best ms | median ms | messages/s (best) | trades/s | MB/s | of ours |\n| --- | --- | --- | --- | --- | --- | --- |\n' $size
    sed 1d "$WORK/found" | awk -F '\t' -v trades=$trades -v size=$size -v bytes="$(wc -c <"$WORK/messages")" '
        $1 == "ours" { ours = $2 }
        { printf "| %s | %.1f | %.1f | %d | %d | %d | %.2f |\n", $1, $2, $3, trades / size / $2 * 1000, trades / $2 * 1000, bytes / $2 / 1000, $2 / ours }'
done

count=1000000
mock_start --numbered --rate 100000 --speed 0 --ticks $count
from=$(date +%s%N)
finnhub --symbols "$SYMBOLS" --trades --once >"$WORK/out" 2>/dev/null
to=$(date +%s%N)
expect_equal "$(numbered "$WORK/out")" "$count of $count" "trades of the client"
printf '\nfrom the mock over loopback to text: %d trades/s, both on the same cores\n' "$((count * 1000 / ((to - from) / 1000000)))"
