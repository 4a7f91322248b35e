// SPDX-License-Identifier: Apache-2.0
// ClickHouse's Native format: blocks of named columns, read from a pipe or from memory, converted,
// and written.
//
// A column is a tree of plain arrays in an arena; readers of one see the values in place and copy
// nothing. By type:
// - fixed width: `values`, rows x type->width bytes, little endian
// - String: `ends`, rows x uint64, where each value ends in `bytes`; the first begins at 0
// - Nullable(T): `nulls`, rows x uint8, 1 = NULL; children[0] is T x rows, with defaults under
// NULLs
// - Array(T): `ends`, rows x uint64, where each row's elements end; children[0] is T x the last end
// - Map(K, V): `ends` as Array; children[0] are the keys, children[1] the values
// - Tuple(T...): children[i] is T_i x rows
// - LowCardinality(T): `indexes`, rows x `index_width` bytes, into children[0], a dictionary of T
//   without Nullable; in LowCardinality(Nullable(T)) index 0 is NULL
#ifndef TICKHOUSE_NATIVE_NATIVE_H
#define TICKHOUSE_NATIVE_NATIVE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "native/type.h"

struct native_column {
    const char *name; // of a block's column, else NULL
    const struct native_type *type;
    size_t rows;
    union {
        void *values;
        uint64_t *ends;
        uint8_t *nulls;
        void *indexes;
    };
    char *bytes;
    uint32_t index_width;
    struct native_column *children; // type->child_count of them
};

struct native_block {
    size_t rows, column_count;
    struct native_column *columns;
};

// Where bytes come from: a descriptor, or memory when fd is -1.
struct native_source {
    int fd;
    const char *data; // memory, or what has been read ahead
    size_t at, size;
    char *ahead; // owned read-ahead buffer of a descriptor, `room` bytes
    size_t room;
};

void native_source_memory(struct native_source *source, const void *data, size_t size);
int native_source_fd(struct native_source *source, int fd, struct err *err);
void native_source_close(struct native_source *source);

// Reads the next block into the arena. *more is false at the end of the input, which may only come
// between blocks.
int native_read_block(struct native_source *source, struct arena *arena, struct native_block *block,
                      bool *more, struct err *err);

// Where bytes go: a descriptor, for which small pieces are gathered, or a growing buffer.
struct native_sink {
    int fd;
    char *pending;
    size_t used;
    struct buffer *buffer; // borrowed; NULL for a descriptor
};

void native_sink_buffer(struct native_sink *sink, struct buffer *buffer);
int native_sink_fd(struct native_sink *sink, int fd, struct err *err);
void native_sink_close(struct native_sink *sink);
int native_sink_write(struct native_sink *sink, const void *data, size_t size, struct err *err);
int native_sink_flush(struct native_sink *sink, struct err *err);

// Writes a block; the caller flushes.
int native_write_block(struct native_sink *sink, const struct native_block *block, struct err *err);

// Writes a block that no reader accepts, with the sentence of `err` where a type's name is wanted.
// executable() ignores exit codes unless it is told not to; with this a failed table is never
// mistaken for a short one.
int native_write_error(struct native_sink *sink, const struct err *err);

// Gives `column` the type `wanted`: the column itself where they are the same, else a converted
// copy in the arena. Integers, floats, decimals, Bool, dates and times convert where the value
// survives; NULL becomes NaN in a float and is an error elsewhere; LowCardinality, Nullable, Array
// and Tuple convert element by element. `what` names the column in errors ("argument 'n'").
int native_convert(struct arena *arena, const struct native_column *column,
                   const struct native_type *wanted, const char *what,
                   const struct native_column **result, struct err *err);

// A column with room for `rows` (values, ends, nulls or indexes) and children without rows yet;
// contents are not cleared.
int native_column_new(struct arena *arena, const struct native_type *type, size_t rows,
                      struct native_column *column, struct err *err);

// LowCardinality replaced by its values at every level; other columns are returned as they are.
int native_materialize(struct arena *arena, const struct native_column *column,
                       const struct native_column **result, struct err *err);

// The rows [from[i], to[i]) of `count` columns of one type (no LowCardinality), one after the
// other, as one column.
struct native_slice {
    const struct native_column *column;
    size_t from, to;
};
int native_concat(struct arena *arena, const struct native_slice *slices, size_t count,
                  struct native_column *result, struct err *err);

// Which key of its dictionary a row of a LowCardinality column has.
size_t native_index(const struct native_column *column, size_t row);

// Where the elements of row `row` begin, given the ends of an Array, Map or String column.
static inline uint64_t native_start(const uint64_t *ends, size_t row)
{
    return row == 0 ? 0 : ends[row - 1];
}

#endif
