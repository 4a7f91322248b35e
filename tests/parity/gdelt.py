# SPDX-License-Identifier: Apache-2.0
"""Compares what the functions of the gdelt family gave (JSON lines on standard input) with a parse by Python's own means.

Nothing here shares a thought with the C code: fields are split by regular expressions, references are decoded by html.unescape.
"""
import collections
import datetime
import html
import json
import re
import sys

ROWS = 295  # 100 English, 100 translated, 95 of GKG 1
REST = r"(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);"
REFERENCE = re.compile(f"&(?:amp;{REST}|{REST})")  # once or twice encoded


def real(text):
    return float(text) if text else None


def names(text):
    found = []
    for entry in filter(None, text.split(";")):
        match = re.fullmatch(r"(.*),(\d+)", entry, re.S)
        found.append([match[1], int(match[2])] if match else [entry, 0])
    return found


def place(fields, with_adm2, with_offset):
    kind, name, country, adm1, *rest = fields
    adm2 = rest.pop(0) if with_adm2 else ""
    latitude, longitude, feature = rest[:3]
    offset = int(rest[3]) if with_offset else 0
    return [int(kind or 0), name, country, adm1, adm2, real(latitude), real(longitude), feature, offset]


def locations(text):
    found = []
    for entry in filter(None, text.split(";")):
        fields = entry.split("#")
        found.append(place(fields, len(fields) == 9, len(fields) >= 8))
    return found


def counts(text):
    found = []
    for entry in filter(None, text.split(";")):
        kind, number, thing, *where = entry.split("#")
        where = place(where, False, len(where) == 8)
        del where[4]
        found.append([kind, float(number), thing, *where])
    return found


def quotations(text):
    return [[int(offset), int(length), verb, quote] for offset, length, verb, quote in
            re.findall(r"(?:^|#)(\d+)\|(\d+)\|([^|]*)\|(.*?)(?=#\d+\|\d+\||$)", text, re.S)]


def amounts(text):
    return [[float(amount), thing, int(offset)] for amount, thing, offset in re.findall(r"([^;,]*),([^;]*),(\d+)(?:;|$)", text)]


def tone(text):
    numbers = text.split(",")
    return [*map(float, numbers[:6]), int(numbers[6]) if len(numbers) > 6 else 0]


def gcam(text):
    return {key: float(value) for key, value in re.findall(r"([^,:]+):([^,]+)", text)}


def extra(text, tag):
    match = re.search(f"<{tag}>(.*?)</{tag}>", text, re.S)
    return match[1] if match else ""


def decoded(text):
    return REFERENCE.sub(lambda match: html.unescape(re.sub("^&amp;(?=.)", "&", match[0])), text)


def authors(text):
    found = re.findall(f"(?:{REFERENCE.pattern}|[^;])+", extra(text, "PAGE_AUTHORS"))
    return [decoded(author) for author in found]


def expected(line):
    f = line.split("\t")
    if len(f) == 11:
        return {"counts": counts(f[2]), "themes": names(f[3]), "locations": locations(f[4]), "persons": names(f[5]),
                "organizations": names(f[6]), "v2_tone": tone(f[7])}
    scores = gcam(f[17])
    return {
        "date": str(datetime.datetime.strptime(f[1], "%Y%m%d%H%M%S")), "counts": counts(f[5]), "v2_counts": counts(f[6]),
        "themes": names(f[7]), "v2_themes": names(f[8]), "locations": locations(f[9]), "v2_locations": locations(f[10]),
        "persons": names(f[11]), "v2_persons": names(f[12]), "organizations": names(f[13]), "v2_organizations": names(f[14]),
        "v2_tone": tone(f[15]), "gcam": scores, "words": scores.get("wc"), "score": scores.get("v10.1"), "rare": scores.get("c1.1"),
        "quotations": quotations(f[22]), "all_names": names(f[23]), "amounts": amounts(f[24]),
        "title": decoded(extra(f[26], "PAGE_TITLE")), "authors": authors(f[26]),
    }


def main():
    sizes = collections.Counter()
    rows = wrong = 0
    for text in sys.stdin.buffer.read().decode("utf-8", "surrogateescape").splitlines():
        found = json.loads(text)
        rows += 1
        for name, want in expected(found.pop("line")).items():
            sizes[name] += len(want) if isinstance(want, (list, dict)) else want is not None and want != ""
            if found[name] != want:
                wrong += 1
                print(f"row {rows}, {name}:\n  found  {found[name]!r}\n  wanted {want!r}"[:2000], file=sys.stderr)
    print(f"{rows} rows, {sum(sizes.values())} values: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    if rows != ROWS or wrong or 0 in sizes.values():
        sys.exit(f"{wrong} fields differ; {rows} of {ROWS} rows seen; never filled: {[n for n, s in sizes.items() if not s]}")


main()
