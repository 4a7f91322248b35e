# SPDX-License-Identifier: Apache-2.0
"""Sentiment against vaderSentiment: all four numbers of every text are equal.

usage: sentiment.py texts DATA > TEXTS.jsonl
       sentiment.py compare DATA FOUND.jsonl"""

import ast
import csv
import json
import random
import re
import sys

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

# What random sentences are made of: words of the rules, of the lexicon, and of neither.
PIECES = """not never without doubt so this very VERY slightly hardly kind of sort of just enough least at no or nor but BUT isn't
good GOOD bad great horrible sux shit bomb ass the the bad yeah right kiss death to die for bus stop beating heart no hope loss gain
share Market price of NVDA quarter reports :) :D :( (: <3 !? good! bad? great!!! a I É École ß can't won't despite rarely 💘 😁 💋 ☺
x😁y "good" (bad) good. 'great' ... -- $ lol LOL""".split()

# The readme's numbers come from an earlier release in these: it left out words of one letter, and its lexicon had no "heart".
README_IS_OLDER = ("At least it isn't a horrible book.", "Catch utf-8 emoji such as 💘 and 💋 and 😁")


def readme(folder):
    with open(folder + "/readme_demo_outputs.txt", encoding="utf-8") as lines:
        for line in lines:
            text, scores = re.fullmatch(r"(.*?)-* (\{.*\})\n?", line).groups()
            yield text, ast.literal_eval(scores)


def headlines(folder):
    with open(folder + "/nvda_headlines.csv", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield row["title"]
            yield row["description"]


def provoked():
    chance = random.Random(4)
    for _ in range(30000):
        yield chance.choice(["", "", " "]) + chance.choice([" ", " ", " ", "\u00a0"]).join(
            chance.choices(PIECES, k=chance.randint(0, 14)))


def write_texts(folder):
    for text in [text for text, _ in readme(folder)] + list(headlines(folder)) + list(provoked()):
        print(json.dumps({"text": text}))


def compare(folder, path):
    analyzer = SentimentIntensityAnalyzer()
    printed = dict(readme(folder))
    compared = wrong = 0
    for line in open(path, encoding="utf-8"):
        text, _, *found = json.loads(line)
        wanted = analyzer.polarity_scores(text)
        compared += 1
        if found != [wanted[key] for key in ("neg", "neu", "pos", "compound")]:
            wrong += 1
            if wrong <= 10:
                print(f"{text!r}: wanted {wanted}, found {found}", file=sys.stderr)
        if text in printed and text not in README_IS_OLDER:
            assert found == [printed[text][key] for key in ("neg", "neu", "pos", "compound")], text
    print(f"{compared} texts: {compared - wrong} equal in all four numbers")
    return 0 if wrong == 0 and compared > 30000 else 1


if sys.argv[1] == "texts":
    write_texts(sys.argv[2])
else:
    sys.exit(compare(sys.argv[2], sys.argv[3]))
