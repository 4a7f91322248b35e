// SPDX-License-Identifier: Apache-2.0
#include "rest.h"
#include "base/time.h"
#include "net/backoff.h"
#include "secret.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    REST_TRIES = 4,          // further ones
    REST_STALL_SECONDS = 30, // a reply is small
    REST_WAIT_USUAL = 5,     // after a 429 that says nothing of it
    REST_URL_BYTES = 2048,
    REST_SHOWN_BYTES = 160,
};

static const double nap_seconds = 0.1, said_seconds = 2;

int rest_open(struct rest *rest, struct err *err)
{
    http_shown(rest->base, rest->shown, sizeof rest->shown);
    if (strncmp(rest->base, "https://", 8) != 0 && !http_is_loopback(rest->base))
        return err_set(err, EX_USAGE,
                       "%s would get the key in clear text: only https:// leads to other machines",
                       rest->shown);
    for (const char *c = rest->key; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return err_set(err, EX_NOPERM,
                           "the key in TICKHOUSE_FINNHUB_KEY has a space or another odd character; "
                           "finnhub.io/dashboard shows yours");
    if ((size_t)snprintf(rest->header, sizeof rest->header, "X-Finnhub-Token: %s", rest->key) >=
        sizeof rest->header)
        return err_set(err, EX_NOPERM, "the key in TICKHOUSE_FINNHUB_KEY is too long to be one");
    return http_open(&rest->http, err);
}

void rest_close(struct rest *rest)
{
    http_close(rest->http);
    rate_close(&rest->rate);
    explicit_bzero(rest->header, sizeof rest->header);
}

// ---- waiting ----

static int wait_seconds(struct rest *rest, double seconds, struct err *err)
{
    for (const double until = clock_seconds() + seconds; seconds > 0;
         seconds = until - clock_seconds()) {
        (void)backoff_sleep(seconds < nap_seconds ? seconds : nap_seconds);
        TRY(rest->check(rest->context, err));
    }
    return 0;
}

static int wait_for_token(struct rest *rest, struct err *err)
{
    int64_t wait;
    for (;;) {
        TRY(rate_take(&rest->rate, clock_microseconds(), &wait, err));
        if (wait == 0)
            return 0;
        const double seconds = (double)wait * 1e-6;
        if (seconds > said_seconds && !rest->quiet && !rest->has_said_wait)
            (void)fprintf(stderr,
                          "finnhub: %lld calls a minute are allowed: the next one in %.0f s\n",
                          (long long)rest->rate.per_minute, seconds);
        rest->has_said_wait = true;
        TRY(wait_seconds(rest, seconds, err));
    }
}

static bool gives_up(void *context)
{
    struct rest *rest = context;
    return rest->check(rest->context, NULL) != 0;
}

// ---- what a reply is ----

// What {"error":"..."} says, without line ends.
static void say_error(const struct rest *rest, const struct buffer *body, char *out, size_t size)
{
    json_t *reply = json_loadb(body->size != 0 ? body->data : "", body->size, 0, NULL);
    const char *text = json_string_value(json_object_get(reply, "error"));
    (void)snprintf(out, size, "%s%.100s%s", text != NULL ? " and says: '" : "",
                   text != NULL ? text : "", text != NULL ? "'" : "");
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    secret_hide(out, rest->key);
    json_decref(reply);
}

static int refuse(struct rest *rest, const char *what, const struct http_reply *reply,
                  struct err *err)
{
    char says[REST_SHOWN_BYTES];
    say_error(rest, &reply->body, says, sizeof says);
    switch (reply->status) {
    case 401:
        return err_set(err, EX_NOPERM,
                       "Finnhub refuses the key (401)%s: check TICKHOUSE_FINNHUB_KEY; "
                       "finnhub.io/dashboard shows yours",
                       says);
    case 403:
        return err_set_retriable(err, EX_NOPERM,
                                 "the key has no access to %s (403)%s: candles, news sentiment and "
                                 "others want a paid plan, finnhub.io/pricing",
                                 what, says);
    case 429:
        return err_set_retriable(err, EX_TEMPFAIL,
                                 "Finnhub refuses %s for now (429)%s: too many calls with this "
                                 "key; try again in a minute, or set --calls-per-minute",
                                 what, says);
    default:
        return err_set_retriable(err, EX_UNAVAILABLE, "%s/%s answers with status %ld%s",
                                 rest->shown, what, reply->status, says);
    }
}

static bool is_page(const struct buffer *body)
{
    size_t at = strspn(body->data, " \t\r\n");
    return body->data[at] == '<';
}

static int check_body(struct rest *rest, const char *what, const struct buffer *body,
                      struct err *err)
{
    json_error_t problem;
    if (body->size == 0)
        return err_set_retriable(err, EX_DATAERR, "%s/%s answers with nothing", rest->shown, what);
    if (is_page(body))
        return err_set_retriable(
            err, EX_UNAVAILABLE,
            "%s/%s answers with a page instead of JSON: is it Finnhub, and not "
            "a proxy or a page of maintenance?",
            rest->shown, what);
    json_t *json = json_loadb(body->data, body->size, 0, &problem);
    if (json == NULL)
        return err_set_retriable(err, EX_DATAERR, "%s/%s answers with broken JSON at byte %d: %s",
                                 rest->shown, what, problem.position, problem.text);
    json_decref(json);
    return 0;
}

// The wait that a 429 asks for binds every process that shares the bucket.
static int heed(struct rest *rest, const struct http_reply *reply, double *seconds, struct err *err)
{
    const long asked = reply->retry_after > 0 ? reply->retry_after : REST_WAIT_USUAL;
    if (reply->status != 429 && reply->retry_after <= 0)
        return 0;
    *seconds = (double)(asked < RATE_WAIT_MOST ? asked : RATE_WAIT_MOST);
    if (!rest->quiet)
        (void)fprintf(stderr, "finnhub: status %ld: next try in %.0f s\n", reply->status, *seconds);
    return rate_defer(&rest->rate, clock_microseconds() + (int64_t)(*seconds * 1e6), err);
}

static int end_body(struct buffer *body, struct err *err)
{
    char *end = buffer_reserve(body, 1, err);
    if (end == NULL)
        return err_code(err, EX_OSERR);
    *end = '\0';
    return 0;
}

static int ask_once(struct rest *rest, const struct http_request *request, const char *what,
                    struct http_reply *reply, struct err *err)
{
    TRY(http_send(rest->http, request, reply, err));
    if (reply->status != 200)
        return refuse(rest, what, reply, err);
    TRY(end_body(&reply->body, err));
    return check_body(rest, what, &reply->body, err);
}

static int ask(struct rest *rest, const struct http_request *request, const char *what,
               struct http_reply *reply, struct err *err)
{
    struct backoff backoff;
    double seconds;
    backoff_init(&backoff, REST_TRIES);
    for (;;) {
        struct err problem = {0};
        TRY(wait_for_token(rest, err));
        if (ask_once(rest, request, what, reply, &problem) == 0)
            return 0;
        TRY(rest->check(rest->context, err));
        if (!problem.retriable || problem.code == EX_NOPERM || !backoff_next(&backoff, &seconds))
            return problem.retriable ? err_set_retriable(err, problem.code, "%s", problem.text)
                                     : err_set(err, problem.code, "%s", problem.text);
        TRY(heed(rest, reply, &seconds, err));
        TRY(wait_seconds(rest, seconds, err));
    }
}

int rest_get(struct rest *rest, const char *question, struct buffer *body, struct err *err)
{
    const char *const headers[] = {rest->header, NULL};
    char url[REST_URL_BYTES], shown[REST_URL_BYTES];
    struct http_reply reply = {.body = *body};
    const struct http_request request = {.url = url,
                                         .shown = shown,
                                         .headers = headers,
                                         .stall_seconds = REST_STALL_SECONDS,
                                         .give_up = gives_up,
                                         .give_up_context = rest};
    (void)snprintf(shown, sizeof shown, "%s/%s", rest->shown, question);
    if ((size_t)snprintf(url, sizeof url, "%s/%s", rest->base, question) >= sizeof url)
        return err_set(err, EX_USAGE, "the address %.100s... is too long", shown);
    const int code = ask(rest, &request, question, &reply, err);
    *body = reply.body;
    return code;
}
