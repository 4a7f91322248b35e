// SPDX-License-Identifier: Apache-2.0
// `ta table SPEC`: rows in, the same rows with indicators out, for ClickHouse's executable() table
// function.
//
// The input's columns are known by their names: ticker or symbol starts a new series whenever it
// changes, date, time, timestamp or ts must not fall within a series, open, high, low, close and
// volume (or x, value, price for the one series that most indicators read; close otherwise) are the
// values. All columns come out again, followed by the indicators. Blocks are held until a series is
// complete, so memory is bounded by the longest series, not by the table.
#include "family.h"
#include "plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { TABLE_MAX_HELD = 65536 }; // blocks of one series

struct roles {
    size_t key, time; // column numbers, SIZE_MAX where there is none
    size_t series[TA_SERIES_COUNT];
};

struct table {
    struct ta_plan plan;
    struct roles roles;
    struct arena held, next,
        work; // blocks in hand, what stays for the next round, and what is thrown away after it
    const struct native_type *number;
    struct native_block *blocks;
    size_t block_count;
    uint64_t rows_done;
    struct native_source source;
    struct native_sink sink;
};

static bool named(const char *name, const char *const *words)
{
    while (*words != NULL && strcasecmp(name, *words) != 0)
        words++;
    return *words != NULL;
}

static void find_roles(const struct native_block *block, struct roles *roles)
{
    static const char *const keys[] = {"ticker", "symbol", NULL};
    static const char *const times[] = {"date", "time", "timestamp", "ts", NULL};
    static const char *const singles[] = {"x", "value", "price", NULL};
    memset(roles, 0xff, sizeof *roles);
    for (size_t i = 0; i < block->column_count; i++) {
        const char *name = block->columns[i].name;
        char lower[8] = {0};
        for (size_t c = 0; c < sizeof lower - 1 && name[c] != '\0'; c++)
            lower[c] = (char)(name[c] | 0x20);
        const enum ta_series series = ta_series_named(lower);
        if (named(name, keys))
            roles->key = i;
        else if (named(name, times))
            roles->time = i;
        else if (series != TA_X)
            roles->series[series] = i;
        else if (named(name, singles))
            roles->series[TA_X] = i;
    }
    if (roles->series[TA_X] == SIZE_MAX)
        roles->series[TA_X] = roles->series[TA_CLOSE];
}

static int check_roles(struct table *t, const struct native_block *block, struct err *err)
{
    bool has[TA_SERIES_COUNT];
    find_roles(block, &t->roles);
    for (size_t s = 0; s < TA_SERIES_COUNT; s++)
        has[s] = t->roles.series[s] != SIZE_MAX;
    if (t->roles.key != SIZE_MAX && block->columns[t->roles.key].type->kind != NATIVE_STRING)
        return err_set(err, EX_DATAERR,
                       "column '%s' is %s; the column that tells series apart must be a String",
                       block->columns[t->roles.key].name, block->columns[t->roles.key].type->text);
    return ta_plan_check(&t->plan, has, err);
}

static bool same_key(const struct native_column *a, size_t row_a, const struct native_column *b,
                     size_t row_b)
{
    const uint64_t start_a = native_start(a->ends, row_a), start_b = native_start(b->ends, row_b);
    const uint64_t length = a->ends[row_a] - start_a;
    return length == b->ends[row_b] - start_b &&
           memcmp(a->bytes + start_a, b->bytes + start_b, length) == 0;
}

// Where the last series of the block begins: 0 when the whole block belongs to one.
static size_t last_series_start(const struct table *t, const struct native_block *block)
{
    if (t->roles.key == SIZE_MAX || block->rows == 0)
        return 0;
    const struct native_column *key = &block->columns[t->roles.key];
    size_t row = block->rows - 1;
    while (row > 0 && same_key(key, row - 1, key, row))
        row--;
    return row;
}

// The rows of all blocks in hand, the last one only up to `last_rows`, as one block in the work
// arena.
static int join_blocks(struct table *t, size_t last_rows, struct native_block *joined,
                       struct err *err)
{
    const size_t count = t->block_count;
    struct native_slice *slices = arena_alloc(&t->work, count, sizeof *slices, err);
    joined->column_count = t->blocks[0].column_count;
    joined->columns = arena_alloc(&t->work, joined->column_count + t->plan.output_count,
                                  sizeof *joined->columns, err);
    if (slices == NULL || joined->columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t c = 0; c < joined->column_count; c++) {
        for (size_t b = 0; b < count; b++)
            slices[b] = (struct native_slice){&t->blocks[b].columns[c], 0,
                                              b + 1 == count ? last_rows : t->blocks[b].rows};
        TRY(native_concat(&t->work, slices, count, &joined->columns[c], err));
    }
    joined->rows = joined->columns[0].rows;
    return 0;
}

static int64_t time_at(const struct native_column *column, size_t row)
{
    int64_t value = 0;
    memcpy(&value, (const char *)column->values + row * column->type->width, column->type->width);
    const unsigned unused = 64 - 8 * column->type->width;
    const bool is_signed =
        column->type->kind == NATIVE_DATE32 || column->type->kind == NATIVE_DATETIME64;
    return is_signed ? (int64_t)((uint64_t)value << unused) >> unused : value;
}

static int check_order(const struct table *t, const struct native_block *block, size_t from,
                       size_t to, struct err *err)
{
    if (t->roles.time == SIZE_MAX || block->columns[t->roles.time].type->holds != HOLDS_TIME)
        return 0;
    const struct native_column *time = &block->columns[t->roles.time];
    for (size_t row = from + 1; row < to; row++)
        if (time_at(time, row) < time_at(time, row - 1))
            return err_set(err, EX_DATAERR,
                           "row %llu: column '%s' falls; add ORDER BY %s%s%s to the input query",
                           (unsigned long long)(t->rows_done + row + 1), time->name,
                           t->roles.key != SIZE_MAX ? block->columns[t->roles.key].name : "",
                           t->roles.key != SIZE_MAX ? ", " : "", time->name);
    return 0;
}

static int run_series(struct table *t, const struct native_block *block,
                      const struct native_column *const *inputs, size_t from, size_t to,
                      struct err *err)
{
    const double *series[TA_SERIES_COUNT] = {NULL};
    double *outputs[TA_MAX_STEPS * TA_MAX_OUTPUTS];
    TRY(check_order(t, block, from, to, err));
    double *scratch = arena_alloc(&t->work, TA_SCRATCH_DOUBLES(to - from), sizeof *scratch, err);
    if (scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t s = 0; s < TA_SERIES_COUNT; s++)
        if (inputs[s] != NULL)
            series[s] = (const double *)inputs[s]->values + from;
    for (size_t k = 0; k < t->plan.output_count; k++)
        outputs[k] = (double *)block->columns[block->column_count + k].values + from;
    ta_plan_run(&t->plan, series, to - from, outputs, scratch);
    return 0;
}

// Appends the plan's output columns to a joined block; join_blocks left room for them.
static int add_output_columns(struct table *t, struct native_block *block, struct err *err)
{
    for (size_t i = 0; i < t->plan.step_count; i++) {
        const struct ta_step *step = &t->plan.steps[i];
        for (size_t k = 0; k < ta_functions[step->function].output_count; k++) {
            struct native_column *column =
                &block->columns[block->column_count + step->first_output + k];
            TRY(native_column_new(&t->work, t->number, block->rows, column, err));
            column->name = step->names[k];
        }
    }
    return 0;
}

static int run_block(struct table *t, struct native_block *block, struct err *err)
{
    const struct native_column *inputs[TA_SERIES_COUNT] = {NULL};
    for (size_t s = 0; s < TA_SERIES_COUNT; s++)
        if (t->roles.series[s] != SIZE_MAX) {
            const struct native_column *column = &block->columns[t->roles.series[s]];
            TRY(native_convert(&t->work, column, t->number, column->name, &inputs[s], err));
        }
    TRY(add_output_columns(t, block, err));
    const struct native_column *key =
        t->roles.key != SIZE_MAX ? &block->columns[t->roles.key] : NULL;
    for (size_t from = 0, to; from < block->rows; from = to) {
        for (to = from + 1; to < block->rows && (key == NULL || same_key(key, to - 1, key, to));)
            to++;
        const size_t mark = arena_mark(&t->work);
        TRY(run_series(t, block, inputs, from, to, err));
        arena_rewind(&t->work, mark);
    }
    block->column_count += t->plan.output_count;
    t->rows_done += block->rows;
    return native_write_block(&t->sink, block, err);
}

// Computes and writes what is complete: all blocks in hand, the last one up to `last_rows`.
static int finish_series(struct table *t, size_t last_rows, struct err *err)
{
    struct native_block joined;
    if (t->block_count == 0)
        return 0;
    TRY(join_blocks(t, last_rows, &joined, err));
    if (joined.rows != 0)
        TRY(run_block(t, &joined, err));
    arena_reset(&t->work);
    return 0;
}

// Keeps only the rows from `from` on of the last block, in a fresh arena.
static int keep_tail(struct table *t, size_t from, struct err *err)
{
    const struct native_block last = t->blocks[t->block_count - 1];
    struct native_block *tail = arena_alloc(&t->next, TABLE_MAX_HELD, sizeof *tail, err);
    struct native_column *columns = arena_alloc(&t->next, last.column_count, sizeof *columns, err);
    if (tail == NULL || columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t c = 0; c < last.column_count; c++) {
        const struct native_slice slice = {&last.columns[c], from, last.rows};
        TRY(native_concat(&t->next, &slice, 1, &columns[c], err));
        char *name = arena_alloc(&t->next, strlen(last.columns[c].name) + 1, 1, err);
        if (name == NULL)
            return err_code(err, EX_OSERR);
        columns[c].name = strcpy(name, last.columns[c].name);
        TRY(native_type_parse(&t->next, last.columns[c].type->text,
                              strlen(last.columns[c].type->text), &columns[c].type, err));
    }
    tail[0] = (struct native_block){last.rows - from, last.column_count, columns};
    const struct arena swap = t->held;
    t->held = t->next;
    t->next = swap;
    arena_reset(&t->next);
    t->blocks = tail;
    t->block_count = 1;
    return 0;
}

static int hold_block(struct table *t, struct native_block *block, struct err *err)
{
    if (t->block_count == TABLE_MAX_HELD)
        return err_set(err, EX_DATAERR, "one series spans more than %d blocks", TABLE_MAX_HELD);
    for (size_t c = 0; c < block->column_count; c++) {
        const struct native_column *plain;
        TRY(native_materialize(&t->held, &block->columns[c], &plain, err));
        block->columns[c] = *plain;
    }
    if (t->block_count == 0)
        TRY(check_roles(t, block, err));
    t->blocks[t->block_count++] = *block;
    return 0;
}

static int table_loop(struct table *t, struct err *err)
{
    t->blocks = arena_alloc(&t->held, TABLE_MAX_HELD, sizeof *t->blocks, err);
    if (t->blocks == NULL)
        return err_code(err, EX_OSERR);
    for (;;) {
        struct native_block block;
        bool more;
        TRY(native_read_block(&t->source, &t->held, &block, &more, err));
        if (!more)
            break;
        if (block.rows == 0)
            continue;
        TRY(hold_block(t, &block, err));
        // A first row with another key completes what is in hand; so does a change further down.
        const size_t start = last_series_start(t, &t->blocks[t->block_count - 1]);
        if (start == 0 && (t->block_count == 1 || t->roles.key == SIZE_MAX))
            continue;
        const struct native_block *before =
            t->block_count > 1 ? &t->blocks[t->block_count - 2] : NULL;
        const struct native_block *now = &t->blocks[t->block_count - 1];
        if (start == 0 && same_key(&before->columns[t->roles.key], before->rows - 1,
                                   &now->columns[t->roles.key], 0))
            continue;
        TRY(finish_series(t, start, err));
        TRY(keep_tail(t, start, err));
    }
    if (t->block_count != 0)
        TRY(finish_series(t, t->blocks[t->block_count - 1].rows, err));
    return native_sink_flush(&t->sink, err);
}

int ta_table_command(int argc, char **argv, struct err *err)
{
    static struct table t;
    if (argc != 2)
        return err_set(err, EX_USAGE,
                       "table wants one spec without spaces, for example 'ema(12),macd(12,26,9)'");
    TRY(ta_plan_parse(&t.plan, argv[1], strlen(argv[1]), err));
    TRY(arena_open(&t.held, LIMIT_ARENA_BYTES, err));
    TRY(arena_open(&t.next, LIMIT_ARENA_BYTES, err));
    TRY(arena_open(&t.work, LIMIT_ARENA_BYTES, err));
    struct arena types;
    TRY(arena_open(&types, 1 << 16, err));
    TRY(native_type_parse(&types, "Float64", 7, &t.number, err));
    TRY(native_source_fd(&t.source, STDIN_FILENO, err));
    TRY(native_sink_fd(&t.sink, STDOUT_FILENO, err));
    const int code = table_loop(&t, err);
    if (code != 0)
        (void)native_write_error(&t.sink, err);
    native_source_close(&t.source);
    native_sink_close(&t.sink);
    return code;
}
