# SPDX-License-Identifier: Apache-2.0
"""The labelled set of news: which companies a reader finds in which document. The two halves lie beside this file; the documents
themselves are read from the shared data by key and never copied. Run as a program it checks both halves.

usage: labels.py [DATA]    without DATA only the form is checked"""

import collections
import csv
import html
import os
import re
import sys

HALVES = ("develop", "report")
COLUMNS = ["key", "ticker", "verdict", "stratum", "reason"]
# either: finding it is no mistake, and not finding it neither: a company that the SEC's list does not hold, or a text that leaves it open.
VERDICTS = ("yes", "no", "either")
STRATA = ("random", "company", "trap")

# One symbol a company, where lists write several: another class of share, the one before it left the exchange, the ordinary share
# beside the receipt.
SAME = {
    "BRK.A": "BRK.B", "GOOG": "GOOGL", "FOX": "FOXA", "NWS": "NWSA", "SQ": "XYZ", "PSKY": "PARA", "TSP": "TSPH", "FCAU": "STLA",
    "FRC": "FRCB", "SIVB": "SIVBQ", "BYDDF": "BYDDY", "TCTZF": "TCEHY", "LNVGF": "LNVGY", "NTDOF": "NTDOY", "XIACF": "XIACY",
    "MBGAF": "MBGYY", "SFTBF": "SFTBY", "STOSF": "SSLZY", "ESLOF": "ESLOY", "GPS": "GAP", "FI": "FISV", "BK": "BNY",
    "MMC": "MRSH", "SATS": "ECHO",
}  # fmt: skip

Label = collections.namedtuple("Label", COLUMNS)
Document = collections.namedtuple("Document", "key date orgs names title")


def symbol(ticker):
    ticker = ticker.replace("-", ".")
    return SAME.get(ticker, ticker)


def half_of(key):
    """FNV-1a of 32 bits; the lowest bit is the half."""
    value = 2166136261
    for byte in key.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return HALVES[value & 1]


def read_half(half):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), half + ".tsv")
    with open(path, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    if rows[0] != COLUMNS:
        sys.exit(f"{path}: the first line is {rows[0]}, wanted {COLUMNS}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            sys.exit(f"{path}, line {number}: {len(row)} columns, wanted {len(COLUMNS)}")
    return [Label(*row) for row in rows[1:]]


def titles(path, prefix, title, date):
    """One document a record, named by the line that it stands on."""
    with open(path, encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            if number > 1:
                yield Document(f"{prefix}:{number}", row[date][:10], "", "", " ".join(row[title].split()))


def gkg(path, prefix):
    """One document a row, named by its record id: organisations, names and the title among the extras."""
    with open(path, encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            columns = line.rstrip("\n").split("\t")
            found = re.search(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", columns[26])
            title = " ".join(html.unescape(found[1]).split()) if found else ""
            day = columns[1]
            yield Document(f"{prefix}:{columns[0]}", f"{day[:4]}-{day[4:6]}-{day[6:8]}", columns[14], columns[23], title)


def read_documents(data):
    sample = os.path.join(data, "gdelt", "gkg_2015_sample")
    documents = {}
    for source in (
        titles(os.path.join(data, "gdelt", "titles", "gdelt_titles_part1.csv"), "titles", title=3, date=2),
        titles(os.path.join(data, "sentiment", "nvda_headlines.csv"), "headlines", title=0, date=2),
        gkg(os.path.join(sample, "gkg.csv"), "gkg"),
        gkg(os.path.join(sample, "gkgT.csv"), "gkgT"),
    ):
        for document in source:
            documents[document.key] = document
    return documents


def faults_of_form(half, labels):
    seen = set()
    strata = {}
    for label in labels:
        where = f"{half}.tsv, {label.key} {label.ticker}"
        if half_of(label.key) != half:
            yield f"{where}: the key belongs to {half_of(label.key)}.tsv"
        if (label.key, label.ticker) in seen:
            yield f"{where}: judged twice"
        seen.add((label.key, label.ticker))
        if label.verdict not in VERDICTS or label.stratum not in STRATA:
            yield f"{where}: verdict '{label.verdict}' of {VERDICTS}, stratum '{label.stratum}' of {STRATA}"
        if not re.fullmatch(r"-|[A-Z]{1,6}(\.[A-Z])?", label.ticker) or (label.ticker == "-" and label.verdict != "no"):
            yield f"{where}: not a ticker, or '-' with a verdict other than no"
        if not label.reason or label.reason != label.reason.strip():
            yield f"{where}: the reason is missing or has spaces around it"
        if strata.setdefault(label.key, label.stratum) != label.stratum:
            yield f"{where}: one document in two strata"


def main():
    halves = {half: read_half(half) for half in HALVES}
    labels = halves["develop"] + halves["report"]
    faults = [fault for half in HALVES for fault in faults_of_form(half, halves[half])]
    traps = {label.ticker for label in labels if label.verdict == "no"} - {"-"}
    found = {label.ticker for label in labels if label.verdict == "yes"}
    if len(labels) < 400 or len(traps) < 60:
        faults.append(f"{len(labels)} judgements and {len(traps)} names that mislead; wanted 400 and 60")
    if len(sys.argv) > 1:
        documents = read_documents(sys.argv[1])
        faults += [f"{label.key}: no such document under {sys.argv[1]}" for label in labels if label.key not in documents]
    if faults:
        sys.exit("\n".join(faults))
    keys = {label.key for label in labels}
    print(f"{len(labels)} judgements on {len(keys)} documents, {len(found)} companies found, {len(traps)} names that mislead")


if __name__ == "__main__":
    main()
