#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Captured replies of the real Finnhub.
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/finnhub/common.sh
. tests/finnhub/common.sh
replies=$ROOT/../shared/data/finnhub
[ -f "$replies/quote-AAPL.json" ] || skip "../shared/data/finnhub is not beside the checkout"
python3 tests/finnhub/replies.py "$WORK/port" "$replies" &
MOCKS=$!
while [ ! -f "$WORK/port" ]; do sleep 0.05; done
TICKHOUSE_FINNHUB_URL=http://127.0.0.1:$(cat "$WORK/port")/api/v1
export TICKHOUSE_FINNHUB_URL

expect_code 0 finnhub --symbols AAPL --once
expect_equal "$(cat "$WORK/out")" "tick	2026-05-22T20:00:00.000000Z	AAPL	308.82	\N" "the quote"
expect_code 66 finnhub --symbols NOPE --once
expect_match "$(cat "$WORK/err")" "*NOPE: Finnhub knows no such symbol*" "the reply for a symbol that nobody knows"
expect_code 77 finnhub --symbols CANDLE --once
expect_match "$(cat "$WORK/err")" "*(403) and says: 'You don't have access to this resource.'*" "the reply of a candle"
for symbol in PEERS PROFILE; do expect_code 65 finnhub --symbols $symbol --once; done

# Every article, text by text, as Python reads them.
expect_code 0 finnhub --symbols AAPL --company-news --once
python3 - "$replies/company-news-AAPL.json" >"$WORK/wanted" <<'PYTHON'
import datetime, json, sys
escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
for a in json.load(open(sys.argv[1])):
    time = datetime.datetime.fromtimestamp(a["datetime"], datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    texts = [a[n].translate(escapes) for n in ("category", "headline", "related", "source", "summary", "url")]
    print("\t".join(["news", time, str(a["id"]), *texts]))
PYTHON
sort "$WORK/wanted" >"$WORK/wanted.sorted"
sort "$WORK/out" | cmp -s - "$WORK/wanted.sorted" || fail "the articles differ: $(sort "$WORK/out" | diff - "$WORK/wanted.sorted" | head -n 4)"
[ "$(wc -l <"$WORK/out")" -gt 100 ] || fail "too few articles to tell"
expect_code 77 finnhub --symbols AAPL,MSFT --company-news --once
expect_match "$(cat "$WORK/err")" "*no access to company-news?symbol=MSFT*" "news that a free key cannot have"
