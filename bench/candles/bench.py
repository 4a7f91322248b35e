# SPDX-License-Identifier: Apache-2.0
# What candles cost: a day of ticks of 200 symbols, queries over HTTP, and a feed of 10,000 ticks/s.
# Usage: bench.py URL PID-OF-THE-HUB TICKS QUERIES
import http.client
import os
import sys
import threading
import time
import uuid
from urllib.parse import urlparse

url, pid, ticks, queries = urlparse(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
of_thread = threading.local()


def ask(sql, name=""):
    if not hasattr(of_thread, "connection"):
        of_thread.connection = http.client.HTTPConnection(url.hostname, url.port)
    for attempt in (1, 2):  # a connection that was idle may have been closed
        try:
            of_thread.connection.request("POST", f"/?query_id={name}" if name else "/", sql.encode())
            reply = of_thread.connection.getresponse()
            body = reply.read()
            break
        except (http.client.HTTPException, OSError):
            of_thread.connection.close()
            if attempt == 2:
                raise
    if reply.status != 200:
        sys.exit(f"{sql}\n{body.decode()}")
    return body if sql.endswith("FORMAT Native") else body.decode().strip()


def cpu():
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def behind(look):
    return int(ask(f"""SELECT count() FROM warehouse.ohlc_mark
        WHERE marked_at > (SELECT max(settled_at) FROM warehouse.ohlc_state WHERE seconds = 0 AND ts = toDateTime64({look}, 6, 'UTC'))"""))


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


def settle(look):
    """Until all marks had it. Returns seconds and the hub's CPU seconds."""
    started, before, shown = time.time(), cpu(), 0
    while (left := behind(look)) > 0:
        if time.time() > shown + 10:
            shown = time.time()
            note(f"look {look}: {left} marks to settle, {shown - started:.0f} s")
        time.sleep(1)
    return time.time() - started, cpu() - before


def measure(sql, times):
    """p50 and p95 of milliseconds as the client sees them, p50 of the hub's CPU milliseconds, rows read by one query."""
    taken, ids = [], []
    for i in range(times):
        text = sql.replace("SYMBOL", f"S{i * 37 % 200:03}")
        ids.append(f"bench-{uuid.uuid4()}")
        start = time.perf_counter()
        ask(text, ids[-1])
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    ask("SYSTEM FLUSH LOGS query_log")
    cpu_ms, rows = ask(f"""SELECT quantileExact(0.5)(ProfileEvents['OSCPUVirtualTimeMicroseconds']) / 1000, quantileExact(0.5)(read_rows)
        FROM system.query_log WHERE type = 'QueryFinish' AND query_id IN ({", ".join(f"'{name}'" for name in ids)})""").split()
    return f"{taken[len(taken) // 2]:.1f} | {taken[len(taken) * 95 // 100]:.1f} | {float(cpu_ms):.0f} | {int(rows):,}"


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
LIVE = [
    ("1m, one symbol, the last hour", "SELECT * FROM warehouse.ohlc_1m WHERE symbol = 'SYMBOL' AND ts >= now() - 3600 ORDER BY ts FORMAT Native",
     f"SELECT toStartOfMinute(timestamp) AS m, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE symbol = 'SYMBOL' AND timestamp >= now() - 3600 GROUP BY m ORDER BY m FORMAT Native"),
    ("newest 1m of all 200 symbols", "SELECT * FROM warehouse.ohlc_1m WHERE ts >= now() - 120 ORDER BY ts DESC LIMIT 1 BY symbol FORMAT Native",
     f"SELECT symbol, toStartOfMinute(timestamp) AS m, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE timestamp >= now() - 120 GROUP BY symbol, m ORDER BY m DESC LIMIT 1 BY symbol FORMAT Native"),
    ("1d of all 200 symbols, today", "SELECT * FROM warehouse.ohlc_1d WHERE ts >= today() FORMAT Native",
     f"SELECT symbol, {AGGREGATES} FROM warehouse.stock_realtime FINAL WHERE timestamp >= today() GROUP BY symbol FORMAT Native"),
]


COLUMNS = "p50 ms | p95 ms | CPU ms | rows read"


def show(title, queries_of):
    print(f"\n{title}\n\n| query | {COLUMNS} | from the ticks: {COLUMNS} |\n| --- |{' ---: |' * 8}")
    for name, sql, raw in queries_of:
        direct = measure(raw, max(5, queries // 10)) if raw else "| | |"
        print(f"| {name} | {measure(sql, queries)} | {direct} |", flush=True)


def feed(seconds, rows, durations=None, until=None):
    """`rows` ticks ten times a second, until `until` is set. Returns the hub's CPU seconds a second."""
    before, start = cpu(), time.perf_counter()
    for n in range(seconds * 10):
        if until and until.is_set():
            break
        time.sleep(max(0, start + n / 10 - time.perf_counter()))
        if rows:
            ask(f"""INSERT INTO warehouse.stock_realtime (symbol, timestamp, price, volume) SELECT concat('S', leftPad(toString(number % 200), 3, '0')),
                now64(6, 'UTC') + toIntervalMicrosecond(number), round(100 + number % 7, 2), number % 100 FROM numbers({rows})""")
        if durations is not None and n % 20 == 19:
            durations.append(int(ask("SELECT ifNull(last_success_duration_ms, 0) FROM system.view_refreshes WHERE view = 'ohlc_refresh'")))
    return (cpu() - before) / (time.perf_counter() - start)


started = time.time()
load()
print(f"{ticks} ticks of 200 symbols in one session: loaded in {time.time() - started:.1f} s")
took, used = settle(1)
print(f"Candles of all widths, in rounds, {took:.1f} s later, with {used:.1f} CPU seconds", flush=True)
settle(3)
for view in ("ohlc_1s", "ohlc_1m", "ohlc_1d"):
    if int(found := ask(f"SELECT sum(ticks) FROM warehouse.{view}")) != ticks:
        sys.exit(f"{view} has {found} ticks, not {ticks}")
show("Settled, no feed", CANDLES)

stop = threading.Event()
feeder = threading.Thread(target=feed, args=(3600, 1000), kwargs={"until": stop})
feeder.start()
time.sleep(10)
show("While 10,000 ticks/s come", LIVE)
stop.set()
feeder.join()

for rows in (1000, 0):
    settle(3)
    durations = []
    used = feed(20, rows, durations)
    ask("SYSTEM STOP VIEW warehouse.ohlc_refresh")
    time.sleep(3)
    without = feed(20, rows)
    ask("SYSTEM START VIEW warehouse.ohlc_refresh")
    print(f"\n{rows * 10} ticks/s: the hub takes {used:.3f} CPU seconds a second, {without:.3f} without rounds; "
          f"a round {sorted(durations)[len(durations) // 2]} ms, the longest {max(durations)} ms", flush=True)
