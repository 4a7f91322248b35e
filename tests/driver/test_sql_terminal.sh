#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SQL line by line on a terminal: ClickHouse's own client where it is installed, unless another ClickHouse or user is meant.
# shellcheck source=tests/lib.sh
. tests/lib.sh
script -qec true /dev/null >"$WORK/out" 2>&1 </dev/null || skip "no terminal can be made here: $(cat "$WORK/out")"
hub_start

mkdir "$WORK/bin"
printf '#!/bin/sh\necho "client $*"\n' >"$WORK/bin/clickhouse-client"
chmod +x "$WORK/bin/clickhouse-client"
typed() { printf "SELECT 'an' || 'swer';\nexit\n" | TICKHOUSE_DATA=$HUB_DATA PATH=$WORK/bin:$PATH script -qec "$TICKHOUSE sql $*" /dev/null; }
expect_match "$(typed)" "*client --host 127.0.0.1 --port $HUB_TCP_PORT*" "the client for the hub"
expect_match "$(typed --url "$HUB_URL")" "*connected to $HUB_URL*answer*" "--url line by line"
expect_match "$(typed --user default)" "*connected to $HUB_URL*answer*" "--user line by line"
hub_stop
