// SPDX-License-Identifier: Apache-2.0
// Matrix products, as training needs them: small, row-major, padded.
#ifndef TICKHOUSE_NN_TRAIN_MATRIX_H
#define TICKHOUSE_NN_TRAIN_MATRIX_H

#include "core/real.h"

#define multiply FIT_NAME(multiply)
#define add_rows FIT_NAME(add_rows)

// c = start + a b. a: (rows, depth), element (i, k) at a[i * a_row + k * a_step], so that a
// transposed matrix is the same matrix with the two exchanged; b: (depth, columns); c: (rows,
// columns). `start` may be c itself (then the product is added), or one row for all rows with
// start_row 0. rows is a multiple of PAD_ROWS and columns of PAD_WIDTH; b, c, start and their
// strides are aligned to PAD_WIDTH values.
struct product {
    size_t rows, columns, depth;
    const real *a;
    size_t a_row, a_step;
    const real *b;
    size_t b_row;
    const real *start;
    size_t start_row;
    real *c;
    size_t c_row;
};
void multiply(const struct product *product);

// sum[j] += the sum over i of a[i][j]. a: (rows, stride), of which the first `columns` count.
void add_rows(const real *a, size_t rows, size_t stride, size_t columns, real *sum);

#endif
