#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every corpus has a dictionary, and './tickhouse test --all' gives it to the fuzzer; one without is a failure, never a silent skip.
# shellcheck source=tests/lib.sh
. tests/lib.sh

for corpus in tests/fuzz/corpus/*/; do
    [ -f "tests/fuzz/$(basename "$corpus").dict" ] || fail "$corpus has no dictionary tests/fuzz/$(basename "$corpus").dict"
done

# A tree with one corpus, and a fuzzer that says how it is called.
mkdir -p "$WORK/tree/tests/fuzz/corpus/fuzz_one" "$WORK/tree/build/fuzz/bin"
ln -s "$ROOT/scripts" "$WORK/tree/scripts"
printf '#!/bin/sh\necho "$*"\n' >"$WORK/tree/build/fuzz/bin/fuzz_one"
chmod +x "$WORK/tree/build/fuzz/bin/fuzz_one"
fuzz() {
    sh -c 'set -eu; ROOT=$1 fuzz_seconds=5; . "$ROOT/scripts/common.sh"; . "$ROOT/scripts/check.sh"; build_preset() { :; }; test_fuzz' \
        sh "$WORK/tree"
}
expect_code 1 fuzz
expect_match "$(cat "$WORK/err")" "*fuzz_one wants *dictionary $WORK/tree/tests/fuzz/fuzz_one.dict*" "a corpus without a dictionary"
touch "$WORK/tree/tests/fuzz/fuzz_one.dict"
expect_code 0 fuzz
expect_match "$(cat "$WORK/out")" "*-max_total_time=5 *-dict=$WORK/tree/tests/fuzz/fuzz_one.dict *" "the dictionary is given"
rm "$WORK/tree/build/fuzz/bin/fuzz_one"
expect_code 1 fuzz
