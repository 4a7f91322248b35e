// SPDX-License-Identifier: Apache-2.0
// Sums and extremes of windows, from levels: the windows of 4, 16, 64 … values at every position. A
// level is made of four of the level below; a window of n is gathered from at most seven windows of
// the top level and three of each lower one.
#include "steps/window.h"

enum {
    BATCH = 4,  // vectors of results that are formed together
    LEVELS = 4, // levels that are kept at a time
    TOP = 8,    // so many windows of a level make another level worthwhile
    MOST_TERMS = 7 + 3 * LEVELS + 1
};

// Arrays whose values at the same position are to be added.
struct terms {
    const double *term[MOST_TERMS];
    size_t count;
};

static void gather_sums(const struct terms *terms, double scale, double *out, size_t count)
{
    const v4 factor = v4_splat(scale);
    size_t i = 0;
    for (; i + BATCH * LANES <= count; i += BATCH * LANES) {
        v4 sum[BATCH];
        for (size_t k = 0; k < BATCH; k++)
            sum[k] = v4_load(terms->term[0] + i + k * LANES);
        for (size_t t = 1; t < terms->count; t++)
            for (size_t k = 0; k < BATCH; k++)
                sum[k] += v4_load(terms->term[t] + i + k * LANES);
        for (size_t k = 0; k < BATCH; k++)
            v4_store(out + i + k * LANES, sum[k] * factor);
    }
    for (; i < count; i++) {
        double sum = terms->term[0][i];
        for (size_t t = 1; t < terms->count; t++)
            sum += terms->term[t][i];
        out[i] = sum * scale;
    }
}

// `digit` windows of w values, the newest of them `have` values back.
static size_t add_terms(struct terms *terms, const double *s, size_t w, size_t digit, size_t have)
{
    for (size_t k = 0; k < digit; k++)
        terms->term[terms->count++] = s - have - k * w;
    return have + digit * w;
}

// out[i]: the four windows of w values that end at i, i - w, i - 2w, i - 3w.
static void quadruple(double *restrict out, const double *restrict s, size_t w, size_t count)
{
    const double *s1 = s - w, *s2 = s1 - w, *s3 = s2 - w;
    for (size_t i = 0; i < count; i++)
        out[i] = (s[i] + s1[i]) + (s2[i] + s3[i]);
}

void window_sum(const double *x, size_t count, size_t n, double scale, double *out, double *scratch)
{
    double *level[LEVELS];
    for (size_t k = 0; k < LEVELS; k++)
        level[k] = scratch_take(&scratch, count + n);
    struct terms terms = {.count = 0};
    const double *s = x;
    size_t w = 1, have = 0;
    for (size_t turn = 0; n / w >= TOP; w *= 4, turn++) {
        have = add_terms(&terms, s, w, n / w % 4, have);
        if (turn >= LEVELS - 1 && terms.count > 0) { // a level is about to give way
            gather_sums(&terms, 1, out, count);
            terms = (struct terms){.term = {out}, .count = 1};
        }
        // Windows of 4w values are wanted from n - 4w before the first position on.
        const size_t before = n - 4 * w;
        quadruple(level[turn % LEVELS], s - before, w, count + before);
        s = level[turn % LEVELS] + before;
    }
    add_terms(&terms, s, w, n / w, have);
    gather_sums(&terms, scale, out, count);
}

// Where the newest n values hold a NaN, so does the result; the comparisons may have lost it.
static void spread_nan(const double *x, size_t count, size_t n, double *out)
{
    const double *first = x - (n - 1);
    const size_t length = count + n - 1;
    v4_mask found = {0};
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 v = v4_load_part(first + (i), lanes);                                             \
        found |= v != v;                                                                           \
    } while (0)
    TA_BLOCKS(i, 0, length, BLOCK);
#undef BLOCK
    if (!(found[0] | found[1] | found[2] | found[3]))
        return;
    size_t left = 0; // how many more positions the last NaN reaches
    for (size_t i = 0; i < length; i++) {
        left = isnan(first[i]) ? n : left;
        if (left > 0 && i >= n - 1)
            out[i - (n - 1)] = NAN;
        left -= left > 0;
    }
}

// Extremes may overlap: four windows of w values cover any window of w to 4w values.
#define FOUR(OF, i, lanes)                                                                         \
    do {                                                                                           \
        const v4 a = OF(v4_load_part(s0 + (i), lanes), v4_load_part(s1 + (i), lanes));             \
        const v4 b = OF(v4_load_part(s2 + (i), lanes), v4_load_part(s3 + (i), lanes));             \
        v4_store_part(out + (i), OF(a, b), lanes);                                                 \
    } while (0)
#define FOUR_MAX(i, lanes) FOUR(v4_max, i, lanes)
#define FOUR_MIN(i, lanes) FOUR(v4_min, i, lanes)
#define WINDOW_EXTREME(name, FOUR_OF)                                                              \
    static void four_##name(double *out, const double *s0, const double *s1, const double *s2,     \
                            const double *s3, size_t count)                                        \
    {                                                                                              \
        TA_BLOCKS(i, 0, count, FOUR_OF);                                                           \
    }                                                                                              \
    void name(const double *x, size_t count, size_t n, double *out, double *scratch)               \
    {                                                                                              \
        double *level[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)}; \
        const double *s = x;                                                                       \
        size_t w = 1;                                                                              \
        for (size_t turn = 0; 4 * w < n; w *= 4, turn ^= 1) {                                      \
            const size_t before = n - 4 * w;                                                       \
            const double *from = s - before;                                                       \
            four_##name(level[turn], from, from - w, from - 2 * w, from - 3 * w, count + before);  \
            s = level[turn] + before;                                                              \
        }                                                                                          \
        const size_t most = n - w;                                                                 \
        four_##name(out, s, s - smaller(w, most), s - smaller(2 * w, most), s - most, count);      \
        spread_nan(x, count, n, out);                                                              \
    }
WINDOW_EXTREME(window_max, FOUR_MAX)
WINDOW_EXTREME(window_min, FOUR_MIN)
