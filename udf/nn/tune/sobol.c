// SPDX-License-Identifier: Apache-2.0
// Sobol's sequence in Gray code order (Antonov and Saleev 1979) with the direction numbers of Joe
// and Kuo 2008 (new-joe-kuo-6), which keep also the projections on pairs of dimensions even.
#include "tune/sobol.h"
#include "tune/random.h"

enum { BITS = 32, MAX_DEGREE = 7 };

// Dimension 2 and on: degree and inner coefficients of a primitive polynomial, and the first
// direction numbers.
static const struct {
    uint8_t degree, coefficients, first[MAX_DEGREE];
} directions[SOBOL_MAX_DIMENSIONS - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
};

// Direction number `bit` of a dimension, counted from 0: the first ones are given, the others
// follow by the polynomial.
static void direction_numbers(size_t dimension, uint32_t numbers[BITS])
{
    for (int bit = 0; bit < BITS; bit++)
        numbers[bit] = 1U << (BITS - 1 - bit);
    if (dimension == 0)
        return;
    const int degree = directions[dimension - 1].degree;
    const unsigned coefficients = directions[dimension - 1].coefficients;
    for (int bit = 0; bit < degree; bit++)
        numbers[bit] = (uint32_t)directions[dimension - 1].first[bit] << (BITS - 1 - bit);
    for (int bit = degree; bit < BITS; bit++) {
        numbers[bit] = numbers[bit - degree] ^ (numbers[bit - degree] >> degree);
        for (int k = 1; k < degree; k++)
            if ((coefficients >> (degree - 1 - k) & 1) != 0)
                numbers[bit] ^= numbers[bit - k];
    }
}

uint32_t sobol_bits(size_t dimension, uint32_t index)
{
    uint32_t numbers[BITS], x = 0;
    direction_numbers(dimension, numbers);
    const uint32_t gray = index ^ (index >> 1);
    for (int bit = 0; bit < BITS; bit++)
        if ((gray >> bit & 1) != 0)
            x ^= numbers[bit];
    return x;
}

void sobol_point(uint64_t seed, uint32_t index, size_t dimensions, double *point)
{
    uint64_t state = seed;
    for (size_t d = 0; d < dimensions; d++) {
        const uint32_t shift = (uint32_t)(random_bits(&state) >> 32);
        point[d] = ((double)(sobol_bits(d, index) ^ shift) + 0.5) * 0x1p-32;
    }
}
