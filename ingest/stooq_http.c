// SPDX-License-Identifier: Apache-2.0
#include "stooq_http.h"
#include "base/time.h"
#include "market/stooq.h"
#include "net/backoff.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_URL_BYTES = 8192, SITE_SYMBOL_BYTES = 64 };

int stooq_site_open(struct stooq_site *site, struct err *err)
{
    *site = (struct stooq_site){.base = getenv("TICKHOUSE_STOOQ_URL"),
                                .key = getenv("TICKHOUSE_STOOQ_KEY")};
    if (site->base == NULL)
        site->base = "https://stooq.com/q/d/l/";
    return http_open(&site->http, err);
}

void stooq_site_close(struct stooq_site *site)
{
    http_close(site->http);
}

static void compact_date(int32_t days, char out[static 9])
{
    char text[11];
    date_format(days, text);
    (void)snprintf(out, 9, "%.4s%.2s%.2s", text, text + 5, text + 8);
}

static int build_url(const struct stooq_site *site, const char *symbol, int32_t from, int32_t to,
                     struct buffer *url, struct err *err)
{
    char lower[SITE_SYMBOL_BYTES] = "", first[9], last[9];
    for (size_t i = 0; symbol[i] != '\0' && i + 1 < sizeof lower; i++)
        lower[i] = (char)(symbol[i] >= 'A' && symbol[i] <= 'Z' ? symbol[i] - 'A' + 'a' : symbol[i]);
    compact_date(from, first);
    compact_date(to, last);
    TRY(buffer_printf(url, err, "%s?s=", site->base));
    TRY(http_escape(url, lower, err));
    TRY(buffer_printf(url, err, "&i=d&d1=%s&d2=%s", first, last));
    if (site->key != NULL) {
        TRY(buffer_printf(url, err, "&apikey="));
        TRY(http_escape(url, site->key, err));
    }
    return 0;
}

// Statuses from 500 and lost connections are tried again, quietly: a download is short.
static int get(struct stooq_site *site, const struct http_request *request,
               struct http_reply *reply, struct err *err)
{
    struct backoff backoff;
    double seconds;
    backoff_init(&backoff, BACKOFF_TRIES);
    for (;;) {
        struct err problem = {0};
        const int code = http_send(site->http, request, reply, &problem);
        if (code == 0 && reply->status == 200)
            return 0;
        if (code == 0)
            (void)err_set_retriable(&problem, EX_UNAVAILABLE, "%s answers with status %ld",
                                    request->shown, reply->status);
        if (code == 0 && reply->status < 500)
            problem.retriable = false;
        if (!problem.retriable || !backoff_next(&backoff, &seconds))
            return err_set(err, problem.code, "%s", problem.text);
        (void)backoff_sleep(seconds);
        TRY(stop_check(err));
    }
}

static int check_text(const struct buffer *text, struct err *err)
{
    const enum stooq_kind kind =
        stooq_recognise(text->size != 0 ? text->data : "", text->size).kind;
    const char *advice = stooq_advice(kind);
    if (advice == NULL)
        return 0;
    const int code = kind == STOOQ_NO_DATA ? EX_NOINPUT
                     : kind == STOOQ_LIMIT ? EX_TEMPFAIL
                                           : EX_UNAVAILABLE;
    return err_set(err, code, "Stooq sent %s", advice);
}

int stooq_site_get(struct stooq_site *site, const char *symbol, int32_t from, int32_t to,
                   struct buffer *text, struct err *err)
{
    struct buffer url;
    struct http_reply reply = {.body = *text};
    buffer_init(&url, SITE_URL_BYTES);
    int code = build_url(site, symbol, from, to, &url, err);
    const struct http_request request = {.url = url.data, .shown = site->base};
    if (code == 0)
        code = get(site, &request, &reply, err);
    *text = reply.body;
    buffer_free(&url);
    TRY(code);
    return check_text(text, err);
}
