// SPDX-License-Identifier: Apache-2.0
// Stooq's download address: one request a ticker, with an API key that never shows.
#ifndef TICKHOUSE_INGEST_STOOQ_HTTP_H
#define TICKHOUSE_INGEST_STOOQ_HTTP_H

#include "base/buffer.h"
#include "net/http.h"
#include <stdint.h>

struct stooq_site {
    struct http_client *http;
    const char *base; // TICKHOUSE_STOOQ_URL, else the real one
    const char *key;  // TICKHOUSE_STOOQ_KEY; NULL without
};

int stooq_site_open(struct stooq_site *site, struct err *err);
void stooq_site_close(struct stooq_site *site);

// The daily CSV of a symbol as Stooq spells it (nvda.us), from `from` to `to`, both included. A web
// page, a used-up limit or no data are errors that say what to do; no data is the one with code
// EX_NOINPUT.
int stooq_site_get(struct stooq_site *site, const char *symbol, int32_t from, int32_t to,
                   struct buffer *text, struct err *err);

#endif
