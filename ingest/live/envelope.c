// SPDX-License-Identifier: Apache-2.0
#include "envelope.h"
#include "base/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE_BYTES = 6, NUMBER_BYTES = 24, TEXT_BYTES = 256 };

int envelope_init(struct envelope *envelope, const char *server, const char *table, struct err *err)
{
    *envelope = (struct envelope){0};
    if (asprintf(&envelope->source,
                 ",\"source\":{\"version\":\"" TICKHOUSE_VERSION
                 "\",\"connector\":\"tickhouse\",\"name\":\"%s\",\"ts_ms\":",
                 server) < 0)
        envelope->source = NULL;
    if (asprintf(
            &envelope->rest,
            ",\"schema\":\"public\",\"table\":\"%s\",\"txId\":null,\"lsn\":null,\"xmin\":null},"
            "\"transaction\":null,\"op\":\"c\",\"ts_ms\":",
            table) < 0)
        envelope->rest = NULL;
    if (envelope->source != NULL && envelope->rest != NULL)
        return 0;
    envelope_free(envelope);
    return err_set(err, EX_OSERR, "out of memory");
}

void envelope_free(struct envelope *envelope)
{
    free(envelope->source);
    free(envelope->rest);
    *envelope = (struct envelope){0};
}

// The caller has reserved the room.
static char *put(char *to, const char *text, size_t size)
{
    return (char *)mempcpy(to, text, size);
}

#define PUT(to, literal) put(to, literal, sizeof(literal) - 1)

static char *put_number(char *to, uint64_t value)
{
    char digits[NUMBER_BYTES];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    return put(to, digits + at, sizeof digits - at);
}

static char *put_time(char *to, int64_t microseconds)
{
    live_time_format(microseconds, to);
    return to + LIVE_TIME_BYTES - 1;
}

static char *put_escape(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *found = strchr(named, c);
    *to++ = '\\';
    if (c != '\0' && found != NULL) {
        *to++ = letters[found - named];
        return to;
    }
    to = PUT(to, "u00");
    *to++ = hex[c >> 4];
    *to++ = hex[c & 15];
    return to;
}

// A JSON string with its quotes.
static char *put_text(char *to, struct csv_view text)
{
    *to++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c < ' ' || c == '"' || c == '\\')
            to = put_escape(to, c);
        else
            *to++ = (char)c;
    }
    *to++ = '"';
    return to;
}

// A number that came as text, as decimal.handling.mode=string writes it.
static char *put_decimal(char *to, struct csv_view text)
{
    *to++ = '"';
    to = put(to, text.data, text.size);
    *to++ = '"';
    return to;
}

static char *put_times(char *to, int64_t now)
{
    to = put_number(to, (uint64_t)now / 1000);
    to = PUT(to, ",\"ts_us\":");
    to = put_number(to, (uint64_t)now);
    to = PUT(to, ",\"ts_ns\":");
    to = put_number(to, (uint64_t)now);
    return PUT(to, "000");
}

static char *put_source(char *to, const struct envelope *envelope, int64_t now)
{
    to = put(to, envelope->source, strlen(envelope->source));
    to = put_number(to, (uint64_t)now / 1000);
    to = PUT(to, ",\"snapshot\":\"false\",\"db\":\"\",\"sequence\":null,\"ts_us\":");
    to = put_number(to, (uint64_t)now);
    to = PUT(to, ",\"ts_ns\":");
    to = put_number(to, (uint64_t)now);
    to = PUT(to, "000");
    to = put(to, envelope->rest, strlen(envelope->rest));
    to = put_times(to, now);
    *to++ = '}';
    return to;
}

static size_t room_of_source(const struct envelope *envelope)
{
    return strlen(envelope->source) + strlen(envelope->rest) + TEXT_BYTES;
}

int envelope_tick(const struct envelope *envelope, const struct tick *tick, int64_t now,
                  struct buffer *out, struct err *err)
{
    const size_t room = room_of_source(envelope) + TEXT_BYTES + ESCAPE_BYTES * tick->symbol.size +
                        tick->price.size + tick->volume.size;
    char *to = buffer_reserve(out, room, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    to = PUT(to, "{\"before\":null,\"after\":{\"symbol\":");
    to = put_text(to, tick->symbol);
    to = PUT(to, ",\"price\":");
    to = put_decimal(to, tick->price);
    to = PUT(to, ",\"volume\":");
    to = tick->volume.size != 0 ? put_decimal(to, tick->volume) : PUT(to, "null");
    to = PUT(to, ",\"ts\":\"");
    to = put_time(to, tick->ts);
    to = PUT(to, "\"}");
    to = put_source(to, envelope, now);
    out->size = (size_t)(to - out->data);
    return 0;
}

int envelope_article(const struct envelope *envelope, const struct article *article, int64_t now,
                     struct buffer *out, struct err *err)
{
    const struct csv_view texts[LIVE_ARTICLE_TEXTS] = {article->category, article->headline,
                                                       article->related,  article->source,
                                                       article->summary,  article->url};
    static const char *const names[LIVE_ARTICLE_TEXTS] = {"category", "headline", "related",
                                                          "source",   "summary",  "url"};
    size_t room = room_of_source(envelope) + TEXT_BYTES;
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        room += ESCAPE_BYTES * texts[i].size;
    char *to = buffer_reserve(out, room, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    to = PUT(to, "{\"before\":null,\"after\":{\"id\":");
    to = put_number(to, article->id);
    to = PUT(to, ",\"ts\":\"");
    to = put_time(to, article->ts);
    to = PUT(to, "\"");
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++) {
        to = PUT(to, ",\"");
        to = put(to, names[i], strlen(names[i]));
        to = PUT(to, "\":");
        to = put_text(to, texts[i]);
    }
    to = PUT(to, "}");
    to = put_source(to, envelope, now);
    out->size = (size_t)(to - out->data);
    return 0;
}
