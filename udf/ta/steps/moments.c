// SPDX-License-Identifier: Apache-2.0
// Mean and squared deviations of windows, by merging pairs of windows.
#include "steps/window.h"

// A level: windows of `w` values at every position; mean is relative to the window's newest value.
struct level {
    const double *mean, *squares;
    size_t w;
};

// Puts the window of old.w values that ends new.w back before the window `new`.
static void merge(const double *x, struct level new, struct level old, double *mean,
                  double *squares, size_t count)
{
    const double a = (double)new.w, b = (double)old.w;
    const double share = b / (a + b), both = a * b / (a + b);
    const double *xb = x - new.w, *mean_b = old.mean - new.w, *squares_b = old.squares - new.w;
    TA_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const double apart = ((xb[i] - x[i]) + mean_b[i]) - new.mean[i];
        squares[i] = (new.squares[i] + squares_b[i]) + both * (apart * apart);
        mean[i] = new.mean[i] + share *apart;
    }
}

// Pairs of single values.
static void first_pairs(const double *restrict x, double *restrict mean, double *restrict squares,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double half = 0.5 * (x[(ptrdiff_t)i - 1] - x[i]);
        mean[i] = half;
        squares[i] = 2 * (half * half);
    }
}

void window_moments(const double *x, size_t count, size_t n, double *mean, double *squares,
                    double *scratch)
{
    double *means[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)};
    double *squared[2] = {scratch_take(&scratch, count + n), scratch_take(&scratch, count + n)};
    // Windows of one value: both are 0. The values before x belong to the first pairs alone.
    for (size_t i = 0; i < count; i++)
        mean[i] = 0 * x[i], squares[i] = mean[i];
    size_t have = n & 1;
    struct level level = {NULL, NULL, 1};
    for (size_t turn = 0; 2 * level.w <= n; turn ^= 1) {
        const size_t before = n - 2 * level.w;
        double *const m = means[turn] + before, *const q = squared[turn] + before;
        if (level.w == 1)
            first_pairs(x - before, means[turn], squared[turn], count + before);
        else {
            const struct level older = {level.mean - before, level.squares - before, level.w};
            merge(x - before, older, older, means[turn], squared[turn], count + before);
        }
        level = (struct level){m, q, 2 * level.w};
        if (!(n & level.w))
            continue;
        if (have == 0) {
            memcpy(mean, m, count * sizeof *mean);
            memcpy(squares, q, count * sizeof *squares);
        } else
            merge(x, (struct level){mean, squares, have}, level, mean, squares, count);
        have += level.w;
    }
}
