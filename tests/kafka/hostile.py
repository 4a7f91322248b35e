# SPDX-License-Identifier: Apache-2.0
# Writes 1,000 bad messages, each after a good one, into OUT: `messages` in one file, ended by @@@, which none holds; what they are in `good`,
# `bad`, `sums`, `raw.wanted`; and for some of them what their sentence says, in `sentences`.
import json
import pathlib
import random
import sys

out = pathlib.Path(sys.argv[1])
random.seed(7)


def good(n):
    return ('{"before":null,"after":{"symbol":"S%03d","price":"100.%02d","volume":"%d","ts":"2024-03-01T14:30:%02d.%06dZ"},"source":{"lsn":%d},"op":"c"}'
            % (n % 50, n % 100, n, n % 60, n, 1000 + n)).encode()


def event(op="c", lsn=5, **after):
    row = {"symbol": "BAD", "price": "1", "volume": "1", "ts": "2024-03-01T14:30:00Z"}
    row.update(after)
    return json.dumps({"before": None, "after": row, "source": {"lsn": lsn}, "op": op}).encode()


named = [
    (b"not json", "no JSON that can be read*"),
    (b"{", "no JSON that can be read*"),
    (b'{"op":"c"', "no JSON that can be read*"),
    (b"null", "a deletion without its row*delete.tombstone.handling.mode=rewrite"),
    (b"[]", "JSON, but no change event*"),
    (b"17", "JSON, but no change event*"),
    (b'"c"', "JSON, but no change event*"),
    (b"\xff\xfe\x00\x01", "no JSON that can be read*"),
    (b"\x00\x00\x00\x00\x05avro", "no JSON that can be read*"),
    (b'{"schema":null,"payload":null}', "JSON, but no change event*"),
    (event(op="x"), "op 'x' is none of c, u, r, d and t"),
    (event(op="m"), "op 'm' is none of*"),
    (event(symbol=None), "there is no symbol"),
    (event(symbol=""), "there is no symbol"),
    (event(ts=None), "there is no ts"),
    (event(ts="yesterday"), "ts 'yesterday' is no time from 1970 to 2200*"),
    (event(ts="infinity"), "ts 'infinity' is no time*"),
    (event(ts="0001-01-01T00:00:00Z"), "ts '0001-01-01T00:00:00Z' is no time*"),
    (event(ts="9999-12-31T23:59:59.999999Z"), "ts '9999-*"),
    (event(ts="2201-01-01T00:00:00Z"), "ts '2201-*"),
    (event(ts="+12345-01-01T00:00:00Z"), "ts '+12345-*"),
    (event(ts="-0043-03-15T12:00:00Z"), "ts '-0043-*"),
    (event(ts=-1), "ts '-1' is no time*--time-precision-mode"),
    (event(ts=9223372036854775807), "ts '9223372036854775807' is no time*"),
    (event(ts=7289654400000000), "ts '7289654400000000' is no time*"),
    (event(price=None), "there is no price"),
    (event(price="NaN"), "price 'NaN' is not finite"),
    (event(price="POSITIVE_INFINITY"), "price 'POSITIVE_INFINITY'*"),
    (event(price="Infinity"), "price 'Infinity' is not finite"),
    (event(price="1e999"), "price '1e999' is not finite"),
    (event(price="Rh4="), "price 'Rh4=' is no number; set decimal.handling.mode=string in the connector"),
    (event(price={"scale": 2, "value": "Ri4="}), "price '{*}' is no number; set decimal.handling.mode=string*"),
    (event(price=[1]), "price '*' is no number*"),
    (event(price=True), "price 'true' is no number*"),
    (event(price=""), "price '' is no number*"),
    (event(volume="many"), "volume 'many' is no finite number"),
    (event(volume="Infinity"), "volume 'Infinity' is no finite number"),
    (b'{"before":null,"after":null,"source":{"lsn":5},"op":"c"}', "there is no symbol"),
    (b'{"before":null,"after":"text","source":7,"op":"c"}', "there is no symbol"),
    (b'{"before":null,"after":[],"source":[],"op":"u"}', "there is no symbol"),
    (b'{"before":null,"after":null,"source":{"lsn":5},"op":"d"}', "a deletion that does not say*REPLICA IDENTITY FULL"),
    (b'{"before":{"id":4,"symbol":null,"ts":null},"after":null,"source":{"lsn":5},"op":"d"}', "a deletion that does not say*"),
    (b'{"before":null,"after":null,"source":{"lsn":null},"op":"t"}', "a truncation without its position*"),
    (b'{"after":{"symbol":"BAD","price":123456789012345678901234567890,"ts":"2024-03-01T14:30:00Z"},"op":"c"}', "*"),
    (b'{"after":' * 3000, "no JSON that can be read*"),
    (b"[" * 100000, "no JSON that can be read*"),
    (b'{"op":"' + b"c" * 900000 + b'"}', "op 'ccc*"),
    (b"x" * 900000, "no JSON that can be read*"),
    (b"\n\n\n", "no JSON that can be read*"),
    (b" ", "no JSON that can be read*"),
    (b"';DROP TABLE warehouse.stock_realtime;--", "no JSON that can be read*"),
]


def torn(n):
    """A good message cut, or with a byte changed so that it is none."""
    message = good(n)
    if random.random() < 0.7:
        return message[: random.randrange(1, len(message) - 1)]
    return message.replace(b'"price":"', b'"price":"' + random.choice([b"--", b"abc", b"0x", b"1.2.3"]))


messages, bad, sentences, letters = [], 0, [], []
for n in range(1000):
    messages.append(good(n))
    message, sentence = named[n] if n < len(named) else (torn(n), None)
    if sentence and sentence != "*":
        sentences.append(f"{len(messages)}\t{sentence}")
    letters.append(f"{len(messages)}\t{message.hex()}")
    messages.append(message)
    bad += 1
messages.append(good(1000))
assert not any(b"@@@" in message for message in messages)
(out / "messages").write_bytes(b"@@@".join(messages) + b"@@@")
(out / "good").write_text("1001\n")
(out / "bad").write_text(f"{bad}\n")
(out / "sums").write_text(f"1001\t{sum(range(1001))}\t1001\n")
(out / "raw.wanted").write_text("".join(line + "\n" for line in letters))
(out / "sentences").write_text("".join(line + "\n" for line in sentences))
