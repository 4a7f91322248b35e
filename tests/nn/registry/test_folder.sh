#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The registry without a server: a folder that machines share. The same commands, the same care.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/nn/registry/common.sh
. tests/nn/registry/common.sh
SHARED=$WORK/shared
make_trained nvda 1
make_trained nvda 2
make_trained nvda 3
echo 2 >"$MODELS/nvda/production"

# A folder that is not there may be a disk that is not mounted: the push is kept.
expect_code 75 "$REGISTRY" push nvda@production --url "file://$SHARED"
expect_match "$(cat "$WORK/err")" "*$SHARED is not there*nvda@2 is kept*push --pending*" "no folder"
expect_match "$("$REGISTRY" runs --pending)" "*
nvda	2	production	file://$SHARED	nvda		1	*" "what waits"
mkdir "$SHARED"
expect_code 0 "$REGISTRY" push --pending
expect_match "$(cat "$WORK/out")" "nvda@2 is version 1 in $SHARED, alias production
1 of 1 that waited are pushed" "the push that was kept"
cmp "$MODELS/nvda/2.safetensors" "$SHARED/nvda/1.safetensors" || fail "the model differs"
diff -r "$MODELS/nvda/2" "$SHARED/nvda/1" || fail "what training left differs"
expect_equal "$(cat "$SHARED/nvda/production")" 1 "the alias there"

# A folder that is named from where one stands is the same one from elsewhere, with file:// too.
for relative in late file://late; do
    expect_code 75 sh -c "cd '$WORK' && exec '$REGISTRY' push nvda@production --url $relative"
    mkdir "$WORK/late"
    expect_code 0 "$REGISTRY" push --pending
    expect_match "$(cat "$WORK/out")" "nvda@2 is version 1 in $WORK/late, *" "the push from elsewhere"
    rm -r "$WORK/late"
done

# Again, and after a push that died between the model and its run.
expect_code 0 "$REGISTRY" push nvda@production --url "$SHARED"
rm -r "$SHARED/nvda/1"
expect_code 0 "$REGISTRY" push nvda --url "$SHARED"
diff -r "$MODELS/nvda/2" "$SHARED/nvda/1" || fail "the run was not mended"
expect_equal "$(find "$SHARED" -name '*.safetensors' | wc -l)" 1 "one version"
expect_equal "$(find "$SHARED" -name '.*' | wc -l)" 0 "nothing half-written is left"

# Another machine: what is in production there, a canary with its share, a version by its number.
echo '3 0.25' >"$MODELS/nvda/canary"
expect_code 0 "$REGISTRY" push nvda@canary --url "$SHARED"
expect_code 0 "$REGISTRY" push nvda@1 --url "$SHARED" # moves no alias
expect_code 0 "$REGISTRY" runs --url "$SHARED"
expect_match "$(cat "$WORK/out")" "model	version	aliases	file
nvda	1	production	$SHARED/nvda/1.safetensors
nvda	2	canary	*
nvda	3		*" "the list of a folder"
TICKHOUSE_MODELS=$WORK/other
MLFLOW_TRACKING_URI=file://$SHARED
export TICKHOUSE_MODELS MLFLOW_TRACKING_URI
expect_code 0 "$REGISTRY" pull nvda
expect_code 0 "$REGISTRY" pull nvda@canary
expect_code 0 "$REGISTRY" pull nvda@3
expect_match "$(cat "$WORK/out")" "version 3 in $SHARED is nvda@3" "by number"
expect_equal "$(cat "$WORK/other/nvda/production" "$WORK/other/nvda/canary")" "1
2 0.25" "aliases and share"
cmp "$MODELS/nvda/2.safetensors" "$WORK/other/nvda/1.safetensors" || fail "the pulled model differs"
expect_code 66 "$REGISTRY" pull nvda@staging
expect_code 66 "$REGISTRY" pull nobody

# A file that somebody changed is refused, and what is in production here stays.
printf 'X' | dd of="$SHARED/nvda/1.safetensors" bs=1 seek=900 conv=notrunc status=none
expect_code 65 "$REGISTRY" pull nvda
expect_equal "$(find "$WORK/other/nvda" -name '*.safetensors' | wc -l)" 3 "nothing came"
cmp "$MODELS/nvda/2.safetensors" "$WORK/other/nvda/1.safetensors" || fail "the model here has changed"

# A full disk costs nothing but the push.
TICKHOUSE_MODELS=$MODELS
unset MLFLOW_TRACKING_URI
if mkdir "$WORK/full" && mount -t tmpfs -o size=8k tmpfs "$WORK/full" 2>/dev/null; then
    code=0
    "$REGISTRY" push nvda@production --url "$WORK/full" >"$WORK/out" 2>"$WORK/err" || code=$?
    left=$(find "$WORK/full" -name '.*' -o -name '*.safetensors.*' | wc -l)
    umount "$WORK/full"
    expect_equal "$code" 74 "the exit code of a full disk"
    expect_match "$(cat "$WORK/err")" "*No space left*nvda@2 is kept*" "a full disk"
    expect_equal "$left" 0 "nothing half-written is left"
    rm -r "$MODELS/.push"
fi

# What makes no sense is an error and is not kept.
expect_code 64 "$REGISTRY" push nvda --url s3://bucket
expect_match "$(cat "$WORK/err")" "*'s3://bucket' is no registry*" "another scheme"
for secret in 'http://127.0.0.1:9/?token=s3cret' 'https://127.0.0.1:9/mlflow#s3cret' 's3://bucket?token=s3cret'; do
    expect_code 64 "$REGISTRY" push nvda --url "$secret"
    ! grep -rq s3cret "$WORK/err" "$MODELS" || fail "a token of the address is told or kept: $secret"
    expect_code 64 "$REGISTRY" runs --url "$secret"
    expect_code 64 "$REGISTRY" pull nvda --url "$secret"
done
expect_code 66 "$REGISTRY" push nobody --url "$SHARED"
expect_code 65 "$REGISTRY" push '../nvda' --url "$SHARED"
expect_code 64 "$REGISTRY" push --url "$SHARED"
expect_code 64 env -u TICKHOUSE_MODELS "$REGISTRY" push nvda --url "$SHARED"
expect_equal "$("$REGISTRY" runs --pending | wc -l)" 1 "nothing of that is kept"
mkdir -p "$MODELS/.push"
echo 'no order' >"$MODELS/.push/broken.json"
expect_code 0 "$REGISTRY" runs --pending
expect_match "$(cat "$WORK/err")" "*broken.json is no order to push; remove it" "a broken order"

# Two at once: one pushes, the other's order waits.
mkdir -p "$MODELS/.push"
(
    flock 9
    expect_code 75 "$REGISTRY" push nvda@1 --url "$SHARED"
) 9>"$MODELS/.push/lock"
expect_code 0 "$REGISTRY" push --pending
expect_match "$(cat "$WORK/out")" "*1 of 1 that waited*" "the other's order"
