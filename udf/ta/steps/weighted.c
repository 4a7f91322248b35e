// SPDX-License-Identifier: Apache-2.0
// Weighted sums of windows by doubling: A(a + b)[i] = A(a)[i] + b S(a)[i] + A(b)[i-a], S the plain
// sums.
#include "steps/window.h"

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
