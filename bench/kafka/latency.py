# SPDX-License-Identifier: Apache-2.0
# From the moment that an event is due at the producer to the moment that a query sees its row: latency.py PACE URL BROKERS RATE SECONDS
import http.client
import subprocess
import sys
import time
import urllib.parse

pace, url, brokers, rate, seconds = sys.argv[1:]
rate, seconds = float(rate), float(seconds)
connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)


def ask(sql):
    connection.request("POST", "/", sql)
    return connection.getresponse().read().decode().strip()


producer = subprocess.Popen([pace, brokers, "bench.latency", str(rate), str(seconds)], stdout=subprocess.PIPE, text=True)
start = int(producer.stdout.readline())
seen, latencies, total = 0, [], int(rate * seconds)
parts = 0
while seen < total:
    answer = int(ask("SELECT max(version) FROM warehouse.stock_realtime"))
    now = time.time() * 1e6
    latencies += [now - (start + i * 1e6 / rate) for i in range(seen, answer)]
    seen = max(seen, answer)
    parts = max(parts, int(ask("SELECT count() FROM system.parts WHERE active AND database = 'warehouse' AND table = 'stock_realtime'")))
    if now > start + seconds * 1e6 + 60e6:
        sys.exit(f"only {seen} of {total} rows after a minute")
    time.sleep(0.004)
latencies.sort()
quantile = lambda q: latencies[min(total - 1, int(q * total))] / 1000
print(f"| {rate:.0f} | {quantile(0.5):.0f} | {quantile(0.99):.0f} | {quantile(0.999):.0f} | {latencies[-1] / 1000:.0f} | {parts} |")
