# SPDX-License-Identifier: Apache-2.0
# Bars of equal trading the slow way: one trade after the other. stdin: symbol, microseconds, price, volume, tab-separated and in order.
# Usage: bars.py KIND SIZE
import sys

kind, size = sys.argv[1], float(sys.argv[2])
series = {}
for line in sys.stdin:
    symbol, at, price, volume = line.rstrip("\n").split("\t")
    if volume != "\\N":
        series.setdefault(symbol, []).append((int(at), float(price), float(volume)))

for symbol in sorted(series):
    number, bar = 0, []
    for trade in series[symbol] + [None]:
        if trade is not None:
            bar.append(trade)
        sums = {"tick": float(len(bar)), "volume": 0.0, "dollar": 0.0}
        for _, price, volume in bar:
            sums["volume"] += volume
            sums["dollar"] += price * volume
        if bar and (trade is None or sums[kind] >= size):
            prices = [price for _, price, _ in bar]
            row = [symbol, number, bar[0][0], bar[-1][0], prices[0], max(prices), min(prices), prices[-1],
                   sums["volume"], sums["dollar"], len(bar), "true" if sums[kind] >= size else "false"]
            print("\t".join(x if isinstance(x, str) else repr(x) for x in row))
            number, bar = number + 1, []
