#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mock's market: the same from the same seed, within sessions, halted at times, resumed where it was.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh
direct() { mock --sink text --quiet --speed 0 "$@"; }

direct --ticks 60000 --rate 2 --seed 7 >"$WORK/a"
direct --ticks 60000 --rate 2 --seed 7 >"$WORK/b"
direct --ticks 60000 --rate 2 --seed 8 >"$WORK/c"
cmp -s "$WORK/a" "$WORK/b" || fail "the same seed gave other trades"
if cmp -s "$WORK/a" "$WORK/c"; then fail "another seed gave the same trades"; fi
expect_equal "$(cut -f 2,3 "$WORK/a" | sort -u | wc -l)" 60000 "times"

# 60,000 trades at 2 a second take more than a session: Friday's ends at 16:00 in New York, Monday's begins at 9:30.
awk -F '\t' '{ split(substr($2, 12), t, ":"); s = t[1] * 3600 + t[2] * 60 + t[3]
        if (s < 52200 || s >= 75600) exit 1 }' "$WORK/a" || fail "a trade outside of the session"
expect_equal "$(cut -c 6-15 "$WORK/a" | sort -u | tr '\n' ' ')" "2024-03-01 2024-03-04 " "days"
direct --ticks 10 --start 2024-12-25 | cut -f 2 | cut -c 1-13 | sort -u >"$WORK/out"
expect_equal "$(cat "$WORK/out")" "2024-12-26T14" "the session after a holiday"

# Halts: spans of five minutes without a trade of the symbol, only where they are asked for.
spans() { awk -F '\t' 'substr($2, 1, 13) < "2024-03-01T18" { split(substr($2, 12), t, ":"); seen[$3 int((t[1] * 60 + t[2]) / 5)] = 1 } END { for (i in seen) n++; print n }' "$1"; }
direct --ticks 45000 --rate 2 --halts 0 >"$WORK/a"
direct --ticks 45000 --rate 2 --halts 0.3 >"$WORK/b"
[ "$(spans "$WORK/b")" -lt "$(($(spans "$WORK/a") * 8 / 10))" ] || fail "no halts"

# Numbered trades: the volume counts, times differ within a symbol.
direct --numbered --symbol-count 3 --ticks 10 >"$WORK/a"
expect_equal "$(cut -f 3,5 "$WORK/a" | tr '\t\n' ': ')" "S000:1 S001:1 S002:1 S000:2 S001:2 S002:2 S000:3 S001:3 S002:3 S000:4 " "numbers"
direct --numbered --symbol-count 3 --ticks 30000 --rate 0 >"$WORK/a"
expect_equal "$(cut -f 2,3 "$WORK/a" | sort -u | wc -l)" 30000 "times of numbered trades"

# Stopped and begun again: the rows of both runs are those of one.
direct --ticks 40000 --rate 20000 >"$WORK/whole"
for part in 1 2 3; do
    "$TICKHOUSE_BIN/ingest" mock --sink text --ticks 40000 --rate 20000 --speed 0.2 --state "$WORK/place" >"$WORK/part$part" 2>/dev/null &
    client=$!
    wait_for "$WORK/part$part" tick 1
    kill $client
    wait $client || :
done
direct --ticks 40000 --rate 20000 --state "$WORK/place" >"$WORK/part4"
cat "$WORK/part1" "$WORK/part2" "$WORK/part3" "$WORK/part4" >"$WORK/parts"
sort -u "$WORK/parts" >"$WORK/parts.sorted"
sort "$WORK/whole" | cmp -s - "$WORK/parts.sorted" || fail "parts and whole differ: $(wc -l "$WORK"/part? "$WORK/whole")"
[ "$(wc -l <"$WORK/parts")" -lt 60000 ] || fail "not resumed: $(wc -l "$WORK"/part?)"
echo nonsense >"$WORK/place"
expect_code 65 direct --state "$WORK/place"
expect_match "$(cat "$WORK/err")" "*is no state of ingest mock*" "a file that is no state"

# The first time is kept before the first trade: who is killed at once goes on with the same times.
"$TICKHOUSE_BIN/ingest" mock --sink text --quiet --numbered --start now --rate 0.001 --state "$WORK/now" >"$WORK/first" &
client=$!
wait_for "$WORK/now" . 1
wait_for "$WORK/first" tick 1
kill -KILL $client
wait $client || :
direct --numbered --start now --rate 0.001 --ticks 1 --state "$WORK/now" >"$WORK/second"
expect_equal "$(cat "$WORK/second")" "$(cat "$WORK/first")" "a trade of a run that was killed at once"

# A sink that fails for good ends the run; one that cannot be opened was handed nothing.
code=0
timeout 60 "$TICKHOUSE_BIN/ingest" mock --ticks 10 --speed 0 --sink text --quiet >/dev/full 2>"$WORK/err" || code=$?
expect_equal $code 74 "a full disk: $(cat "$WORK/err")"
expect_code 64 mock --ticks 10 --sink text --duplicates 0.5
expect_match "$(cat "$WORK/err")" "*--duplicates does not go with --sink*" "duplicates without a server"
expect_code 64 mock --ticks 10 --sink text --fault 401
expect_match "$(cat "$WORK/err")" "*--fault does not go with --sink*" "faults without a server"
expect_code 64 mock --ticks 10 --sink postgres --postgres "postgresql://me:secret@127.0.0.1/x"
expect_equal "$(grep -c 'handed over' "$WORK/err")" 0 "trades of a run that never began"
