// SPDX-License-Identifier: Apache-2.0
// Metrics against values worked out by hand or published, and their odd cases. oracle.sh compares
// the SQL functions with scikit-learn and scipy.
#include "metrics/metrics.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

// NaN equals NaN here.
static void assert_near(double got, double wanted, double tolerance)
{
    if (isnan(got) && isnan(wanted))
        return;
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static void test_errors(void **state)
{
    static const double truth[] = {1, 2, NAN, 4, 9}, predicted[] = {2, 2, 5, 1, INFINITY};
    (void)state;
    assert_near(metric_mse(truth, predicted, 5), 10.0 / 3, 1e-15);
    assert_near(metric_rmse(truth, predicted, 5), sqrt(10.0 / 3), 1e-15);
    assert_near(metric_mae(truth, predicted, 5), 4.0 / 3, 1e-15);
    assert_near(metric_r2(truth, predicted, 5), 1 - 10 / (14.0 / 3), 1e-15);
    assert_near(metric_mse(truth + 2, predicted + 2, 1), NAN, 0);
    assert_near(metric_mae(truth, predicted, 0), NAN, 0);
}

// Three times 0.1 has a mean that is not 0.1.
static void test_flat(void **state)
{
    static const double flat[] = {0.1, 0.1, 0.1}, rising[] = {1, 2, 3};
    double scratch[METRIC_RANK_SCRATCH(3)];
    (void)state;
    assert_near(metric_r2(flat, rising, 3), NAN, 0);
    assert_near(metric_ic(flat, rising, 3), NAN, 0);
    assert_near(metric_ic(rising, flat, 3), NAN, 0);
    assert_near(metric_rank_ic(rising, flat, 3, scratch), NAN, 0);
    assert_near(metric_sharpe(flat, 3, 252), NAN, 0);
    assert_near(metric_moments(flat, 3).mean, 0.1, 0);
    assert_near(metric_moments(flat, 3).skew, NAN, 0);
}

static void test_direction(void **state)
{
    static const double truth[] = {1, -1, 0, 2, -3, NAN}, predicted[] = {5, 1, 1, 0, -0.1, 1};
    (void)state;
    assert_near(metric_direction(truth, predicted, 6), 0.5, 0);
    assert_near(metric_direction(truth + 2, predicted + 2, 1), NAN, 0);
}

static void test_ic(void **state)
{
    static const double x[] = {1, 2, 3, 4}, y[] = {1, 4, 9, 16}, two[] = {2, 1};
    double scratch[METRIC_RANK_SCRATCH(8)];
    (void)state;
    assert_near(metric_ic(x, y, 4), 25 / sqrt(5 * 129), 1e-15);
    assert_near(metric_rank_ic(x, y, 4, scratch), 1, 1e-15);
    assert_near(metric_ic(x, two, 2), NAN, 0);
    // Kendall and Gibbons' ties: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4
    static const double tied[] = {10, 20, 20, 30};
    assert_near(metric_rank_ic(tied, x, 4, scratch), 4.5 / sqrt(4.5 * 5), 1e-15);
}

static double random_double(void)
{
    return (double)rand() / RAND_MAX - 0.5;
}

// Ranks counted one by one, and their correlation in long double.
static double slow_rank_ic(const double *x, const double *y, size_t n)
{
    long double xx = 0, xy = 0, yy = 0;
    const long double mean = ((long double)n + 1) / 2;
    for (size_t i = 0; i < n; i++) {
        long double rank_x = 0.5L, rank_y = 0.5L;
        for (size_t j = 0; j < n; j++) {
            rank_x += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5L : 0;
            rank_y += y[j] < y[i] ? 1 : y[j] == y[i] ? 0.5L : 0;
        }
        xx += (rank_x - mean) * (rank_x - mean);
        xy += (rank_x - mean) * (rank_y - mean);
        yy += (rank_y - mean) * (rank_y - mean);
    }
    return (double)(xy / sqrtl(xx * yy));
}

static void test_rank_ic_beside_its_twin(void **state)
{
    double x[257], y[257], scratch[METRIC_RANK_SCRATCH(257)];
    (void)state;
    srand(1);
    for (size_t n = 3; n <= 257; n += 2) {
        for (size_t i = 0; i < n; i++) {
            x[i] = floor(random_double() * 20);
            y[i] = i % 3 == 0 ? x[i] : random_double();
        }
        assert_near(metric_rank_ic(x, y, n, scratch), slow_rank_ic(x, y, n), 1e-13);
    }
}

static void test_sharpe(void **state)
{
    static const double returns[] = {0.01, NAN, 0.03, -0.01};
    (void)state;
    assert_near(metric_sharpe(returns, 4, 252), 0.01 / 0.02 * sqrt(252), 1e-13);
    assert_near(metric_sharpe(returns, 2, 252), NAN, 0);
    assert_near(metric_moments(returns, 4).skew, 0, 1e-12);
    assert_near(metric_moments(returns, 4).kurtosis, 1.5, 1e-12);
}

// The numerical example of Bailey and Lopez de Prado (2014): a yearly ratio of 2.5 over five years
// of 250 days, skew -3, kurtosis 10, 100 trials whose yearly ratios vary by 1/2.
static void test_deflated_sharpe_as_published(void **state)
{
    const double sharpe = 2.5 / sqrt(250), variance = 0.5 / 250;
    (void)state;
    assert_near(metric_expected_max_sharpe(100, variance), 0.1132, 5e-5);
    assert_near(metric_deflated_sharpe(sharpe, 1250, -3, 10, 100, variance), 0.9004, 5e-5);
    assert_near(metric_deflated_sharpe(sharpe, 1250, -3, 10, 46, variance), 0.9505, 5e-5);
    assert_near(metric_deflated_sharpe(sharpe, 1250, 0, 3, 88, variance), 0.9505, 5e-5);
}

static void test_deflated_sharpe_at_its_ends(void **state)
{
    (void)state;
    assert_near(metric_expected_max_sharpe(1, 0.1), 0, 0);
    assert_near(metric_expected_max_sharpe(0, 0.1), NAN, 0);
    // two trials: (1 - g) times the median, which is 0, and g times the quantile 1 - 1 / 2e
    assert_near(metric_expected_max_sharpe(2, 1), 0.57721566490153286 * 0.9004525966377903, 1e-15);
    assert_near(metric_deflated_sharpe(0, 100, 0, 3, 1, 0.1), 0.5, 1e-15);
    assert_near(metric_deflated_sharpe(0.1, 1, 0, 3, 1, 0.1), NAN, 0);
    assert_near(metric_deflated_sharpe(0.1, 101, 0, 3, 20, NAN),
                metric_deflated_sharpe(0.1, 101, 0, 3, 20, 0.01), 0);
    assert_near(metric_deflated_sharpe(NAN, 100, 0, 3, 1, 0.1), NAN, 0);
    for (int64_t trials = 2; trials < INT64_C(1000000000000000); trials *= 3)
        assert_true(metric_expected_max_sharpe((double)trials * 3, 1) > // it grows with every trial
                    metric_expected_max_sharpe((double)trials, 1));
}

static void test_edges(void **state)
{
    static const double values[] = {5, 1, NAN, 3, 2, 4};
    double edges[3], scratch[6];
    (void)state;
    metric_edges(values, 6, 4, edges, scratch);
    assert_near(edges[0], 2, 0);
    assert_near(edges[1], 3, 0);
    assert_near(edges[2], 4, 0);
    metric_edges(values, 6, 3, edges, scratch);
    assert_near(edges[0], 1 + 4.0 / 3, 1e-15);
    metric_edges(values + 2, 1, 4, edges, scratch);
    assert_near(edges[2], NAN, 0);
}

// Two bins by hand: shares 1/2, 1/2 against 1/4, 3/4.
static void test_psi(void **state)
{
    static const double before[] = {1, 2, 3, 4}, now[] = {1, 3, 4, 9}, none[] = {NAN};
    double scratch[METRIC_PSI_SCRATCH(4, 4)];
    (void)state;
    assert_near(metric_psi(before, 4, now, 4, 2, scratch), -0.25 * log(0.5) + 0.25 * log(1.5),
                1e-15);
    assert_near(metric_psi(before, 4, before, 4, 4, scratch), 0, 0);
    assert_near(metric_psi(before, 4, none, 1, 4, scratch), NAN, 0);
    assert_near(metric_psi(none, 1, before, 4, 4, scratch), NAN, 0);
}

// One value at a time, one bin at a time, edges from the definition of a quantile.
static double slow_psi(double *before, size_t n, const double *now, size_t m, size_t bins)
{
    long double psi = 0;
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && before[j] < before[j - 1]; j--) {
            const double swap = before[j];
            before[j] = before[j - 1];
            before[j - 1] = swap;
        }
    for (size_t b = 0; b < bins; b++) {
        double from = -INFINITY, to = INFINITY, e = 0, a = 0, whole;
        const double low = (double)(n - 1) * (double)b / (double)bins;
        const double high = (double)(n - 1) * (double)(b + 1) / (double)bins;
        if (b > 0) {
            const double part = modf(low, &whole);
            from =
                before[(size_t)whole] + part * (before[(size_t)whole + 1] - before[(size_t)whole]);
        }
        if (b + 1 < bins) {
            const double part = modf(high, &whole);
            to = before[(size_t)whole] + part * (before[(size_t)whole + 1] - before[(size_t)whole]);
        }
        for (size_t i = 0; i < n; i++)
            e += before[i] > from && before[i] <= to;
        for (size_t i = 0; i < m; i++)
            a += now[i] > from && now[i] <= to;
        e = fmax(e / (double)n, 1e-4);
        a = fmax(a / (double)m, 1e-4);
        psi += ((long double)a - e) * logl((long double)a / e);
    }
    return (double)psi;
}

static void test_psi_beside_its_twin(void **state)
{
    double before[200], now[150], scratch[METRIC_PSI_SCRATCH(200, 20)];
    (void)state;
    srand(2);
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < COUNT(before); i++) // every second round has many equal values
            before[i] = round % 2 == 0 ? random_double() : floor(random_double() * 6);
        for (size_t i = 0; i < COUNT(now); i++)
            now[i] = random_double() * 4;
        const double psi = metric_psi(before, COUNT(before), now, COUNT(now), 20, scratch);
        assert_near(psi, slow_psi(before, COUNT(before), now, COUNT(now), 20), 1e-12);
    }
}

static void test_classes(void **state)
{
    static const uint32_t truth[] = {0, 1, 2, 1, 1}, predicted[] = {0, 1, 1, 2, 1};
    (void)state;
    const struct metric_hits one = metric_hits(truth, predicted, 5, 1);
    assert_near(metric_precision(one), 2.0 / 3, 0);
    assert_near(metric_recall(one), 2.0 / 3, 0);
    assert_near(metric_f1(one), 2.0 / 3, 0);
    const struct metric_hits none = metric_hits(truth, predicted, 5, 7);
    assert_near(metric_precision(none), NAN, 0);
    assert_near(metric_recall(none), NAN, 0);
    assert_near(metric_f1(none), NAN, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_direction),
        cmocka_unit_test(test_ic),
        cmocka_unit_test(test_rank_ic_beside_its_twin),
        cmocka_unit_test(test_sharpe),
        cmocka_unit_test(test_deflated_sharpe_as_published),
        cmocka_unit_test(test_deflated_sharpe_at_its_ends),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_psi),
        cmocka_unit_test(test_psi_beside_its_twin),
        cmocka_unit_test(test_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
