# SPDX-License-Identifier: Apache-2.0
"""archive.py ROWS.csv ARCHIVE BYTES: a GKG file of the size that GDELT publishes, made of real rows, repeated.

Rows are some 12 KB and deflate looks back 32 KB, so a repeated row is as hard to pack as a new one; the ratio is printed.
"""
import os
import sys
import zipfile

source, archive, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(source, "rb") as file:
    rows = file.read().splitlines(keepends=True)
text, i = bytearray(), 0
while len(text) < size:
    text += rows[i % len(rows)].rstrip(b"\n") + b"\n"
    i += 1
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
    out.writestr("20150218230000.gkg.csv", bytes(text))
print(f"{i} rows of {len(rows)} real ones, {len(text) / 1e6:.1f} MB, packed {len(text) / os.path.getsize(archive):.2f} times smaller")
