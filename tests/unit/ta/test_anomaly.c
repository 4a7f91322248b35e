// SPDX-License-Identifier: Apache-2.0
// ta_anomaly's methods beside slow twins that sort every window anew, and their rules: no
// look-ahead, flat input, values that are not finite, spikes that leave.
#include "anomaly/anomaly.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 400 };
typedef long double real;

static const struct {
    const char *name;
    anomaly_method *run;
    size_t warm_up; // times n
} methods[] = {{"robust", anomaly_robust, 1},
               {"ewma", anomaly_ewma, 1},
               {"seasonal", anomaly_seasonal, 1 + ANOMALY_SEASONS}};
enum { METHODS = sizeof methods / sizeof *methods };

static void run(size_t method, const double *x, size_t size, size_t n, double *score)
{
    double scratch[ANOMALY_SCRATCH(MOST)];
    memset(score, 0x55, size * sizeof *score);
    memset(scratch, 0x55, sizeof scratch);
    methods[method].run(x, size, n, score, scratch);
}

static void assert_score(double got, double wanted, size_t method, size_t n, size_t i)
{
    if (isnan(wanted) ? isnan(got)
                      : got == wanted || fabs(got - wanted) <= 1e-9 * fmax(1, fabs(wanted)))
        return;
    fail_msg("%s of %zu at %zu: %.17g, wanted %.17g", methods[method].name, n, i, got, wanted);
}

static int compare(const void *a, const void *b)
{
    const real x = *(const real *)a, y = *(const real *)b;
    return (x > y) - (x < y);
}

static real slow_median(const real *values, size_t count)
{
    real sorted[MOST];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static double slow_robust(const real *before, size_t count, real x, real size)
{
    real distances[MOST], sum = 0;
    const real median = slow_median(before, count);
    for (size_t i = 0; i < count; i++)
        sum += distances[i] = fabsl(before[i] - median);
    const real d = slow_median(distances, count);
    const real spread = d > 0 ? 1.4826L * d : 1.2533141373155003L * sum / (real)count;
    return fabsl(x - median) <= 0x1p-48L * fabsl(size) ? 0 : (double)((x - median) / spread);
}

static void twin_robust(const double *x, size_t size, size_t n, double *score)
{
    for (size_t i = 0; i < size; i++) {
        real before[MOST];
        size_t count = 0;
        for (size_t j = i; j-- > 0 && count < n;)
            if (isfinite(x[j]))
                before[count++] = x[j];
        score[i] = count == n && isfinite(x[i]) ? slow_robust(before, n, x[i], x[i]) : (double)NAN;
    }
}

static void twin_ewma(const double *x, size_t size, size_t n, double *score)
{
    real seen[MOST];
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        real mean = 0, variance = 0;
        score[i] = NAN;
        if (!isfinite(x[i]))
            continue;
        seen[count++] = x[i];
        if (count <= n)
            continue;
        for (size_t j = 0; j < n; j++)
            mean += seen[j] / (real)n;
        for (size_t j = 0; j < n; j++)
            variance += (seen[j] - mean) * (seen[j] - mean) / (real)n;
        for (size_t j = n; j + 1 < count; j++) {
            const real a = 2 / ((real)n + 1), distance = seen[j] - mean;
            mean = (1 - a) * mean + a * seen[j];
            variance = (1 - a) * (variance + a * distance * distance);
        }
        score[i] = (double)((x[i] - mean) / sqrtl(variance));
    }
}

static void twin_seasonal(const double *x, size_t size, size_t n, double *score)
{
    real residuals[MOST] = {0};
    for (size_t i = 0; i < size; i++) {
        real places[3] = {0}, before[MOST] = {0};
        size_t count = 0;
        for (size_t season = 1; season <= 3 && i >= 3 * n; season++)
            if (isfinite(x[i - season * n]))
                places[count++] = x[i - season * n];
        residuals[i] = count != 0 ? x[i] - slow_median(places, count) : (real)NAN;
        count = 0;
        for (size_t j = 1; j <= n && i >= 4 * n; j++)
            if (isfinite((double)residuals[i - j]))
                before[count++] = residuals[i - j];
        const int known = isfinite((double)residuals[i]) && count != 0 && 2 * count >= n;
        score[i] = known ? slow_robust(before, count, residuals[i], x[i]) : (double)NAN;
    }
}

static double random_double(void)
{
    return (double)rand() / RAND_MAX;
}

// A walk with holes, repeated values and, now and then, a spike.
static void make_series(double *x, size_t size, int holes)
{
    for (size_t i = 0; i < size; i++) {
        x[i] =
            (i == 0 || !isfinite(x[i - 1]) ? 100 : x[i - 1]) + round(random_double() * 6 - 3) / 4;
        if (holes && rand() % 17 == 0)
            x[i] = rand() % 2 == 0 ? (double)NAN : (double)INFINITY;
    }
}

static void test_beside_the_twins(void **state)
{
    static void (*const twins[METHODS])(const double *, size_t, size_t,
                                        double *) = {twin_robust, twin_ewma, twin_seasonal};
    (void)state;
    srand(4);
    for (int round = 0; round < 120; round++) {
        double x[MOST], score[MOST], wanted[MOST];
        const size_t size = (size_t)rand() % 120, n = 3 + (size_t)rand() % 12;
        make_series(x, size, round % 2);
        for (size_t m = 0; m < METHODS; m++) {
            run(m, x, size, n, score);
            twins[m](x, size, n, wanted);
            for (size_t i = 0; i < size; i++)
                assert_score(score[i], wanted[i], m, n, i);
        }
    }
}

static void test_no_look_ahead(void **state)
{
    double x[200], whole[200], part[200];
    (void)state;
    srand(5);
    make_series(x, 200, 1);
    for (size_t m = 0; m < METHODS; m++) {
        run(m, x, 200, 7, whole);
        for (size_t size = 0; size < 200; size++) {
            run(m, x, size, 7, part);
            assert_memory_equal(part, whole, size * sizeof *part);
        }
    }
}

// 0.1 is no number of a double, and its sums are not either.
static void test_flat(void **state)
{
    double x[60], score[60];
    (void)state;
    for (size_t m = 0; m < METHODS; m++) {
        for (size_t i = 0; i < 60; i++)
            x[i] = 0.1;
        x[50] = 0.2;
        x[55] = 0.1;
        run(m, x, 60, 9, score);
        for (size_t i = 0; i < 50; i++)
            assert_score(score[i], i < 9 * methods[m].warm_up ? NAN : 0, m, 9, i);
        assert_true(score[50] == (double)INFINITY);
        x[50] = 0.05;
        run(m, x, 60, 9, score);
        assert_true(score[50] == (double)-INFINITY);
    }
}

static void test_spike_leaves(void **state)
{
    double x[200], y[200], with[200], without[200];
    (void)state;
    srand(6);
    make_series(x, 200, 0);
    memcpy(y, x, sizeof y);
    x[60] = 1e17;
    for (size_t m = 0; m < METHODS; m++) {
        run(m, x, 200, 10, with);
        run(m, y, 200, 10, without);
        assert_true(with[60] > 1e6);
        for (size_t i = 60 + 10 * methods[m].warm_up + 1; i < 200 && m != 1; i++)
            assert_score(with[i], without[i], m, 10, i);
    }
}

static void test_short(void **state)
{
    static const double x[] = {1, 2, 3, 4};
    double score[4];
    (void)state;
    for (size_t m = 0; m < METHODS; m++) {
        run(m, x, 0, 3, score);
        run(m, x, 4, 1000000000, score);
        for (size_t i = 0; i < 4; i++)
            assert_true(isnan(score[i]));
    }
    run(0, x, 4, 3, score);
    assert_score(score[3], 2 / 1.4826, 0, 3, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beside_the_twins),
        cmocka_unit_test(test_no_look_ahead),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_spike_leaves),
        cmocka_unit_test(test_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
