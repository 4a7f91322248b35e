// SPDX-License-Identifier: Apache-2.0
#include "batcher.h"
#include "stop.h"

int batcher_init(struct batcher *batcher, struct arena *arena, struct sink *sink,
                 struct progress *progress, struct err *err)
{
    *batcher = (struct batcher){.sink = sink, .progress = progress, .batch = 1};
    TRY(bars_init(&batcher->bars, arena, err));
    return quarantine_init(&batcher->bad, arena, err);
}

void batcher_free(struct batcher *batcher)
{
    bars_free(&batcher->bars);
    quarantine_free(&batcher->bad);
}

static int flush_bars(struct batcher *batcher, struct err *err)
{
    if (batcher->bars.rows != 0)
        TRY(batcher->sink->bars(batcher->sink, &batcher->bars, err));
    bars_clear(&batcher->bars);
    batcher->batch++;
    progress_show(batcher->progress, batcher->files, batcher->rows, batcher->bytes);
    return stop_check(err);
}

static int flush_quarantine(struct batcher *batcher, struct err *err)
{
    if (batcher->bad.rows != 0)
        TRY(batcher->sink->quarantine(batcher->sink, &batcher->bad, err));
    quarantine_clear(&batcher->bad);
    return 0;
}

int batcher_flush(struct batcher *batcher, struct err *err)
{
    TRY(flush_quarantine(batcher, err));
    return flush_bars(batcher, err);
}

// The place of the ticker in this batch's list.
static int enter_ticker(struct batcher *batcher, struct ticker_entry *entry, struct err *err)
{
    struct strings *tickers = &batcher->bars.tickers;
    if (entry->batch == batcher->batch)
        return 0;
    const size_t slot = tickers->count;
    TRY(strings_add(tickers, entry->ticker.text, entry->ticker.size, err));
    entry->batch = batcher->batch;
    entry->slot = (uint32_t)slot;
    return 0;
}

int batcher_bar(struct batcher *batcher, struct ticker_entry *ticker, const struct bar *bar,
                struct err *err)
{
    if (batcher->bars.rows == BARS_CAPACITY)
        TRY(flush_bars(batcher, err));
    TRY(enter_ticker(batcher, ticker, err));
    bars_add(&batcher->bars, ticker->slot, bar);
    return 0;
}

int batcher_quarantine(struct batcher *batcher, const char *file, uint64_t line, const char *reason,
                       struct csv_view raw, struct err *err)
{
    if (batcher->bad.rows == QUARANTINE_CAPACITY)
        TRY(flush_quarantine(batcher, err));
    TRY(quarantine_add(&batcher->bad, file, line, reason, raw, err));
    batcher->quarantined++;
    return 0;
}
