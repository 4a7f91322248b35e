#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fixture.sh up|down: the hub that the read-mostly tests share; ctest runs this before the first and after the last of them.
# shellcheck source=tests/lib.sh
. tests/lib.sh
need_engine
folder=$TICKHOUSE_BUILD/test-hub
"$TICKHOUSE" down --data "$folder" >/dev/null
rm -rf "$folder"
case $1 in
up) TICKHOUSE_MODELS=$TICKHOUSE_MODELS_OF_CASES "$TICKHOUSE" up --data "$folder" --http-port 0 --tcp-port 0 ;;
down) ;;
*) fail "usage: fixture.sh up|down" ;;
esac
