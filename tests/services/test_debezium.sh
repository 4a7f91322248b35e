#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# schemas/connectors/sourcedb-cdc.json in a real Kafka Connect: topics, envelopes and all five operations of our tables.
. tests/lib.sh
. tests/services/services.sh

TOPIC=dbserver1.public.finnhub_stocks

postgres_start
kafka_start
connect_start
psql -q -v ON_ERROR_STOP=1 -f schemas/postgres/finnhub.sql
psql -q -v ON_ERROR_STOP=1 <<'SQL'
INSERT INTO finnhub_stocks VALUES ('AAPL', 179.66, 100, '2024-03-01 14:30:00.123456Z'), ('MSFT', 410.50, NULL, '2024-03-01 14:30:00Z');
SQL
connector_start sourcedb-cdc schemas/connectors/sourcedb-cdc.json skipped.operations=none
psql -q -v ON_ERROR_STOP=1 <<'SQL'
INSERT INTO finnhub_stocks VALUES ('NVDA', 822.7900, 7, '2024-03-01 14:30:01.000001Z');
UPDATE finnhub_stocks SET volume = 12 WHERE symbol = 'MSFT';
DELETE FROM finnhub_stocks WHERE symbol = 'AAPL';
UPDATE finnhub_stocks SET symbol = 'BRK.B' WHERE symbol = 'NVDA';
TRUNCATE finnhub_stocks;
INSERT INTO finnhub_news VALUES (7, '2024-03-01 15:00:00Z', 'company', 'Zürich — “up”', 'AAPL', 'Reuters', '', 'https://news.example/7');
SQL
topic_wait $TOPIC 10
topic_wait dbserver1.public.finnhub_news 1

# The key, then operation, snapshot, before and after of the envelope.
topic_read $TOPIC '%k\t%s\n' >"$WORK/messages"
python3 - "$WORK/messages" >"$WORK/found" <<'PYTHON'
import json, sys

for line in open(sys.argv[1], encoding="utf-8"):
    key, value = line.rstrip("\n").split("\t")
    if value == "NULL":
        print(key, "tombstone")
        continue
    message = json.loads(value)
    row = lambda side: "-" if message[side] is None else " ".join(str(message[side][name]) for name in ("symbol", "price", "volume", "ts"))
    source = message["source"]
    assert source["name"] == "dbserver1" and source["connector"] == "postgresql" and source["db"] == "finnhub", source
    assert source["schema"] == "public" and source["table"] == "finnhub_stocks" and source["lsn"] > 0, source
    print(key, message["op"], source["snapshot"], "|", row("before"), "|", row("after"))
PYTHON
cat >"$WORK/wanted" <<'TEXT'
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} r first | - | AAPL 179.66 100 2024-03-01T14:30:00.123456Z
{"symbol":"MSFT","ts":"2024-03-01T14:30:00.000000Z"} r last | - | MSFT 410.50 None 2024-03-01T14:30:00.000000Z
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} c false | - | NVDA 822.7900 7 2024-03-01T14:30:01.000001Z
{"symbol":"MSFT","ts":"2024-03-01T14:30:00.000000Z"} u false | - | MSFT 410.50 12 2024-03-01T14:30:00.000000Z
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} d false | AAPL 0 None 2024-03-01T14:30:00.123456Z | -
{"symbol":"AAPL","ts":"2024-03-01T14:30:00.123456Z"} tombstone
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} d false | NVDA 0 None 2024-03-01T14:30:01.000001Z | -
{"symbol":"NVDA","ts":"2024-03-01T14:30:01.000001Z"} tombstone
{"symbol":"BRK.B","ts":"2024-03-01T14:30:01.000001Z"} c false | - | BRK.B 822.7900 7 2024-03-01T14:30:01.000001Z
NULL t false | - | -
TEXT
diff -u "$WORK/wanted" "$WORK/found" >&2 || fail "the topic holds other messages"
connector_stop sourcedb-cdc
