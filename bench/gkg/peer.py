# SPDX-License-Identifier: Apache-2.0
"""peer.py ALIASES ARCHIVE...: the same work in Python: pandas reads the columns that are wanted, fields are split as gdeltPyR's users split
them, names are found by pyahocorasick with our aliases (`gdelt aliases`), the longest at a place, between borders of words.

In two ways: as gdeltPyR does it (all 27 columns, entries as (name, offset), links with their surface and offset, which is what ours gives), and as
lean as Python goes (only the columns that are wanted, names run together, tickers alone); and unzipping alone. Neither has rules, evidence or scores, as the
linker has. Prints a line for each archive and way: archive, way, rows, milliseconds (best), milliseconds (median).
"""
import html
import io
import re
import statistics
import sys
import time
import urllib.parse
import zipfile

import ahocorasick
import pandas

ROUNDS = 5
COLUMNS = {4: "document", 14: "organizations", 15: "tone", 23: "names", 26: "extras"}
TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>")
TRACKING = re.compile(r"utm_|fbclid|gclid|mc_|ns_|at_|cmpid|ncid|ocid|smid|amp")


def automaton(path):
    names = ahocorasick.Automaton()
    with open(path, encoding="utf-8") as file:
        for line in file:
            ticker, alias, kind = line.split("\t")[:3]
            if kind != "not":
                names.add_word(alias.lower(), (ticker, len(alias)))
    names.make_automaton()
    return names


def is_border(text, at):
    return not 0 <= at < len(text) or not text[at].isalnum()


def tickers(names, text):
    found, last = set(), -1
    for end, (ticker, size) in names.iter_long(text):
        if end - size + 1 > last and is_border(text, end - size) and is_border(text, end + 1):
            found.add(ticker)
            last = end
    return sorted(found)


def canonical(url):
    parts = urllib.parse.urlsplit(url)
    query = "&".join(piece for piece in parts.query.split("&") if piece and not TRACKING.match(piece))
    return urllib.parse.urlunsplit(("https", parts.netloc.lower().removeprefix("www.").removeprefix("m."), parts.path.rstrip("/"), query, ""))


def title(extras):
    match = TITLE.search(extras)
    return html.unescape(match[1]) if match else ""


def without_offsets(column):
    return column.map(lambda text: "; ".join(entry.rsplit(",", 1)[0] for entry in text.split(";")))


def entries(column):
    return column.map(lambda text: [(name, int(offset)) for name, _, offset in
                                    (entry.rpartition(",") for entry in text.split(";") if entry)])


def links(names, entities, text):
    found = {}
    for name, offset in entities:
        for ticker in tickers(names, name.lower()):
            found.setdefault(ticker, (ticker, name, offset))
    for ticker in tickers(names, text.lower()):
        found.setdefault(ticker, (ticker, text, 0))
    return list(found.values())


def unpack(archive):
    with zipfile.ZipFile(archive) as file:
        return file.read(file.namelist()[0])


def read(archive, columns):
    return pandas.read_csv(io.BytesIO(unpack(archive)), sep="\t", header=None, usecols=columns, names=range(27), dtype=str, quoting=3,
                           keep_default_na=False, encoding_errors="replace").rename(columns=COLUMNS)


def rest(table):
    return table["tone"].str.split(",", expand=True).astype(float), table["document"].map(canonical), table["extras"].map(title)


def whole(names, archive):
    table = read(archive, list(range(27)))
    tone, urls, titles = rest(table)
    organizations, all_names = entries(table["organizations"]), entries(table["names"])
    found = [links(names, a + b, text) for a, b, text in zip(organizations, all_names, titles)]
    return len(table), tone, urls, found


def lean(names, archive):
    table = read(archive, list(COLUMNS))
    tone, urls, titles = rest(table)
    where = (without_offsets(table["organizations"]) + " | " + without_offsets(table["names"]) + " | " + titles).str.lower()
    return len(table), tone, urls, where.map(lambda row: tickers(names, row))


def unzip(_, archive):
    return [unpack(archive).count(b"\n")]


def main():
    names = automaton(sys.argv[1])
    for archive in sys.argv[2:]:
        for way in (unzip, whole, lean):
            times = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                rows = way(names, archive)[0]
                times.append(1e3 * (time.perf_counter() - start))
            print(archive, way.__name__, rows, f"{min(times):.3f}", f"{statistics.median(times):.3f}", sep="\t")


main()
