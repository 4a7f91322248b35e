# SPDX-License-Identifier: Apache-2.0
"""A zip archive of standard input: archive.py ZIP MEMBER [FAULT]

FAULT is what is wrong with it: stored, two, none, encrypted, bzip2, cut, crc, short, long, bomb, huge
"""
import io
import struct
import sys
import zipfile

path, member = sys.argv[1:3]
fault = sys.argv[3] if len(sys.argv) > 3 else ""
text = sys.stdin.buffer.read()
method = {"stored": zipfile.ZIP_STORED, "bzip2": zipfile.ZIP_BZIP2}.get(fault, zipfile.ZIP_DEFLATED)
if fault == "bomb":
    text = b"\0" * (64 << 20)
out = io.BytesIO()
with zipfile.ZipFile(out, "w", method) as archive:
    if fault != "none":
        archive.writestr(zipfile.ZipInfo(member, (2025, 1, 1, 0, 0, 0)), text, method)
    if fault == "two":
        archive.writestr(zipfile.ZipInfo("second.csv", (2025, 1, 1, 0, 0, 0)), text, method)
data = bytearray(out.getvalue())
entry = data.rfind(b"PK\x01\x02")


def put(offset, form, value):
    struct.pack_into(form, data, entry + offset, value)


if fault == "encrypted":
    put(8, "<H", 1)
if fault == "crc":
    put(16, "<I", 1)
if fault == "short":  # claims fewer bytes than it has
    put(24, "<I", len(text) // 2)
if fault == "long":
    put(24, "<I", len(text) + 1)
if fault == "huge":
    put(24, "<I", 0xF0000000)
if fault == "cut":
    del data[len(data) // 2 :]
with open(path, "wb") as file:
    file.write(data)
