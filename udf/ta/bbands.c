// SPDX-License-Identifier: Apache-2.0
// Bollinger bands: the mean of n values, and that many standard deviations (of the population)
// around it.
#include "steps/near.h"
#include "steps/window.h"

// The three bands from one place on, and how many deviations the outer ones are from the middle.
struct bands {
    double *upper, *middle, *lower;
    v4 up, down;
};

TA_INLINE void store_bands(const struct bands *to, size_t i, v4 mean, v4 deviation, size_t lanes)
{
    v4_store_part(to->upper + i, mean + to->up * deviation, lanes);
    v4_store_part(to->middle + i, mean, lanes);
    v4_store_part(to->lower + i, mean - to->down * deviation, lanes);
}

TA_INLINE void take_roots(const struct near *near, v4 deviation[NEAR_BATCH], size_t batch)
{
    for (size_t k = 0; k < batch; k++)
        deviation[k] = v4_sqrt(near->variance[k]);
}

TA_INLINE void store_near(const struct bands *to, size_t i, const struct near *near,
                          const v4 deviation[NEAR_BATCH], size_t batch, size_t lanes)
{
    for (size_t k = 0; k < batch; k++)
        store_bands(to, i + k * LANES, near->newest[k] + near->mean[k], deviation[k], lanes);
}

// The roots of one batch are begun before the sums of the next and stored after them: a root takes
// as long as the sums of eight values, in a unit of its own.
static void bands_by_value(const double *x, size_t count, size_t n, const struct bands *to)
{
    enum { STEP = NEAR_BATCH * LANES };
    const double share = 1 / (double)n;
    v4 deviation[NEAR_BATCH];
    size_t i = 0;
    if (count >= STEP) {
        struct near near = near_moments(x, n, share, NEAR_BATCH, LANES);
        for (; i + 2 * STEP <= count; i += STEP) {
            take_roots(&near, deviation, NEAR_BATCH);
            const struct near next = near_moments(x + i + STEP, n, share, NEAR_BATCH, LANES);
            store_near(to, i, &near, deviation, NEAR_BATCH, LANES);
            near = next;
        }
        take_roots(&near, deviation, NEAR_BATCH);
        store_near(to, i, &near, deviation, NEAR_BATCH, LANES);
        i += STEP;
    }
    for (; i < count; i += LANES) {
        const size_t lanes = smaller(LANES, count - i);
        const struct near near = near_moments(x + i, n, share, 1, lanes);
        take_roots(&near, deviation, 1);
        store_near(to, i, &near, deviation, 1, lanes);
    }
}

static void bands_by_levels(const double *x, size_t count, size_t n, const struct bands *to,
                            double *scratch)
{
    window_moments(x, count, n, 1 / (double)n, to->middle, to->upper, scratch);
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 mean = v4_load_part(x + (i), lanes) + v4_load_part(to->middle + (i), lanes);      \
        store_bands(to, i, mean, v4_sqrt(v4_load_part(to->upper + (i), lanes)), lanes);            \
    } while (0)
    TA_BLOCKS(i, 0, count, BLOCK);
#undef BLOCK
}

TA_KERNEL(bbands) // in: x; param: n, up, down; out: upper, middle, lower
{
    const size_t n = (size_t)param[0];
    for (size_t k = 0; k < 3; k++)
        fill_nan(out[k], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = n <= NEAR_MOST ? size : window_chunk(from, size, n);
        const struct bands bands = {out[0] + from, out[1] + from, out[2] + from, v4_splat(param[1]),
                                    v4_splat(param[2])};
        if (n <= NEAR_MOST)
            bands_by_value(in[0] + from, to - from, n, &bands);
        else
            bands_by_levels(in[0] + from, to - from, n, &bands, scratch);
    }
}
