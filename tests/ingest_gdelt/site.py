# SPDX-License-Identifier: Apache-2.0
"""Stands in for GDELT's site on loopback: site.py FOLDER PORT_FILE LOG_FILE

Serves the files of FOLDER under /gdeltv2/. FOLDER/faults says what goes wrong, a line "name fault times" each: 404, 403, 429, 503,
404page, 429page, 503page, truncate, stall, reset, circle, html, wrong, drip, endless, escape. After that many times the file is served as it is.
"""
import http.server
import os
import socket
import struct
import sys
import threading
import time

folder, port_file, log_file = sys.argv[1:4]
lock = threading.Lock()
served = {}


def fault_of(name):
    """The fault that this request meets: each line of a name counts its own requests, one after the other."""
    with lock:
        nth = served[name] = served.get(name, 0) + 1
    try:
        with open(os.path.join(folder, "faults"), encoding="utf-8") as lines:
            for line in lines:
                file, fault, times = line.split()
                if file != name:
                    continue
                if nth <= int(times):
                    return fault
                nth -= int(times)
    except FileNotFoundError:
        pass
    return ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def part(self, body):
        """The head of a whole reply and half of its body."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.close_connection = True

    def do_GET(self):
        name = os.path.basename(self.path)
        fault = fault_of(name)
        with lock, open(log_file, "a", encoding="utf-8") as log:
            log.write(f"{name} {fault or 'ok'}\n")
        path = os.path.join(folder, name)
        if fault.endswith("page"):  # 503page: with 64 KB of text
            return self.answer(int(fault[:3]), b"<p>sorry</p>\n" * 5000, [("Retry-After", "1")] if fault == "429page" else [])
        if fault == "404" or os.path.dirname(self.path) != "/gdeltv2" or not os.path.isfile(path):
            return self.answer(404, b"<html>not found</html>")
        with open(path, "rb") as file:
            body = file.read()
        if fault == "escape":
            return self.answer(200, b"<\x1b[2J\x07>")
        if fault in ("drip", "endless"):
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            piece = b"xy" if fault == "drip" else b"x" * (4 << 20)
            while True:
                self.wfile.write(piece)
                time.sleep(0.5 if fault == "drip" else 0)
        if fault in ("403", "503"):
            return self.answer(int(fault), b"no")
        if fault == "429":
            return self.answer(429, b"slow down", [("Retry-After", "1")])
        if fault == "circle":
            return self.answer(302, b"", [("Location", self.path)])
        if fault == "html":
            return self.answer(200, b"<!DOCTYPE html>\n<html><body>maintenance</body></html>")
        if fault == "wrong":
            return self.answer(200, body[:-1] + bytes([body[-1] ^ 1]))
        if fault == "truncate":
            return self.part(body)
        if fault == "stall":
            self.part(body)
            time.sleep(4)
            return None
        if fault == "reset":
            self.part(body)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return None
        return self.answer(200, body)


class Site(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients that are killed are what the tests are about."""


server = Site(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".new", "w", encoding="utf-8") as port:
    port.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
