// SPDX-License-Identifier: Apache-2.0
// One question to Finnhub's REST interface: not more often than allowed, tried again where that may
// help, and each way in which it can go wrong as a sentence of its own.
#ifndef TICKHOUSE_INGEST_FINNHUB_REST_H
#define TICKHOUSE_INGEST_FINNHUB_REST_H

#include "net/http.h"
#include "rate.h"

struct rest {
    const char *base; // https://finnhub.io/api/v1
    const char *key;  // goes into a header and nowhere else
    bool quiet;
    int (*check)(void *context, struct err *err); // often, while waiting; not 0 ends the call
    void *context;
    struct rate rate;
    struct http_client *http;
    char header[512], shown[512];
    bool has_said_wait;
};

// Of `rest` the first five are set.
int rest_open(struct rest *rest, struct err *err);
void rest_close(struct rest *rest);

// GET base/question; `body` ends with a NUL that its size does not count. Errors:
//   EX_NOPERM       the key is refused (401), or has no access to this (403)
//   EX_TEMPFAIL     429 again and again; or the run ends
//   EX_UNAVAILABLE  no reply, 5xx, another status, a page instead of JSON
//   EX_DATAERR      an empty reply, or JSON that ends too early
// Only the refused key is not worth another call: all but it are retriable.
int rest_get(struct rest *rest, const char *question, struct buffer *body, struct err *err);

#endif
