# SPDX-License-Identifier: Apache-2.0
"""Whether the messages of a topic make the rows of a table.

usage: state.py [--exact] TABLE MESSAGES

TABLE has lines of symbol, ts, price, volume; MESSAGES has lines of key and value. The rows are made twice, by the order of arrival and by
source.lsn, and both must be the table. A message that comes again must be the same but for the clock, and with --exact none comes again and
each row is inserted or read once."""
import collections
import json
import sys


def read_messages(path):
    for number, line in enumerate(open(path, encoding="utf-8")):
        key, value = line.rstrip("\n").split("\t")
        if value == "NULL" or key == "NULL":
            continue
        key, value = json.loads(key), json.loads(value)
        yield number, (key["symbol"], key["ts"]), value


def fold(messages):
    rows = {}
    for _, key, value in messages:
        if value["op"] == "d":
            rows.pop(key, None)
        else:
            after = value["after"]
            rows[key] = (after["price"], "null" if after["volume"] is None else after["volume"])
    return rows


def difference(name, found, wanted):
    lost, more = wanted.items() - found.items(), found.items() - wanted.items()
    return [f"by {name}: {len(lost)} rows are missing or older, such as {sorted(lost)[:3]}"] * bool(lost) + [
        f"by {name}: {len(more)} rows are too many or older, such as {sorted(more)[:3]}"
    ] * bool(more)


def repeats(messages, exact):
    seen, born, words = {}, collections.Counter(), []
    for number, key, value in messages:
        content = json.dumps([value["before"], value["after"]])
        place = (key, value["op"], value["source"]["lsn"])
        if value["op"] in "rc":
            born[key] += 1
        if place not in seen or value["op"] == "r" and not exact:
            seen[place] = content
        elif exact:
            words.append(f"message {number} comes again: {place}")
        elif seen[place] != content:
            words.append(f"message {number} comes again and differs: {place}")
    if exact:
        words += [f"{key} was born {count} times" for key, count in born.items() if count != 1]
    return words[:10]


def main(arguments):
    exact = "--exact" in arguments
    table, path = arguments[-2:]
    wanted = {}
    for line in open(table, encoding="utf-8"):
        symbol, ts, price, volume = line.rstrip("\n").split("\t")
        wanted[symbol, ts] = (price, volume)
    messages = list(read_messages(path))
    words = difference("arrival", fold(messages), wanted)
    words += difference("position", fold(sorted(messages, key=lambda m: m[2]["source"]["lsn"])), wanted)
    words += repeats(messages, exact)
    print("\n".join(words) if words else f"{len(messages)} messages make {len(wanted)} rows")
    return bool(words)


sys.exit(main(sys.argv[1:]))
