#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/models.md: each query gives what the page prints below it.
# Usage: test_models_page.sh [--write]: with it, the page is written anew with today's answers.
. tests/lib.sh
# shellcheck source=tests/page.sh
. tests/page.sh
hub_start
"$TICKHOUSE_BIN/ingest" stooq --quiet --input samples/prices --url "$HUB_URL"
"$TICKHOUSE_BIN/ingest" gdelt --quiet --input samples/news --url "$HUB_URL"
"$TICKHOUSE" relink --data "$HUB_DATA" 2>/dev/null
page_walk docs/models.md "${1-}"
