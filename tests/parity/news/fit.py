# SPDX-License-Identifier: Apache-2.0
"""How often each rule of the linker is right on the half that it was developed on, as the table of udf/gdelt/link/score.c wants
it. Few links say little: to each count twenty are added, right nine times in ten, but seven in ten for the rules that infer a company
from what stands around a name: those do worse on fresh texts than where they were developed, and a cell of no link is this guess only.

usage: fit.py DATA GDELT"""

import collections
import subprocess
import sys

import labels

PRIOR, WEIGHT = {"word_with_evidence": 0.7, "part_of_name": 0.7}, 20
SOURCES = ("columns", "title")


def count(data, gdelt):
    documents = labels.read_documents(data)
    verdicts = {(label.key, labels.symbol(label.ticker)): label.verdict for label in labels.read_half("develop")}
    keys = sorted({key for key, _ in verdicts})
    rows = "".join("\t".join(documents[key]) + "\n" for key in keys)
    found = subprocess.run([gdelt, "link"], input=rows, capture_output=True, text=True, check=True).stdout
    counts = collections.Counter()
    for line in found.splitlines():
        key, ticker, _, rule = line.split("\t")[:4]
        verdict = verdicts.get((key, labels.symbol(ticker)), "no")
        if verdict in ("yes", "no"):
            counts[rule, SOURCES[key.startswith(("titles", "headlines"))], verdict] += 1
    return counts


def main():
    counts = count(*sys.argv[1:])
    for rule in sorted({key[0] for key in counts}):
        scores = []
        for source in SOURCES:
            yes, no = counts[rule, source, "yes"], counts[rule, source, "no"]
            scores.append(f"{(yes + PRIOR.get(rule, 0.9) * WEIGHT) / (yes + no + WEIGHT):.3f}F /* {yes} of {yes + no} */")
        print(f"[RULE_{rule}] = {{{', '.join(scores)}}},")


if __name__ == "__main__":
    main()
