// SPDX-License-Identifier: Apache-2.0
// HTTP, thin over libcurl: one client keeps its connection, one call sends one request.
#ifndef TICKHOUSE_NET_HTTP_H
#define TICKHOUSE_NET_HTTP_H

#include "base/buffer.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct http_client;

enum { HTTP_REFUSAL_BYTES = 2048 }; // that are kept of the body of another status than 200

// Takes a piece of a reply's body; what it returns, when not 0, ends the transfer with `err`.
typedef int http_take(void *context, const char *data, size_t size, struct err *err);

struct http_request {
    const char *url;
    const char *shown;          // the URL as error texts may show it, without secrets; NULL: `url`
    const char *const *headers; // "Name: value", ended by NULL; may be NULL
    const char *method;         // NULL: POST with a body, else GET
    const void *body;
    size_t body_size;
    http_take *take; // where the body of a reply with status 200 goes; NULL: into reply->body
    void *take_context;
    bool (*give_up)(void *context); // asked about once a second; true ends the transfer
    void *give_up_context;
    bool once;          // on a connection of its own: on one that was used before and turns out to
                        // be closed, libcurl sends a request again by itself
    long redirects;     // followed at most; 0: a redirection is a reply
    long stall_seconds; // with less than 1 KiB/s for so long, the connection is given up; 0: after
                        // 120 without a byte
};

struct http_reply {
    long status;
    long clickhouse_code; // of X-ClickHouse-Exception-Code, else 0
    long retry_after;     // seconds the peer asks to wait, 0 when it does not
    struct buffer body;   // the caller frees it; its ceiling is at least HTTP_REFUSAL_BYTES
};

int http_open(struct http_client **client, struct err *err);
void http_close(struct http_client *client);

// Any status is a reply; an error is that none came, and all but a URL that cannot be right are
// retriable. `reply->body` must have been initialised and is emptied first.
int http_send(struct http_client *client, const struct http_request *request,
              struct http_reply *reply, struct err *err);

// The URL as texts may show it: without name and password, cut off where `out` ends.
void http_shown(const char *url, char *out, size_t size);

// Does the URL lead to this machine itself?
bool http_is_loopback(const char *url);

// Appends `text` to a URL with everything but letters, digits and - . _ ~ escaped, and a NUL that
// `size` does not count.
int http_escape(struct buffer *url, const char *text, struct err *err);

#endif
