// SPDX-License-Identifier: Apache-2.0
// HTTP, thin over libcurl: one client keeps its connection, one call sends one request.
#ifndef TICKHOUSE_NET_HTTP_H
#define TICKHOUSE_NET_HTTP_H

#include "base/buffer.h"
#include "base/err.h"
#include <stddef.h>

struct http_client;

struct http_request {
    const char *url;
    const char *shown;          // the URL as error texts may show it, without secrets; NULL: `url`
    const char *const *headers; // "Name: value", ended by NULL; may be NULL
    const void *body;           // POST when not NULL, else GET
    size_t body_size;
};

struct http_reply {
    long status;
    long clickhouse_code; // of X-ClickHouse-Exception-Code, else 0
    struct buffer body;   // the caller frees it
};

int http_open(struct http_client **client, struct err *err);
void http_close(struct http_client *client);

// Any status is a reply; an error is that none came, and all but a URL that cannot be right are
// retriable. `reply->body` must have been initialised and is emptied first.
int http_send(struct http_client *client, const struct http_request *request,
              struct http_reply *reply, struct err *err);

// Appends `text` to a URL with everything but letters, digits and - . _ ~ escaped, and a NUL that
// `size` does not count.
int http_escape(struct buffer *url, const char *text, struct err *err);

#endif
