// SPDX-License-Identifier: Apache-2.0
// A tile of c stays in registers while the depth is walked: TILE_ROWS rows of TILE_VECTORS vectors.
// Nothing is repacked: weights are padded once a batch and everything else is used where it lies.
// For the step of a recurrent layer this is faster than a library that is made for large matrices;
// docs/benchmarks.md has the figures.
#include "core/matrix.h"

// Of a depth beyond this, parts are added one after the other, so that the columns of b that a tile
// needs stay in the first-level cache.
enum { DEPTH_BLOCK = 256 };

#define INLINE static inline __attribute__((always_inline))

// Element (i, j) of a tile of c, for `count` vectors beside each other.
INLINE void tile(const struct product *p, const real *a, const real *b, size_t depth,
                 const real *start, size_t start_row, real *c, size_t count)
{
    vector sum[TILE_ROWS][TILE_VECTORS];
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t j = 0; j < count; j++)
            sum[i][j] = *(const vector *)(start + i * start_row + j * LANES);
    for (size_t k = 0; k < depth; k++) {
        vector line[TILE_VECTORS];
        for (size_t j = 0; j < count; j++)
            line[j] = *(const vector *)(b + k * p->b_row + j * LANES);
        for (size_t i = 0; i < TILE_ROWS; i++) {
            const real factor = a[i * p->a_row + k * p->a_step];
            for (size_t j = 0; j < count; j++)
                sum[i][j] += factor * line[j];
        }
    }
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t j = 0; j < count; j++)
            *(vector *)(c + i * p->c_row + j * LANES) = sum[i][j];
}

// All rows of `count` vectors of columns from column j on.
INLINE void column_of_tiles(const struct product *p, size_t j, size_t k, size_t depth, size_t count)
{
    const bool first = k == 0;
    const real *start = first ? p->start : p->c;
    const size_t start_row = first ? p->start_row : p->c_row;
    for (size_t i = 0; i < p->rows; i += TILE_ROWS)
        tile(p, p->a + i * p->a_row + k * p->a_step, p->b + k * p->b_row + j, depth,
             start + i * start_row + j, start_row, p->c + i * p->c_row + j, count);
}

void multiply(const struct product *p)
{
    size_t k = 0;
    do {
        const size_t depth = p->depth - k < DEPTH_BLOCK ? p->depth - k : DEPTH_BLOCK;
        const size_t width = (size_t)TILE_VECTORS * LANES;
        size_t j = 0;
        for (; j + width <= p->columns; j += width)
            column_of_tiles(p, j, k, depth, TILE_VECTORS);
        for (; j < p->columns; j += LANES)
            column_of_tiles(p, j, k, depth, 1);
        k += depth;
    } while (k < p->depth);
}

void add_rows(const real *a, size_t rows, size_t stride, size_t columns, real *sum)
{
    for (size_t j = 0; j < columns; j += LANES) {
        vector total = *(vector *)(sum + j);
        for (size_t i = 0; i < rows; i++)
            total += *(const vector *)(a + i * stride + j);
        *(vector *)(sum + j) = total;
    }
}
