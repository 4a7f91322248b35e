// SPDX-License-Identifier: Apache-2.0
// `ta bars`: trades in, bars out, for ClickHouse's executable() table function.
//
// Blocks come in and go out one by one; a bar that is not complete waits for the next block, so
// memory does not depend on the table. The kind of bar and its size are options, or columns `kind`
// and `size` of the input, since ClickHouse puts no parameters into a command.
#include "bars/tick_bars.h"
#include "base/options.h"
#include "family.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { OUTPUTS = 13, MAX_SYMBOL = 4096 };

static const char *const output_names[OUTPUTS] = {
    "symbol", "bar",    "open_at", "close_at", "open", "high",       "low",
    "close",  "volume", "dollars", "trades",   "vwap", "is_complete"};
static const char *const output_types[OUTPUTS] = {"String",
                                                  "UInt64",
                                                  "DateTime64(6, 'UTC')",
                                                  "DateTime64(6, 'UTC')",
                                                  "Float64",
                                                  "Float64",
                                                  "Float64",
                                                  "Float64",
                                                  "Float64",
                                                  "Float64",
                                                  "UInt64",
                                                  "Float64",
                                                  "UInt8"};

struct made_bar {
    struct tick_bar bar;
    const char *symbol;
    size_t symbol_length;
    bool complete;
};

// The columns of a block that are read, converted.
struct trades {
    const struct native_column *symbol, *time, *price, *volume, *kind, *size;
};

struct bars_table {
    struct native_source source;
    struct native_sink sink;
    struct arena arena, types;
    const struct native_type *outputs[OUTPUTS];
    const char *kind_name; // from the options
    double size;
    enum tick_bar_kind kind;
    struct tick_bar bar;
    char symbol[MAX_SYMBOL]; // of that bar
    size_t symbol_length;
    int64_t last_at;
    uint64_t rows_done;
    bool begun;
    struct made_bar *made; // of this block
    size_t made_count;
};

static const struct native_column *column_named(const struct native_block *block,
                                                const char *const *names)
{
    for (; *names != NULL; names++)
        for (size_t c = 0; c < block->column_count; c++)
            if (strcasecmp(block->columns[c].name, *names) == 0)
                return &block->columns[c];
    return NULL;
}

// A column of one of these names as `type`, NULL where there is none and none is needed.
static int take_column(struct bars_table *t, const struct native_block *block,
                       const char *const *names, bool needed, const char *type,
                       const struct native_column **column, struct err *err)
{
    const struct native_type *wanted;
    const struct native_column *found = column_named(block, names);
    *column = NULL;
    if (found == NULL)
        return needed ? err_set(err, EX_DATAERR, "a column '%s' is wanted and not there", names[0])
                      : 0;
    TRY(native_type_parse(&t->arena, type, strlen(type), &wanted, err));
    return native_convert(&t->arena, found, wanted, found->name, column, err);
}

static int take_columns(struct bars_table *t, const struct native_block *block, struct trades *in,
                        struct err *err)
{
    static const char *const symbols[] = {"symbol", "ticker", NULL}, *const prices[] = {"price",
                                                                                        NULL};
    static const char *const times[] = {"timestamp", "time", "ts", "date", NULL},
                             *const volumes[] = {"volume", NULL};
    static const char *const kinds[] = {"kind", NULL}, *const sizes[] = {"size", NULL};
    TRY(take_column(t, block, symbols, false, "String", &in->symbol, err));
    TRY(take_column(t, block, times, true, "DateTime64(6, 'UTC')", &in->time, err));
    TRY(take_column(t, block, prices, true, "Float64", &in->price, err));
    TRY(take_column(t, block, volumes, true, "Float64", &in->volume, err));
    TRY(take_column(t, block, kinds, false, "String", &in->kind, err));
    return take_column(t, block, sizes, false, "Float64", &in->size, err);
}

static const char *text_of(const struct native_column *column, size_t row, size_t *length)
{
    const uint64_t start = native_start(column->ends, row);
    *length = column->ends[row] - start;
    return column->bytes + start;
}

// The first row says what bars are wanted; the others are not looked at.
static int choose_bars(struct bars_table *t, const struct trades *in, struct err *err)
{
    size_t length = strlen(t->kind_name);
    const char *name = t->kind_name;
    if (in->kind != NULL)
        name = text_of(in->kind, 0, &length);
    if (in->size != NULL)
        t->size = ((const double *)in->size->values)[0];
    TRY(tick_bar_kind_named(name, length, &t->kind, err));
    if (!(t->size > 0) || isinf(t->size))
        return err_set(err, EX_USAGE, "the size of a bar is %g; it must be more than 0", t->size);
    return 0;
}

static void emit(struct bars_table *t, const char *symbol, size_t length, bool complete)
{
    t->made[t->made_count++] = (struct made_bar){t->bar, symbol, length, complete};
}

static int compare_texts(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int check_series(const struct bars_table *t, const char *symbol, size_t length,
                        struct err *err)
{
    if (length > MAX_SYMBOL)
        return err_set(err, EX_DATAERR, "a symbol has %zu bytes; %d are the most", length,
                       MAX_SYMBOL);
    if (t->begun && compare_texts(t->symbol, t->symbol_length, symbol, length) > 0)
        return err_set(err, EX_DATAERR,
                       "'%.*s' comes after '%.*s'; order the input by symbol and timestamp",
                       (int)(length < 40 ? length : 40), symbol,
                       (int)(t->symbol_length < 40 ? t->symbol_length : 40), t->symbol);
    return 0;
}

// Another symbol begins: what is left of the one before is a bar that is not complete.
static int begin_series(struct bars_table *t, const char *symbol, size_t length, struct err *err)
{
    TRY(check_series(t, symbol, length, err));
    if (t->bar.trades != 0) {
        char *copy = arena_alloc(&t->arena, t->symbol_length + 1, 1, err);
        if (copy == NULL)
            return err_code(err, EX_OSERR);
        memcpy(copy, t->symbol, t->symbol_length);
        emit(t, copy, t->symbol_length, false);
    }
    memcpy(t->symbol, symbol, length);
    t->symbol_length = length;
    t->bar = (struct tick_bar){0};
    t->last_at = INT64_MIN;
    t->begun = true;
    return 0;
}

static int add_row(struct bars_table *t, const struct trades *in, size_t row, struct err *err)
{
    size_t length = 0;
    const char *symbol = in->symbol != NULL ? text_of(in->symbol, row, &length) : "";
    const int64_t at = ((const int64_t *)in->time->values)[row];
    const double price = ((const double *)in->price->values)[row],
                 volume = ((const double *)in->volume->values)[row];
    if (!t->begun || length != t->symbol_length || memcmp(symbol, t->symbol, length) != 0)
        TRY(begin_series(t, symbol, length, err));
    if (at < t->last_at)
        return err_set(err, EX_DATAERR,
                       "row %llu: the time falls; order the input by symbol and timestamp",
                       (unsigned long long)(t->rows_done + row + 1));
    t->last_at = at;
    if (!isfinite(price) || !isfinite(volume))
        return 0; // a quote
    if (tick_bar_add(&t->bar, t->kind, t->size, at, price, volume)) {
        emit(t, symbol, length, true);
        tick_bar_next(&t->bar);
    }
    return 0;
}

static void fill_row(const struct made_bar *made, struct native_column *columns, size_t row,
                     uint64_t *symbols)
{
    const struct tick_bar *bar = &made->bar;
    const double numbers[] = {bar->open,  bar->high,   bar->low,
                              bar->close, bar->volume, bar->dollars};
    memcpy(columns[0].bytes + *symbols, made->symbol, made->symbol_length);
    columns[0].ends[row] = *symbols += made->symbol_length;
    ((uint64_t *)columns[1].values)[row] = bar->number;
    ((int64_t *)columns[2].values)[row] = bar->open_at;
    ((int64_t *)columns[3].values)[row] = bar->close_at;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ((double *)columns[4 + i].values)[row] = numbers[i];
    ((uint64_t *)columns[10].values)[row] = bar->trades;
    ((double *)columns[11].values)[row] =
        bar->volume > 0 ? bar->dollars / bar->volume : (double)NAN;
    ((uint8_t *)columns[12].values)[row] = made->complete;
}

static int write_made(struct bars_table *t, struct err *err)
{
    struct native_column columns[OUTPUTS];
    const struct native_block block = {t->made_count, OUTPUTS, columns};
    uint64_t symbols = 0;
    if (t->made_count == 0)
        return 0;
    for (size_t c = 0; c < OUTPUTS; c++) {
        TRY(native_column_new(&t->arena, t->outputs[c], t->made_count, &columns[c], err));
        columns[c].name = output_names[c];
    }
    for (size_t row = 0; row < t->made_count; row++)
        symbols += t->made[row].symbol_length;
    columns[0].bytes = arena_alloc(&t->arena, symbols + 1, 1, err);
    if (columns[0].bytes == NULL)
        return err_code(err, EX_OSERR);
    symbols = 0;
    for (size_t row = 0; row < t->made_count; row++)
        fill_row(&t->made[row], columns, row, &symbols);
    return native_write_block(&t->sink, &block, err);
}

// Of a block's rows each can complete a bar and leave another one open.
static int room_for(struct bars_table *t, size_t rows, struct err *err)
{
    t->made_count = 0;
    t->made = arena_alloc(&t->arena, 2 * rows + 1, sizeof *t->made, err);
    return t->made != NULL ? 0 : err_code(err, EX_OSERR);
}

static int bars_of_block(struct bars_table *t, const struct native_block *block, struct err *err)
{
    struct trades in;
    TRY(take_columns(t, block, &in, err));
    if (t->rows_done == 0)
        TRY(choose_bars(t, &in, err));
    TRY(room_for(t, block->rows, err));
    for (size_t row = 0; row < block->rows; row++)
        TRY(add_row(t, &in, row, err));
    TRY(write_made(t, err));
    t->rows_done += block->rows;
    return 0;
}

static int bars_loop(struct bars_table *t, struct err *err)
{
    for (bool more = true; more;) {
        struct native_block block;
        arena_reset(&t->arena);
        TRY(native_read_block(&t->source, &t->arena, &block, &more, err));
        if (more && block.rows != 0)
            TRY(bars_of_block(t, &block, err));
    }
    TRY(room_for(t, 0, err));
    if (t->bar.trades != 0)
        emit(t, t->symbol, t->symbol_length, false);
    TRY(write_made(t, err));
    return native_sink_flush(&t->sink, err);
}

static int bars_open(struct bars_table *t, struct err *err)
{
    TRY(native_source_fd(&t->source, STDIN_FILENO, err));
    TRY(arena_open(&t->arena, LIMIT_ARENA_BYTES / 2, err));
    TRY(arena_open(&t->types, 1 << 16, err));
    for (size_t c = 0; c < OUTPUTS; c++)
        TRY(native_type_parse(&t->types, output_types[c], strlen(output_types[c]), &t->outputs[c],
                              err));
    return 0;
}

static void bars_close(struct bars_table *t)
{
    arena_close(&t->arena);
    arena_close(&t->types);
    native_source_close(&t->source);
    native_sink_close(&t->sink);
}

static int read_options(int argc, char **argv, struct bars_table *t, bool *run, struct err *err)
{
    static const struct option options[] = {
        {"kind", OPTION_TEXT, offsetof(struct bars_table, kind_name), "NAME",
         "tick, volume or dollar (default volume)", 0, 0},
        {"size", OPTION_NUMBER, offsetof(struct bars_table, size), "N",
         "trades, shares or money a bar (default 1000)", 0, 0},
        {0}};
    static const struct command command = {
        "ta bars", "trades in, bars of equal trading out, for executable()", "ta bars [options]",
        options,
        "Reads blocks in ClickHouse's Native format with symbol, timestamp, price and volume, "
        "ordered by symbol and timestamp,\n"
        "and writes symbol, bar, open_at, close_at, open, high, low, close, volume, dollars, "
        "trades, vwap, is_complete.\n"
        "Columns 'kind' and 'size' stand for the options. Rows without a volume are quotes and "
        "count for nothing.\n"};
    enum options_result result = OPTIONS_RUN;
    t->kind_name = "volume";
    t->size = 1000;
    TRY(options_parse(&command, &argc, argv, t, &result, err));
    *run = result == OPTIONS_RUN;
    if (*run && argc > 1)
        return err_set(err, EX_USAGE, "unexpected '%s'; trades come on standard input", argv[1]);
    return 0;
}

// The sink is opened first: a wrong word must not look like a table without rows.
int ta_tick_bars_command(int argc, char **argv, struct err *err)
{
    static struct bars_table t;
    bool run = false;
    TRY(native_sink_fd(&t.sink, STDOUT_FILENO, err));
    int code = read_options(argc, argv, &t, &run, err);
    if (code == 0 && run) {
        udf_isolate();
        code = bars_open(&t, err);
        if (code == 0)
            code = bars_loop(&t, err);
    }
    if (code != 0 && !isatty(STDOUT_FILENO)) {
        (void)native_write_error(&t.sink, err);
        udf_drain();
    }
    bars_close(&t);
    return code;
}
