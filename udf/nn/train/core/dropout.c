// SPDX-License-Identifier: Apache-2.0
// Inverted dropout: in training each value is dropped with probability p, the others are divided
// by 1 - p. What is dropped follows from the batch's key, the sample's place in the batch, the step
// and the unit, so backward finds it again, and no number of threads changes it.
#include "core/pass.h"

// Chris Wellons' lowbias32: each bit of the input changes each of the output about half the time.
static inline uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x846ca68bU;
    return x ^ (x >> 16);
}

static void drop_row(uint32_t key, uint32_t threshold, real factor, const real *restrict from,
                     real *restrict to, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        const real kept = mix(key + (uint32_t)i * 0x9e3779b9U) >= threshold ? factor : 0;
        to[i] = from[i] * kept;
    }
}

// The same pattern for values forward and gradients backward. A row's key depends on 64 bits of the
// batch's, so rows do not repeat each other.
static void drop(const struct stage *stage, const real *from, real *to, size_t rows, size_t first)
{
    const double share = stage->layer->dropout;
    const uint32_t threshold = (uint32_t)(share * 0x1p32);
    const real factor = (real)(1 / (1 - share));
    const uint32_t low = (uint32_t)stage->dropout_key, high = (uint32_t)(stage->dropout_key >> 32);
    for (size_t step = 0; step < stage->in.steps; step++)
        for (size_t i = 0; i < rows; i++) {
            const uint32_t row = mix(mix((uint32_t)(first + i) ^ low) + (uint32_t)step) ^ high;
            const size_t at = (step * rows + i) * stage->in.stride;
            drop_row(mix(row), threshold, factor, from + at, to + at, stage->in.stride);
        }
}

static size_t value_count(const struct stage *stage, size_t rows)
{
    return stage->in.steps * rows * stage->in.stride;
}

void dropout_forward(struct stage *stage, size_t rows, size_t first, bool training)
{
    if (training && stage->layer->dropout > 0)
        drop(stage, stage->in.value, stage->out.value, rows, first);
    else
        memcpy(stage->out.value, stage->in.value, value_count(stage, rows) * sizeof(real));
}

void dropout_backward(struct stage *stage, size_t rows, size_t first, bool training)
{
    if (stage->in.gradient == NULL)
        return;
    if (training && stage->layer->dropout > 0)
        drop(stage, stage->out.gradient, stage->in.gradient, rows, first);
    else
        memcpy(stage->in.gradient, stage->out.gradient, value_count(stage, rows) * sizeof(real));
}
