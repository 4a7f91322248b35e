# SPDX-License-Identifier: Apache-2.0
"""unreliable.py TARGET_PORT PORT_FILE CONTROL LOG: stands before an MLflow server and fails as CONTROL says. Its words are MODE and N: the
N-th request from now, counted from 1, is answered by MODE, every other one by the server.

  500, 429, 403   that status; 429 asks for a wait of a second
  page            status 200 with a web page
  drop            the connection is closed before the server hears of the request
  lost            the server does what is asked, and its reply is lost
  hang            no reply; CONTROL.hangs appears

LOG gets a line for each request. CONTROL is read anew when it changes."""
import http.client
import http.server
import os
import sys
import time

target, port_file, control, log = int(sys.argv[1]), *sys.argv[2:5]
state = {"seen": None, "count": 0, "mode": "", "at": 0}


def fault():
    """What this request gets: None, or a mode."""
    try:
        stamp = os.stat(control).st_mtime_ns
        with open(control, encoding="utf-8") as file:
            words = file.read().split()
    except FileNotFoundError:
        return None
    if stamp != state["seen"]:
        state.update(seen=stamp, count=0, mode=words[0] if words else "", at=int(words[1]) if words else 0)
    state["count"] += 1
    return state["mode"] if state["count"] == state["at"] else None


class Proxy(http.server.BaseHTTPRequestHandler):
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

    def forward(self, body):
        server = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        server.request(self.command, self.path, body, headers)
        reply = server.getresponse()
        return reply.status, reply.read()

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mode = fault()
        with open(log, "a", encoding="utf-8") as lines:
            lines.write(f"{mode or '-'} {self.command} {self.path} {self.headers.get('Authorization', '')}\n")
        if mode == "hang":
            open(control + ".hangs", "w", encoding="utf-8").close()
            time.sleep(120)
        if mode in ("drop", "hang"):
            self.close_connection = True
        elif mode == "page":
            self.answer(200, b"<html>Please sign in</html>")
        elif mode is not None and mode.isdigit():
            self.answer(int(mode), b'{"error_code": "BAD_DAY", "message": "a bad day"}', [("Retry-After", "1")] if mode == "429" else [])
        else:
            try:
                reply = self.forward(body)
            except OSError:
                self.close_connection = True
                return
            if mode == "lost":
                self.close_connection = True
            else:
                self.answer(*reply)

    do_GET = do_POST = do_PUT = handle_one


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
with open(port_file + ".new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
