#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk fills up under the checkpoint: that is said once, and costs the checkpoint, not the training.
# shellcheck source=tests/lib.sh
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
mkdir "$WORK/disk"
mount -t tmpfs -o size=256k tmpfs "$WORK/disk" 2>/dev/null || skip "mounting is not allowed here"
trap 'cleanup_disk' EXIT
cleanup_disk() {
    code=$?
    umount -l "$WORK/disk" 2>/dev/null || :
    (exit $code) || cleanup
    cleanup
}
tool=$TICKHOUSE_BIN/nn_fit_tool
"$tool" "$WORK/checkpoint" "$WORK/wanted" >/dev/null
head -c 252k /dev/zero >"$WORK/disk/ballast"
"$tool" "$WORK/disk/checkpoint" "$WORK/weights" >"$WORK/log" 2>"$WORK/err" || fail "the full disk ended the training"
expect_match "$(cat "$WORK/err")" "*checkpoint*could not be written: No space left on device; training goes on*" "the sentence"
expect_equal "$(wc -l <"$WORK/err")" 1 "how often it was said"
expect_equal "$(wc -l <"$WORK/log")" 40 "epochs"
cmp "$WORK/wanted" "$WORK/weights" || fail "the weights are others"
expect_equal "$(ls "$WORK/disk")" ballast "what is left on the disk"
