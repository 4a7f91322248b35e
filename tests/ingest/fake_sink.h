// SPDX-License-Identifier: Apache-2.0
// A sink in memory for tests of what stands before it.
#ifndef TICKHOUSE_TESTS_FAKE_SINK_H
#define TICKHOUSE_TESTS_FAKE_SINK_H

#include "batcher.h"
#include "stooq_text.h"
#include <stdio.h>
#include <string.h>

struct fake_sink {
    struct sink sink; // first: a pointer to it is one to the whole
    size_t bars, bad, batches;
    struct bar last;
    char last_ticker[TICKER_BYTES], last_reason[BAR_REASON_BYTES];
    uint64_t last_line;
    bool unbelievable; // a bar came that bar_check refuses
};

static int fake_bars(struct sink *base, const struct bars *bars, struct err *err)
{
    struct fake_sink *fake = (struct fake_sink *)base;
    char reason[BAR_REASON_BYTES];
    (void)err;
    for (size_t i = 0; i < bars->rows; i++) {
        const struct csv_view ticker = strings_at(&bars->tickers, bars->ticker[i]);
        fake->last = (struct bar){bars->date[i],
                                  bars->columns[BAR_OPEN][i],
                                  bars->columns[BAR_HIGH][i],
                                  bars->columns[BAR_LOW][i],
                                  bars->columns[BAR_CLOSE][i],
                                  bars->columns[BAR_VOLUME][i]};
        memcpy(fake->last_ticker, ticker.data, ticker.size);
        fake->last_ticker[ticker.size] = '\0';
        fake->unbelievable |= !bar_check(&fake->last, reason);
    }
    fake->bars += bars->rows;
    fake->batches++;
    return 0;
}

static int fake_quarantine(struct sink *base, const struct quarantine *rows, struct err *err)
{
    struct fake_sink *fake = (struct fake_sink *)base;
    const struct csv_view reason = strings_at(&rows->reason, rows->rows - 1);
    (void)err;
    (void)snprintf(fake->last_reason, sizeof fake->last_reason, "%.*s", (int)reason.size,
                   reason.data);
    fake->last_line = rows->line[rows->rows - 1];
    fake->bad += rows->rows;
    return 0;
}

// Everything that stands between a text and a sink.
struct bench {
    struct arena arena, marks;
    struct progress progress;
    struct fake_sink fake;
    struct batcher batcher;
    struct stooq_text text;
};

static int bench_open(struct bench *bench, struct err *err)
{
    memset(bench, 0, sizeof *bench);
    bench->fake.sink.bars = fake_bars;
    bench->fake.sink.quarantine = fake_quarantine;
    TRY(arena_open(&bench->arena, 64 << 20, err));
    TRY(arena_open(&bench->marks, 1 << 30, err));
    TRY(batcher_init(&bench->batcher, &bench->arena, &bench->fake.sink, &bench->progress, err));
    return stooq_text_init(&bench->text, &bench->arena, &bench->marks, &bench->batcher, err);
}

static void bench_close(struct bench *bench)
{
    batcher_free(&bench->batcher);
    arena_close(&bench->arena);
    arena_close(&bench->marks);
}

static int bench_load(struct bench *bench, const char *name, const char *data, size_t size,
                      struct err *err)
{
    TRY(stooq_text_load(&bench->text, name, NULL, data, size, err));
    return batcher_flush(&bench->batcher, err);
}

#endif
