// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int ta_rows_open(struct ta_rows *rows, const char *spec, struct arena *work, struct err *err)
{
    memset(rows, 0, sizeof *rows);
    rows->work = work;
    TRY(ta_plan_parse(&rows->plan, spec, strlen(spec), err));
    TRY(arena_open(&rows->types, 1 << 16, err));
    return native_type_parse(&rows->types, "Float64", strlen("Float64"), &rows->number, err);
}

void ta_rows_close(struct ta_rows *rows)
{
    arena_close(&rows->types);
    free(rows->keys_seen);
}

static bool named(const char *name, const char *const *words)
{
    while (*words != NULL && strcasecmp(name, *words) != 0)
        words++;
    return *words != NULL;
}

static enum ta_series series_of_column(const char *name)
{
    static const char *const singles[] = {"x", "value", "price", NULL};
    char lower[8] = {0};
    for (size_t c = 0; c < sizeof lower - 1 && name[c] != '\0'; c++)
        lower[c] = (char)(name[c] | 0x20);
    const enum ta_series series = strlen(name) < sizeof lower ? ta_series_named(lower) : TA_X;
    return series != TA_X || named(name, singles) ? series : TA_SERIES_COUNT;
}

static void find_roles(const struct native_block *block, struct ta_roles *roles)
{
    static const char *const keys[] = {"ticker", "symbol", NULL};
    static const char *const times[] = {"date", "time", "timestamp", "ts", NULL};
    memset(roles, 0xff, sizeof *roles);
    for (size_t i = 0; i < block->column_count; i++) {
        const enum ta_series series = series_of_column(block->columns[i].name);
        if (series != TA_SERIES_COUNT)
            roles->series[series] = i;
        else if (named(block->columns[i].name, keys))
            roles->key = i;
        else if (named(block->columns[i].name, times))
            roles->time = i;
    }
    if (roles->series[TA_X] == SIZE_MAX)
        roles->series[TA_X] = roles->series[TA_CLOSE];
}

int ta_rows_roles(struct ta_rows *rows, const struct native_block *block, struct err *err)
{
    bool has[TA_SERIES_COUNT];
    find_roles(block, &rows->roles);
    for (size_t s = 0; s < TA_SERIES_COUNT; s++)
        has[s] = rows->roles.series[s] != SIZE_MAX;
    const struct native_type *key =
        rows->roles.key != SIZE_MAX ? block->columns[rows->roles.key].type : NULL;
    if (key != NULL && key->kind == NATIVE_LOW_CARDINALITY)
        key = &key->children[0];
    if (key != NULL && key->kind != NATIVE_STRING)
        return err_set(err, EX_DATAERR,
                       "column '%s' is %s; the column that tells series apart must be a String",
                       block->columns[rows->roles.key].name,
                       block->columns[rows->roles.key].type->text);
    return ta_plan_check(&rows->plan, has, err);
}

static const char *key_text(const struct native_column *key, size_t row, size_t *length)
{
    if (key->type->kind == NATIVE_LOW_CARDINALITY) {
        row = native_index(key, row);
        key = &key->children[0];
    }
    const uint64_t start = native_start(key->ends, row);
    *length = key->ends[row] - start;
    return key->bytes + start;
}

bool ta_rows_same_series(const struct ta_rows *rows, const struct native_block *a, size_t a_row,
                         const struct native_block *b, size_t b_row)
{
    if (rows->roles.key == SIZE_MAX)
        return true;
    const struct native_column *key = &a->columns[rows->roles.key];
    if (a == b && key->type->kind == NATIVE_LOW_CARDINALITY &&
        native_index(key, a_row) == native_index(key, b_row))
        return true;
    size_t a_length, b_length;
    const char *a_text = key_text(&a->columns[rows->roles.key], a_row, &a_length);
    const char *b_text = key_text(&b->columns[rows->roles.key], b_row, &b_length);
    return a_length == b_length && memcmp(a_text, b_text, a_length) == 0;
}

static uint64_t hash_key(const char *text, size_t length)
{
    uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211ULL;
    return hash != 0 ? hash : 1;
}

// Puts a hash into its place of a table that is a power of two long; false when it is there
// already.
static bool keys_insert(uint64_t *table, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (table[at] != 0 && table[at] != hash)
        at = (at + 1) & (room - 1);
    const bool is_new = table[at] == 0;
    table[at] = hash;
    return is_new;
}

static int keys_grow(struct ta_rows *rows, struct err *err)
{
    const size_t room = rows->keys_room == 0 ? 1024 : 2 * rows->keys_room;
    uint64_t *table = calloc(room, sizeof *table);
    if (table == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu series", room);
    for (size_t i = 0; i < rows->keys_room; i++)
        if (rows->keys_seen[i] != 0)
            (void)keys_insert(table, room, rows->keys_seen[i]);
    free(rows->keys_seen);
    rows->keys_seen = table;
    rows->keys_room = room;
    return 0;
}

// A series whose rows do not stand together would be computed in pieces.
static int check_key(struct ta_rows *rows, const struct native_block *block, size_t from,
                     struct err *err)
{
    if (rows->roles.key == SIZE_MAX)
        return 0;
    size_t length;
    const struct native_column *key = &block->columns[rows->roles.key];
    const char *text = key_text(key, from, &length);
    if (2 * rows->keys_used >= rows->keys_room)
        TRY(keys_grow(rows, err));
    if (!keys_insert(rows->keys_seen, rows->keys_room, hash_key(text, length)))
        return err_set(
            err, EX_DATAERR,
            "row %" PRIu64 ": '%.*s' comes again after other series; order the input by %s",
            rows->rows_done + from + 1, (int)(length < 40 ? length : 40), text, key->name);
    rows->keys_used++;
    return 0;
}

// The first row after `from` whose time is before the one above it; `to` when there is none.
#define FIND_FALL(type)                                                                            \
    do {                                                                                           \
        const type *at = time->values;                                                             \
        for (size_t row = from + 1; row < to; row++)                                               \
            if (at[row] < at[row - 1])                                                             \
                return row;                                                                        \
    } while (0)

static size_t find_fall(const struct native_column *time, size_t from, size_t to)
{
    switch (time->type->kind) {
    case NATIVE_DATE:
        FIND_FALL(uint16_t);
        break;
    case NATIVE_DATE32:
        FIND_FALL(int32_t);
        break;
    case NATIVE_DATETIME:
        FIND_FALL(uint32_t);
        break;
    case NATIVE_DATETIME64:
        FIND_FALL(int64_t);
        break;
    default:
        break;
    }
    return to;
}

static int check_order(const struct ta_rows *rows, const struct native_block *block, size_t from,
                       size_t to, struct err *err)
{
    if (rows->roles.time == SIZE_MAX)
        return 0;
    const struct native_column *time = &block->columns[rows->roles.time];
    const size_t row = find_fall(time, from, to);
    const bool has_key = rows->roles.key != SIZE_MAX;
    return row == to ? 0
                     : err_set(err, EX_DATAERR,
                               "row %" PRIu64 ": column '%s' falls; order the input by %s%s%s",
                               rows->rows_done + row + 1, time->name,
                               has_key ? block->columns[rows->roles.key].name : "",
                               has_key ? ", " : "", time->name);
}

static int run_series(struct ta_rows *rows, const struct native_block *block,
                      const struct native_column *const *inputs, size_t from, size_t to,
                      struct err *err)
{
    const double *series[TA_SERIES_COUNT] = {NULL};
    double *outputs[TA_MAX_STEPS * TA_MAX_OUTPUTS];
    TRY(check_key(rows, block, from, err));
    TRY(check_order(rows, block, from, to, err));
    const size_t mark = arena_mark(rows->work);
    double *scratch = arena_alloc(rows->work, TA_SCRATCH_DOUBLES(to - from), sizeof *scratch, err);
    if (scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t s = 0; s < TA_SERIES_COUNT; s++)
        if (inputs[s] != NULL)
            series[s] = (const double *)inputs[s]->values + from;
    for (size_t k = 0; k < rows->plan.output_count; k++)
        outputs[k] = (double *)block->columns[block->column_count + k].values + from;
    ta_plan_run(&rows->plan, series, to - from, outputs, scratch);
    arena_rewind(rows->work, mark);
    return 0;
}

static int add_output_columns(struct ta_rows *rows, struct native_block *block, struct err *err)
{
    for (size_t i = 0; i < rows->plan.step_count; i++) {
        const struct ta_step *step = &rows->plan.steps[i];
        for (size_t k = 0; k < ta_functions[step->function].output_count; k++) {
            struct native_column *column =
                &block->columns[block->column_count + step->first_output + k];
            TRY(native_column_new(rows->work, rows->number, block->rows, column, err));
            column->name = step->names[k];
        }
    }
    return 0;
}

// The series that the plan reads, as Float64.
static int find_inputs(struct ta_rows *rows, const struct native_block *block,
                       const struct native_column **inputs, struct err *err)
{
    for (size_t i = 0; i < rows->plan.step_count; i++) {
        const struct ta_step *step = &rows->plan.steps[i];
        for (size_t k = 0; k < ta_functions[step->function].input_count; k++) {
            const enum ta_series s = step->inputs[k];
            const struct native_column *column = &block->columns[rows->roles.series[s]];
            if (inputs[s] == NULL)
                TRY(native_convert(rows->work, column, rows->number, column->name, &inputs[s],
                                   err));
        }
    }
    return 0;
}

// A column that is called a time has to be one, or the order would go unchecked.
static int check_time_type(const struct ta_rows *rows, const struct native_block *block,
                           struct err *err)
{
    if (rows->roles.time == SIZE_MAX)
        return 0;
    const struct native_column *time = &block->columns[rows->roles.time];
    return time->type->holds == HOLDS_TIME
               ? 0
               : err_set(
                     err, EX_DATAERR,
                     "column '%s' is %s, by which the order cannot be checked; cast it to Date, "
                     "Date32, DateTime or DateTime64, or give it another name",
                     time->name, time->type->text);
}

int ta_rows_run(struct ta_rows *rows, struct native_block *block, struct err *err)
{
    const struct native_column *inputs[TA_SERIES_COUNT] = {NULL};
    TRY(check_time_type(rows, block, err));
    TRY(find_inputs(rows, block, inputs, err));
    TRY(add_output_columns(rows, block, err));
    for (size_t from = 0, to; from < block->rows; from = to) {
        for (to = from + 1;
             to < block->rows && ta_rows_same_series(rows, block, to - 1, block, to);)
            to++;
        TRY(run_series(rows, block, inputs, from, to, err));
    }
    block->column_count += rows->plan.output_count;
    rows->rows_done += block->rows;
    return 0;
}
