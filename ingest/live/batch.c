// SPDX-License-Identifier: Apache-2.0
#include "batch.h"
#include "base/number.h"
#include "base/time.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXTS_BYTES = 16 << 20,
    ROW_BYTES = LIVE_ARTICLE_TEXTS * LIVE_TEXT_BYTES, // the most that one row takes
    SHOWN_BYTES = 60,                                 // of a value in an error text
};

#define DAY_MICROSECONDS 86400000000

int live_batch_init(struct live_batch *batch, struct err *err)
{
    *batch = (struct live_batch){
        .ticks = malloc(LIVE_BATCH_ROWS * sizeof *batch->ticks),
        .articles = malloc(LIVE_BATCH_ROWS * sizeof *batch->articles),
    };
    buffer_init(&batch->texts, TEXTS_BYTES);
    if (batch->ticks != NULL && batch->articles != NULL)
        return 0;
    live_batch_free(batch);
    return err_set(err, EX_OSERR, "out of memory for a batch of rows");
}

void live_batch_free(struct live_batch *batch)
{
    free(batch->ticks);
    free(batch->articles);
    buffer_free(&batch->texts);
    *batch = (struct live_batch){0};
}

void live_batch_clear(struct live_batch *batch)
{
    batch->tick_count = batch->article_count = batch->texts.size = 0;
}

bool live_batch_is_full(const struct live_batch *batch)
{
    return live_batch_rows(batch) == LIVE_BATCH_ROWS ||
           batch->texts.size > batch->texts.ceiling - ROW_BYTES;
}

static bool is_number(struct csv_view text)
{
    double value;
    return text.size <= LIVE_NUMBER_BYTES && number_parse(text.data, text.size, &value);
}

static int refuse(const struct tick *tick, const char *what, struct csv_view shown, struct err *err)
{
    const int size = shown.size < SHOWN_BYTES ? (int)shown.size : SHOWN_BYTES;
    const int symbol = tick->symbol.size < SHOWN_BYTES ? (int)tick->symbol.size : SHOWN_BYTES;
    return err_set(err, EX_DATAERR, "a tick of '%.*s' %s '%.*s'", symbol, tick->symbol.data, what,
                   size, shown.data);
}

static int refuse_time(const char *what, int64_t ts, struct err *err)
{
    return err_set(err, EX_DATAERR,
                   "%s has the time %lld microseconds, which is not from 1970 to 2199", what,
                   (long long)ts);
}

static int check_tick(const struct tick *tick, struct err *err)
{
    if (tick->symbol.size == 0 || tick->symbol.size > LIVE_SYMBOL_BYTES ||
        !csv_is_text(tick->symbol))
        return refuse(tick, "wants a symbol of 1 to 64 bytes of UTF-8, not", tick->symbol, err);
    if (!is_number(tick->price))
        return refuse(tick, "wants a price, not", tick->price, err);
    if (tick->volume.size != 0 && !is_number(tick->volume))
        return refuse(tick, "wants a volume, not", tick->volume, err);
    if (tick->ts < 0 || tick->ts >= LIVE_TIME_MOST)
        return refuse_time("a tick", tick->ts, err);
    return 0;
}

static int add_text(struct live_batch *batch, struct csv_view text, uint32_t *at, struct err *err)
{
    *at = (uint32_t)batch->texts.size;
    return buffer_append(&batch->texts, text.data, text.size, err);
}

int live_batch_add_tick(struct live_batch *batch, const struct tick *tick, struct err *err)
{
    struct live_tick *added = &batch->ticks[batch->tick_count];
    TRY(check_tick(tick, err));
    if (live_batch_is_full(batch))
        return err_set(err, EX_SOFTWARE, "a full batch gets another tick");
    const size_t before = batch->texts.size;
    *added = (struct live_tick){.ts = tick->ts,
                                .symbol_size = (uint8_t)tick->symbol.size,
                                .price_size = (uint8_t)tick->price.size,
                                .volume_size = (uint8_t)tick->volume.size};
    int code = add_text(batch, tick->symbol, &added->symbol, err);
    if (code == 0)
        code = add_text(batch, tick->price, &added->price, err);
    if (code == 0)
        code = add_text(batch, tick->volume, &added->volume, err);
    if (code == 0)
        batch->tick_count++;
    else
        batch->texts.size = before;
    return code;
}

static int check_article(const struct csv_view *texts, const struct article *article,
                         struct err *err)
{
    if (article->ts < 0 || article->ts >= LIVE_TIME_MOST)
        return refuse_time("an article", article->ts, err);
    if (article->id > INT64_MAX)
        return err_set(err, EX_DATAERR, "an article has the number %llu, more than a bigint holds",
                       (unsigned long long)article->id);
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        if (texts[i].size > LIVE_TEXT_BYTES || !csv_is_text(texts[i]))
            return err_set(err, EX_DATAERR,
                           "article %llu has a text of %zu bytes that is no UTF-8 or longer than "
                           "%d bytes",
                           (unsigned long long)article->id, texts[i].size, LIVE_TEXT_BYTES);
    return 0;
}

int live_batch_add_article(struct live_batch *batch, const struct article *article, struct err *err)
{
    const struct csv_view texts[LIVE_ARTICLE_TEXTS] = {article->category, article->headline,
                                                       article->related,  article->source,
                                                       article->summary,  article->url};
    struct live_article *added = &batch->articles[batch->article_count];
    const size_t before = batch->texts.size;
    TRY(check_article(texts, article, err));
    if (live_batch_is_full(batch))
        return err_set(err, EX_SOFTWARE, "a full batch gets another article");
    *added = (struct live_article){.id = article->id, .ts = article->ts};
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++) {
        const int code = add_text(batch, texts[i], &added->texts[i], err);
        added->sizes[i] = (uint32_t)texts[i].size;
        if (code != 0) {
            batch->texts.size = before;
            return code;
        }
    }
    batch->article_count++;
    return 0;
}

void live_batch_drop_tick(struct live_batch *batch)
{
    batch->texts.size = batch->ticks[--batch->tick_count].symbol;
}

void live_batch_drop_article(struct live_batch *batch)
{
    batch->texts.size = batch->articles[--batch->article_count].texts[0];
}

static struct csv_view text_at(const struct live_batch *batch, uint32_t at, size_t size)
{
    return (struct csv_view){batch->texts.data + at, size};
}

struct tick live_batch_tick(const struct live_batch *batch, size_t index)
{
    const struct live_tick *tick = &batch->ticks[index];
    return (struct tick){.symbol = text_at(batch, tick->symbol, tick->symbol_size),
                         .price = text_at(batch, tick->price, tick->price_size),
                         .volume = text_at(batch, tick->volume, tick->volume_size),
                         .ts = tick->ts};
}

struct article live_batch_article(const struct live_batch *batch, size_t index)
{
    const struct live_article *article = &batch->articles[index];
    const uint32_t *at = article->texts, *sizes = article->sizes;
    return (struct article){.id = article->id,
                            .ts = article->ts,
                            .category = text_at(batch, at[0], sizes[0]),
                            .headline = text_at(batch, at[1], sizes[1]),
                            .related = text_at(batch, at[2], sizes[2]),
                            .source = text_at(batch, at[3], sizes[3]),
                            .summary = text_at(batch, at[4], sizes[4]),
                            .url = text_at(batch, at[5], sizes[5])};
}

static void put_digits(char *to, int count, uint64_t value)
{
    while (count-- != 0) {
        to[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void live_time_format(int64_t microseconds, char out[static LIVE_TIME_BYTES])
{
    const uint64_t time = (uint64_t)microseconds % DAY_MICROSECONDS;
    date_format((int32_t)(microseconds / DAY_MICROSECONDS), out);
    memcpy(out + 10, "T00:00:00.000000Z", 18);
    put_digits(out + 11, 2, time / 3600000000);
    put_digits(out + 14, 2, time / 60000000 % 60);
    put_digits(out + 17, 2, time / 1000000 % 60);
    put_digits(out + 20, 6, time % 1000000);
}
