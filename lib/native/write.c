// SPDX-License-Identifier: Apache-2.0
// Writes Native blocks: the mirror of read.c.
#include "native/native.h"

#include <string.h>

struct writer {
    struct native_sink *sink;
    struct err *err;
};

static int write_data(struct writer *w, const struct native_column *column);

static int write_varint(struct writer *w, uint64_t value)
{
    uint8_t bytes[10];
    size_t used = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[used++] = (uint8_t)(value | 0x80);
    bytes[used++] = (uint8_t)value;
    return native_sink_write(w->sink, bytes, used, w->err);
}

static int write_text(struct writer *w, const char *text, size_t length)
{
    TRY(write_varint(w, length));
    return native_sink_write(w->sink, text, length, w->err);
}

static int write_strings(struct writer *w, const struct native_column *column)
{
    for (size_t row = 0; row < column->rows; row++) {
        const uint64_t start = native_start(column->ends, row);
        TRY(write_text(w, column->bytes + start, column->ends[row] - start));
    }
    return 0;
}

static int write_children(struct writer *w, const struct native_column *column)
{
    for (size_t i = 0; i < column->type->child_count; i++)
        TRY(write_data(w, &column->children[i]));
    return 0;
}

// The dictionary travels with the block: flags say "own keys, and they replace what was there".
static int write_low_cardinality(struct writer *w, const struct native_column *column)
{
    if (column->rows == 0)
        return 0;
    const uint64_t width_code = (uint64_t)__builtin_ctz(column->index_width);
    const uint64_t head[2] = {width_code | 1 << 9 | 1 << 10, column->children[0].rows};
    const uint64_t rows = column->rows;
    TRY(native_sink_write(w->sink, head, sizeof head, w->err));
    TRY(write_children(w, column));
    TRY(native_sink_write(w->sink, &rows, sizeof rows, w->err));
    return native_sink_write(w->sink, column->indexes, column->rows * column->index_width, w->err);
}

static int write_data(struct writer *w, const struct native_column *column)
{
    switch (column->type->kind) {
    case NATIVE_STRING:
        return write_strings(w, column);
    case NATIVE_NULLABLE:
        TRY(native_sink_write(w->sink, column->nulls, column->rows, w->err));
        return write_children(w, column);
    case NATIVE_ARRAY:
    case NATIVE_MAP:
        TRY(native_sink_write(w->sink, column->ends, column->rows * sizeof *column->ends, w->err));
        return write_children(w, column);
    case NATIVE_TUPLE:
        return write_children(w, column);
    case NATIVE_LOW_CARDINALITY:
        return write_low_cardinality(w, column);
    default:
        return native_sink_write(w->sink, column->values, column->rows * column->type->width,
                                 w->err);
    }
}

static int write_prefix(struct writer *w, const struct native_type *type)
{
    if (type->kind == NATIVE_LOW_CARDINALITY) {
        const uint64_t version = 1;
        TRY(native_sink_write(w->sink, &version, sizeof version, w->err));
    }
    for (size_t i = 0; i < type->child_count; i++)
        TRY(write_prefix(w, &type->children[i]));
    return 0;
}

int native_write_block(struct native_sink *sink, const struct native_block *block, struct err *err)
{
    struct writer w = {sink, err};
    TRY(write_varint(&w, block->column_count));
    TRY(write_varint(&w, block->rows));
    for (size_t i = 0; i < block->column_count; i++) {
        const struct native_column *column = &block->columns[i];
        TRY(write_text(&w, column->name, strlen(column->name)));
        TRY(write_text(&w, column->type->text, strlen(column->type->text)));
        if (column->rows == 0)
            continue;
        TRY(write_prefix(&w, column->type));
        TRY(write_data(&w, column));
    }
    return 0;
}

int native_write_error(struct native_sink *sink, const struct err *err)
{
    struct err ignored = {0};
    struct writer w = {sink, &ignored};
    TRY(write_varint(&w, 1));
    TRY(write_varint(&w, 1));
    TRY(write_text(&w, "error", 5));
    // As a string literal, so that ClickHouse's complaint quotes it from its first word.
    char text[sizeof err->text + 2];
    size_t length = 0;
    text[length++] = '\'';
    for (const char *c = err->text; *c != '\0'; c++)
        text[length++] = (char)(*c == '\'' ? '"' : *c);
    text[length++] = '\'';
    TRY(write_text(&w, text, length));
    return native_sink_flush(sink, &ignored);
}
