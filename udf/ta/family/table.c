// SPDX-License-Identifier: Apache-2.0
// `ta table SPEC`: rows in, the same rows with indicators out, for ClickHouse's executable() table
// function.
//
// All columns of the input come out again, followed by the indicators (rows.h says which column is
// what). Blocks are held until a series is complete, so memory is bounded by the longest series,
// not by the table.
#include "base/options.h"
#include "family.h"
#include "rows.h"

#include <string.h>
#include <unistd.h>

enum { TABLE_MAX_HELD = 65536 }; // blocks of one series

#define TABLE_ARENA_BYTES                                                                          \
    (LIMIT_ARENA_BYTES / 3) // the three together stay within the worker's bound

struct table {
    struct ta_rows rows;
    struct arena held, next, work; // blocks in hand; what stays for the next round; results
    struct native_block *blocks;
    size_t block_count;
    struct native_source source;
    struct native_sink sink;
};

// The rows of all blocks in hand, the last one only up to `last_rows`, as one block in the work
// arena.
static int join_blocks(struct table *t, size_t last_rows, struct native_block *joined,
                       struct err *err)
{
    const size_t count = t->block_count;
    struct native_slice *slices = arena_alloc(&t->work, count, sizeof *slices, err);
    joined->column_count = t->blocks[0].column_count;
    joined->columns = arena_alloc(&t->work, joined->column_count + t->rows.plan.output_count,
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

// Computes and writes what is complete: all blocks in hand, the last one up to `last_rows`.
static int finish_series(struct table *t, size_t last_rows, struct err *err)
{
    struct native_block joined;
    TRY(join_blocks(t, last_rows, &joined, err));
    TRY(ta_rows_run(&t->rows, &joined, err));
    TRY(native_write_block(&t->sink, &joined, err));
    arena_reset(&t->work);
    return 0;
}

static int copy_column(struct arena *arena, const struct native_column *column, size_t from,
                       struct native_column *copy, struct err *err)
{
    const struct native_slice slice = {column, from, column->rows};
    TRY(native_concat(arena, &slice, 1, copy, err));
    TRY(native_type_parse(arena, column->type->text, strlen(column->type->text), &copy->type, err));
    const size_t size = strlen(column->name) + 1;
    char *name = arena_alloc(arena, size, 1, err);
    if (name == NULL)
        return err_code(err, EX_OSERR);
    copy->name = memcpy(name, column->name, size);
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
    for (size_t c = 0; c < last.column_count; c++)
        TRY(copy_column(&t->next, &last.columns[c], from, &columns[c], err));
    tail[0] = (struct native_block){last.rows - from, last.column_count, columns};
    const struct arena swap = t->held;
    t->held = t->next;
    t->next = swap;
    arena_reset(&t->next);
    t->blocks = tail;
    t->block_count = 1;
    return 0;
}

static int check_alike(const struct native_block *first, const struct native_block *block,
                       struct err *err)
{
    if (block->column_count != first->column_count)
        return err_set(err, EX_DATAERR, "a block of %zu columns follows one of %zu",
                       block->column_count, first->column_count);
    for (size_t c = 0; c < block->column_count; c++)
        if (!native_type_same(first->columns[c].type, block->columns[c].type))
            return err_set(err, EX_DATAERR, "column '%s' was %s and becomes %s",
                           first->columns[c].name, first->columns[c].type->text,
                           block->columns[c].type->text);
    return 0;
}

static int hold_block(struct table *t, const struct native_block *block, struct err *err)
{
    if (t->block_count == TABLE_MAX_HELD)
        return err_set(err, EX_DATAERR, "one series spans more than %d blocks", TABLE_MAX_HELD);
    if (t->block_count != 0)
        TRY(check_alike(&t->blocks[0], block, err));
    if (t->block_count == 0)
        TRY(ta_rows_roles(&t->rows, block, err));
    t->blocks[t->block_count++] = *block;
    return 0;
}

// Of the last block in hand: where its last series begins, or its end where that series began in an
// earlier block.
static bool ends_a_series(const struct table *t, size_t *start)
{
    const struct native_block *last = &t->blocks[t->block_count - 1];
    size_t row = last->rows - 1;
    while (row > 0 && ta_rows_same_series(&t->rows, last, row - 1, last, row))
        row--;
    *start = row;
    if (row > 0 || t->block_count == 1)
        return row > 0;
    const struct native_block *before = last - 1;
    return !ta_rows_same_series(&t->rows, before, before->rows - 1, last, 0);
}

static int table_loop(struct table *t, struct err *err)
{
    t->blocks = arena_alloc(&t->held, TABLE_MAX_HELD, sizeof *t->blocks, err);
    if (t->blocks == NULL)
        return err_code(err, EX_OSERR);
    for (;;) {
        struct native_block block;
        size_t start;
        bool more;
        TRY(native_read_block(&t->source, &t->held, &block, &more, err));
        if (!more)
            break;
        if (block.rows == 0)
            continue;
        TRY(hold_block(t, &block, err));
        if (!ends_a_series(t, &start))
            continue;
        TRY(finish_series(t, start, err));
        TRY(keep_tail(t, start, err));
    }
    if (t->block_count != 0)
        TRY(finish_series(t, t->blocks[t->block_count - 1].rows, err));
    return native_sink_flush(&t->sink, err);
}

static int table_open(struct table *t, const char *spec, struct err *err)
{
    TRY(native_source_fd(&t->source, STDIN_FILENO, err));
    TRY(arena_open(&t->held, TABLE_ARENA_BYTES, err));
    TRY(arena_open(&t->next, TABLE_ARENA_BYTES, err));
    TRY(arena_open(&t->work, TABLE_ARENA_BYTES, err));
    return ta_rows_open(&t->rows, spec, &t->work, err);
}

static void table_close(struct table *t)
{
    ta_rows_close(&t->rows);
    arena_close(&t->held);
    arena_close(&t->next);
    arena_close(&t->work);
    native_source_close(&t->source);
    native_sink_close(&t->sink);
}

static int read_words(int argc, char **argv, const char **spec, struct err *err)
{
    static const struct option none[] = {{0}};
    static const struct command command = {
        "ta table", "rows in, the same rows with indicators out, for executable()", "ta table SPEC",
        none,
        "SPEC is one word: 'ema(12),macd/signal/hist=macd(12,26,9)'. Names before '=' become the "
        "new columns;\n"
        "the others are called ema_12, macd_12_26_9, macd_signal_12_26_9 and so on. Input and "
        "output are\n"
        "blocks in ClickHouse's Native format; docs/functions.md has examples.\n"};
    enum options_result result = OPTIONS_RUN;
    TRY(options_parse(&command, &argc, argv, NULL, &result, err));
    *spec = NULL;
    if (result == OPTIONS_DONE)
        return 0;
    if (argc != 2)
        return err_set(err, EX_USAGE,
                       "table wants one spec without spaces, for example 'ema(12),macd(12,26,9)'");
    *spec = argv[1];
    return 0;
}

// The sink is opened first: a wrong word must not look like a table without rows.
int ta_table_command(int argc, char **argv, struct err *err)
{
    static struct table t;
    const char *spec;
    TRY(native_sink_fd(&t.sink, STDOUT_FILENO, err));
    int code = read_words(argc, argv, &spec, err);
    if (code == 0 && spec != NULL) {
        udf_isolate();
        code = table_open(&t, spec, err);
        if (code == 0)
            code = table_loop(&t, err);
    }
    if (code != 0 && !isatty(STDOUT_FILENO)) {
        (void)native_write_error(&t.sink, err);
        udf_drain();
    }
    table_close(&t);
    return code;
}
