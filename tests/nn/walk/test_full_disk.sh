#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk without room for the model is said before the training; one that fills up during it costs checkpoint and history, not the model.
. tests/nn/walk/common.sh
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
mkdir "$WORK/disk"
mount -t tmpfs -o size=1m tmpfs "$WORK/disk" 2>/dev/null || skip "mounting is not allowed here"
trap 'code=$?; umount -l "$WORK/disk" 2>/dev/null || :; (exit $code); cleanup' EXIT
TICKHOUSE_MODELS=$WORK/disk/models
make_rows "$WORK/rows"
options="--layers gru:24,dense:1 --epochs 20 --patience 0 --output tsv"

head -c 980k /dev/zero >"$WORK/disk/ballast"
# shellcheck disable=SC2086 # words
says 73 "no room for the model" "$train" train $options --name full
[ "$(wc -l <"$WORK/out")" -eq 1 ] || fail "it was trained all the same"
rm "$WORK/disk/ballast"

# shellcheck disable=SC2086
$train train $options --name full <"$WORK/rows" >"$WORK/full.tsv" 2>"$WORK/full.err" &
pid=$!
until [ "$(wc -l <"$WORK/full.tsv")" -gt 2 ]; do
    is_alive "$pid" || fail "training ended: $(cat "$WORK/full.err")"
    sleep 0.02
done
head -c 2m /dev/zero >"$WORK/disk/ballast" 2>/dev/null && fail "the disk did not fill up"
wait "$pid" || fail "the full disk ended the training: $(cat "$WORK/full.err")"
grep -q 'checkpoint' "$WORK/full.err" || fail "the lost checkpoint goes unsaid: $(cat "$WORK/full.err")"
expect_match "$(column note <"$WORK/full.tsv" | tail -1)" "saved as full@1; *" "the model is there"
rm "$WORK/disk/ballast"
# shellcheck disable=SC2086
TICKHOUSE_MODELS=$WORK/models $train train $options --name whole <"$WORK/rows" >"$WORK/whole.tsv"
expect_equal "$(column note <"$WORK/full.tsv" | tail -1 | sed 's/.*; //')" "$(column note <"$WORK/whole.tsv" | tail -1 | sed 's/.*; //')" "the result"
echo "full disks hold"
