# SPDX-License-Identifier: Apache-2.0
# What candles cost: a day of ticks of 200 symbols, queries over HTTP, and a feed of 10,000 ticks/s.
# Usage: bench.py URL PID-OF-THE-HUB TICKS QUERIES
import http.client
import os
import sys
import time
from urllib.parse import urlparse

url, pid, ticks, queries = urlparse(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
connection = http.client.HTTPConnection(url.hostname, url.port)


def ask(sql):
    for attempt in (1, 2):  # a connection that was idle may have been closed
        try:
            connection.request("POST", "/", sql.encode())
            reply = connection.getresponse()
            body = reply.read()
            break
        except (http.client.HTTPException, OSError):
            connection.close()
            if attempt == 2:
                raise
    if reply.status != 200:
        sys.exit(f"{sql}\n{body.decode()}")
    return body if sql.endswith("FORMAT Native") else body.decode().strip()


def cpu():
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def behind():
    return int(ask("SELECT count() FROM warehouse.ohlc_mark WHERE marked_at > (SELECT max(settled_at) FROM warehouse.ohlc_state WHERE seconds = 0)"))


def note(text):
    print(text, file=sys.stderr, flush=True)


def load():
    parts = 20
    for part in range(parts):
        note(f"loading ticks: {part * 100 // parts} %")
        ask(f"""INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume)
            SELECT concat('S', leftPad(toString(number % 200), 3, '0')),
                toDateTime64('2026-11-20 14:30:00', 6, 'UTC') + toIntervalMicrosecond(intDiv(number * 23400000000, {ticks})),
                round(100 + sin(number / 300000) * 20 + cityHash64(number) % 100 / 100, 2), if(cityHash64(number, 1) % 4 = 0, NULL, cityHash64(number, 2) % 500)
            FROM numbers({ticks * part // parts}, {ticks // parts})""")


def settle(started):
    while (left := behind()) > 0:
        note(f"{left} marks to settle, {time.time() - started:.0f} s")
        time.sleep(2)


def latencies(sql):
    taken = []
    for i in range(queries):
        text = sql.replace("SYMBOL", f"S{i * 37 % 200:03}")
        start = time.perf_counter()
        ask(text)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 95 // 100], taken[-1]


AGGREGATES = "argMin(price, timestamp), max(price), min(price), argMax(price, timestamp), sum(volume)"
DAY = "BETWEEN '2026-11-20 00:00:00' AND '2026-11-20 23:59:59'"
CANDLES = [
    ("1m, one symbol, a day", f"SELECT * FROM warehouse.ohlc_1m WHERE symbol = 'SYMBOL' AND ts {DAY} ORDER BY ts FORMAT Native",
     f"SELECT toStartOfMinute(timestamp) AS m, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE symbol = 'SYMBOL' AND timestamp {DAY} GROUP BY m ORDER BY m FORMAT Native"),
    ("1s, one symbol, an hour", "SELECT * FROM warehouse.ohlc_1s WHERE symbol = 'SYMBOL' AND ts BETWEEN '2026-11-20 15:00:00' AND '2026-11-20 15:59:59' ORDER BY ts FORMAT Native",
     f"SELECT toStartOfSecond(timestamp) AS s, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE symbol = 'SYMBOL' AND timestamp BETWEEN '2026-11-20 15:00:00' AND '2026-11-20 15:59:59.999999' GROUP BY s ORDER BY s FORMAT Native"),
    ("5m, one symbol, a week", "SELECT * FROM warehouse.ohlc_5m WHERE symbol = 'SYMBOL' AND ts BETWEEN '2026-11-14 00:00:00' AND '2026-11-20 23:59:59' ORDER BY ts FORMAT Native",
     f"SELECT toStartOfFiveMinutes(timestamp) AS m, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE symbol = 'SYMBOL' AND timestamp BETWEEN '2026-11-14 00:00:00' AND '2026-11-20 23:59:59' GROUP BY m ORDER BY m FORMAT Native"),
    ("newest 1m of all 200 symbols", "SELECT * FROM warehouse.ohlc_1m WHERE ts >= '2026-11-20 20:50:00' ORDER BY ts DESC LIMIT 1 BY symbol FORMAT Native",
     f"SELECT symbol, toStartOfMinute(timestamp) AS m, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE timestamp >= '2026-11-20 20:50:00' GROUP BY symbol, m ORDER BY m DESC LIMIT 1 BY symbol FORMAT Native"),
    ("1d of all 200 symbols", f"SELECT * FROM warehouse.ohlc_1d WHERE ts {DAY} FORMAT Native",
     f"SELECT symbol, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE timestamp {DAY} GROUP BY symbol FORMAT Native"),
    ("ta_1m, one symbol", "SELECT * FROM warehouse.ta_1m(symbol = 'SYMBOL') FORMAT Native", None),
    ("ta_1m, all 200 symbols, newest row", "SELECT * FROM warehouse.ta_1m(symbol = '') ORDER BY ts DESC LIMIT 1 BY symbol FORMAT Native", None),
]


def show(title):
    global queries
    print(f"\n{title}\n\n| query | p50 ms | p95 ms | worst ms | from the ticks p50 | p95 |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, sql, raw in CANDLES:
        found = latencies(sql)
        whole, queries = queries, max(5, queries // 10)
        direct = latencies(raw) if raw else None
        queries = whole
        tail = f"{direct[0]:.1f} | {direct[1]:.1f}" if direct else "|"
        print(f"| {name} | {found[0]:.1f} | {found[1]:.1f} | {found[2]:.1f} | {tail} |", flush=True)


def feed(seconds, rows):
    """`rows` ticks ten times a second; returns the hub's CPU seconds, the durations of rounds, and the insert that was latest."""
    before, start, durations, late = cpu(), time.perf_counter(), [], 0.0
    for n in range(seconds * 10):
        wait = start + n / 10 - time.perf_counter()
        late = max(late, -wait)
        if wait > 0:
            time.sleep(wait)
        if rows:
            ask(f"""INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume) SELECT concat('S', leftPad(toString(number % 200), 3, '0')),
                now64(6, 'UTC') + toIntervalMicrosecond(number), round(100 + number % 7, 2), number % 100 FROM numbers({rows})""")
        if n % 20 == 19:
            durations.append(int(ask("SELECT ifNull(last_success_duration_ms, 0) FROM system.view_refreshes WHERE view = 'ohlc_refresh'")))
    return cpu() - before, sorted(durations), late


started = time.time()
load()
loaded = time.time()
settle(loaded)
print(f"{ticks} ticks of 200 symbols in one session: loaded in {loaded - started:.1f} s, candles of all widths {time.time() - loaded:.1f} s later")
show("Settled")
for rows in (0, 100, 1000):
    used, durations, late = feed(20, rows)
    ask("SYSTEM STOP VIEW warehouse.ohlc_refresh")
    time.sleep(3)
    without, _, _ = feed(20, rows)
    ask("SYSTEM START VIEW warehouse.ohlc_refresh")
    settle(time.time())
    print(f"\n{rows * 10} ticks/s for 20 s: the hub takes {used / 20:.3f} CPU seconds a second, {without / 20:.3f} without rounds; "
          f"a round {durations[len(durations) // 2]} ms, the longest {durations[-1]} ms; the latest insert {late * 1000:.0f} ms late")
