# SPDX-License-Identifier: Apache-2.0
"""Compare the messages of two captures of the same transactions, field by field and in order.

usage: compare.py FILE PREFIX FILE PREFIX [commits]

Each FILE has the lines of `kcat -J` for the topics of one capture, PREFIX is its topic prefix. What must differ is masked: the times of
processing, and in the snapshot, which each takes for itself, times, position and transaction. The header runId, a random name of the
process, is not compared. With 'commits' the position of the last commit is not either: with skipped operations Debezium does not count every
transaction that gave no message. Messages are compared in the order of their
partition; those without a key may go to any, and are compared without order; a key whose schema has the prefix in it goes elsewhere with
another prefix, and the order is that of the key's messages.
"""
import collections
import difflib
import json
import sys


def text(number):
    return f"number {number}"  # 1.0 is not 1


def fields(pairs):
    return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs  # a field that comes twice shows


def parse(document):
    return json.loads(document, parse_int=text, parse_float=text, parse_constant=text, object_pairs_hook=fields)


TIMES = ("ts_ms", "ts_us", "ts_ns")


def mask(value):
    envelope = value.get("payload", value) if "schema" in value else value
    if not isinstance(envelope, dict):
        return value
    for name in TIMES:
        if name in envelope:
            envelope[name] = "(processing)"
    source = envelope.get("source")
    if isinstance(source, dict) and source["snapshot"] != "false":
        for name in TIMES + ("lsn", "txId", "sequence"):
            source[name] = "(of the snapshot)"
    elif isinstance(source, dict) and sys.argv[5:] == ["commits"]:
        source["sequence"] = source["sequence"].split(",")[1]
    return value


def message(line, prefix):
    record = json.loads(line)
    plain = lambda document: None if document is None else parse(document.replace(prefix, "PREFIX"))
    value = plain(record["payload"])
    headers = record.get("headers") or []
    named = [[name, content.replace(prefix, "PREFIX")] for name, content in zip(headers[::2], headers[1::2])
             if name != "__debezium.context.runId"]
    key = record["key"]
    place = "no key" if key is None else record["partition"] if prefix not in key else key.replace(prefix, "PREFIX")
    return record["topic"].replace(prefix, "PREFIX"), place, {
        "key": plain(key),
        "value": mask(value) if isinstance(value, dict) else value,
        "headers": named,
    }


def read(path, prefix):
    topics = collections.defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for topic, place, found in (message(line, prefix) for line in lines):
            topics[topic, place].append(json.dumps(found, ensure_ascii=False, indent=1))
    for topic, place in topics:
        if place == "no key":
            topics[topic, place].sort()
    return topics


def difference(one, other):
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=1, lineterm="")
    return "\n".join(f"  {line}" for line in lines if line[:3] not in ("---", "+++"))


def main():
    wanted, found = read(*sys.argv[1:3]), read(*sys.argv[3:5])
    differences = 0
    shown = set()  # a difference that all messages have is shown once
    for place in sorted(set(wanted) | set(found), key=str):
        name = f"{place[0]} {str(place[1])[-60:]}"
        left, right = wanted.get(place, []), found.get(place, [])
        if len(left) != len(right):
            differences += 1
            print(f"{name}: {len(left)} messages there, {len(right)} here")
        for number, (one, other) in enumerate(zip(left, right)):
            if one == other:
                continue
            differences += 1
            text = difference(one, other)
            kind = "".join(line for line in text.splitlines() if line[2] in "+-")
            if kind not in shown and len(shown) < 20:
                print(f"{name}, message {number}:\n{text[:1200]}")
            shown.add(kind)
    print(f"{sum(map(len, wanted.values()))} messages, {differences} differences")
    sys.exit(differences != 0)


main()
