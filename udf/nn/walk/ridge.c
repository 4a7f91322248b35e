// SPDX-License-Identifier: Apache-2.0
#include "walk/ridge.h"

#include <math.h>

// In place: the lower triangle becomes L with L Lt = a.
static bool cholesky(double *a, size_t width)
{
    for (size_t i = 0; i < width; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * width + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * width + k] * a[j * width + k];
            if (i != j)
                a[i * width + j] = sum / a[j * width + j];
            else if (sum > 0)
                a[i * width + i] = sqrt(sum);
            else
                return false;
        }
    return true;
}

// x becomes the solution of L Lt x = x.
static void substitute(const double *l, size_t width, double *x)
{
    for (size_t i = 0; i < width; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= l[i * width + k] * x[k];
        x[i] /= l[i * width + i];
    }
    for (size_t i = width; i-- > 0;) {
        for (size_t k = i + 1; k < width; k++)
            x[i] -= l[k * width + i] * x[k];
        x[i] /= l[i * width + i];
    }
}

bool ridge_solve(const double *gram, const double *moment, size_t width, double lambda,
                 double *scratch, double *weights)
{
    for (size_t i = 0; i < width; i++) {
        for (size_t j = 0; j <= i; j++)
            scratch[i * width + j] = gram[i * width + j] + (i == j ? lambda : 0);
        weights[i] = moment[i];
    }
    if (!cholesky(scratch, width))
        return false;
    substitute(scratch, width, weights);
    return true;
}
