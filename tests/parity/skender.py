# SPDX-License-Identifier: Apache-2.0
"""The published results of Skender's Stock.Indicators (502 daily bars), where the conventions agree: equal to 1e-9 wherever both are
defined. Where theirs begins earlier (stochastic k, KAMA) both begins are printed. usage: skender.py TA FOLDER, the folder that holds skender_quotes and skender_results."""

import csv
import json
import math
import subprocess
import sys

# file of results, its fields, our command with its parameters
AGREE = [
    ("sma", ["sma"], "sma --period 20"),
    ("ema", ["ema"], "ema --period 20"),
    ("wma", ["wma"], "wma --period 14"),
    ("hma", ["hma"], "hma --period 14"),
    ("rsi", ["rsi"], "rsi --period 14"),
    ("roc", ["roc"], "roc --period 14"),
    ("roc", ["momentum"], "mom --period 14"),
    ("stoch", ["k", "d"], "stoch --fastk 14"),
    ("cci", ["cci"], "cci --period 20"),
    ("willr", ["williamsR"], "willr --period 14"),
    ("mfi", ["mfi"], "mfi --period 14"),
    ("atr", ["atr"], "atr --period 14"),
    ("stdev", ["stdDev"], "stddev --period 14"),
    ("bb", ["upperBand", "sma", "lowerBand"], "bbands --period 20"),
    ("kama", ["kama"], "kama --period 10"),
    ("adl", ["adl"], "ad"),
]


def number(text):
    return math.nan if text in (None, "", "nan", "\\N", "NaN") else float(text)


def largest_difference(ours, theirs):
    worst = 0.0
    for a, b in zip(ours, theirs):
        if math.isnan(b) or math.isnan(a):
            continue
        worst = max(worst, abs(a - b) / max(1.0, abs(b)))
    return worst


def first_defined(values):
    return next((i for i, v in enumerate(values) if not math.isnan(v)), -1)


def main(ta, folder):
    failed = 0
    quotes = f"{folder}/skender_quotes/default.csv"
    for name, fields, command in AGREE:
        with open(f"{folder}/skender_results/{name}.standard.json", encoding="utf-8") as file:
            results = json.load(file)
        with open(quotes, "rb") as file:
            text = subprocess.run([ta, *command.split()], stdin=file, check=True, capture_output=True, text=True).stdout
        rows = list(csv.reader(text.splitlines()))[1:]
        for k, field in enumerate(fields):
            ours = [number(row[6 + k]) for row in rows]
            theirs = [number(row.get(field)) for row in results]
            worst = largest_difference(ours, theirs)
            begin = (first_defined(ours), first_defined(theirs))
            ok = len(ours) == len(theirs) and worst <= 1e-9 and begin[0] >= 0
            failed += not ok
            print(f"{command:22s} {field:10s} begins at {begin[0]}, theirs at {begin[1]}; {worst:.1e} {'ok' if ok else 'FAILED'}")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
