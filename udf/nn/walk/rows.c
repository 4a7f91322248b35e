// SPDX-License-Identifier: Apache-2.0
// Blocks are held until the input ends, converted one by one, and then copied into arrays of the
// whole length, since the length is not known before.
#include "walk/rows.h"
#include "base/time.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <poll.h>
#include <sha256.h>
#include <string.h>
#include <strings.h>

enum { WAIT_MS = 1000, WAIT_ROWS = 1 << 16 };

struct held {
    const struct native_column *ticker, *time, *target;
    const struct native_column **features;
    size_t rows;
    struct held *next;
};

struct reader {
    const struct rows_wanted *wanted;
    struct arena *input, *arena;
    struct rows *rows;
    const struct native_type *string, *instant, *number;
    size_t columns; // of every block
    size_t ticker_column, time_column, target_column;
    size_t feature_columns[SETTINGS_MAX_LIST];
    struct held *first, *last;
};

static bool is_one_of(const char *name, const char *const *words)
{
    while (*words != NULL && strcasecmp(name, *words) != 0)
        words++;
    return *words != NULL;
}

static const struct native_type *bare_type(const struct native_type *type)
{
    while (type->kind == NATIVE_NULLABLE || type->kind == NATIVE_LOW_CARDINALITY)
        type = &type->children[0];
    return type;
}

static bool is_number(const struct native_column *column)
{
    const enum native_holds holds = bare_type(column->type)->holds;
    return holds == HOLDS_UNSIGNED || holds == HOLDS_SIGNED || holds == HOLDS_FLOAT;
}

static size_t find_column(const struct native_block *block, const char *name, size_t length)
{
    size_t c = 0;
    while (c < block->column_count && (strlen(block->columns[c].name) != length ||
                                       memcmp(block->columns[c].name, name, length) != 0))
        c++;
    return c;
}

// A model is described in JSON, which holds no other names than those in UTF-8.
static int keep_name(struct reader *r, const struct native_block *block, size_t column,
                     const char **copy, struct err *err)
{
    const char *name = block->columns[column].name;
    return utf8_valid_prefix(name, strlen(name)) == strlen(name)
               ? arena_text(r->arena, name, copy, err)
               : err_set(err, EX_DATAERR,
                         "the name of column %zu, '%s', is no UTF-8; give it another one with AS",
                         column + 1, name);
}

static int add_feature(struct reader *r, const struct native_block *block, size_t column,
                       struct err *err)
{
    struct rows *rows = r->rows;
    for (size_t f = 0; f < rows->features; f++)
        if (r->feature_columns[f] == column)
            return 0; // of both lists
    if (rows->features == SETTINGS_MAX_LIST)
        return err_set(err, EX_USAGE, "more than %d features; choose some with --features",
                       SETTINGS_MAX_LIST);
    r->feature_columns[rows->features] = column;
    return keep_name(r, block, column, &rows->names[rows->features++], err);
}

// Every column of a comma-separated list.
static int add_listed(struct reader *r, const struct native_block *block, const char *list,
                      struct err *err)
{
    for (const char *at = list; at != NULL;) {
        const char *comma = strchr(at, ',');
        const size_t length = comma != NULL ? (size_t)(comma - at) : strlen(at);
        const size_t column = find_column(block, at, length);
        if (column == block->column_count)
            return err_set(err, EX_DATAERR, "there is no column '%.*s' for a feature in the input",
                           (int)length, at);
        if (column == r->target_column && !r->wanted->target_is_feature)
            return err_set(err, EX_USAGE,
                           "'%.*s' is the target and cannot be a feature: it is not yet known",
                           (int)length, at);
        TRY(add_feature(r, block, column, err));
        at = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

static int add_all(struct reader *r, const struct native_block *block, struct err *err)
{
    for (size_t c = 0; c < block->column_count; c++) {
        if (c == r->ticker_column || c == r->time_column ||
            (c == r->target_column && !r->wanted->target_is_feature))
            continue;
        if (!is_number(&block->columns[c]))
            return err_set(err, EX_DATAERR,
                           "column '%s' is %s and cannot be a feature; leave it out of the input, "
                           "or name the features with --features",
                           block->columns[c].name, block->columns[c].type->text);
        TRY(add_feature(r, block, c, err));
    }
    return 0;
}

// Which column is what, from the first block.
static int find_roles(struct reader *r, const struct native_block *block, struct err *err)
{
    static const char *const tickers[] = {"ticker", "symbol", NULL};
    static const char *const times[] = {"date", "time", "timestamp", "ts", NULL};
    r->columns = block->column_count;
    r->ticker_column = r->time_column = r->columns;
    for (size_t c = r->columns; c-- > 0;) {
        if (is_one_of(block->columns[c].name, tickers))
            r->ticker_column = c;
        else if (is_one_of(block->columns[c].name, times))
            r->time_column = c;
    }
    r->target_column = find_column(block, r->wanted->target, strlen(r->wanted->target));
    if (r->ticker_column == r->columns || r->time_column == r->columns)
        return err_set(err, EX_DATAERR,
                       "the input has no column '%s'; wanted are ticker, date, "
                       "features and the target, ordered by ticker, date",
                       r->ticker_column == r->columns ? "ticker" : "date");
    if (r->target_column == r->columns)
        return err_set(err, EX_DATAERR,
                       "the input has no column '%s' to predict; --target names another",
                       r->wanted->target);
    r->rows->names = arena_alloc(r->arena, SETTINGS_MAX_LIST, sizeof *r->rows->names, err);
    if (r->rows->names == NULL)
        return err_code(err, EX_OSERR);
    TRY(keep_name(r, block, r->target_column, &r->rows->target, err));
    if (r->wanted->features != NULL)
        TRY(add_listed(r, block, r->wanted->features, err));
    else
        TRY(add_all(r, block, err));
    r->rows->own_features = r->rows->features;
    if (r->wanted->also != NULL)
        TRY(add_listed(r, block, r->wanted->also, err));
    return r->rows->features != 0
               ? 0
               : err_set(err, EX_DATAERR, "the input has no column to learn from beside '%s'",
                         r->wanted->target);
}

static int convert(struct reader *r, const struct native_block *block, size_t column,
                   const struct native_type *type, const struct native_column **result,
                   struct err *err)
{
    return native_convert(r->input, &block->columns[column], type, block->columns[column].name,
                          result, err);
}

static int check_roles(const struct reader *r, const struct native_block *block, struct err *err)
{
    const struct native_column *time = &block->columns[r->time_column];
    if (block->column_count != r->columns)
        return err_set(err, EX_DATAERR, "a block of %zu columns follows one of %zu",
                       block->column_count, r->columns);
    if (bare_type(time->type)->holds != HOLDS_TIME)
        return err_set(err, EX_DATAERR, "column '%s' is %s; cast it to Date or DateTime",
                       time->name, time->type->text);
    return 0;
}

static int hold_block(struct reader *r, const struct native_block *block, struct err *err)
{
    if (r->first == NULL)
        TRY(find_roles(r, block, err));
    TRY(check_roles(r, block, err));
    struct held *held = arena_alloc(r->input, 1, sizeof *held, err);
    if (held == NULL)
        return err_code(err, EX_OSERR);
    *held = (struct held){.rows = block->rows};
    held->features = arena_alloc(r->input, r->rows->features, sizeof *held->features, err);
    if (held->features == NULL)
        return err_code(err, EX_OSERR);
    TRY(convert(r, block, r->ticker_column, r->string, &held->ticker, err));
    TRY(convert(r, block, r->time_column, r->instant, &held->time, err));
    TRY(convert(r, block, r->target_column, r->number, &held->target, err));
    for (size_t f = 0; f < r->rows->features; f++)
        TRY(convert(r, block, r->feature_columns[f], r->number, &held->features[f], err));
    if (r->first == NULL)
        r->first = held;
    else
        r->last->next = held;
    r->last = held;
    r->rows->count += block->rows;
    return 0;
}

struct ticker_text {
    const char *bytes;
    size_t length;
};

static struct ticker_text ticker_of(const struct held *held, size_t row)
{
    const uint64_t start = native_start(held->ticker->ends, row);
    return (struct ticker_text){held->ticker->bytes + start, held->ticker->ends[row] - start};
}

static bool ticker_same(struct ticker_text a, struct ticker_text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

// A ticker's rows stand together and tickers ascend, so that one that comes again is seen.
static int check_order(const struct rows *rows, size_t row, struct ticker_text before,
                       struct ticker_text ticker, struct err *err)
{
    const size_t length = before.length < ticker.length ? before.length : ticker.length;
    const int order = memcmp(before.bytes, ticker.bytes, length);
    if (order > 0 || (order == 0 && before.length > ticker.length))
        return err_set(err, EX_DATAERR,
                       "row %zu: ticker '%.*s' follows '%.*s'; order the input by ticker, date",
                       row + 1, (int)(ticker.length < 40 ? ticker.length : 40), ticker.bytes,
                       (int)(before.length < 40 ? before.length : 40), before.bytes);
    if (ticker_same(before, ticker) && rows->times[row] <= rows->times[row - 1])
        return err_set(err, EX_DATAERR,
                       "row %zu: the date of '%.*s' %s; order the input by ticker, date", row + 1,
                       (int)(ticker.length < 40 ? ticker.length : 40), ticker.bytes,
                       rows->times[row] == rows->times[row - 1] ? "comes twice" : "falls");
    return 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void hash_row(SHA256_CTX *hash, const struct rows *rows, size_t row,
                     struct ticker_text ticker)
{
    const uint64_t length = ticker.length;
    SHA256Update(hash, (const uint8_t *)&length, sizeof length);
    SHA256Update(hash, (const uint8_t *)ticker.bytes, ticker.length);
    SHA256Update(hash, (const uint8_t *)&rows->times[row], sizeof rows->times[row]);
    SHA256Update(hash, (const uint8_t *)&rows->values[row * rows->features],
                 rows->features * sizeof *rows->values);
    SHA256Update(hash, (const uint8_t *)&rows->targets[row], sizeof rows->targets[row]);
}

static void copy_row(struct rows *rows, size_t row, const struct held *held, size_t from)
{
    const int64_t microseconds = ((const int64_t *)held->time->values)[from];
    rows->times[row] = floor_div(microseconds, 1000000);
    rows->days[row] = (int32_t)floor_div(rows->times[row], DAY_SECONDS);
    rows->targets[row] = ((const double *)held->target->values)[from];
    for (size_t f = 0; f < rows->features; f++)
        rows->values[row * rows->features + f] =
            (float)((const double *)held->features[f]->values)[from];
}

// Answers name days as ClickHouse's Date does.
static int check_day(const struct rows *rows, size_t row, struct ticker_text ticker,
                     struct err *err)
{
    char day[11];
    if (rows->days[row] >= 0 && rows->days[row] <= UINT16_MAX)
        return 0;
    date_format(rows->days[row], day);
    return err_set(err, EX_DATAERR,
                   "row %zu: the date of '%.*s' is %s; leave out what is before 1970-01-01 or "
                   "after 2149-06-06",
                   row + 1, (int)(ticker.length < 40 ? ticker.length : 40), ticker.bytes, day);
}

static int gather(struct reader *r, struct err *err)
{
    struct rows *rows = r->rows;
    struct ticker_text before = {NULL, 0};
    SHA256_CTX hash;
    size_t row = 0;
    SHA256Init(&hash);
    for (const struct held *held = r->first; held != NULL; held = held->next)
        for (size_t i = 0; i < held->rows; i++, row++) {
            const struct ticker_text ticker = ticker_of(held, i);
            if (row % WAIT_ROWS == 0)
                TRY(table_wait(r->wanted->table, err));
            copy_row(rows, row, held, i);
            TRY(check_day(rows, row, ticker, err));
            if (row != 0)
                TRY(check_order(rows, row, before, ticker, err));
            rows->ticker_count += row == 0 || !ticker_same(before, ticker);
            rows->tickers[row] = (uint32_t)rows->ticker_count - 1;
            hash_row(&hash, rows, row, ticker);
            before = ticker;
        }
    (void)SHA256End(&hash, rows->hash);
    return 0;
}

static int allocate(struct rows *rows, struct arena *arena, struct err *err)
{
    if (rows->count == 0)
        return err_set(err, EX_DATAERR, "the input has no rows");
    if (rows->count > UINT32_MAX)
        return err_set(err, EX_DATAERR, "%zu rows; at most %u can be trained on", rows->count,
                       UINT32_MAX);
    rows->values = arena_alloc(arena, rows->count * rows->features, sizeof *rows->values, err);
    rows->targets = arena_alloc(arena, rows->count, sizeof *rows->targets, err);
    rows->times = arena_alloc(arena, rows->count, sizeof *rows->times, err);
    rows->days = arena_alloc(arena, rows->count, sizeof *rows->days, err);
    rows->tickers = arena_alloc(arena, rows->count, sizeof *rows->tickers, err);
    return rows->values != NULL && rows->targets != NULL && rows->times != NULL &&
                   rows->days != NULL && rows->tickers != NULL
               ? 0
               : err_code(err, EX_OSERR);
}

// The query that makes the rows may take longer than who reads our answer is patient.
static int await_block(const struct native_source *source, struct table *table, struct err *err)
{
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};
    while (source->at == source->size && poll(&ready, 1, WAIT_MS) == 0)
        TRY(table_wait(table, err));
    return table_wait(table, err);
}

static int read_blocks(struct reader *r, struct native_source *source, struct err *err)
{
    for (;;) {
        struct native_block block;
        bool more;
        TRY(await_block(source, r->wanted->table, err));
        TRY(native_read_block(source, r->input, &block, &more, err));
        if (!more)
            return 0;
        if (block.rows != 0)
            TRY(hold_block(r, &block, err));
    }
}

static int parse_type(struct arena *arena, const char *text, const struct native_type **type,
                      struct err *err)
{
    return native_type_parse(arena, text, strlen(text), type, err);
}

int rows_read(int fd, const struct rows_wanted *wanted, struct arena *input, struct arena *arena,
              struct rows *rows, struct err *err)
{
    struct reader r = {.wanted = wanted, .input = input, .arena = arena, .rows = rows};
    struct native_source source;
    memset(rows, 0, sizeof *rows);
    TRY(parse_type(arena, "String", &r.string, err));
    TRY(parse_type(arena, "DateTime64(6, 'UTC')", &r.instant, err));
    TRY(parse_type(arena, "Float64", &r.number, err));
    TRY(native_source_fd(&source, fd, err));
    int code = read_blocks(&r, &source, err);
    if (code == 0)
        code = allocate(rows, arena, err);
    if (code == 0)
        code = gather(&r, err);
    native_source_close(&source);
    return code;
}

size_t rows_feature(const struct rows *rows, const char *name)
{
    size_t f = 0;
    while (f < rows->features && strcmp(rows->names[f], name) != 0)
        f++;
    return f;
}
