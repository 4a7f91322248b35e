// SPDX-License-Identifier: Apache-2.0
#include "reader.h"
#include "base/csv.h"
#include "base/number.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { READER_FIELDS = 4 };

uint64_t numbered_price(uint64_t number)
{
    return 10000 + number % 1000;
}

// A whole number, written as one or as a decimal without a fraction: 17, 17.0, 17.000.
static bool read_number(struct csv_view text, uint64_t *number)
{
    double value;
    if (!number_parse(text.data, text.size, &value) || value < 0 || value > 0x1p53 ||
        value != floor(value))
        return false;
    *number = (uint64_t)value;
    return true;
}

static size_t split_tabs(struct csv_view line, struct csv_view *fields)
{
    size_t count = 0;
    const char *at = line.data, *end = line.data + line.size;
    while (count < READER_FIELDS) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        fields[count++] = (struct csv_view){at, (size_t)((tab != NULL ? tab : end) - at)};
        if (tab == NULL)
            return count;
        at = tab + 1;
    }
    return count + 1; // too many
}

int reader_expected(struct ledger *ledger, FILE *in, struct err *err)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    int code = 0;
    for (uint64_t line = 1; code == 0 && (size = getline(&text, &capacity, in)) >= 0; line++) {
        struct csv_view fields[READER_FIELDS];
        uint64_t ticks;
        if (size > 0 && text[size - 1] == '\n')
            size--;
        if (size == 0)
            continue;
        if (split_tabs((struct csv_view){text, (size_t)size}, fields) != 2 ||
            !read_number(fields[1], &ticks))
            code = err_set(err, EX_DATAERR,
                           "line %" PRIu64 " of what is expected is not 'symbol<TAB>count': %.200s",
                           line, text);
        else
            code = ledger_expect(ledger, fields[0].data, fields[0].size, ticks, err);
    }
    if (code == 0 && ferror(in))
        code = err_set(err, EX_IOERR, "what is expected cannot be read to its end");
    free(text);
    return code;
}

static void see_priced(struct ledger *ledger, struct csv_view symbol, uint64_t number,
                       struct csv_view price)
{
    double value;
    if (!number_parse(price.data, price.size, &value) ||
        llround(100 * value) != (long long)numbered_price(number))
        ledger_see_wrong(ledger, symbol.data, symbol.size, number, price.data);
    ledger_see(ledger, symbol.data, symbol.size, number);
}

static const char *see_row(struct ledger *ledger, char *text, size_t size)
{
    struct csv_view fields[READER_FIELDS];
    uint64_t number;
    const size_t count = split_tabs((struct csv_view){text, size}, fields);
    if (count < 2 || count > 3 || !read_number(fields[1], &number))
        return "not 'symbol<TAB>number[<TAB>price]'";
    if (count == 3)
        see_priced(ledger, fields[0], number, fields[2]);
    else
        ledger_see(ledger, fields[0].data, fields[0].size, number);
    return NULL;
}

static const char *see_total(struct ledger *ledger, char *text, size_t size)
{
    struct csv_view fields[READER_FIELDS];
    uint64_t ticks, sum;
    if (split_tabs((struct csv_view){text, size}, fields) != 3 || !read_number(fields[1], &ticks) ||
        !read_number(fields[2], &sum))
        return "not 'symbol<TAB>trades<TAB>volume'";
    ledger_see_total(ledger, fields[0].data, fields[0].size, ticks, sum);
    return NULL;
}

// A decimal that came as a string or as a number.
static struct csv_view decimal_text(const json_t *value, char *room, size_t room_size)
{
    if (json_is_string(value))
        return (struct csv_view){json_string_value(value), json_string_length(value)};
    if (!json_is_number(value))
        return (struct csv_view){"", 0};
    const int size = snprintf(room, room_size, "%.17g", json_number_value(value));
    return (struct csv_view){room, size > 0 ? (size_t)size : 0};
}

static const char *see_after(struct ledger *ledger, const json_t *after)
{
    char price_room[40], number_room[40];
    const json_t *symbol = json_object_get(after, "symbol");
    const struct csv_view volume =
        decimal_text(json_object_get(after, "volume"), number_room, sizeof number_room);
    const struct csv_view price =
        decimal_text(json_object_get(after, "price"), price_room, sizeof price_room);
    uint64_t number;
    if (!json_is_string(symbol) || !read_number(volume, &number))
        return "an event without symbol and number";
    see_priced(ledger, (struct csv_view){json_string_value(symbol), json_string_length(symbol)},
               number, price);
    return NULL;
}

static const char *see_event(struct ledger *ledger, char *text, size_t size)
{
    json_t *event = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    const json_t *payload = json_object_get(event, "payload");
    if (payload == NULL)
        payload = event;
    const char *operation = json_string_value(json_object_get(payload, "op"));
    const char *problem = NULL;
    if (event == NULL || (!json_is_null(event) && operation == NULL))
        problem = "not a change event";
    else if (operation != NULL && strchr("cru", *operation) != NULL)
        problem = see_after(ledger, json_object_get(payload, "after"));
    json_decref(event);
    return problem;
}

typedef const char *see_line(struct ledger *ledger, char *text, size_t size);

static see_line *form_find(const char *form)
{
    if (strcmp(form, "rows") == 0)
        return see_row;
    if (strcmp(form, "totals") == 0)
        return see_total;
    return strcmp(form, "kafka") == 0 ? see_event : NULL;
}

int reader_found(struct ledger *ledger, const char *form, FILE *in, struct err *err)
{
    see_line *const see = form_find(form);
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    if (see == NULL)
        return err_set(err, EX_USAGE, "--as wants rows, totals or kafka, not '%s'", form);
    for (uint64_t line = 1; (size = getline(&text, &capacity, in)) >= 0; line++) {
        if (size > 0 && text[size - 1] == '\n')
            text[--size] = '\0';
        const char *problem = size != 0 ? see(ledger, text, (size_t)size) : NULL;
        if (problem != NULL)
            ledger_see_unreadable(ledger, line, problem);
    }
    free(text);
    if (ferror(in))
        return err_set(err, EX_IOERR, "what was found cannot be read to its end");
    if (see == see_total)
        ledger_close_totals(ledger);
    else
        ledger_close_rows(ledger);
    return 0;
}
