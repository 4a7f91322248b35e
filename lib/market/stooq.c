// SPDX-License-Identifier: Apache-2.0
#include "market/stooq.h"
#include "base/number.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

enum { STOOQ_COLUMNS = 10, STOOQ_SHOWN = 40 };

static const char *const csv_header[] = {"Date",  "Open",   "High",   "Low",
                                         "Close", "Volume", "OpenInt"};
static const char *const csv_header_polish[] = {"Data",       "Otwarcie", "Najwyzszy", "Najnizszy",
                                                "Zamkniecie", "Wolumen",  "LOP"};
static const char *const bulk_header[STOOQ_COLUMNS] = {"<TICKER>", "<PER>",    "<DATE>", "<TIME>",
                                                       "<OPEN>",   "<HIGH>",   "<LOW>",  "<CLOSE>",
                                                       "<VOL>",    "<OPENINT>"};

static bool has_header(const struct csv_view *fields, size_t count, const char *const *names,
                       size_t least, size_t most)
{
    if (count < least || count > most)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!csv_is(fields[i], names[i]))
            return false;
    return true;
}

static bool begins_with(struct csv_view line, const char *text)
{
    const size_t size = strlen(text);
    return line.size >= size && csv_is((struct csv_view){line.data, size}, text);
}

static enum stooq_kind recognise_line(struct csv_view line, size_t *columns)
{
    struct csv_view fields[STOOQ_COLUMNS];
    *columns = csv_split(line, fields, STOOQ_COLUMNS);
    if (has_header(fields, *columns, csv_header, 5, 7) ||
        has_header(fields, *columns, csv_header_polish, 5, 7))
        return STOOQ_CSV;
    if (has_header(fields, *columns, bulk_header, STOOQ_COLUMNS, STOOQ_COLUMNS))
        return STOOQ_BULK;
    if (begins_with(line, "<"))
        return STOOQ_HTML;
    if (begins_with(line, "Exceeded the daily hits limit") ||
        begins_with(line, "Przekroczony dzienny limit"))
        return STOOQ_LIMIT;
    if (begins_with(line, "No data") || begins_with(line, "Brak danych"))
        return STOOQ_NO_DATA;
    return STOOQ_UNKNOWN;
}

static struct csv_view trimmed(struct csv_view line)
{
    while (line.size != 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
        line = (struct csv_view){line.data + 1, line.size - 1};
    return line;
}

struct stooq_layout stooq_recognise(const char *data, size_t size)
{
    struct stooq_layout layout = {STOOQ_EMPTY, 0};
    struct csv_reader reader;
    struct csv_view line;
    csv_open(&reader, data, size);
    while (layout.kind == STOOQ_EMPTY && csv_next(&reader, &line))
        if (!csv_is_blank(line))
            layout.kind = recognise_line(trimmed(line), &layout.columns);
    return layout;
}

const char *stooq_advice(enum stooq_kind kind)
{
    switch (kind) {
    case STOOQ_CSV:
    case STOOQ_BULK:
        return NULL;
    case STOOQ_HTML:
        return "a web page instead of prices: since March 2026 Stooq answers so without an API "
               "key. Put your key into the environment variable TICKHOUSE_STOOQ_KEY, or download "
               "the file in a browser and give it with --input";
    case STOOQ_LIMIT:
        return "Stooq says that the daily limit of downloads is used up: try again tomorrow, or "
               "load the bulk files from stooq.com/db/h";
    case STOOQ_NO_DATA:
        return "Stooq has no data for this ticker and these dates; US shares are spelt with .us, "
               "for example nvda.us";
    case STOOQ_EMPTY:
        return "the text is empty";
    case STOOQ_UNKNOWN:
        break;
    }
    return "not a Stooq file: the first line is neither 'Date,Open,High,Low,Close,Volume' (nor its "
           "Polish form) nor '<TICKER>,<PER>,<DATE>,...'";
}

static bool bad_field(struct csv_view field, const char *name, const char *wanted, char *reason)
{
    const int shown = field.size < STOOQ_SHOWN ? (int)field.size : STOOQ_SHOWN;
    (void)snprintf(reason, BAR_REASON_BYTES, "%s '%.*s' is not %s", name, shown, field.data,
                   wanted);
    return false;
}

static bool read_number(struct csv_view field, const char *name, double *value, char *reason)
{
    if (number_parse(field.data, field.size, value))
        return true;
    return bad_field(field, name, "a number", reason);
}

static bool read_volume(const struct csv_view *field, double *volume, char *reason)
{
    *volume = 0;
    return field == NULL || field->size == 0 || read_number(*field, "volume", volume, reason);
}

static bool read_bar(const struct csv_view *date, const struct csv_view *prices,
                     const struct csv_view *volume, struct bar *bar, char *reason)
{
    if (!date_parse(date->data, date->size, &bar->date))
        return bad_field(*date, "date", "a day of the calendar", reason);
    return read_number(prices[0], "open", &bar->open, reason) &&
           read_number(prices[1], "high", &bar->high, reason) &&
           read_number(prices[2], "low", &bar->low, reason) &&
           read_number(prices[3], "close", &bar->close, reason) &&
           read_volume(volume, &bar->volume, reason) && bar_check(bar, reason);
}

static bool read_fields(const struct stooq_layout *layout, const struct csv_view *fields,
                        struct bar *bar, struct csv_view *ticker, char *reason)
{
    if (layout->kind == STOOQ_CSV)
        return read_bar(&fields[0], &fields[1], layout->columns > 5 ? &fields[5] : NULL, bar,
                        reason);
    *ticker = fields[0];
    if (!csv_is(fields[1], "D"))
        return bad_field(fields[1], "period", "D: only daily bars are loaded", reason);
    return read_bar(&fields[2], &fields[4], &fields[8], bar, reason);
}

bool stooq_row(const struct stooq_layout *layout, struct csv_view line, struct bar *bar,
               struct csv_view *ticker, char reason[static BAR_REASON_BYTES])
{
    struct csv_view fields[STOOQ_COLUMNS];
    const size_t count = csv_split(line, fields, STOOQ_COLUMNS);
    if (count == layout->columns && read_fields(layout, fields, bar, ticker, reason))
        return true;
    if (memchr(line.data, '\0', line.size) != NULL)
        (void)snprintf(reason, BAR_REASON_BYTES, "the line holds a NUL byte");
    else if (!csv_is_text(line))
        (void)snprintf(reason, BAR_REASON_BYTES, "the line is not valid UTF-8");
    else if (count != layout->columns)
        (void)snprintf(reason, BAR_REASON_BYTES, "%zu columns where the header has %zu", count,
                       layout->columns);
    return false;
}
