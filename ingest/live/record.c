// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little endian");

enum {
    SUMMED_HEAD_BYTES = 16, // of the head, that the checksum covers
    COUNTS_BYTES = 8,
    TICK_BYTES = 11,
    ARTICLE_BYTES = 16 + 4 * LIVE_ARTICLE_TEXTS,
};

static uint64_t checksum(const char *head, const char *body, size_t size, size_t at)
{
    return XXH3_64bits_withSeed(body, size,
                                XXH3_64bits_withSeed(head, SUMMED_HEAD_BYTES, (uint64_t)at));
}

static uint32_t load32(const char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static uint64_t load64(const char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static char *put(char *to, const void *from, size_t size)
{
    return size != 0 ? (char *)mempcpy(to, from, size) : to;
}

enum record_state record_next(const char *data, size_t size, size_t *at, struct record *record)
{
    const char *head = data + *at;
    if (*at == size)
        return RECORD_END;
    if (size - *at < RECORD_HEAD_BYTES + COUNTS_BYTES || load32(head + 4) != 0)
        return RECORD_BAD;
    const size_t body_size = load32(head);
    if (body_size < COUNTS_BYTES || body_size > RECORD_BYTES_MOST ||
        body_size > size - *at - RECORD_HEAD_BYTES)
        return RECORD_BAD;
    const char *body = head + RECORD_HEAD_BYTES;
    if (load64(head + SUMMED_HEAD_BYTES) != checksum(head, body, body_size, *at))
        return RECORD_BAD;
    *record =
        (struct record){load64(head + 8), body, body_size, (size_t)load32(body) + load32(body + 4)};
    *at += RECORD_HEAD_BYTES + body_size;
    return RECORD_GOOD;
}

size_t record_find(const char *data, size_t size, size_t at)
{
    struct record record;
    for (; at < size; at++) {
        size_t next = at;
        if (record_next(data, size, &next, &record) == RECORD_GOOD)
            return at;
    }
    return size;
}

static size_t body_size_of(const struct live_batch *batch, size_t tick, size_t article)
{
    size_t size = COUNTS_BYTES;
    for (size_t i = tick; i < batch->tick_count; i++) {
        const struct live_tick *row = &batch->ticks[i];
        size += (size_t)TICK_BYTES + row->symbol_size + row->price_size + row->volume_size;
    }
    for (size_t i = article; i < batch->article_count; i++) {
        size += ARTICLE_BYTES;
        for (size_t t = 0; t < LIVE_ARTICLE_TEXTS; t++)
            size += batch->articles[i].sizes[t];
    }
    return size;
}

// The texts of a row lie in `texts` one after the other, in the order in which they are written.
static char *put_tick(char *to, const struct live_batch *batch, const struct live_tick *row)
{
    to = put(to, &row->ts, sizeof row->ts);
    *to++ = (char)row->symbol_size;
    *to++ = (char)row->price_size;
    *to++ = (char)row->volume_size;
    return put(to, batch->texts.data + row->symbol,
               (size_t)row->symbol_size + row->price_size + row->volume_size);
}

static char *put_article(char *to, const struct live_batch *batch, const struct live_article *row)
{
    to = put(to, &row->id, sizeof row->id);
    to = put(to, &row->ts, sizeof row->ts);
    to = put(to, row->sizes, sizeof row->sizes);
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        to = put(to, batch->texts.data + row->texts[i], row->sizes[i]);
    return to;
}

int record_append(const struct live_batch *batch, size_t tick, size_t article, struct buffer *out,
                  struct err *err)
{
    const size_t size = body_size_of(batch, tick, article);
    const uint32_t words[] = {(uint32_t)size, 0};
    const uint32_t counts[] = {(uint32_t)(batch->tick_count - tick),
                               (uint32_t)(batch->article_count - article)};
    char *head = buffer_reserve(out, RECORD_HEAD_BYTES + size, err);
    if (head == NULL)
        return err_code(err, EX_OSERR);
    (void)put(put(head, words, sizeof words), &batch->number, sizeof batch->number);
    char *const body = head + RECORD_HEAD_BYTES;
    char *to = put(body, counts, sizeof counts);
    for (size_t i = tick; i < batch->tick_count; i++)
        to = put_tick(to, batch, &batch->ticks[i]);
    for (size_t i = article; i < batch->article_count; i++)
        to = put_article(to, batch, &batch->articles[i]);
    memset(head + SUMMED_HEAD_BYTES, 0, sizeof(uint64_t));
    out->size += (size_t)(to - head);
    return 0;
}

void record_place(char *record, size_t at)
{
    const uint64_t sum = checksum(record, record + RECORD_HEAD_BYTES, load32(record), at);
    (void)put(record + SUMMED_HEAD_BYTES, &sum, sizeof sum);
}

struct reader {
    const char *at, *end;
};

static bool has(const struct reader *reader, size_t size)
{
    return (size_t)(reader->end - reader->at) >= size;
}

// False when the body ends before.
static bool take(struct reader *reader, size_t size, struct csv_view *text)
{
    if (!has(reader, size))
        return false;
    *text = (struct csv_view){reader->at, size};
    reader->at += size;
    return true;
}

static bool take_tick(struct reader *reader, struct tick *tick)
{
    struct csv_view fixed;
    if (!take(reader, TICK_BYTES, &fixed))
        return false;
    const unsigned char *sizes = (const unsigned char *)fixed.data + 8;
    tick->ts = (int64_t)load64(fixed.data);
    return take(reader, sizes[0], &tick->symbol) && take(reader, sizes[1], &tick->price) &&
           take(reader, sizes[2], &tick->volume);
}

static bool take_article(struct reader *reader, struct article *article)
{
    struct csv_view *const texts[LIVE_ARTICLE_TEXTS] = {&article->category, &article->headline,
                                                        &article->related,  &article->source,
                                                        &article->summary,  &article->url};
    struct csv_view fixed;
    if (!take(reader, ARTICLE_BYTES, &fixed))
        return false;
    article->id = load64(fixed.data);
    article->ts = (int64_t)load64(fixed.data + 8);
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        if (!take(reader, load32(fixed.data + 16 + 4 * i), texts[i]))
            return false;
    return true;
}

int record_read(const struct record *record, struct live_batch *batch, struct err *err)
{
    struct reader reader = {record->body + COUNTS_BYTES, record->body + record->size};
    const uint32_t ticks = load32(record->body), articles = load32(record->body + 4);
    for (uint32_t i = 0; i < ticks; i++) {
        struct tick tick;
        if (!take_tick(&reader, &tick))
            return err_set(err, EX_DATAERR, "a record ends within a tick");
        TRY(live_batch_add_tick(batch, &tick, err));
    }
    for (uint32_t i = 0; i < articles; i++) {
        struct article article;
        if (!take_article(&reader, &article))
            return err_set(err, EX_DATAERR, "a record ends within an article");
        TRY(live_batch_add_article(batch, &article, err));
    }
    return reader.at == reader.end ? 0
                                   : err_set(err, EX_DATAERR, "a record goes on after its rows");
}
