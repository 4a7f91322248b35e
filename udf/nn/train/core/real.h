// SPDX-License-Identifier: Apache-2.0
// The type that a core computes in, its vectors, and the functions that gates need. A core's
// functions carry its variant in their names.
#ifndef TICKHOUSE_NN_TRAIN_REAL_H
#define TICKHOUSE_NN_TRAIN_REAL_H

#include "core/core.h"

#include <math.h>
#include <string.h>

#define FIT_PASTE(name, variant) name##_##variant
#define FIT_EXPAND(name, variant) FIT_PASTE(name, variant)
#define FIT_NAME(name) FIT_EXPAND(name, FIT_VARIANT)

#ifdef FIT_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, TILE_ROWS = 8 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32, TILE_ROWS = 4 };
#else
enum { VECTOR_BYTES = 16, TILE_ROWS = 4 };
#endif
typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
enum { LANES = VECTOR_BYTES / sizeof(real), TILE_VECTORS = 2 };

// Widths are padded with zeros to whole vectors of every instruction set, heights to whole tiles.
enum { PAD_WIDTH = 16, PAD_ROWS = 8 };

static inline size_t padded(size_t width)
{
    return (width + PAD_WIDTH - 1) / PAD_WIDTH * PAD_WIDTH;
}

static inline size_t padded_rows(size_t rows)
{
    return (rows + PAD_ROWS - 1) / PAD_ROWS * PAD_ROWS;
}

// The distance between rows of a matrix that is walked down its columns: an odd number of cache
// lines, since an even one would put all its rows into a few sets of the cache.
static inline size_t odd_stride(size_t width)
{
    return (padded(width) / PAD_WIDTH | 1) * PAD_WIDTH;
}

#ifdef FIT_DOUBLE
static inline real real_sqrt(real x)
{
    return sqrt(x);
}

static inline real real_exp(real x)
{
    return exp(x);
}

static inline real real_sigmoid(real x)
{
    return 1 / (1 + exp(-x));
}

static inline real real_tanh(real x)
{
    return tanh(x);
}
#else
static inline float real_sqrt(float x)
{
    return sqrtf(x);
}

// e^x to 2 units in the last place for -87 <= x <= 87, and as at the ends beyond. Written so that
// a loop over it becomes vector code: x = n ln 2 + r, and e^r by its series.
static inline float real_exp(float x)
{
    const float bounded = x < -87.0F ? -87.0F : x > 87.0F ? 87.0F : x;
    const float magic = 12582912.0F; // 1.5 x 2^23: adding it rounds to an integer
    const float shifted = bounded * 1.442695040888963F + magic;
    const float n = shifted - magic;
    const float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F; // ln 2 in two parts
    float series = 1.0F / 5040;
    series = series * r + 1.0F / 720;
    series = series * r + 1.0F / 120;
    series = series * r + 1.0F / 24;
    series = series * r + 1.0F / 6;
    series = series * r + 0.5F;
    series = series * r * r + r + 1.0F;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23; // the integer is in the lowest bits
    float power;
    memcpy(&power, &bits, sizeof power);
    return series * power;
}

static inline float real_sigmoid(float x)
{
    return 1 / (1 + real_exp(-x));
}

// To 1e-7 absolutely, which is what a state between -1 and 1 needs.
static inline float real_tanh(float x)
{
    return 2 / (1 + real_exp(-2 * x)) - 1;
}
#endif

#endif
