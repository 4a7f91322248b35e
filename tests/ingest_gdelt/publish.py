# SPDX-License-Identifier: Apache-2.0
"""Every text of a folder as a zip on the site: publish.py TEXTS SITE. Prints the lines of GDELT's list for them."""
import hashlib
import io
import os
import sys
import zipfile

texts, site = sys.argv[1:3]
for name in sorted(os.listdir(texts)):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(os.path.join(texts, name), name)
    with open(os.path.join(site, name + ".zip"), "wb") as file:
        file.write(out.getvalue())
    md5 = hashlib.md5(out.getvalue()).hexdigest()
    print(len(out.getvalue()), md5, f"http://data.gdeltproject.org/gdeltv2/{name}.zip")
