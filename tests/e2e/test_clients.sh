#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ClickHouse's own drivers against the hub: clickhouse-connect over HTTP, clickhouse-driver over the native protocol.
# shellcheck source=tests/lib.sh
. tests/lib.sh
hub_use
peers=$(scripts/peers.sh clients) || skip "the drivers could not be installed"
"$peers/bin/python" tests/e2e/clients.py "$HUB_URL" "$HUB_TCP_PORT"
