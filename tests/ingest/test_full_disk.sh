#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk under the hub's data fills up: the load says so and stores nothing by halves; with room again, a rerun gives the table of an
# undisturbed load.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/ingest/common.sh
. tests/ingest/common.sh
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
mkdir "$WORK/disk"
mount -t tmpfs -o size=256m tmpfs "$WORK/disk" 2>/dev/null || skip "mounting is not allowed here"
trap 'cleanup_disk' EXIT
cleanup_disk() {
    code=$?
    hub_kill9 2>/dev/null || :
    umount -l "$WORK/disk" 2>/dev/null || :
    (exit $code) || cleanup
    cleanup
}
make_bulk "$WORK/bulk.us.txt" 300
hub_start "$WORK/disk/hub"
make_database reference
expect_code 0 load --database reference "$WORK/bulk.us.txt"
wanted=$(table_sum reference)

# All but two megabytes are taken.
left=$(df -k --output=avail "$WORK/disk" | tail -n 1)
head -c $((left - 2048))k /dev/zero >"$WORK/disk/ballast"
expect_code 75 load "$WORK/bulk.us.txt"
expect_match "$(cat "$WORK/err")" "*not enough space*given up after*" "the full disk is named"
rm "$WORK/disk/ballast"
expect_code 0 load "$WORK/bulk.us.txt"
expect_equal "$(table_sum warehouse)" "$wanted" "a rerun after the disk was full"
