# SPDX-License-Identifier: Apache-2.0
"""registry.py FILE LOG: serves FILE as every package whose path starts with /@chdb/, on a free port that it prints. It understands
ranges, notes each request in LOG, breaks the first answer off after a megabyte, and refuses the second."""
import http.server
import sys

body, log = open(sys.argv[1], "rb").read(), open(sys.argv[2], "w", buffering=1)


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered = 0

    def refuse(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        if not self.path.startswith("/@chdb/"):
            self.refuse(404)
            return
        wanted = self.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
        log.write(f"GET {self.path} {wanted}\n")
        Registry.answered += 1
        if Registry.answered == 2:
            self.refuse(403)
            return
        if start >= len(body):
            self.refuse(416)
            return
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if Registry.answered == 1:
            self.wfile.write(body[:1_000_000])
            self.close_connection = True
        else:
            self.wfile.write(body[start:])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
print(server.server_port, flush=True)
server.serve_forever()
