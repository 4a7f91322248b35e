// SPDX-License-Identifier: Apache-2.0
// Weights between the network's layout and the padded one of a pass.
#include "core/pass.h"

void pack(const real *matrix, size_t width, size_t from, size_t units, size_t to,
          struct weights *weights)
{
    for (size_t i = 0; i < weights->inputs; i++)
        memcpy(weights->values + i * weights->stride + to, matrix + i * width + from,
               units * sizeof(real));
}

void unpack(const struct weights *weights, size_t from, size_t units, real *matrix, size_t width,
            size_t to)
{
    for (size_t i = 0; i < weights->inputs; i++)
        memcpy(matrix + i * width + to, weights->gradient + i * weights->stride + from,
               units * sizeof(real));
}

// By squares of a cache line, so that both sides are read and written whole.
void pack_transposed(struct weights *weights)
{
    for (size_t j0 = 0; j0 < weights->columns; j0 += PAD_WIDTH)
        for (size_t i0 = 0; i0 < weights->inputs; i0 += PAD_WIDTH)
            for (size_t j = j0; j < j0 + PAD_WIDTH; j++)
                for (size_t i = i0; i < i0 + PAD_WIDTH; i++)
                    weights->transposed[j * weights->transposed_stride + i] =
                        weights->values[i * weights->stride + j];
}
