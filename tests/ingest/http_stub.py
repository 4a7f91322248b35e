# SPDX-License-Identifier: Apache-2.0
"""Stands in for Stooq and for ClickHouse on loopback: http_stub.py PORT_FILE LOG_FILE

/stooq/?s=SYMBOL&...   a page, a text or a CSV by the symbol
/clickhouse/?query=... fails the first two inserts with 500 and the third by cutting the connection, then succeeds
"""
import http.server
import sys
import urllib.parse

CSV = "Date,Open,High,Low,Close,Volume\r\n2020-01-02,1,2,1,2,5\r\n2020-01-03,1,2,1,2,5\r\n"
TEXTS = {
    "html.us": "<!DOCTYPE html>\n<html><body>Get your apikey</body></html>",
    "limit.us": "Exceeded the daily hits limit",
    "none.us": "No data",
    "brak.pl": "Brak danych",
    "good.us": CSV,
    "^spx": CSV,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    inserts = 0
    flaky = 0

    def log_message(self, *_):
        pass

    def note(self, text):
        with open(sys.argv[2], "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        self.note("GET " + self.path)
        symbol = query["s"][0]
        if symbol == "flaky.us":
            Handler.flaky += 1
            if Handler.flaky < 3:
                return self.answer(503, "busy")
            return self.answer(200, CSV)
        if symbol == "gone.us":
            return self.answer(404, "not here")
        return self.answer(200, TEXTS[symbol])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        sql = query["query"][0]
        if not sql.startswith("INSERT"):
            return self.answer(200, "2\n")
        self.note("INSERT " + query["insert_deduplication_token"][0])
        Handler.inserts += 1
        if Handler.inserts <= 2:
            return self.answer(500, "Code: 210. DB::NetException: try later\n")
        if Handler.inserts == 3:
            self.close_connection = True
            return None
        return self.answer(200, "")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".new", "w", encoding="utf-8") as port:
    port.write(str(server.server_address[1]))
import os

os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
