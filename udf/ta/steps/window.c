// SPDX-License-Identifier: Apache-2.0
// Sums, weighted sums and extremes of windows by doubling.
#include "steps/window.h"

// One digit (1, 2 or 3) in base 4 of the window: that many windows of w values, the newest of them
// `have` values back, are added to what is there (`rest`, or NULL for nothing).
static void add_digit(double *out, const double *rest, const double *s, size_t w, size_t digit,
                      double scale, size_t count)
{
    const double *s1 = s - w, *s2 = s1 - w;
    if (rest == NULL && digit == 1)
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] = scale * s[i];
    else if (rest == NULL && digit == 2)
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] = scale * (s[i] + s1[i]);
    else if (rest == NULL)
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] = scale * ((s[i] + s1[i]) + s2[i]);
    else if (digit == 1)
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] = scale * (rest[i] + s[i]);
    else if (digit == 2)
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] =
            scale * (rest[i] + (s[i] + s1[i]));
    else
        TA_INDEPENDENT for (size_t i = 0; i < count; i++) out[i] =
            scale * (rest[i] + ((s[i] + s1[i]) + s2[i]));
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
    double *level[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)};
    const double *s = x, *rest = NULL;
    size_t have = 0;
    for (size_t w = 1, turn = 0;; w *= 4, turn ^= 1) {
        const size_t digit = n / w % 4;
        const bool last = n / w < 4;
        if (digit > 0) {
            add_digit(out, rest, s - have, w, digit, last ? scale : 1.0, count);
            rest = out;
            have += digit * w;
        }
        if (last)
            return;
        // Windows of 4w values are wanted from n - 4w before the first position on.
        const size_t before = n - 4 * w;
        quadruple(level[turn], s - before, w, count + before);
        s = level[turn] + before;
    }
}

static void double_weighted(const double *restrict s, const double *restrict a, size_t w,
                            double *restrict s2, double *restrict a2, size_t count)
{
    const double *sb = s - w, *ab = a - w;
    const double weight = (double)w;
    for (size_t i = 0; i < count; i++) {
        s2[i] = s[i] + sb[i];
        a2[i] = (a[i] + ab[i]) + weight * s[i];
    }
}

// Puts the window of w values that ends `have` back in front of what is there.
static void add_weighted(double *restrict sum, double *restrict out, const double *restrict s,
                         const double *restrict a, size_t w, size_t count)
{
    const double weight = (double)w;
    for (size_t i = 0; i < count; i++) {
        out[i] = (out[i] + a[i]) + weight * sum[i];
        sum[i] += s[i];
    }
}

void window_weighted(const double *x, size_t count, size_t n, double scale, double *out,
                     double *scratch)
{
    double *sums[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)};
    double *weighted[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)};
    double *sum = scratch_take(&scratch, count);
    const double *s = x, *a = x;
    size_t have = 0;
    for (size_t w = 1, turn = 0; w <= n; w *= 2, turn ^= 1) {
        if (n & w) {
            if (have == 0) {
                memcpy(sum, s, count * sizeof *sum);
                memcpy(out, a, count * sizeof *out);
            } else
                add_weighted(sum, out, s - have, a - have, w, count);
            have += w;
        }
        if (2 * w > n)
            break;
        const size_t before = n - 2 * w;
        double_weighted(s - before, a - before, w, sums[turn], weighted[turn], count + before);
        s = sums[turn] + before;
        a = weighted[turn] + before;
    }
    for (size_t i = 0; i < count; i++)
        out[i] *= scale;
}

// Where the newest n values hold a NaN, so does the result; the loops above may have lost it.
static void spread_nan(const double *x, size_t count, size_t n, double *out)
{
    const double *first = x - (n - 1);
    const size_t length = count + n - 1;
    long long found = 0;
    for (size_t i = 0; i < length; i++)
        found |= first[i] != first[i];
    if (!found)
        return;
    size_t left = 0; // how many more positions the last NaN reaches
    for (size_t i = 0; i < length; i++) {
        left = isnan(first[i]) ? n : left;
        if (left > 0 && i >= n - 1)
            out[i - (n - 1)] = NAN;
        left -= left > 0;
    }
}

#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))

// Extremes may overlap: four windows of w values cover any window of w to 4w values.
#define WINDOW_EXTREME(name, OF)                                                                   \
    static void four_##name(double *restrict out, const double *restrict s0,                       \
                            const double *restrict s1, const double *restrict s2,                  \
                            const double *restrict s3, size_t count)                               \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            const double a = OF(s0[i], s1[i]), b = OF(s2[i], s3[i]);                               \
            out[i] = OF(a, b);                                                                     \
        }                                                                                          \
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
WINDOW_EXTREME(window_max, LARGER)
WINDOW_EXTREME(window_min, SMALLER)
