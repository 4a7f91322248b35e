#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Models that change while they answer: promoted back and forth under load, replaced by what is no model, deleted. And what is no model is
# never promoted.
. tests/lib.sh
nn=$TICKHOUSE_BUILD/user_scripts/nn
TICKHOUSE_MODELS=$WORK/models
export TICKHOUSE_MODELS
cp -r tests/nn/models "$WORK/models"

# Forty models in one block, in turns, answer what each answers alone.
for i in $(seq 0 39); do
    case $((i % 5)) in
    0) file=returns/1 ;; 1) file=binary/1 ;; 2) file=trial/1 ;; 3) file=trial/2 ;; 4) file=moods/2 ;;
    esac
    mkdir "$WORK/models/m$i"
    cp "tests/nn/models/$file.safetensors" "$WORK/models/m$i/1.safetensors"
done
rows() {
    query_new "SELECT concat('m', toString($1)) AS model, arrayMap(s -> arrayMap(f -> toFloat32((number * 7 + s * 3 + f) % 11 - 5) / 8, range(2 + (($1) % 5 = 4))), range(3 + (($1) % 5 = 4)))::Array(Array(Float32)) AS seq
        FROM numbers($2) FORMAT Native"
}
rows "number % 40" 2000 | "$nn" udf nn_predict >"$WORK/together" || fail "40 models in one block: no answer"
for i in 0 1 2 3 4 39; do
    rows "$i" 2000 | "$nn" udf nn_predict >"$WORK/alone" || fail "m$i: no answer"
    query_new "SELECT countIf(a.y != b.y), sum(arrayExists(v -> isFinite(v), a.y)) FROM (SELECT result AS y, rowNumberInAllBlocks() AS n FROM file('$WORK/together', Native)) AS a
        JOIN (SELECT result AS y, rowNumberInAllBlocks() AS n FROM file('$WORK/alone', Native)) AS b USING n WHERE n % 40 = $i FORMAT TSV" >"$WORK/differ"
    expect_equal "$(cat "$WORK/differ")" "0	50" "m$i among forty against m$i alone"
done

# One worker, block by block. A block of the model's name and a sequence, and how many bytes its answer has.
query_new "SELECT 'moods' AS model, [[0.1, 0.2, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]::Array(Array(Float32)) AS seq FORMAT Native" >"$WORK/block"
"$nn" udf nn_predict <"$WORK/block" >"$WORK/first"
size=$(wc -c <"$WORK/first")
mkfifo "$WORK/in" "$WORK/out"
"$nn" udf nn_predict <"$WORK/in" >"$WORK/out" 2>"$WORK/said" &
worker=$!
exec 8>"$WORK/in" 9<"$WORK/out"
answer() {
    cat "$WORK/block" >&8
    dd bs=1 count="$size" <&9 2>/dev/null >"$WORK/answer"
}
answer
cmp "$WORK/first" "$WORK/answer" || fail "the first answer"
"$nn" promote moods@2 >"$WORK/promoted"
answer
cp "$WORK/answer" "$WORK/second"
! cmp -s "$WORK/first" "$WORK/second" || fail "the worker did not notice that version 2 was promoted"

# A share is the canary's.
expect_code 64 "$nn" promote moods@2 --share 0.1
expect_match "$(cat "$WORK/err")" "*only the alias canary gets a share*" "a share of production"
expect_match "$("$nn" promote moods@2 --alias canary --share 0.1)" "moods@canary is version 2 now for a share of 0.1 of keys, sha256 *" "a canary"
expect_match "$(TICKHOUSE_MODELS=$WORK/none "$nn" models --output tsv 2>&1)" "there is no folder $WORK/none yet*" "no folder yet"

# Version 3 is no model: promote refuses it; where an alias is made to point at it by hand, version 2 goes on answering, and says why.
head -c 3000 "$WORK/models/moods/2.safetensors" >"$WORK/models/moods/3.safetensors"
expect_code 65 "$nn" promote moods@3
expect_match "$(cat "$WORK/err")" "*3.safetensors: its SHA-256 is not the one*" "what is wrong with it"
echo 3 >"$WORK/models/moods/production.new"
mv "$WORK/models/moods/production.new" "$WORK/models/moods/production"
answer
cmp "$WORK/second" "$WORK/answer" || fail "the worker did not keep version 2"
expect_match "$(cat "$WORK/said")" "*3.safetensors*version 2 goes on answering*" "what the worker said"
: >"$WORK/models/moods/production"
answer
cmp "$WORK/second" "$WORK/answer" || fail "the worker did not keep version 2 when the alias was emptied"
rm -r "$WORK/models/moods"
answer
cmp "$WORK/second" "$WORK/answer" || fail "the worker did not keep version 2 when the folder was deleted"
cp -r tests/nn/models/moods "$WORK/models"
answer
cmp "$WORK/first" "$WORK/answer" || fail "the worker did not come back to version 1"
exec 8>&- 9<&-
wait "$worker" || fail "the worker ended with $?"

# Under load: every row of every answer is one model's or the other's.
hub_start
(while :; do
    "$nn" promote moods@1
    "$nn" promote moods@2
done) >/dev/null 2>"$WORK/promotions" &
promoter=$!
both=$(query "SELECT [nn_predict('moods@1', s), nn_predict('moods@2', s)] FROM (SELECT [[0.1, 0.2, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]::Array(Array(Float32)) AS s)")
for _ in 1 2 3; do
    seen=$(query "SELECT countIf(NOT has($both::Array(Array(Float32)), y)), uniqExact(y) FROM (SELECT nn_predict('moods', materialize([[0.1, 0.2, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]::Array(Array(Float32)))) AS y FROM numbers(100000)) SETTINGS max_block_size = 50, max_threads = 2") || {
        kill "$promoter"
        fail "$seen"
    }
    expect_equal "$seen" "0	2" "answers while models are swapped"
done
kill "$promoter"
wait "$promoter" 2>/dev/null || :
[ ! -s "$WORK/promotions" ] || fail "promoting: $(head -n 3 "$WORK/promotions")"
echo "models were swapped, damaged and deleted under load"
