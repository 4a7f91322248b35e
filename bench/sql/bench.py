# SPDX-License-Identifier: Apache-2.0
"""What indicators cost in SQL, as ratios against peers in one run. Called by bench/sql.sh: bench.py URL HUB_PID [SECTION...]"""
import http.client
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

import clickhouse_connect
import numpy as np
import pandas as pd
import talib

URL, HUB_PID = urllib.parse.urlparse(sys.argv[1]), int(sys.argv[2])
client = clickhouse_connect.get_client(host=URL.hostname, port=URL.port, settings={"max_memory_usage": 0})
TICKERS, BARS = 1000, 2520
SQL = pathlib.Path(__file__).parent
SORTED = "arraySort((value, day) -> day, groupArray(close), groupArray(date))"


class Server:
    """Queries over one kept connection, without the client library's own work."""

    def __init__(self):
        self.http = http.client.HTTPConnection(URL.hostname, URL.port)

    def run(self, sql):
        self.http.request("POST", "/?max_memory_usage=0", sql.encode())
        reply = self.http.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{sql}\n{body.decode()}")
        return body

    def send(self, sql, data):
        self.http.request("POST", "/?" + urllib.parse.urlencode({"query": sql}), data)
        reply = self.http.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise SystemExit(body.decode())


server = Server()


def timed(function, runs):
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        took.append(time.perf_counter() - start)
    return took


def fastest(functions, runs=7):
    """The minimum of each, run in turn so that all meet the same noise."""
    best = [float("inf")] * len(functions)
    for _ in range(runs):
        for i, function in enumerate(functions):
            best[i] = min(best[i], timed(function, 1)[0])
    return best


def table(title, head, rows):
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n| {' | '.join('---' for _ in head)} |")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |")


def ms(seconds):
    return f"{seconds * 1000:,.1f}"


def prepare():
    client.command("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
    client.command("""CREATE TABLE bench.bars (ticker LowCardinality(String), date Date, open Float64, high Float64, low Float64,
        close Float64, volume Float64) ENGINE = MergeTree ORDER BY (ticker, date)""")
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (TICKERS, BARS)), axis=1)).ravel()
    spread = np.abs(rng.normal(0, 0.005, close.size))
    dates = np.tile(np.datetime64("2014-01-01") + np.arange(BARS), TICKERS)
    client.insert_df("bench.bars", pd.DataFrame({
        "ticker": np.repeat([f"T{i:04d}" for i in range(TICKERS)], BARS), "date": dates, "open": close * (1 - spread / 2),
        "high": close * (1 + spread), "low": close * (1 - spread), "close": close,
        "volume": rng.integers(1000, 100000, close.size).astype(float)}))
    client.command("OPTIMIZE TABLE bench.bars FINAL")


def same(ours, theirs, what, tolerance=1e-9):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} and {theirs.shape}"
    assert (np.isnan(ours) == np.isnan(theirs)).all(), f"{what}: NaN in other places"
    scale = np.maximum(np.abs(theirs), 1e-3 * np.nanmax(np.abs(theirs)))
    worst = np.nanmax(np.abs(ours - theirs) / scale)
    assert worst < tolerance, f"{what}: differs by {worst:.2g}"


# ---------------------------------------------------------------------------------------------------------------- expressions

def decayed(value, seed, first, a, partition="PARTITION BY ticker"):
    """An exact exponential average as a window function: from row `first` (1-based) on, seeded with `seed` there."""
    weighted = f"multiIf(i < {first}, 0, i = {first}, {seed} / {a!r}, {value})"
    return f"{a!r} * exponentialTimeDecayedSum({float(-1 / np.log(1 - a))!r})({weighted}, i) OVER ({partition} ORDER BY i)"


def window_sql():
    """Per indicator: a query that gives (ticker, i, outputs...), computed with window functions only."""
    a12, a26, a9, w14 = 2 / 13, 2 / 27, 2 / 10, 1 / 14

    def mean(column, rows):
        return f"avg({column}) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN {rows - 1} PRECEDING AND CURRENT ROW)"

    number = "row_number() OVER (PARTITION BY ticker ORDER BY date) AS i"
    ema = f"""SELECT ticker, i, if(i < 12, nan, {decayed('close', 'seed', 12, a12)}) AS ema
        FROM (SELECT ticker, date, close, {number}, {mean('close', 12)} AS seed FROM bench.bars)"""
    bbands = f"""SELECT ticker, i, if(i < 20, nan, m + 2 * s) AS upper, if(i < 20, nan, m) AS middle, if(i < 20, nan, m - 2 * s) AS lower
        FROM (SELECT ticker, {number}, {mean('close', 20)} AS m, {mean('close', 20).replace('avg', 'stddevPopStable')} AS s FROM bench.bars)"""
    rsi = f"""SELECT ticker, i, if(i < 15, nan, if(g + l = 0, 50, 100 * g / (g + l))) AS rsi
        FROM (SELECT ticker, i, {decayed('gain', 'gains', 15, w14)} AS g, {decayed('loss', 'losses', 15, w14)} AS l
            FROM (SELECT ticker, date, i, gain, loss, {mean('gain', 14)} AS gains, {mean('loss', 14)} AS losses
                FROM (SELECT ticker, date, i, greatest(d, 0) AS gain, greatest(-d, 0) AS loss
                    FROM (SELECT ticker, date, {number},
                        close - lagInFrame(close, 1, close) OVER (PARTITION BY ticker ORDER BY date) AS d FROM bench.bars))))"""
    macd = f"""SELECT ticker, i, if(i < 34, nan, line) AS macd, if(i < 34, nan, signal) AS signal, if(i < 34, nan, line - signal) AS hist
        FROM (SELECT ticker, i, line, {decayed('line', 'seed', 34, a9)} AS signal
            FROM (SELECT ticker, i, line, avg(line) OVER (PARTITION BY ticker ORDER BY i ROWS BETWEEN 8 PRECEDING AND CURRENT ROW) AS seed
                FROM (SELECT ticker, i, {decayed('close', 'fast', 26, a12)} - {decayed('close', 'slow', 26, a26)} AS line
                    FROM (SELECT ticker, date, close, {number}, {mean('close', 12)} AS fast, {mean('close', 26)} AS slow FROM bench.bars))))"""
    return {"ema": ema, "macd": macd, "rsi": rsi, "bbands": bbands}


def fold_sql():
    """The same with arrayFold. It returns only its accumulator, so a series has to be grown inside it."""
    average = "arrayFold((acc, x) -> (acc.1 + (x - acc.1) * {a!r}, arrayPushBack(acc.2, acc.1 + (x - acc.1) * {a!r})), {tail}, ({seed}, [{seed}])).2"

    def ema(x, n, a=None):
        return (f"arrayConcat(arrayResize([], {n - 1}, nan), "
                + average.format(a=a or 2 / (n + 1), tail=f"arraySlice({x}, {n + 1})", seed=f"arrayAvg(arraySlice({x}, 1, {n}))") + ")")

    base = f"(SELECT ticker, {SORTED} AS c FROM bench.bars GROUP BY ticker)"
    slow = ema("c", 26)
    fast = f"arrayConcat(arrayResize([], 25, nan), arraySlice({ema('arraySlice(c, 15)', 12)}, 12))"
    return {
        "ema": f"SELECT ticker, {ema('c', 12)} AS ema FROM {base}",
        "macd": f"""SELECT ticker, arrayMap((v, s) -> if(isNaN(s), nan, v), line, signal) AS macd, signal, arrayMap((v, s) -> v - s, line, signal) AS hist
            FROM (SELECT ticker, line, arrayConcat(arrayResize([], 25, nan), {ema('arraySlice(line, 26)', 9)}) AS signal
                FROM (SELECT ticker, arrayMap((f, s) -> f - s, {fast}, {slow}) AS line FROM {base}))""",
        "rsi": f"""SELECT ticker, arrayConcat([nan], arrayMap((g, l) -> if(isNaN(g), nan, if(g + l = 0, 50, 100 * g / (g + l))), {ema('gain', 14, 1 / 14)}, {ema('loss', 14, 1 / 14)})) AS rsi
            FROM (SELECT ticker, arrayMap(d -> greatest(d, 0), arraySlice(arrayDifference(c), 2)) AS gain,
                arrayMap(d -> greatest(-d, 0), arraySlice(arrayDifference(c), 2)) AS loss FROM {base})""",
        "bbands": f"""SELECT ticker, arrayMap((m, s) -> m + 2 * s, middle, sd) AS upper, middle, arrayMap((m, s) -> m - 2 * s, middle, sd) AS lower
            FROM (SELECT ticker, arrayConcat(arrayResize([], 19, nan), arrayFold((acc, x) -> (arrayPushBack(arrayPopFront(acc.1), x), arrayPushBack(acc.2, arrayAvg(arrayPushBack(arrayPopFront(acc.1), x)))), arraySlice(c, 20), (arrayConcat([0.], arraySlice(c, 1, 19)), emptyArrayFloat64())).2) AS middle,
                arrayConcat(arrayResize([], 19, nan), arrayFold((acc, x) -> (arrayPushBack(arrayPopFront(acc.1), x), arrayPushBack(acc.2, arrayReduce('stddevPopStable', arrayPushBack(arrayPopFront(acc.1), x)))), arraySlice(c, 20), (arrayConcat([0.], arraySlice(c, 1, 19)), emptyArrayFloat64())).2) AS sd FROM {base})""",
    }


CALLS = {"ema": "12", "macd": "12, 26, 9", "rsi": "14", "bbands": "20, 2, 2"}


def our_sql():
    return {name: f"SELECT ticker, ta_{name}({SORTED}, {parameters}) AS r FROM bench.bars GROUP BY ticker" for name, parameters in CALLS.items()}


def expressions():
    ours, windows, folds, rows = our_sql(), window_sql(), fold_sql(), []
    outputs = {"ema": 1, "macd": 3, "rsi": 1, "bbands": 3}
    for name in CALLS:
        check = "WHERE ticker IN ('T0003', 'T0500')"
        small = lambda sql: sql.replace("bench.bars", f"(SELECT * FROM bench.bars {check})")
        found = client.query(f"SELECT * FROM ({small(ours[name])}) ORDER BY ticker").result_rows
        found = [np.array(row[1] if outputs[name] > 1 and not isinstance(row[1], dict) else list(row[1].values()) if isinstance(row[1], dict) else [row[1]]) for row in found]
        by_window = client.query_np(f"SELECT * FROM ({small(windows[name])}) ORDER BY ticker, i")
        by_fold = client.query(f"SELECT * FROM ({small(folds[name])}) ORDER BY ticker").result_rows
        for t in range(2):
            for k in range(outputs[name]):
                same(found[t][k], [row[2 + k] for row in by_window[t * BARS:(t + 1) * BARS]], f"{name} window", 1e-7)
                same(found[t][k], by_fold[t][1 + k], f"{name} arrayFold", 1e-7)
        best = fastest([lambda: server.run(ours[name] + " FORMAT Null"), lambda: server.run(windows[name] + " FORMAT Null")])
        fold = min(timed(lambda: server.run(folds[name] + " FORMAT Null"), 2))
        rows.append([f"ta_{name}({CALLS[name]})", ms(best[0]), ms(best[1]), f"{best[1] / best[0]:.1f}", ms(fold), f"{fold / best[0]:.0f}"])
    table("One indicator over 1,000 tickers x 2,520 bars, ms (minimum of 7; arrayFold of 2)",
          ["function, input ordered by arraySort", "tickhouse", "window functions", "ratio (goal 2.5)", "arrayFold", "ratio (goal 40)"], rows)
    forms = {
        "groupArray alone (no order, no indicator)": "SELECT ticker, groupArray(close) AS r FROM bench.bars GROUP BY ticker",
        "ta_ema(groupArray(close), 12): wrong, since unordered": "SELECT ticker, ta_ema(groupArray(close), 12) AS r FROM bench.bars GROUP BY ticker",
        "ta_ema(arraySort((value, day) -> day, groupArray(close), groupArray(date)), 12)": ours["ema"],
        "ta('ema(12)', groupArray(date), groupArray(close))": "SELECT ticker, ta('ema(12)', groupArray(date), groupArray(close)) AS r FROM bench.bars GROUP BY ticker",
        "ta('ema(12), macd, rsi, bbands', groupArray(date), groupArray(close))": "SELECT ticker, ta('ema(12), macd, rsi, bbands', groupArray(date), groupArray(close)) AS r FROM bench.bars GROUP BY ticker",
        "ta_last('ema(12), macd, rsi, bbands', groupArray(date), groupArray(close))": "SELECT ticker, ta_last('ema(12), macd, rsi, bbands', groupArray(date), groupArray(close)) AS r FROM bench.bars GROUP BY ticker",
        "ta_ema(groupArray(close), 12) FROM (... ORDER BY ticker, date), max_threads = 1": "SELECT ticker, ta_ema(groupArray(close), 12) AS r FROM (SELECT ticker, close FROM bench.bars ORDER BY ticker, date) GROUP BY ticker SETTINGS max_threads = 1",
        "executable('ta table ema(12)', ...) over ORDER BY ticker, date": f"SELECT * FROM {table_function('ema(12)', ['ema_12'])}",
    }
    best = fastest([lambda sql=sql: server.run(sql + " FORMAT Null") for sql in forms.values()])
    table("What order costs: the same 2.52 M bars, ms (minimum of 7)", ["form", "ms"], [[f"`{form}`", ms(b)] for form, b in zip(forms, best)])


# ------------------------------------------------------------------------------------------------------------------------- job

NAMES = ["ema_12", "macd", "macd_signal", "macd_hist", "rsi_14", "bb_upper", "bb_middle", "bb_lower"]
SPEC = "ema_12=ema(12),macd/macd_signal/macd_hist=macd(12,26,9),rsi_14=rsi(14),bb_upper/bb_middle/bb_lower=bbands(20,2,2)"


def table_function(spec, outputs):
    columns = ", ".join(["ticker LowCardinality(String)", "date Date", "close Float64"] + [f"{name} Float64" for name in outputs])
    return f"""executable('ta table {spec}', Native, '{columns}', (SELECT ticker, date, close FROM bench.bars ORDER BY ticker, date),
        SETTINGS check_exit_code = 1)"""


# Given to every way: the table is written by as many threads as there are cores.
PARALLEL = {"max_insert_threads": 2}
PARALLEL_SQL = " SETTINGS " + ", ".join(f"{name} = {value}" for name, value in PARALLEL.items())


def land(source):
    server.run("TRUNCATE TABLE bench.landed")
    server.run("INSERT INTO bench.landed " + source + PARALLEL_SQL)


def land_ours_arrays():
    land(f"""SELECT ticker, toDate(day), ema_12, macd, macd_signal, macd_hist, rsi_14, bb_upper, bb_middle, bb_lower
        FROM (SELECT ticker, ta('{SPEC}', groupArray(date), groupArray(close)) AS r FROM bench.bars GROUP BY ticker)
        ARRAY JOIN r.time AS day, {', '.join(f'r.values[{k + 1}] AS {name}' for k, name in enumerate(NAMES))}""")


def land_ours_table():
    land(f"SELECT ticker, date, {', '.join(NAMES)} FROM {table_function(SPEC, NAMES)}")


def indicators(close):
    return [talib.EMA(close, 12), *talib.MACD(close, 12, 26, 9), talib.RSI(close, 14), *talib.BBANDS(close, 20, 2, 2)]


def native(columns):
    """A Native block out of numpy arrays, as bytes: no client could send them with less work."""
    varint = lambda n: bytes([n]) if n < 0x80 else bytes([n & 0x7F | 0x80]) + varint(n >> 7)
    text = lambda t: varint(len(t)) + t.encode()
    rows = len(columns[0][2])
    return b"".join([varint(len(columns)), varint(rows)] + [part for name, kind, values in columns for part in (text(name), text(kind), values.tobytes())])


def land_numpy():
    server.run("TRUNCATE TABLE bench.landed")
    tickers = [line.split("\t") for line in server.run("SELECT ticker, count() FROM bench.bars GROUP BY ticker ORDER BY ticker").decode().splitlines()]
    ends = np.cumsum([int(count) for _, count in tickers])
    raw = np.frombuffer(server.run("SELECT date, close FROM bench.bars ORDER BY ticker, date FORMAT RowBinary"), np.dtype([("date", "<u2"), ("close", "<f8")]))
    date, close = np.ascontiguousarray(raw["date"]), np.ascontiguousarray(raw["close"])
    out = np.empty((len(NAMES), close.size))
    for start, end in zip(np.concatenate([[0], ends]), ends):
        for k, values in enumerate(indicators(close[start:end])):
            out[k, start:end] = values
    number = np.repeat(np.arange(len(tickers), dtype="<u2"), np.diff(np.concatenate([[0], ends])))
    columns = [("n", "UInt16", number), ("date", "Date", date)] + [(name, "Float64", out[k]) for k, name in enumerate(NAMES)]
    names = ", ".join(f"'{ticker}'" for ticker, _ in tickers)
    structure = ", ".join(f"{name} {kind}" for name, kind, _ in columns)
    query = f"INSERT INTO bench.landed SELECT [{names}][n + 1], date, {', '.join(NAMES)} FROM input('{structure}'){PARALLEL_SQL} FORMAT Native"
    server.send(query, native(columns))


def land_pandas():
    server.run("TRUNCATE TABLE bench.landed")
    frame = client.query_df("SELECT ticker, date, close FROM bench.bars ORDER BY ticker, date")
    frame["close"] = frame["close"].astype(np.float64)
    parts = [pd.DataFrame(dict(zip(NAMES, indicators(group.to_numpy()))), index=group.index) for _, group in frame.groupby("ticker", observed=True)["close"]]
    client.insert_df("bench.landed", pd.concat([frame[["ticker", "date"]], pd.concat(parts)], axis=1), settings=PARALLEL)


def job():
    client.command(f"""CREATE TABLE bench.landed (ticker LowCardinality(String), date Date, {', '.join(f'{name} Float64' for name in NAMES)})
        ENGINE = MergeTree ORDER BY (ticker, date)""")
    client.command("SYSTEM STOP MERGES bench.landed")  # one way's merges would run while the next is timed
    ways = {"tickhouse: `ta(spec, ...)` and ARRAY JOIN": land_ours_arrays, "tickhouse: table function": land_ours_table,
            "HTTP, numpy slices, TA-Lib, insert of a Native block": land_numpy, "clickhouse-connect, pandas groupby, TA-Lib, insert": land_pandas}
    reference = None
    for name, way in ways.items():
        way()
        found = np.array([row for row in client.query(f"SELECT {', '.join(NAMES)} FROM bench.landed WHERE ticker IN ('T0003', 'T0999') ORDER BY ticker, date").result_rows], float)
        assert client.command("SELECT count() FROM bench.landed") == TICKERS * BARS
        if reference is None:
            reference = found
        for k in range(len(NAMES)):
            same(found[:, k], reference[:, k], f"{name}: {NAMES[k]}", 1e-7)
    best = fastest(list(ways.values()), 9)
    land_ours_table()
    client.command("CREATE TABLE bench.copy AS bench.landed")

    def insert_alone():
        server.run("TRUNCATE TABLE bench.copy")
        server.run("INSERT INTO bench.copy SELECT * FROM bench.landed" + PARALLEL_SQL)
    alone = fastest([insert_alone], 5)[0]
    ours = min(best[0], best[1])
    rows = [[name, ms(b), "" if i < 2 else f"{b / ours:.1f}", ["", "", "2", "3"][i]] for i, (name, b) in enumerate(zip(ways, best))]
    rows.append(["for scale: copying the landed table, no indicators", ms(alone), "", ""])
    table("The whole job: EMA, MACD, RSI and Bollinger of 1,000 tickers x 2,520 bars landed as a table, ms (minimum of 9)",
          ["way", "ms", "times ours", "goal"], rows)


# ----------------------------------------------------------------------------------------------------------------------- panel

def panel():
    plain = "SELECT date, open, high, low, close, volume FROM bench.bars WHERE ticker = 'T0042' ORDER BY date FORMAT Native"
    sorted_ = lambda column: f"arraySort((value, day) -> day, {column}, dates)"
    six = f"""SELECT day, open, high, low, close, volume, {', '.join(f'i{k}' for k in range(1, 11))}
        FROM (SELECT groupArray(date) AS dates, groupArray(open) AS o, groupArray(high) AS h, groupArray(low) AS l, groupArray(close) AS c,
            groupArray(volume) AS v, ta_bars('ema(12), ema(26), macd(12,26,9), rsi(14), bbands(20,2,2), atr(14)', dates, o, h, l, c, v) AS r
            FROM bench.bars WHERE ticker = 'T0042')
        ARRAY JOIN r.time AS day, {sorted_('o')} AS open, {sorted_('h')} AS high, {sorted_('l')} AS low, {sorted_('c')} AS close,
            {sorted_('v')} AS volume, {', '.join(f'r.values[{k}] AS i{k}' for k in range(1, 11))} FORMAT Native"""
    outputs = ["ema_12", "ema_26", "macd", "macd_signal", "macd_hist", "rsi_14", "bb_upper", "bb_middle", "bb_lower", "atr_14"]
    bars = "open Float64, high Float64, low Float64, close Float64, volume Float64"
    by_table = f"""SELECT * FROM executable('ta table ema_12=ema(12),ema_26=ema(26),macd/macd_signal/macd_hist=macd(12,26,9),rsi_14=rsi(14),bb_upper/bb_middle/bb_lower=bbands(20,2,2),atr_14=atr(14)',
        Native, 'date Date, {bars}, {', '.join(f'{name} Float64' for name in outputs)}',
        (SELECT date, open, high, low, close, volume FROM bench.bars WHERE ticker = 'T0042' ORDER BY date), SETTINGS check_exit_code = 1) FORMAT Native"""
    queries = {"bars alone": plain, "bars and six indicators, ta_bars": six, "bars and six indicators, table function": by_table}
    took = {label: [] for label in queries}
    for run in range(320):
        for label, query in queries.items():
            took[label] += timed(lambda: server.run(query), 1) if run >= 20 else []
    quantile = lambda label, q: statistics.quantiles(took[label], n=100)[q - 1]
    rows = [[label, ms(quantile(label, 50)), ms(quantile(label, 95)),
             "" if label == "bars alone" else ms(quantile(label, 50) - quantile("bars alone", 50)),
             "" if label == "bars alone" else ms(quantile(label, 95) - quantile("bars alone", 95))] for label in queries]
    table("One ticker's panel of 2,520 bars, ms (300 runs over one HTTP connection)", ["query", "p50", "p95", "more at p50 (goal: under 5)", "more at p95 (goal: under 5)"], rows)


# ------------------------------------------------------------------------------------------------------------------- transport

def transport():
    rows = []
    for label, source, values, settings in (
            ("10 M values, arrays of 2,500", "SELECT range(2500)::Array(Float64) AS x FROM numbers(4000)", 10e6, "max_block_size = 1000"),
            ("2 M rows, arrays of 1", "SELECT [number]::Array(Float64) AS x FROM numbers(2000000)", 2e6, "max_block_size = 65409")):
        sql = lambda call: f"SELECT {call} FROM (SELECT materialize(x) AS x FROM ({source})) SETTINGS max_threads = 1, {settings} FORMAT Null"
        nothing, echo, ours = fastest([lambda: server.run(sql("x")), lambda: server.run(sql("echo_array(x, 1)")), lambda: server.run(sql("ta_mom(x, 1)"))], 9)
        count = int(re.search(r"numbers\((\d+)\)", source).group(1))
        size = 2 * 8 * (values + count)
        rows.append([label, ms(nothing), ms(echo), ms(ours), f"{(ours - nothing) / (echo - nothing):.2f}", f"{count / ours / 1e6:.2f}",
                     f"{size / (ours - nothing) / 1e9:.2f}"])
    table("Round trip through a worker, one thread, ms (minimum of 9)",
          ["what travels, there and back", "no function", "echo worker", "ta_mom(x, 1)", "ours / echo (goal 1.3)", "M rows/s", "GB/s both ways"], rows)


# ---------------------------------------------------------------------------------------------------------------------- memory

def worker_memory():
    pids = subprocess.run(["pgrep", "-P", str(HUB_PID), "-f", "ta udf ta_ema"], capture_output=True, text=True).stdout.split()
    status = [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in pids]
    field = lambda text, name: int(re.search(rf"{name}:\s+(\d+)", text).group(1)) / 1024
    return max(field(s, "VmHWM") for s in status), max(field(s, "VmRSS") for s in status)


def memory():
    server.run("SYSTEM RELOAD FUNCTIONS")
    server.run("SELECT ta_ema(range(100), 5) FORMAT Null")
    fresh = worker_memory()
    for _ in range(100):
        server.run("SELECT ta_ema(range(3000), 5) FORMAT Null")
    hundred = worker_memory()
    for _ in range(9900):
        server.run("SELECT ta_ema(range(3000), 5) FORMAT Null")
    many = worker_memory()
    server.run("""SELECT ta_ema(x, 5) FROM (SELECT arrayMap(i -> number + i, range(10))::Array(Float64) AS x FROM numbers(1000000))
        SETTINGS max_block_size = 1000000, max_threads = 1 FORMAT Null""")
    large = worker_memory()
    table("Memory of a pool worker, MiB", ["after", "peak", "resident"], [
        ["one call", *(f"{v:.1f}" for v in fresh)], ["100 calls of 3,000 values", *(f"{v:.1f}" for v in hundred)],
        ["10,000 calls of 3,000 values", *(f"{v:.1f}" for v in many)],
        ["a block of 1 M rows x 10 values (84 MiB in, 84 MiB out)", *(f"{v:.1f}" for v in large)]])


def main():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    cores = len([line for line in open("/proc/cpuinfo") if line.startswith("processor")])
    print(f"{time.strftime('%Y-%m-%d')}, {cores} x {cpu}, ClickHouse {client.command('SELECT version()')}, Python {platform.python_version()}, "
          f"clickhouse-connect {clickhouse_connect.__version__ if hasattr(clickhouse_connect, '__version__') else ''}, numpy {np.__version__}, "
          f"pandas {pd.__version__}, TA-Lib {talib.__ta_version__.decode() if isinstance(talib.__ta_version__, bytes) else talib.__ta_version__}")
    sections = {"expressions": expressions, "job": job, "panel": panel, "transport": transport, "memory": memory}
    prepare()
    for name in [word for word in sys.argv[3:] if word != "--"] or sections:
        sections[name]()


main()
