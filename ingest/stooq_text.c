// SPDX-License-Identifier: Apache-2.0
#include "stooq_text.h"
#include "base/limits.h"
#include "base/time.h"
#include "market/stooq.h"

#include <stdio.h>
#include <string.h>

enum { DAY_WORDS = (BAR_DATE_LAST + 1) / 64 };

// Where in which text a row stands.
struct place {
    const char *name;
    size_t line;
    struct csv_view raw;
};

int stooq_text_init(struct stooq_text *text, struct arena *arena, struct arena *marks,
                    struct batcher *batcher, struct err *err)
{
    *text =
        (struct stooq_text){.batcher = batcher, .from = INT32_MIN, .to = INT32_MAX, .marks = marks};
    return ticker_set_init(&text->seen, arena, err);
}

static int set_aside(struct stooq_text *text, const struct place *place, const char *reason,
                     struct err *err)
{
    return batcher_quarantine(text->batcher, place->name, place->line, reason, place->raw, err);
}

// With its first line, which shows what the file is.
static int set_file_aside(struct stooq_text *text, const char *name, const char *reason,
                          const char *data, size_t size, struct err *err)
{
    struct csv_reader reader;
    struct place place = {name, 0, {data, 0}};
    csv_open(&reader, data, size);
    (void)csv_next(&reader, &place.raw);
    return set_aside(text, &place, reason, err);
}

static bool is_wanted(const struct stooq_text *text, const struct ticker *ticker)
{
    return text->wanted == NULL || ticker_set_find(text->wanted, ticker) != NULL;
}

// The ticker's entry with an empty calendar for this file.
static struct ticker_entry *enter(struct stooq_text *text, const struct ticker *ticker,
                                  struct err *err)
{
    struct ticker_entry *entry = ticker_set_add(&text->seen, ticker, err);
    if (entry == NULL || entry->file == text->file)
        return entry;
    entry->days = arena_alloc(text->marks, DAY_WORDS, sizeof *entry->days, err);
    if (entry->days == NULL)
        return NULL;
    memset(entry->days, 0, DAY_WORDS * sizeof *entry->days);
    entry->file = text->file;
    return entry;
}

static bool mark_day(struct ticker_entry *entry, int32_t date)
{
    uint64_t *word = &entry->days[date / 64];
    const uint64_t bit = 1ULL << (date % 64);
    const bool first = (*word & bit) == 0;
    *word |= bit;
    return first;
}

static int take_bar(struct stooq_text *text, const struct place *place, struct ticker_entry *entry,
                    const struct bar *bar, struct err *err)
{
    char reason[BAR_REASON_BYTES], date[11];
    if (mark_day(entry, bar->date))
        return batcher_bar(text->batcher, entry, bar, err);
    date_format(bar->date, date);
    (void)snprintf(reason, sizeof reason,
                   "a second row of %s for %s in this file; the first is kept", date,
                   entry->ticker.text);
    return set_aside(text, place, reason, err);
}

// Is this a row of a ticker that was not asked for? Then it does not matter what else is in it.
static bool is_unwanted_row(const struct stooq_text *text, const struct stooq_layout *layout,
                            struct csv_view line)
{
    struct csv_view written;
    struct ticker ticker;
    if (layout->kind != STOOQ_BULK || text->wanted == NULL)
        return false;
    (void)csv_split(line, &written, 1);
    return ticker_parse(written.data, written.size, &ticker) && !is_wanted(text, &ticker);
}

// The entry of a bulk row's ticker: that of the row before, nearly always. NULL in *entry when the
// row has been set aside.
static int find_bulk_ticker(struct stooq_text *text, const struct place *place,
                            struct csv_view written, struct csv_view *last,
                            struct ticker_entry **entry, struct err *err)
{
    struct ticker ticker;
    if (written.size != 0 && written.size == last->size &&
        memcmp(written.data, last->data, written.size) == 0)
        return 0;
    *entry = NULL;
    *last = (struct csv_view){"", 0};
    if (!ticker_parse(written.data, written.size, &ticker))
        return set_aside(text, place, "the ticker is not one", err);
    *entry = enter(text, &ticker, err);
    if (*entry == NULL)
        return err_code(err, EX_OSERR);
    *last = written;
    return 0;
}

static int load_row(struct stooq_text *text, const struct stooq_layout *layout,
                    const struct place *place, struct csv_view *last, struct ticker_entry **entry,
                    struct err *err)
{
    char reason[BAR_REASON_BYTES];
    struct bar bar = {.date = text->from};
    struct csv_view written;
    text->batcher->rows++;
    if (is_unwanted_row(text, layout, place->raw))
        return 0;
    if (place->raw.size > LIMIT_LINE_BYTES) {
        (void)snprintf(reason, sizeof reason, "the line is longer than %d bytes", LIMIT_LINE_BYTES);
        return set_aside(text, place, reason, err);
    }
    const bool good = stooq_row(layout, place->raw, &bar, &written, reason);
    if (bar.date < text->from || bar.date > text->to)
        return 0;
    if (!good)
        return set_aside(text, place, reason, err);
    if (layout->kind == STOOQ_BULK)
        TRY(find_bulk_ticker(text, place, written, last, entry, err));
    return *entry != NULL ? take_bar(text, place, *entry, &bar, err) : 0;
}

static int load_rows(struct stooq_text *text, const char *name, const struct stooq_layout *layout,
                     struct ticker_entry *entry, const char *data, size_t size, struct err *err)
{
    struct csv_reader reader;
    struct csv_view last = {"", 0};
    struct place place = {.name = name};
    bool header = true;
    csv_open(&reader, data, size);
    while (csv_next(&reader, &place.raw)) {
        place.line = reader.line;
        if (csv_is_blank(place.raw))
            continue;
        if (!header)
            TRY(load_row(text, layout, &place, &last, &entry, err));
        header = false;
    }
    return 0;
}

// The ticker of a CSV; false with a reason when it cannot be told.
static bool csv_ticker(const char *name, const struct ticker *given, struct ticker *ticker,
                       char reason[static BAR_REASON_BYTES])
{
    char period = 'D';
    if (given != NULL) {
        *ticker = *given;
        return true;
    }
    if (!ticker_of_file(name, ticker, &period)) {
        (void)snprintf(reason, BAR_REASON_BYTES,
                       "the file name gives no ticker; name it like nvda_us_d.csv, or give "
                       "--tickers with one ticker");
        return false;
    }
    if (period == 'D')
        return true;
    (void)snprintf(reason, BAR_REASON_BYTES,
                   "the file name says period %c; only daily bars (_d) are loaded", period);
    return false;
}

static int load_csv(struct stooq_text *text, const char *name, const struct stooq_layout *layout,
                    const struct ticker *given, const char *data, size_t size, struct err *err)
{
    char reason[BAR_REASON_BYTES];
    struct ticker ticker;
    if (!csv_ticker(name, given, &ticker, reason))
        return set_file_aside(text, name, reason, data, size, err);
    if (!is_wanted(text, &ticker))
        return 0;
    struct ticker_entry *entry = enter(text, &ticker, err);
    if (entry == NULL)
        return err_code(err, EX_OSERR);
    return load_rows(text, name, layout, entry, data, size, err);
}

int stooq_text_load(struct stooq_text *text, const char *name, const struct ticker *ticker,
                    const char *data, size_t size, struct err *err)
{
    const struct stooq_layout layout = stooq_recognise(data, size);
    arena_reset(text->marks);
    text->file++;
    text->batcher->files++;
    text->batcher->bytes += size;
    if (layout.kind == STOOQ_CSV)
        return load_csv(text, name, &layout, ticker, data, size, err);
    if (layout.kind == STOOQ_BULK)
        return load_rows(text, name, &layout, NULL, data, size, err);
    return set_file_aside(text, name, stooq_advice(layout.kind), data, size, err);
}
