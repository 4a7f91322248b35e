// SPDX-License-Identifier: Apache-2.0
// An array out of another program's file, whatever its type there: values as doubles, row-major.
#ifndef TICKHOUSE_NN_IMPORT_TENSOR_H
#define TICKHOUSE_NN_IMPORT_TENSOR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { TENSOR_MAX_RANK = 8 };

enum element {
    ELEMENT_F32,
    ELEMENT_F64,
    ELEMENT_F16,
    ELEMENT_BF16,
    ELEMENT_I32,
    ELEMENT_I64,
    ELEMENT_BOOL,
    ELEMENT_OTHER
};

struct tensor {
    const char *name; // as its file has it
    size_t rank, shape[TENSOR_MAX_RANK], elements;
    const double *values;
};

// 0 for ELEMENT_OTHER.
size_t element_size(enum element element);

// `count` little-endian elements, which may be unaligned, as doubles in the arena.
int tensor_decode(const void *bytes, enum element element, size_t count, struct arena *arena,
                  const double **values, struct err *err);

// The product of the shape; false when it overflows.
bool tensor_count(const size_t *shape, size_t rank, size_t *count);

// A tensor of rank 1 (rows 0) or 2 that is a piece of another, `from` values behind its start.
int tensor_piece(const struct tensor *whole, size_t from, size_t rows, size_t columns,
                 struct arena *arena, const struct tensor **piece, struct err *err);

#endif
