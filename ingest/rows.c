// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <string.h>

enum { STRINGS_BYTES = 64 << 20 };

static int strings_init(struct strings *strings, struct arena *arena, size_t capacity,
                        struct err *err)
{
    *strings = (struct strings){.ends = arena_alloc(arena, capacity, sizeof(uint64_t), err)};
    buffer_init(&strings->bytes, STRINGS_BYTES);
    return strings->ends != NULL ? 0 : err_code(err, EX_OSERR);
}

static void strings_clear(struct strings *strings)
{
    strings->count = strings->bytes.size = 0;
}

int strings_add(struct strings *strings, const char *text, size_t size, struct err *err)
{
    TRY(buffer_append(&strings->bytes, text, size, err));
    strings->ends[strings->count++] = strings->bytes.size;
    return 0;
}

struct csv_view strings_at(const struct strings *strings, size_t index)
{
    const uint64_t start = index == 0 ? 0 : strings->ends[index - 1];
    return (struct csv_view){strings->bytes.data + start, strings->ends[index] - start};
}

int bars_init(struct bars *bars, struct arena *arena, struct err *err)
{
    *bars = (struct bars){0};
    TRY(strings_init(&bars->tickers, arena, BARS_CAPACITY, err));
    bars->ticker = arena_alloc(arena, BARS_CAPACITY, sizeof *bars->ticker, err);
    bars->date = arena_alloc(arena, BARS_CAPACITY, sizeof *bars->date, err);
    for (int i = 0; i < BAR_COLUMNS; i++)
        bars->columns[i] = arena_alloc(arena, BARS_CAPACITY, sizeof *bars->columns[i], err);
    return err != NULL ? err->code : 0;
}

void bars_free(struct bars *bars)
{
    buffer_free(&bars->tickers.bytes);
}

void bars_clear(struct bars *bars)
{
    bars->rows = 0;
    strings_clear(&bars->tickers);
}

void bars_add(struct bars *bars, uint32_t ticker, const struct bar *bar)
{
    const size_t row = bars->rows++;
    bars->ticker[row] = ticker;
    bars->date[row] = (uint16_t)bar->date;
    bars->columns[BAR_OPEN][row] = bar->open;
    bars->columns[BAR_HIGH][row] = bar->high;
    bars->columns[BAR_LOW][row] = bar->low;
    bars->columns[BAR_CLOSE][row] = bar->close;
    bars->columns[BAR_VOLUME][row] = bar->volume;
}

int quarantine_init(struct quarantine *quarantine, struct arena *arena, struct err *err)
{
    *quarantine = (struct quarantine){0};
    TRY(strings_init(&quarantine->file, arena, QUARANTINE_CAPACITY, err));
    TRY(strings_init(&quarantine->reason, arena, QUARANTINE_CAPACITY, err));
    TRY(strings_init(&quarantine->raw, arena, QUARANTINE_CAPACITY, err));
    quarantine->line = arena_alloc(arena, QUARANTINE_CAPACITY, sizeof *quarantine->line, err);
    return quarantine->line != NULL ? 0 : err_code(err, EX_OSERR);
}

void quarantine_free(struct quarantine *quarantine)
{
    buffer_free(&quarantine->file.bytes);
    buffer_free(&quarantine->reason.bytes);
    buffer_free(&quarantine->raw.bytes);
}

void quarantine_clear(struct quarantine *quarantine)
{
    quarantine->rows = 0;
    strings_clear(&quarantine->file);
    strings_clear(&quarantine->reason);
    strings_clear(&quarantine->raw);
}

int quarantine_add(struct quarantine *quarantine, const char *file, uint64_t line,
                   const char *reason, struct csv_view raw, struct err *err)
{
    const size_t kept = raw.size < QUARANTINE_RAW_BYTES ? raw.size : QUARANTINE_RAW_BYTES;
    TRY(strings_add(&quarantine->file, file, strlen(file), err));
    TRY(strings_add(&quarantine->reason, reason, strlen(reason), err));
    TRY(strings_add(&quarantine->raw, raw.data, kept, err));
    quarantine->line[quarantine->rows++] = line;
    return 0;
}
