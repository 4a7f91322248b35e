// SPDX-License-Identifier: Apache-2.0
#include "walk/table.h"
#include "base/time.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { TABLE_TEXT_BYTES = 256 << 20, PATIENCE_SECONDS = 2 };

static int add_header(struct table *t, struct err *err)
{
    for (size_t c = 0; c < t->column_count; c++)
        TRY(buffer_printf(&t->text, err, "%s%s", c != 0 ? "\t" : "", t->columns[c].name));
    return buffer_append(&t->text, "\n", 1, err);
}

// Standard output gets the text from `from` on.
static int put_text(struct table *t, size_t from, struct err *err)
{
    if (!t->as_text)
        return 0;
    TRY(native_sink_write(&t->sink, t->text.data + from, t->text.size - from, err));
    return native_sink_flush(&t->sink, err);
}

int table_open(struct table *t, const struct table_column *columns, size_t count,
               const char *output, struct err *err)
{
    static const char *const types[] = {"String", "Date", "UInt64", "Float64"};
    const bool as_text = output != NULL && strcmp(output, "tsv") == 0;
    *t = (struct table){.columns = columns, .column_count = count, .as_text = as_text};
    if (!as_text && output != NULL && strcmp(output, "native") != 0)
        return err_set(err, EX_USAGE, "--output wants native or tsv, not '%s'", output);
    buffer_init(&t->text, TABLE_TEXT_BYTES);
    TRY(native_sink_fd(&t->sink, STDOUT_FILENO, err));
    TRY(arena_open(&t->arena, 1 << 22, err));
    for (size_t k = 0; k < sizeof types / sizeof *types; k++)
        TRY(native_type_parse(&t->arena, types[k], strlen(types[k]), &t->types[k], err));
    TRY(add_header(t, err));
    return put_text(t, 0, err);
}

void table_close(struct table *t)
{
    native_sink_close(&t->sink);
    arena_close(&t->arena);
    buffer_free(&t->text);
}

static int add_text(struct table *t, const union cell *cells, struct err *err)
{
    for (size_t c = 0; c < t->column_count; c++) {
        char date[11];
        if (c != 0)
            TRY(buffer_append(&t->text, "\t", 1, err));
        switch (t->columns[c].kind) {
        case CELL_TEXT:
            TRY(buffer_printf(&t->text, err, "%s", cells[c].text));
            break;
        case CELL_DATE:
            date_format(cells[c].date, date);
            TRY(buffer_printf(&t->text, err, "%s", date));
            break;
        case CELL_COUNT:
            TRY(buffer_printf(&t->text, err, "%llu", (unsigned long long)cells[c].count));
            break;
        case CELL_NUMBER:
            if (isnan(cells[c].number))
                TRY(buffer_append(&t->text, "nan", 3, err)); // without a sign
            else
                TRY(buffer_printf(&t->text, err, "%.6g", cells[c].number));
            break;
        }
    }
    return buffer_append(&t->text, "\n", 1, err);
}

static int fill_cell(struct table *t, union cell cell, struct native_column *column,
                     struct err *err)
{
    if (column->type->kind == NATIVE_STRING) {
        const size_t length = strlen(cell.text);
        if ((column->bytes = arena_alloc(&t->arena, length, 1, err)) == NULL)
            return err_code(err, EX_OSERR);
        memcpy(column->bytes, cell.text, length);
        column->ends[0] = length;
    } else if (column->type->kind == NATIVE_DATE) {
        *(uint16_t *)column->values = (uint16_t)cell.date;
    } else if (column->type->kind == NATIVE_UINT64) {
        *(uint64_t *)column->values = cell.count;
    } else {
        *(double *)column->values = cell.number;
    }
    return 0;
}

// One row, or none where cells is NULL.
static int put_block(struct table *t, const union cell *cells, struct err *err)
{
    struct native_column columns[TABLE_MAX_COLUMNS];
    const size_t rows = cells != NULL, mark = arena_mark(&t->arena);
    for (size_t c = 0; c < t->column_count; c++) {
        TRY(native_column_new(&t->arena, t->types[t->columns[c].kind], rows, &columns[c], err));
        columns[c].name = t->columns[c].name;
        if (cells != NULL)
            TRY(fill_cell(t, cells[c], &columns[c], err));
    }
    const struct native_block block = {rows, t->column_count, columns};
    TRY(native_write_block(&t->sink, &block, err));
    arena_rewind(&t->arena, mark);
    t->written_at = clock_seconds();
    return native_sink_flush(&t->sink, err);
}

int table_wait(struct table *t, struct err *err)
{
    if (t == NULL || t->as_text || clock_seconds() - t->written_at < PATIENCE_SECONDS)
        return 0;
    return put_block(t, NULL, err);
}

int table_row(struct table *t, const union cell *cells, struct err *err)
{
    const size_t from = t->text.size;
    TRY(add_text(t, cells, err));
    return t->as_text ? put_text(t, from, err) : put_block(t, cells, err);
}
