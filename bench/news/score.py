# SPDX-License-Identifier: Apache-2.0
"""Precision, recall and F1 of the linker on the labelled set of news, beside two plain ways of matching names.

usage: score.py [--half report|develop] [--wrong] [--linker PROGRAM] [--precision P] [--recall R] DATA

Without a linker only the two plain ways are scored. --wrong lists the linker's mistakes, on the half that is for development only.
With --precision or --recall the exit code is 1 when the linker stays below. Intervals are Wilson's, of 95%; that of F1 comes from the
one of right / (right + wrong + missed), of which F1 is a rising function."""

import argparse
import collections
import json
import math
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "parity", "news"))
import labels as labelled

LEGAL_FORM = re.compile(
    r"\s+(inc|incorporated|corp|corporation|co|company|companies|ltd|limited|plc|llc|lp|sa|s\.a|nv|n\.v|ag|se|holdings?|group|trust|/.*)$"
)
BINS = [0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0]
Z = 1.959964

Link = collections.namedtuple("Link", "key ticker score rule surface")
Count = collections.namedtuple("Count", "right wrong missed")


def wilson(hits, size):
    if size == 0:
        return math.nan, math.nan, math.nan
    p = hits / size
    middle = p + Z * Z / (2 * size)
    spread = Z * math.sqrt(p * (1 - p) / size + Z * Z / (4 * size * size))
    return p, (middle - spread) / (1 + Z * Z / size), (middle + spread) / (1 + Z * Z / size)


def f1_of(jaccard):
    return tuple(2 * j / (1 + j) for j in jaccard)


def shown(interval):
    return "none" if math.isnan(interval[0]) else "{:.3f} ({:.3f} to {:.3f})".format(*interval)


# The two plain ways: names as the SEC lists them, less the legal form.


def plain_names(data):
    with open(os.path.join(data, "names", "company_tickers.json"), encoding="utf-8") as file:
        rows = json.load(file).values()
    primary, names = {}, {}
    for row in rows:  # the first share of a company is its primary one
        ticker = primary.setdefault(row["cik_str"], labelled.symbol(row["ticker"]))
        name = re.sub(r"[,.]", "", row["title"].lower()).strip()
        while LEGAL_FORM.search(name):
            name = LEGAL_FORM.sub("", name)
        if len(name) > 1:
            names.setdefault(name, ticker)
    return names


def text_of(document):
    return "\n".join((document.orgs, document.names, document.title)).lower()


def by_substring(documents, names):
    for document in documents:
        text = text_of(document)
        for name, ticker in names.items():
            if name in text:
                yield Link(document.key, ticker, 1.0, "substring", name)


def by_words(documents, names):
    longest = max(len(name.split()) for name in names)
    for document in documents:
        for line in re.split(r"[\n;]", text_of(document)):
            words = re.findall(r"[\w'&-]+", line)
            for start in range(len(words)):
                for end in range(start + 1, min(start + longest, len(words)) + 1):
                    name = " ".join(words[start:end])
                    if name in names:
                        yield Link(document.key, names[name], 1.0, "exact", name)


def by_linker(documents, program):
    rows = "".join("\t".join(document) + "\n" for document in documents)
    done = subprocess.run([program, "link"], input=rows.encode(), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{program} link ended with {done.returncode}")
    for line in done.stdout.decode().splitlines():
        key, ticker, score, rule, surface = line.split("\t")[:5]
        yield Link(key, labelled.symbol(ticker), float(score), rule, surface)


# Scoring.


def strongest(links):
    """One link a document and ticker: the one that scores highest."""
    best = {}
    for link in links:
        place = link.key, link.ticker
        if place not in best or link.score > best[place].score:
            best[place] = link
    return best


class Truth:
    def __init__(self, judged):
        self.stratum = {label.key: label.stratum for label in judged}
        self.yes = {(label.key, labelled.symbol(label.ticker)) for label in judged if label.verdict == "yes"}
        self.either = {(label.key, labelled.symbol(label.ticker)) for label in judged if label.verdict == "either"}

    def count(self, places, wanted):
        """places: what was answered. wanted: which (key, ticker) take part."""
        places = {place for place in places if wanted(place) and place not in self.either}
        yes = {place for place in self.yes if wanted(place)}
        return Count(len(places & yes), len(places - yes), len(yes - places))


def print_row(name, count):
    right, wrong, missed = count
    print(
        f"| {name} | {right} | {wrong} | {missed} | {shown(wilson(right, right + wrong))} | {shown(wilson(right, right + missed))} "
        f"| {shown(f1_of(wilson(right, right + wrong + missed)))} |"
    )


def print_head(first):
    print(f"\n| {first} | right | wrong | missed | precision | recall | F1 |\n| --- | ---: | ---: | ---: | --- | --- | --- |")


def in_latin(document):
    letters = [letter for letter in document.title if letter.isalpha()]
    return sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)


def print_parts(truth, best, documents):
    print_head("linker on")
    for stratum in labelled.STRATA:
        print_row(f"the {stratum} stratum", truth.count(best, lambda place, stratum=stratum: truth.stratum[place[0]] == stratum))
    print_row("everything but GOOGL and NVDA", truth.count(best, lambda place: place[1] not in ("GOOGL", "NVDA")))
    print_row("titles in Latin letters", truth.count(best, lambda place: in_latin(documents[place[0]])))
    print_row("titles in other scripts", truth.count(best, lambda place: not in_latin(documents[place[0]])))


def print_rules(truth, best):
    rules = collections.defaultdict(lambda: [0, 0])
    for place, link in best.items():
        if place not in truth.either:
            rules[link.rule][place not in truth.yes] += 1
    print("\n| rule | links | right | precision |\n| --- | ---: | ---: | --- |")
    for rule, (right, wrong) in sorted(rules.items(), key=lambda item: -sum(item[1])):
        print(f"| {rule} | {right + wrong} | {right} | {shown(wilson(right, right + wrong))} |")


def print_reliability(truth, best):
    print("\n| score | links | predicted | observed |\n| --- | ---: | ---: | --- |")
    for low, high in zip(BINS, BINS[1:]):
        inside = [
            (link.score, place in truth.yes)
            for place, link in best.items()
            if place not in truth.either and (low <= link.score < high or link.score == high == BINS[-1])
        ]
        if inside:
            predicted = sum(score for score, _ in inside) / len(inside)
            observed = wilson(sum(right for _, right in inside), len(inside))
            print(f"| {low:.2f} to {high:.2f} | {len(inside)} | {predicted:.3f} | {shown(observed)} |")


def print_wrong(truth, best, documents):
    print()
    for place, link in sorted(best.items()):
        if place not in truth.yes and place not in truth.either:
            print(f"wrong\t{link.key}\t{link.ticker}\t{link.score:.2f}\t{link.rule}\t{link.surface}\t{documents[link.key].title}")
    for key, ticker in sorted(truth.yes - set(best)):
        print(f"missed\t{key}\t{ticker}\t\t\t\t{documents[key].title}")


def below(count, options):
    precision = wilson(count.right, count.right + count.wrong)[0]
    recall = wilson(count.right, count.right + count.missed)[0]
    if precision >= options.precision and recall >= options.recall:
        return False
    wanted = f"wanted {options.precision} and {options.recall}"
    print(f"below the goal: precision {precision:.3f}, recall {recall:.3f}, {wanted}", file=sys.stderr)
    return True


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=labelled.HALVES, default="report")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--linker")
    parser.add_argument("--precision", type=float, default=0.0)
    parser.add_argument("--recall", type=float, default=0.0)
    parser.add_argument("data")
    options = parser.parse_args()
    if options.wrong and options.half != "develop":
        parser.error("mistakes are listed for the half that is for development only: add --half develop")
    return options


def main():
    options = arguments()
    truth = Truth(labelled.read_half(options.half))
    known = labelled.read_documents(options.data)
    documents = {key: known[key] for key in truth.stratum}
    names = plain_names(options.data)

    print(f"The {options.half} half: {len(documents)} documents, {len(truth.yes)} companies to find.")
    print_head("way")
    best = {}
    if options.linker:
        best = strongest(by_linker(documents.values(), options.linker))
        print_row("gdelt_tickers", truth.count(best, lambda place: True))
    for way, links in (("suffix-stripped name, whole words", by_words), ("name as a substring", by_substring)):
        print_row(way, truth.count(strongest(links(documents.values(), names)), lambda place: True))
    if not options.linker:
        return 0
    print_parts(truth, best, documents)
    print_rules(truth, best)
    print_reliability(truth, best)
    if options.wrong:
        print_wrong(truth, best, documents)
    return int(below(truth.count(best, lambda place: True), options))


if __name__ == "__main__":
    sys.exit(main())
