# SPDX-License-Identifier: Apache-2.0
"""Predictions in SQL beside Python and onnxruntime in one run. Called by bench/nn_sql.sh: bench.py URL NN ONNX ROWS ROUNDS"""
import http.client
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.parse

import numpy as np
import onnxruntime

URL, NN, ONNX = urllib.parse.urlparse(sys.argv[1]), sys.argv[2], sys.argv[3]
ROWS, ROUNDS = int(sys.argv[4]), int(sys.argv[5])
STEPS, FEATURES, BATCH = 60, 20, 1024
VALUES = STEPS * FEATURES
STRIDE = 2 + 4 * VALUES  # RowBinary: the array's length in two bytes, then its floats


def ask(sql, **settings):
    connection = http.client.HTTPConnection(URL.hostname, URL.port)
    connection.request("POST", "/?" + urllib.parse.urlencode({"max_memory_usage": 0, **settings}), sql.encode())
    reply = connection.getresponse()
    if reply.status != 200:
        raise SystemExit(f"{sql}\n{reply.read().decode()}")
    return reply


def value(sql, **settings):
    return ask(sql, **settings).read().decode().strip()


def session(threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    loaded = onnxruntime.InferenceSession(ONNX, options, providers=["CPUExecutionProvider"])
    name = loaded.get_inputs()[0].name
    return lambda x: loaded.run(None, {name: x})[0]


def windows(rows):
    """Batches of sequences, fetched the leanest way there is: one reply, of which each batch is a view."""
    reply = ask(f"SELECT arrayFlatten(seq) FROM bench.windows LIMIT {rows} FORMAT RowBinary", max_threads=1)
    left = rows
    while left:
        count = min(left, BATCH)
        block = reply.read(count * STRIDE)
        yield np.ndarray((count, STEPS, FEATURES), np.float32, block, 2, (STRIDE, 4 * FEATURES, 4)).copy()
        left -= count


def peer(predict, rows):
    start = time.perf_counter()
    total = sum(float(predict(x).sum()) for x in windows(rows))
    return time.perf_counter() - start, total


def ours(threads, rows):
    start = time.perf_counter()
    total = value(f"SELECT sum(toFloat64(nn_predict_scalar('gru64', seq))) FROM (SELECT seq FROM bench.windows LIMIT {rows})",
                  max_threads=threads, max_block_size=8192)
    return time.perf_counter() - start, float(total)


def prepare():
    ask("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic").read()
    ask("CREATE TABLE bench.windows (seq Array(Array(Float32))) ENGINE = MergeTree ORDER BY ()").read()
    start = time.perf_counter()
    distinct = min(ROWS, 10000)
    ask("CREATE TABLE bench.distinct (seq Array(Array(Float32))) ENGINE = Memory").read()
    ask(f"""INSERT INTO bench.distinct
        SELECT arrayMap(i -> arrayMap(j -> toFloat32(((number * 7 + i * 31 + j * 17) % 1009) / 504.5 - 1), range({FEATURES})), range({STEPS}))
        FROM numbers({distinct})""").read()
    for _ in range(ROWS // distinct):
        ask("INSERT INTO bench.windows SELECT seq FROM bench.distinct").read()
    print(f"{ROWS:,} windows of {STEPS} x {FEATURES} written in {time.perf_counter() - start:.0f} s", file=sys.stderr)


def verify(predict):
    wanted = np.concatenate([predict(x) for x in windows(4096)]).ravel()
    reply = ask("SELECT nn_predict_scalar('gru64', seq) FROM (SELECT seq FROM bench.windows LIMIT 4096) FORMAT RowBinary", max_threads=1)
    found = np.frombuffer(reply.read(), np.float32)
    worst = float(np.abs(wanted - found).max())
    if worst > 2e-6:
        raise SystemExit(f"the answers differ by {worst}")
    return worst


def predictions():
    one, two = session(1), session(2)
    worst = verify(one)
    best = {}
    for _ in range(ROUNDS):
        for name, run in (("tickhouse, max_threads = 1", lambda: ours(1, ROWS)), ("tickhouse, max_threads = 2", lambda: ours(2, ROWS)),
                          ("fetch, onnxruntime 1 thread", lambda: peer(one, ROWS)), ("fetch, onnxruntime 2 threads", lambda: peer(two, ROWS)),
                          ("fetch alone", lambda: (peer(lambda x: x[:, -1, 0], ROWS)[0], 0.0))):
            took = run()[0]
            best[name] = min(best.get(name, took), took)
            print(f"{name}: {took:.1f} s", file=sys.stderr)
    print(f"\n### Predictions in SQL: {ROWS:,} windows of {STEPS} x {FEATURES} through GRU 64\n")
    print(f"Answers differ by at most {worst:.1e} from onnxruntime's.\n")
    print("| | seconds | predictions/s | against onnxruntime 1 thread |\n| --- | --- | --- | --- |")
    for name, took in best.items():
        print(f"| {name} | {took:.1f} | {ROWS / took:,.0f} | {best['fetch, onnxruntime 1 thread'] / took:.2f} |")


class Worker:
    """One worker, as a pool has them."""

    def __init__(self, block):
        self.process = subprocess.Popen([NN, "udf", "nn_predict_scalar"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.block = block

    def answer(self, size):
        left = memoryview(self.block)
        while left:
            left = left[self.process.stdin.write(left):]
        got = b""
        while len(got) < size:
            piece = self.process.stdout.read(size - len(got))
            if not piece:
                raise SystemExit("the worker ended")
            got += piece

    def proportional_kib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return {line.split()[0]: int(line.split()[1]) for line in text.splitlines()[1:]}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def block(rows):
    return ask(f"SELECT 'gru64' AS model, seq FROM bench.windows LIMIT {rows} FORMAT Native", max_block_size=rows, max_threads=1).read()


def reply_size(rows):
    return len(b"\x01") + (1 if rows < 128 else 2) + 1 + len("result") + 1 + len("Float32") + 4 * rows


def promote(version):
    text = pathlib.Path(os.environ["TICKHOUSE_MODELS"]) / "gru64" / "production"
    beside = text.with_suffix(".new")
    beside.write_text(f"{version}\n")
    beside.replace(text)


def swaps():
    worker = Worker(block(1))
    promote(1)
    worker.answer(reply_size(1))
    still, swapped = [], []
    for i in range(400):
        for times, change in ((still, False), (swapped, True)):
            if change:
                promote(1 + i % 2 if i % 2 else 2)
                promote(1 + (i + 1) % 2)
            start = time.perf_counter()
            worker.answer(reply_size(1))
            times.append(time.perf_counter() - start)
    worker.close()
    started = []
    for _ in range(50):
        start = time.perf_counter()
        fresh = Worker(block_of_one)
        fresh.answer(reply_size(1))
        started.append(time.perf_counter() - start)
        fresh.close()
    print("\n### Loading and swapping GRU 64\n")
    print("| | p50, ms | p99, ms |\n| --- | --- | --- |")
    for name, times in (("one prediction, model loaded", still), ("the same, right after another version was promoted", swapped),
                        ("the same, with the start of the worker", started)):
        print(f"| {name} | {statistics.median(times) * 1e3:.2f} | {np.percentile(times, 99) * 1e3:.2f} |")


def memory():
    rows = 1024
    data = block(rows)
    workers = [Worker(data) for _ in range(16)]
    for worker in workers:
        worker.answer(reply_size(rows))
    sums = {}
    for worker in workers:
        for name, kib in worker.proportional_kib().items():
            sums[name] = sums.get(name, 0) + kib
    for worker in workers:
        worker.close()
    print("\n### Memory of 16 workers with GRU 64 that have answered 1,024 windows each\n")
    print("| resident, all added | of which shared | proportional |\n| --- | --- | --- |")
    shared = sums["Shared_Clean:"] + sums["Shared_Dirty:"]
    print(f"| {sums['Rss:'] / 1024:.1f} MB | {shared / 1024:.1f} MB | {sums['Pss:'] / 1024:.1f} MB |")


prepare()
block_of_one = block(1)
swaps()
memory()
predictions()
