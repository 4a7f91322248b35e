# SPDX-License-Identifier: Apache-2.0
"""Serves captured replies of Finnhub: replies.py PORT_FILE FOLDER [BODY_OF_401]. The key has to come in the header."""
import http.server
import os
import sys
import urllib.parse

port_file, folder = sys.argv[1:3]
refusal = sys.argv[3] if len(sys.argv) > 3 else None
FILES = {
    ("quote", "AAPL"): (200, "quote-AAPL.json"),
    ("company-news", "AAPL"): (200, "company-news-AAPL.json"),
    ("company-news", "MSFT"): (403, "news-sentiment-AAPL.json"),
    ("quote", "CANDLE"): (403, "candle-AAPL.json"),
    ("quote", "PEERS"): (200, "peers-AAPL-industry.json"),
    ("quote", "PROFILE"): (200, "profile-AAPL.json"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        status, name = FILES.get((url.path.split("/")[-1], query.get("symbol", [""])[0]), (200, "quote-unknown.json"))
        if refusal is not None or not self.headers.get("X-Finnhub-Token") or "token" in query:
            status, body = 401, (refusal or '{"error":"Please use an API key."}').encode()
        else:
            with open(os.path.join(folder, name), "rb") as file:
                body = file.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
