// SPDX-License-Identifier: Apache-2.0
#include "reply.h"
#include "base/random.h"

#include <string.h>

enum { NEWS_ITEMS = 5, NEWS_SECONDS = 3600 };

static int put(struct buffer *out, const char *text, struct err *err)
{
    return buffer_append(out, text, strlen(text), err);
}

int reply_quote(struct buffer *body, const struct market_tick *tick, struct err *err)
{
    const double price = (double)tick->cents / 100;
    return buffer_printf(body, err,
                         "{\"c\":%.15g,\"d\":%.15g,\"dp\":%.4f,\"h\":%.15g,\"l\":%.15g,\"o\":%.15g,"
                         "\"pc\":%.15g,\"t\":%lld}",
                         price, 0.5, 50 / price, price + 1, price - 1, price, price - 0.5,
                         (long long)(tick->milliseconds / 1000));
}

int reply_no_quote(struct buffer *body, struct err *err)
{
    return put(body, "{\"c\":0,\"d\":null,\"dp\":null,\"h\":0,\"l\":0,\"o\":0,\"pc\":0,\"t\":0}",
               err);
}

int reply_no_news(struct buffer *body, struct err *err)
{
    return put(body, "[]", err);
}

static int put_article(struct buffer *body, uint64_t seed, const char *symbol, int64_t slot,
                       struct err *err)
{
    static const char *const moods[] = {"beats estimates", "misses estimates", "is upgraded",
                                        "is downgraded", "announces \\u201ca plan\\u201d"};
    const uint64_t bits = random_mix(seed ^ random_mix((uint64_t)slot) ^ (uint8_t)*symbol);
    const char *mood = moods[bits % (sizeof moods / sizeof *moods)];
    const char *about = *symbol != '\0' ? symbol : "The market";
    return buffer_printf(
        body, err,
        "{\"category\":\"%s\",\"datetime\":%lld,\"headline\":\"%s %s\",\"id\":%llu,\"image\":\"\","
        "\"related\":\"%s\",\"source\":\"mock\",\"summary\":\"%s %s, says a seed.\","
        "\"url\":\"https://news.example/%llu\"}",
        *symbol != '\0' ? "company" : "top news", (long long)(slot * NEWS_SECONDS), about, mood,
        (unsigned long long)(bits >> 24), symbol, about, mood, (unsigned long long)(bits >> 24));
}

int reply_news(struct buffer *body, uint64_t seed, const char *symbol, int64_t seconds,
               struct err *err)
{
    TRY(put(body, "[", err));
    for (int i = 0; i < NEWS_ITEMS; i++) {
        TRY(put(body, i != 0 ? "," : "", err));
        TRY(put_article(body, seed, symbol != NULL ? symbol : "", seconds / NEWS_SECONDS - i, err));
    }
    return put(body, "]", err);
}

// ---- faults ----

static int refuse(struct reply *reply, unsigned status, const char *text, struct err *err)
{
    reply->status = status;
    reply->body.size = 0;
    return put(&reply->body, text, err);
}

// Every number becomes a text.
static int quote_numbers(struct buffer *body, struct err *err)
{
    struct buffer odd;
    int code = 0;
    buffer_init(&odd, 4 * body->size + 16);
    for (size_t i = 0; i < body->size && code == 0; i++) {
        const char c = body->data[i];
        const bool begins = c == ':' && i + 1 < body->size && body->data[i + 1] != '"';
        const bool ends = (c == ',' || c == '}') && i != 0 && body->data[i - 1] != '"' &&
                          body->data[i - 1] != '}';
        if (ends)
            code = buffer_append(&odd, "\"", 1, err);
        if (code == 0)
            code = buffer_append(&odd, &c, 1, err);
        if (begins && code == 0)
            code = buffer_append(&odd, "\"", 1, err);
    }
    buffer_free(body);
    *body = odd;
    return code;
}

int reply_spoil(struct reply *reply, enum fault_kind fault, struct err *err)
{
    switch (fault) {
    case FAULT_401:
        return refuse(reply, 401, "{\"error\":\"Invalid API key\"}", err);
    case FAULT_403:
        return refuse(reply, 403, "{\"error\":\"You don't have access to this resource.\"}", err);
    case FAULT_404:
        return refuse(reply, 404, "404 page not found", err);
    case FAULT_429:
    case FAULT_429_LONG:
        reply->retry_after = fault == FAULT_429 ? "1" : "7200";
        return refuse(reply, 429, "{\"error\":\"API limit reached. Please try again later.\"}",
                      err);
    case FAULT_500:
        return refuse(reply, 500, "{\"error\":\"internal\"}", err);
    case FAULT_HTML:
        reply->type = "text/html";
        return refuse(reply, 200, "<!DOCTYPE html><html><body>Maintenance</body></html>", err);
    case FAULT_TRUNCATED:
        reply->body.size /= 2;
        return 0;
    case FAULT_BROKEN:
        reply->is_cut = true;
        return 0;
    case FAULT_EMPTY:
        reply->body.size = 0;
        return 0;
    case FAULT_ZEROS:
        reply->body.size = 0;
        return reply_no_quote(&reply->body, err);
    case FAULT_TYPES:
        return quote_numbers(&reply->body, err);
    default:
        return 0;
    }
}

// ---- messages ----

int message_begin(struct buffer *message, struct err *err)
{
    return put(message, "{\"data\":[", err);
}

static char *put_whole(char *out, int64_t value)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (count != 0)
        *out++ = digits[--count];
    return out;
}

static char *put_text(char *out, const char *text)
{
    return stpcpy(out, text);
}

// Without trailing zeros, as JSON is written from doubles.
static char *put_cents(char *out, int64_t cents)
{
    const char last = (char)('0' + cents % 10), before = (char)('0' + cents / 10 % 10);
    out = put_whole(out, cents / 100);
    if (cents % 100 == 0)
        return out;
    *out++ = '.';
    *out++ = before;
    if (last != '0')
        *out++ = last;
    return out;
}

int message_trade(struct buffer *message, const char *symbol, const struct market_tick *tick,
                  struct err *err)
{
    char *first = buffer_reserve(message, 192, err), *out = first;
    if (out == NULL)
        return err_code(err, EX_OSERR);
    if (message->data[message->size - 1] != '[')
        *out++ = ',';
    out = put_text(out, "{\"c\":[\"1\"],\"p\":");
    out = put_cents(out, tick->cents);
    out = put_text(out, ",\"s\":\"");
    out = put_text(out, symbol);
    out = put_text(out, "\",\"t\":");
    out = put_whole(out, tick->milliseconds);
    out = put_text(out, ",\"v\":");
    out = put_whole(out, tick->volume);
    *out++ = '}';
    message->size += (size_t)(out - first);
    return 0;
}

int message_end(struct buffer *message, struct err *err)
{
    return put(message, "],\"type\":\"trade\"}", err);
}
