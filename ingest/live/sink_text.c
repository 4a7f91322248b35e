// SPDX-License-Identifier: Apache-2.0
// Rows as tab-separated lines on stdout: "tick", time, symbol, price, volume, and "news", time,
// number, category, headline, related, source, summary, address. \N is a missing volume; tabs, line
// ends and backslashes inside a text are \t, \n, \r and \\, as ClickHouse's TSV has them.
#include "live_sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(struct csv_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        const char *const escape = c == '\t'   ? "\\t"
                                   : c == '\n' ? "\\n"
                                   : c == '\r' ? "\\r"
                                   : c == '\\' ? "\\\\"
                                               : NULL;
        if (escape != NULL)
            (void)fputs_unlocked(escape, stdout);
        else
            (void)putc_unlocked(c, stdout);
    }
}

static void print_field(struct csv_view text)
{
    (void)putc_unlocked('\t', stdout);
    print_text(text);
}

static void print_tick(const struct tick *tick)
{
    char time[LIVE_TIME_BYTES];
    live_time_format(tick->ts, time);
    (void)fputs_unlocked("tick\t", stdout);
    (void)fputs_unlocked(time, stdout);
    print_field(tick->symbol);
    print_field(tick->price);
    if (tick->volume.size != 0)
        print_field(tick->volume);
    else
        (void)fputs_unlocked("\t\\N", stdout);
    (void)putc_unlocked('\n', stdout);
}

static void print_article(const struct article *article)
{
    const struct csv_view texts[] = {article->category, article->headline, article->related,
                                     article->source,   article->summary,  article->url};
    char time[LIVE_TIME_BYTES];
    live_time_format(article->ts, time);
    (void)printf("news\t%s\t%llu", time, (unsigned long long)article->id);
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        print_field(texts[i]);
    (void)putc_unlocked('\n', stdout);
}

static int store_text(struct live_sink *sink, const struct live_batch *batch, struct err *err)
{
    for (size_t i = 0; i < batch->tick_count; i++) {
        const struct tick tick = live_batch_tick(batch, i);
        print_tick(&tick);
    }
    for (size_t i = 0; i < batch->article_count; i++) {
        const struct article article = live_batch_article(batch, i);
        print_article(&article);
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0)
        return err_set(err, EX_IOERR, "cannot write to stdout: %s", strerror(errno));
    sink->stored += live_batch_rows(batch);
    return 0;
}

static void close_text(struct live_sink *sink)
{
    free(sink);
}

int live_sink_open_text(struct live_sink **sink, const struct live_sink_options *options,
                        struct err *err)
{
    (void)options;
    *sink = malloc(sizeof **sink);
    if (*sink == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    **sink = (struct live_sink){"text", store_text, close_text, 0};
    return 0;
}
