# SPDX-License-Identifier: Apache-2.0
# Reads captured change events as warehouse.kafka_stocks_read should, written from Debezium's documentation and not from that view.
#
#   oracle.py CAPTURED OUT    writes OUT/TOPIC.messages (key, \x01, value a line: kcat's -K), OUT/expected, OUT/table
import datetime
import json
import math
import pathlib
import re
import struct
import sys

UTC = datetime.timezone.utc
UNITS = {"io.debezium.time.Timestamp": 1000, "org.apache.kafka.connect.data.Timestamp": 1000, "io.debezium.time.MicroTimestamp": 1}


class Refused(Exception):
    pass


def number(value):
    if isinstance(value, (dict, bool)):
        raise Refused("number")
    try:
        parsed = float(value)
    except ValueError as error:
        raise Refused("number") from error
    if not math.isfinite(parsed):
        raise Refused("number")
    return parsed


def time(value):
    if value is None:
        raise Refused("time")
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z", value)
    if not match or not 1970 <= int(match[1]) <= 2200:
        raise Refused("time")
    return datetime.datetime(*(int(part) for part in match.groups()), tzinfo=UTC)


def key(row):
    if not row or not row.get("symbol"):
        raise Refused("symbol")
    return row["symbol"], time(row.get("ts"))


def read(value):
    """-> op, key, price, volume, old key, version"""
    event = json.loads(value)
    if event is not None and set(event) == {"schema", "payload"}:
        event = event["payload"]
    if event is None:
        raise Refused("null")
    if "op" not in event:  # flat
        version = event.get("__source_lsn")
        op = "d" if event.get("__deleted") == "true" else event.get("__op", "c")
        before = after = event
    else:
        version = event["source"]["lsn"]
        op, before, after = event["op"], event["before"], event["after"]
    if op == "t":
        return op, None, None, None, None, version or 0
    if op == "d":
        return op, key(before), None, None, None, 1 if version is None else version
    new = key(after)
    if after["price"] is None:
        raise Refused("price")
    price = number(after["price"])
    volume = None if after["volume"] is None else number(after["volume"])
    if version is None:  # without a log, a trade beats a quote
        version = int(volume is not None)
    old = None
    if op == "u" and "op" in event and before:
        try:
            old = key(before)
        except Refused:
            old = None
    return op, new, price, volume, None if old == new else old, version


def bits(value):
    return str(struct.unpack("<Q", struct.pack("<d", value))[0])


def escape(text):
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("'", "\\'"), ("\0", "\\0"), ("\b", "\\b"), ("\f", "\\f"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


def time_text(value):
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")


def main(captured, out):
    expected, table = [], {}
    for path in sorted(captured.glob("*.jsonl")):
        topic = path.name.removesuffix(".jsonl")
        if path.name.endswith(".pgoutput.jsonl") or not topic.startswith(("stocks.", "dec18_6.")):
            continue
        with open(out / f"{topic}.messages", "w", encoding="utf-8", newline="\n") as messages:
            for offset, line in enumerate(open(path, encoding="utf-8")):
                message = json.loads(line)
                messages.write(f"{message['key'] or ''}\x01{'' if message['value'] is None else message['value']}\n")
                if message["value"] is None:
                    continue
                try:
                    op, now, price, volume, old, version = read(message["value"])
                except Refused:
                    expected.append((topic, offset, ["refused", "", "", "", "", "", "", 0]))
                    continue
                if topic == "stocks.replica_full.string.schemas_false":
                    table.pop(old, None)
                    table.pop(now, None) if op == "d" else table.update({now: (price, volume)})
                expected.append((topic, offset, [
                    op, escape(now[0]) if now else "", time_text(now[1]) if now else "",
                    "" if price is None else bits(price),
                    "" if op in "td" else "NULL" if volume is None else bits(volume),
                    escape(old[0]) if old else "", time_text(old[1]) if old else "", version]))
    with open(out / "expected", "w", encoding="utf-8", newline="\n") as file:
        for topic, offset, fields in sorted(expected, key=lambda row: (row[0].encode(), row[1])):
            print(topic, offset, *fields, sep="\t", file=file)
    with open(out / "table", "w", encoding="utf-8", newline="\n") as file:
        for (symbol, ts), (price, volume) in sorted(table.items(), key=lambda row: (row[0][0].encode(), row[0][1])):
            print(escape(symbol), time_text(ts), bits(price), "\\N" if volume is None else bits(volume), sep="\t", file=file)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
