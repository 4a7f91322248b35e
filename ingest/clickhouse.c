// SPDX-License-Identifier: Apache-2.0
#include "clickhouse.h"
#include "net/backoff.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URL_BYTES = 256 << 10, REPLY_BYTES = 1 << 20, REASON_BYTES = 400 };

// ClickHouse's error codes (src/Common/ErrorCodes.cpp) that another try cannot change.
static const long lasting_codes[] = {
    6,   // CANNOT_PARSE_TEXT
    16,  // NO_SUCH_COLUMN_IN_TABLE
    36,  // BAD_ARGUMENTS
    47,  // UNKNOWN_IDENTIFIER
    53,  // TYPE_MISMATCH
    60,  // UNKNOWN_TABLE
    62,  // SYNTAX_ERROR
    81,  // UNKNOWN_DATABASE
    115, // UNKNOWN_SETTING
    164, // READONLY
    192, // UNKNOWN_USER
    193, // WRONG_PASSWORD
    194, // REQUIRED_PASSWORD
    469, // VIOLATED_CONSTRAINT
    497, // ACCESS_DENIED
    516, // AUTHENTICATION_FAILED
};

static bool is_lasting(long code)
{
    for (size_t i = 0; i < sizeof lasting_codes / sizeof *lasting_codes; i++)
        if (lasting_codes[i] == code)
            return true;
    return false;
}

static int header_line(char *line, size_t size, const char *name, const char *value,
                       struct err *err)
{
    const int length = snprintf(line, size, "%s: %s", name, value);
    if (length < 0 || (size_t)length >= size || strpbrk(value, "\r\n") != NULL)
        return err_set(err, EX_USAGE, "the value for %s is too long or holds a line end", name);
    return 0;
}

int clickhouse_open(struct clickhouse *server, const struct sink_options *options, struct err *err)
{
    const char *password = options->password != NULL ? options->password : "";
    *server = (struct clickhouse){
        .url = options->url, .tries_most = BACKOFF_TRIES, .quiet = options->quiet};
    http_shown(options->url, server->shown, sizeof server->shown);
    TRY(header_line(server->user, sizeof server->user, "X-ClickHouse-User", options->user, err));
    TRY(header_line(server->key, sizeof server->key, "X-ClickHouse-Key", password, err));
    return http_open(&server->http, err);
}

void clickhouse_close(struct clickhouse *server)
{
    http_close(server->http);
    explicit_bzero(server->key, sizeof server->key);
}

static int build_url(const struct clickhouse *server, const struct clickhouse_query *query,
                     struct buffer *url, struct err *err)
{
    const size_t length = strlen(server->url);
    const int slash = length != 0 && server->url[length - 1] == '/';
    TRY(buffer_printf(url, err, "%.*s/?wait_end_of_query=1%s&query=", (int)length - slash,
                      server->url, query->settings));
    return http_escape(url, query->sql, err);
}

static int refuse(const struct clickhouse *server, const struct http_reply *reply, struct err *err)
{
    const size_t size = reply->body.size < REASON_BYTES ? reply->body.size : REASON_BYTES;
    const char *line_end = size != 0 ? memchr(reply->body.data, '\n', size) : NULL;
    const int shown = line_end != NULL ? (int)(line_end - reply->body.data) : (int)size;
    const char *text = shown != 0 ? reply->body.data : "(no text)";
    const long status = reply->status;
    const bool again =
        (status >= 500 || status == 408 || status == 429) && !is_lasting(reply->clickhouse_code);
    if (again)
        return err_set_retriable(err, EX_TEMPFAIL, "ClickHouse at %s answers %ld: %.*s",
                                 server->shown, status, shown != 0 ? shown : 9, text);
    return err_set(err, status == 401 || status == 403 ? EX_NOPERM : EX_UNAVAILABLE,
                   "ClickHouse at %s refuses with %ld: %.*s", server->shown, status,
                   shown != 0 ? shown : 9, text);
}

static int send_once(struct clickhouse *server, const char *url,
                     const struct clickhouse_query *query, struct http_reply *reply,
                     struct err *err)
{
    const char *const headers[] = {server->user, server->key,
                                   "Content-Type: application/octet-stream",
                                   query->body_is_zstd ? "Content-Encoding: zstd" : NULL, NULL};
    const struct http_request request = {
        .url = url,
        .shown = server->shown,
        .headers = headers,
        .body = query->body != NULL ? query->body : "",
        .body_size = query->body_size,
        .give_up = server->give_up,
        .give_up_context = server->give_up_context,
        .stall_seconds = server->stall_seconds,
    };
    TRY(http_send(server->http, &request, reply, err));
    return reply->status == 200 ? 0 : refuse(server, reply, err);
}

// Says why, waits; an error when there is nothing to wait for any more.
static int wait_for_next_try(const struct clickhouse *server, struct backoff *backoff,
                             const struct err *problem, struct err *err)
{
    double seconds;
    if (!problem->retriable || !backoff_next(backoff, &seconds)) {
        const int tries = backoff->tries + 1;
        return tries == 1 && problem->retriable
                   ? err_set_retriable(err, problem->code, "%s", problem->text)
               : tries == 1
                   ? err_set(err, problem->code, "%s", problem->text)
                   : err_set(err, EX_TEMPFAIL, "%s; given up after %d tries", problem->text, tries);
    }
    if (!server->quiet)
        (void)fprintf(stderr, "%s; trying again in %.1f s (%d of %d)\n", problem->text, seconds,
                      backoff->tries, backoff->tries_most);
    (void)backoff_sleep(seconds);
    return stop_check(err);
}

int clickhouse_send(struct clickhouse *server, const struct clickhouse_query *query,
                    struct http_reply *reply, struct err *err)
{
    struct backoff backoff;
    struct buffer url;
    buffer_init(&url, URL_BYTES);
    backoff_init(&backoff, server->tries_most);
    int code = build_url(server, query, &url, err);
    while (code == 0) {
        struct err problem = {0};
        if (send_once(server, url.data, query, reply, &problem) == 0)
            break;
        code = wait_for_next_try(server, &backoff, &problem, err);
    }
    buffer_free(&url);
    return code;
}

int clickhouse_number(struct clickhouse *server, const char *sql, const char *settings,
                      uint64_t *number, struct err *err)
{
    const struct clickhouse_query query = {.sql = sql, .settings = settings};
    struct http_reply reply = {0};
    char text[24] = "";
    buffer_init(&reply.body, REPLY_BYTES);
    const int code = clickhouse_send(server, &query, &reply, err);
    if (code == 0 && reply.body.size < sizeof text)
        memcpy(text, reply.body.data != NULL ? reply.body.data : "", reply.body.size);
    buffer_free(&reply.body);
    TRY(code);
    char *end = text;
    *number = strtoull(text, &end, 10);
    if (end == text || *end != '\n')
        return err_set(err, EX_TEMPFAIL,
                       "%s does not answer like ClickHouse, unless it was ended meanwhile: '%s' is "
                       "no number",
                       server->shown, text);
    return 0;
}
