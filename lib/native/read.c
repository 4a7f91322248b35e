// SPDX-License-Identifier: Apache-2.0
// Reads Native blocks: varint columns, varint rows, then for each column its name, its type and its
// data. Every length is checked against its ceiling and, where the input is memory, against what
// remains, before anything is allocated or read.
#include "native/stream.h"

#include <assert.h>
#include <string.h>

enum {
    LOW_CARDINALITY_VERSION = 1,
    LOW_CARDINALITY_WIDTH_MASK = 0xff, // 0..3: indexes of 1, 2, 4, 8 bytes
    LOW_CARDINALITY_GLOBAL_DICTIONARY = 1 << 8,
    LOW_CARDINALITY_OWN_KEYS = 1 << 9,
};

struct reader {
    struct native_source *source;
    struct arena *arena;
    struct err *err;
    bool says_serialization; // each column says how it is serialized
    bool unsure;             // whether it does: the first column tells
};

static int read_data(struct reader *r, struct native_column *column);

static int truncated(struct reader *r, uint64_t bytes)
{
    return err_set(r->err, EX_DATAERR, "the block is cut short: it claims %llu bytes, %zu are left",
                   (unsigned long long)bytes, r->source->size - r->source->at);
}

// `count` values of `width` bytes into the arena.
static int read_values(struct reader *r, size_t count, size_t width, void **values)
{
    if (!native_may_hold(r->source, (uint64_t)count * width))
        return truncated(r, (uint64_t)count * width);
    *values = arena_alloc(r->arena, count, width, r->err);
    if (*values == NULL)
        return err_code(r->err, EX_OSERR);
    return native_take(r->source, *values, count * width, r->err);
}

static int read_strings(struct reader *r, struct native_column *column)
{
    if (!native_may_hold(r->source, column->rows))
        return truncated(r, column->rows);
    column->ends = arena_alloc(r->arena, column->rows, sizeof *column->ends, r->err);
    column->bytes = arena_alloc(r->arena, 0, 1, r->err);
    if (column->ends == NULL || column->bytes == NULL)
        return err_code(r->err, EX_OSERR);
    size_t used = 0, room = 0;
    for (size_t row = 0; row < column->rows; row++) {
        uint64_t length;
        TRY(native_take_varint(r->source, LIMIT_STRING_BYTES, "bytes of a String", &length,
                               r->err));
        if (!native_may_hold(r->source, length))
            return truncated(r, length);
        if (used + length > room) {
            room = 2 * (used + length) + 4096;
            TRY(arena_resize_last(r->arena, column->bytes, room, r->err));
        }
        TRY(native_take(r->source, column->bytes + used, length, r->err));
        used += length;
        column->ends[row] = used;
    }
    return arena_resize_last(r->arena, column->bytes, used, r->err);
}

static int read_ends(struct reader *r, struct native_column *column, size_t *elements)
{
    void *ends = NULL;
    TRY(read_values(r, column->rows, sizeof *column->ends, &ends));
    column->ends = ends;
    assert(column->rows == 0 || column->ends != NULL);
    uint64_t last = 0;
    for (size_t row = 0; row < column->rows; row++) {
        if (column->ends[row] < last || column->ends[row] > LIMIT_COLUMN_ELEMENTS)
            return err_set(r->err, EX_DATAERR,
                           "array row %zu ends at element %llu, after %llu: out of order or above "
                           "the limit of %llu",
                           row, (unsigned long long)column->ends[row], (unsigned long long)last,
                           (unsigned long long)LIMIT_COLUMN_ELEMENTS);
        last = column->ends[row];
    }
    *elements = last;
    return 0;
}

static int read_children(struct reader *r, struct native_column *column, size_t rows)
{
    for (size_t i = 0; i < column->type->child_count; i++) {
        column->children[i].rows = rows;
        TRY(read_data(r, &column->children[i]));
    }
    return 0;
}

// The largest index; the loops have no exit, so that they run many rows at a time.
#define LARGEST(type)                                                                              \
    for (size_t row = 0; row < column->rows; row++)                                                \
    largest = ((const type *)column->indexes)[row] > largest                                       \
                  ? ((const type *)column->indexes)[row]                                           \
                  : largest

static int check_indexes(struct reader *r, const struct native_column *column)
{
    uint64_t largest = 0;
    assert(column->rows == 0 || column->indexes != NULL);
    if (column->index_width == 1)
        LARGEST(uint8_t);
    else if (column->index_width == 2)
        LARGEST(uint16_t);
    else if (column->index_width == 4)
        LARGEST(uint32_t);
    else
        LARGEST(uint64_t);
    if (column->rows != 0 && largest >= column->children[0].rows)
        return err_set(r->err, EX_DATAERR, "LowCardinality points at key %llu of %zu",
                       (unsigned long long)largest, column->children[0].rows);
    return 0;
}

static int read_low_cardinality(struct reader *r, struct native_column *column)
{
    uint64_t head[2], rows;
    column->index_width = 1;
    if (column->rows == 0)
        return read_children(r, column, 0);
    TRY(native_take(r->source, head, sizeof head, r->err));
    if ((head[0] & LOW_CARDINALITY_GLOBAL_DICTIONARY) != 0 ||
        (head[0] & LOW_CARDINALITY_OWN_KEYS) == 0 || (head[0] & LOW_CARDINALITY_WIDTH_MASK) > 3)
        return err_set(r->err, EX_DATAERR, "LowCardinality with flags %#llx is not supported",
                       (unsigned long long)head[0]);
    if (head[1] > LIMIT_BLOCK_ROWS)
        return err_set(r->err, EX_DATAERR,
                       "the block claims %llu dictionary keys; the limit is %llu",
                       (unsigned long long)head[1], (unsigned long long)LIMIT_BLOCK_ROWS);
    TRY(read_children(r, column, head[1]));
    TRY(native_take(r->source, &rows, sizeof rows, r->err));
    if (rows != column->rows)
        return err_set(r->err, EX_DATAERR, "LowCardinality with %llu indexes for %zu rows",
                       (unsigned long long)rows, column->rows);
    column->index_width = 1U << (head[0] & LOW_CARDINALITY_WIDTH_MASK);
    void *indexes = NULL;
    TRY(read_values(r, column->rows, column->index_width, &indexes));
    column->indexes = indexes;
    return check_indexes(r, column);
}

static int read_data(struct reader *r, struct native_column *column)
{
    void *values = NULL;
    size_t elements = 0;
    switch (column->type->kind) {
    case NATIVE_STRING:
        return read_strings(r, column);
    case NATIVE_NULLABLE:
        TRY(read_values(r, column->rows, 1, &values));
        column->nulls = values;
        return read_children(r, column, column->rows);
    case NATIVE_ARRAY:
    case NATIVE_MAP:
        TRY(read_ends(r, column, &elements));
        return read_children(r, column, elements);
    case NATIVE_TUPLE:
        return read_children(r, column, column->rows);
    case NATIVE_LOW_CARDINALITY:
        return read_low_cardinality(r, column);
    default:
        TRY(read_values(r, column->rows, column->type->width, &values));
        column->values = values;
        return 0;
    }
}

// What stands before a column's data: the version of each LowCardinality in it.
static int read_prefix(struct reader *r, const struct native_type *type)
{
    if (type->kind == NATIVE_LOW_CARDINALITY) {
        uint64_t version;
        TRY(native_take(r->source, &version, sizeof version, r->err));
        if (version != LOW_CARDINALITY_VERSION)
            return err_set(r->err, EX_DATAERR, "LowCardinality of version %llu is not supported",
                           (unsigned long long)version);
    }
    for (size_t i = 0; i < type->child_count; i++)
        TRY(read_prefix(r, &type->children[i]));
    return 0;
}

static int read_text(struct reader *r, const char *what, const char **text, size_t *length)
{
    uint64_t bytes;
    TRY(native_take_varint(r->source, LIMIT_TYPE_TEXT_BYTES, what, &bytes, r->err));
    if (!native_may_hold(r->source, bytes))
        return truncated(r, bytes);
    char *copy = arena_alloc(r->arena, bytes + 1, 1, r->err);
    if (copy == NULL)
        return err_code(r->err, EX_OSERR);
    TRY(native_take(r->source, copy, bytes, r->err));
    copy[bytes] = '\0';
    *text = copy;
    *length = bytes;
    return 0;
}

// Only some blocks say it: see skip_block_info.
static int read_serialization(struct reader *r)
{
    uint8_t custom = 0;
    if (r->says_serialization)
        TRY(native_take_byte(r->source, &custom, r->err));
    return custom == 0 ? 0
                       : err_set(r->err, EX_DATAERR,
                                 "it arrives in a serialization of its own (sparse or replicated); "
                                 "write materialize(...) around the argument");
}

static int read_column(struct reader *r, const struct native_block *block,
                       struct native_column *column)
{
    const size_t rows = block->rows;
    const char *text = NULL;
    size_t length = 0;
    const struct native_type *type = NULL;
    TRY(read_text(r, "bytes of a column's name", &column->name, &length));
    const char *name = column->name;
    TRY(read_text(r, "bytes of a type's name", &text, &length));
    TRY(native_type_parse(r->arena, text, length, &type, r->err));
    if (r->unsure)
        TRY(native_guess_dialect(r->source, r->arena, type, rows, block->column_count,
                                 &r->says_serialization, r->err));
    r->unsure = false;
    TRY(read_serialization(r));
    TRY(native_column_new(r->arena, type, 0, column, r->err));
    column->name = name;
    column->rows = rows;
    if (rows == 0)
        return read_children(r, column, 0);
    TRY(read_prefix(r, type));
    return read_data(r, column);
}

// A query that came over HTTP with client_protocol_version (clickhouse-connect sends it, and so
// does Superset) has ClickHouse write its blocks as that version of the native protocol does: each
// begins with numbered facts about the block, `1 is_overflows 2 bucket_number [3 buckets] 0`.
// Without them the same three bytes would be an empty block of one column, whose name would begin
// with 0xff. From the version on that has fact 3, each column says before its data how it is
// serialized; the versions 54454 to 54479 (clickhouse-go sends one, and so does Grafana over HTTP)
// do that too without saying so: see dialect.c.
static int skip_block_info(struct reader *r)
{
    static const uint8_t HEAD[] = {1, 0, 2, 0xff, 0xff, 0xff, 0xff};
    const uint8_t *bytes;
    size_t got;
    uint8_t fact;
    uint64_t buckets;
    TRY(native_peek(r->source, 1, -1, &bytes, &got, r->err));
    if (got != 1 || bytes[0] != HEAD[0])
        return 0;
    TRY(native_peek(r->source, sizeof HEAD, -1, &bytes, &got, r->err));
    if (got != sizeof HEAD || memcmp(bytes, HEAD, sizeof HEAD) != 0)
        return 0;
    char skipped[sizeof HEAD];
    TRY(native_take(r->source, skipped, sizeof skipped, r->err));
    TRY(native_take_byte(r->source, &fact, r->err));
    r->unsure = fact != 3;
    if (fact == 3) {
        r->says_serialization = true;
        TRY(native_take_varint(r->source, 0, "buckets out of order", &buckets, r->err));
        TRY(native_take_byte(r->source, &fact, r->err));
    }
    return fact == 0 ? 0
                     : err_set(r->err, EX_DATAERR, "the block has the unknown fact %d", (int)fact);
}

int native_read_block(struct native_source *source, struct arena *arena, struct native_block *block,
                      bool *more, struct err *err)
{
    struct reader r = {.source = source, .arena = arena, .err = err};
    uint64_t columns, rows;
    bool end;
    TRY(native_at_end(source, &end, err));
    *more = !end;
    if (end)
        return 0;
    TRY(skip_block_info(&r));
    TRY(native_take_varint(source, LIMIT_BLOCK_COLUMNS, "columns", &columns, err));
    TRY(native_take_varint(source, LIMIT_BLOCK_ROWS, "rows", &rows, err));
    block->rows = rows;
    block->column_count = columns;
    block->columns = arena_alloc(arena, columns, sizeof *block->columns, err);
    if (block->columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < columns; i++)
        if (read_column(&r, block, &block->columns[i]) != 0)
            return err_prefix(err, "column %zu of the input block", i + 1);
    return 0;
}
