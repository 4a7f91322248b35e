# SPDX-License-Identifier: Apache-2.0
"""clients.py URL TCP_PORT: the same walk through both drivers; each must see what the other wrote."""
import datetime
import sys
from urllib.parse import urlparse

import clickhouse_connect
from clickhouse_driver import Client, errors

url, tcp_port = urlparse(sys.argv[1]), int(sys.argv[2])
http = clickhouse_connect.get_client(host=url.hostname, port=url.port)
native = Client("127.0.0.1", port=tcp_port)

DAY = datetime.date(2024, 1, 2)
ROWS = [("NVDA", DAY, 48.17, [1.5, float("inf")]), ("MSFT", DAY, 370.87, [])]

assert http.server_version == native.execute("SELECT version()")[0][0], "two drivers, one server"

http.command("DROP DATABASE IF EXISTS e2e_clients SYNC")
http.command("CREATE DATABASE e2e_clients ENGINE = Atomic")
native.execute("""CREATE TABLE e2e_clients.bars (ticker LowCardinality(String), date Date, close Float64, x Array(Float64))
    ENGINE = MergeTree ORDER BY (ticker, date)""")
http.insert("e2e_clients.bars", ROWS[:1], column_names=["ticker", "date", "close", "x"])
assert native.execute("INSERT INTO e2e_clients.bars VALUES", ROWS[1:]) == 1

SELECT = "SELECT * FROM e2e_clients.bars ORDER BY close"
assert [tuple(row) for row in http.query(SELECT).result_rows] == ROWS, "HTTP reads what both wrote"
assert native.execute(SELECT) == ROWS, "the native protocol reads what both wrote"

# A function that runs in one of our executables: the first two values are warm-up.
CALL = "SELECT ta_ema([1., 2., 3., 4.], 3)"
for name, answer in (("HTTP", http.query(CALL).result_rows[0][0]), ("native", native.execute(CALL)[0][0])):
    assert [x != x for x in answer] == [True, True, False, False] and answer[2:] == [2.0, 3.0], (name, answer)

try:
    native.execute("SELECT nosuch")
    raise AssertionError("an unknown column was accepted")
except errors.ServerException as error:
    assert error.code == 47, error

# A million rows each way, in blocks.
http.command("CREATE TABLE e2e_clients.many (n UInt64) ENGINE = MergeTree ORDER BY n")
native.execute("INSERT INTO e2e_clients.many VALUES", ({"n": i} for i in range(1_000_000)))
assert http.query("SELECT count(), sum(n) FROM e2e_clients.many").result_rows[0] == (1_000_000, 499_999_500_000)
http.command("DROP DATABASE e2e_clients SYNC")
print("both drivers agree")
