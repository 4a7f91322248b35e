// SPDX-License-Identifier: Apache-2.0
#include "envelope.h"
#include "base/version.h"
#include "capture/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 256 };

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

// A number that came as text, as decimal.handling.mode=string writes it. Here and below the caller
// has made room.
static void put_decimal(struct buffer *out, struct csv_view text)
{
    text_char(out, '"');
    text_put(out, text.data, text.size);
    text_char(out, '"');
}

static void put_time(struct buffer *out, int64_t microseconds)
{
    live_time_format(microseconds, out->data + out->size);
    out->size += LIVE_TIME_BYTES - 1;
}

static void put_times(struct buffer *out, int64_t now)
{
    text_literal(out, ",\"ts_us\":");
    text_signed(out, now);
    text_literal(out, ",\"ts_ns\":");
    text_signed(out, now);
    text_literal(out, "000");
}

static void put_source(struct buffer *out, const struct envelope *envelope, int64_t now)
{
    text_put(out, envelope->source, strlen(envelope->source));
    text_signed(out, now / 1000);
    text_literal(out, ",\"snapshot\":\"false\",\"db\":\"\",\"sequence\":null");
    put_times(out, now);
    text_put(out, envelope->rest, strlen(envelope->rest));
    text_signed(out, now / 1000);
    put_times(out, now);
    text_char(out, '}');
}

static size_t room_of_source(const struct envelope *envelope)
{
    return strlen(envelope->source) + strlen(envelope->rest) + TEXT_BYTES;
}

int envelope_tick(const struct envelope *envelope, const struct tick *tick, int64_t now,
                  struct buffer *out, struct err *err)
{
    TRY(text_room(out,
                  room_of_source(envelope) + TEXT_BYTES + TEXT_JSON_BYTES(tick->symbol.size) +
                      tick->price.size + tick->volume.size,
                  err));
    text_literal(out, "{\"before\":null,\"after\":{\"symbol\":");
    text_json(out, tick->symbol.data, tick->symbol.size);
    text_literal(out, ",\"price\":");
    put_decimal(out, tick->price);
    text_literal(out, ",\"volume\":");
    if (tick->volume.size != 0)
        put_decimal(out, tick->volume);
    else
        text_literal(out, "null");
    text_literal(out, ",\"ts\":\"");
    put_time(out, tick->ts);
    text_literal(out, "\"}");
    put_source(out, envelope, now);
    return 0;
}

int envelope_article(const struct envelope *envelope, const struct article *article, int64_t now,
                     struct buffer *out, struct err *err)
{
    const struct csv_view texts[LIVE_ARTICLE_TEXTS] = {article->category, article->headline,
                                                       article->related,  article->source,
                                                       article->summary,  article->url};
    static const char *const names[LIVE_ARTICLE_TEXTS] = {
        ",\"category\":", ",\"headline\":", ",\"related\":",
        ",\"source\":",   ",\"summary\":",  ",\"url\":"};
    size_t room = room_of_source(envelope) + TEXT_BYTES;
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        room += TEXT_JSON_BYTES(texts[i].size);
    TRY(text_room(out, room, err));
    text_literal(out, "{\"before\":null,\"after\":{\"id\":");
    text_unsigned(out, article->id);
    text_literal(out, ",\"ts\":\"");
    put_time(out, article->ts);
    text_char(out, '"');
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++) {
        text_put(out, names[i], strlen(names[i]));
        text_json(out, texts[i].data, texts[i].size);
    }
    text_char(out, '}');
    put_source(out, envelope, now);
    return 0;
}
