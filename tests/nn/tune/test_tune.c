// SPDX-License-Identifier: Apache-2.0
// The parts of the search against what scikit-learn, scipy and mpmath give (oracle.py), and the
// search itself on odd objectives.
#include "oracle.inc"
#include "tune/gaussian_process.h"
#include "tune/improvement.h"
#include "tune/minimize.h"
#include "tune/random.h"
#include "tune/search.h"
#include "tune/sobol.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void expect_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance * fmax(1, fabs(wanted))))
        fail_msg("found %.17g, wanted %.17g", found, wanted);
}

static void expect_ok(int code, const struct err *err)
{
    if (code != 0)
        fail_msg("%s", err->text);
}

// ---- parts

static void test_sobol_points_are_scipys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(oracle_sobol); i++)
        expect_near((double)sobol_bits(i % 20, (uint32_t)(i / 20)) * 0x1p-32, oracle_sobol[i], 0);
}

// A shift keeps what makes the points even: of 2^k, each 2^-k share of a coordinate holds one.
static void test_shifted_points_stay_even(void **state)
{
    (void)state;
    bool seen[SOBOL_MAX_DIMENSIONS][256] = {0};
    double other[1], first[1];
    for (uint32_t i = 0; i < 256; i++) {
        double point[SOBOL_MAX_DIMENSIONS];
        sobol_point(7, i, SOBOL_MAX_DIMENSIONS, point);
        for (size_t d = 0; d < SOBOL_MAX_DIMENSIONS; d++) {
            assert_true(point[d] > 0 && point[d] < 1);
            assert_false(seen[d][(size_t)(point[d] * 256)]);
            seen[d][(size_t)(point[d] * 256)] = true;
        }
    }
    sobol_point(7, 0, 1, first);
    sobol_point(8, 0, 1, other);
    assert_true(first[0] != other[0]);
}

static void test_log_improvement_is_mpmaths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(oracle_improvement); i += 5) {
        const double *row = oracle_improvement + i;
        double by_mean, by_deviation;
        expect_near(log_improvement(row[0], 0, row[1], &by_mean, &by_deviation), row[2], 1e-13);
        expect_near(by_mean, row[3], 1e-12);
        expect_near(by_deviation, row[4], 1e-12);
    }
}

static const struct gp_parameters oracle_parameters = {{0.3, 0.9, 2.5}, 1.7, 0.01};

static void open_oracle(struct gp *gp)
{
    struct err err = {0};
    expect_ok(gp_new(gp, 3, COUNT_OF(oracle_values), &err), &err);
    gp->count = COUNT_OF(oracle_values);
    memcpy(gp->points, oracle_points, sizeof oracle_points);
    memcpy(gp->values, oracle_values, sizeof oracle_values);
    expect_ok(gp_condition(gp, &oracle_parameters, &err), &err);
}

static void test_process_is_scikit_learns(void **state)
{
    (void)state;
    struct gp gp;
    struct err err = {0};
    double gradient[5];
    open_oracle(&gp);
    for (size_t i = 0; i < COUNT_OF(oracle_mean); i++) {
        double mean, deviation;
        gp_predict(&gp, oracle_queries + i * 3, &mean, &deviation);
        expect_near(mean, oracle_mean[i], 1e-10);
        expect_near(deviation, oracle_deviation[i], 1e-10);
    }
    expect_near(gp.likelihood, oracle_likelihood[0], 1e-10);
    expect_ok(gp_likelihood_gradient(&gp, gradient, &err), &err);
    for (size_t i = 0; i < COUNT_OF(gradient); i++)
        expect_near(gradient[i], oracle_gradient[i], 1e-10);
    gp_free(&gp);
}

static void test_prediction_gradient_is_the_difference(void **state)
{
    (void)state;
    const double h = 1e-6;
    struct gp gp;
    double mean, deviation, by_mean[3], by_deviation[3];
    open_oracle(&gp);
    gp_predict_gradient(&gp, oracle_queries, &mean, &deviation, by_mean, by_deviation);
    for (size_t d = 0; d < 3; d++) {
        double x[3], mean_up, mean_down, deviation_up, deviation_down;
        memcpy(x, oracle_queries, sizeof x);
        x[d] = oracle_queries[d] + h;
        gp_predict(&gp, x, &mean_up, &deviation_up);
        x[d] = oracle_queries[d] - h;
        gp_predict(&gp, x, &mean_down, &deviation_down);
        expect_near(by_mean[d], (mean_up - mean_down) / (2 * h), 1e-7);
        expect_near(by_deviation[d], (deviation_up - deviation_down) / (2 * h), 1e-7);
    }
    gp_free(&gp);
}

static void test_choices_are_equal_or_apart(void **state)
{
    (void)state;
    struct gp gp;
    double mean, deviation, far_mean, far_deviation;
    open_oracle(&gp);
    gp.apart[0] = true;
    struct err err = {0};
    expect_ok(gp_condition(&gp, &oracle_parameters, &err), &err);
    const double near[3] = {-1, 0.5, 0.5}, far[3] = {-100, 0.5, 0.5};
    gp_predict(&gp, near, &mean, &deviation);
    gp_predict(&gp, far, &far_mean, &far_deviation);
    expect_near(far_mean, mean, 0);
    expect_near(far_deviation, deviation, 0);
    gp_free(&gp);
}

static void test_equal_points_get_jitter(void **state)
{
    (void)state;
    struct gp gp;
    struct err err = {0};
    const struct gp_parameters without_noise = {{0.5, 0.5}, 1, 0};
    double mean, deviation;
    expect_ok(gp_new(&gp, 2, 4, &err), &err);
    gp.count = 4;
    const double points[8] = {0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.9, 0.9};
    const double values[4] = {1, 1, 1, 2};
    memcpy(gp.points, points, sizeof points);
    memcpy(gp.values, values, sizeof values);
    expect_ok(gp_condition(&gp, &without_noise, &err), &err);
    assert_true(gp.jitter > 0 && gp.jitter < 1e-6);
    gp_predict(&gp, points, &mean, &deviation);
    expect_near(mean, 1, 1e-4);
    gp_free(&gp);
}

// Rosenbrock's valley, whose minimum (1, 1, 1) lies outside the box in the last variable.
static double valley(void *user, const double *x, double *gradient)
{
    double value = 0;
    (void)user;
    memset(gradient, 0, 3 * sizeof *gradient);
    for (int d = 0; d < 2; d++) {
        const double bend = x[d + 1] - x[d] * x[d];
        value += 100 * bend * bend + (1 - x[d]) * (1 - x[d]);
        gradient[d] += -400 * bend * x[d] - 2 * (1 - x[d]);
        gradient[d + 1] += 200 * bend;
    }
    return value;
}

static void test_minimum_in_a_box(void **state)
{
    (void)state;
    const double low[3] = {-2, -2, -2}, wide[3] = {2, 2, 2}, narrow[3] = {2, 2, 0.25};
    double x[3] = {-1.2, 1, 1}, y[3] = {-1.2, 1, 0.1}, gradient[3];
    const struct minimize_problem free = {valley, NULL, 3, low, wide, 500, 1e-9};
    expect_near(minimize(&free, x), 0, 1e-12);
    for (int d = 0; d < 3; d++)
        expect_near(x[d], 1, 1e-6);
    const struct minimize_problem bound = {valley, NULL, 3, low, narrow, 500, 1e-9};
    const double least = minimize(&bound, y);
    expect_near(least, valley(NULL, y, gradient), 0);
    expect_near(y[2], 0.25, 0);
    expect_near(gradient[0], 0, 1e-6);
    expect_near(gradient[1], 0, 1e-6);
    assert_true(gradient[2] < 0);
}

// ---- space

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum dimension_kind kind;
        bool log;
        double low, high;
    } ranges[] = {
        {"1e-4..1e-2:log", DIMENSION_FLOAT, true, 1e-4, 1e-2},
        {"16..128", DIMENSION_INTEGER, false, 16, 128},
        {"16..128:log", DIMENSION_INTEGER, true, 16, 128},
        {"0..1:float", DIMENSION_FLOAT, false, 0, 1},
        {"-3..4", DIMENSION_INTEGER, false, -3, 4},
        {"0..0.5", DIMENSION_FLOAT, false, 0, 0.5},
        {"64,16,32", DIMENSION_LEVELS, false, 0, 2},
        {"adam,rmsprop", DIMENSION_CHOICE, false, 0, 1},
        {"7", DIMENSION_LEVELS, false, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        struct dimension dimension;
        struct err err = {0};
        expect_ok(dimension_parse(&dimension, "x", ranges[i].text, &err), &err);
        assert_int_equal(dimension.kind, ranges[i].kind);
        assert_int_equal(dimension.log, ranges[i].log);
        expect_near(dimension.low, ranges[i].low, 0);
        expect_near(dimension.high, ranges[i].high, 0);
        for (int step = 0; step <= 1000; step++) {
            char text[SPACE_MAX_TEXT];
            double again;
            const double value = dimension_decode(&dimension, step / 1000.0);
            assert_true(value >= dimension.low && value <= dimension.high);
            dimension_format(&dimension, value, text);
            assert_true(dimension_read(&dimension, text, &again));
            assert_true(again == value); // what is written is what was tried
            expect_near(dimension_decode(&dimension, dimension_encode(&dimension, value)), value,
                        0);
        }
    }
}

static void test_whole_numbers_have_equal_shares(void **state)
{
    (void)state;
    struct dimension dimension;
    struct err err = {0};
    int seen[4] = {0};
    expect_ok(dimension_parse(&dimension, "layers", "1..4", &err), &err);
    for (int step = 0; step < 4000; step++)
        seen[(int)dimension_decode(&dimension, (step + 0.5) / 4000) - 1]++;
    for (int i = 0; i < 4; i++)
        assert_int_equal(seen[i], 1000);
}

static void test_bad_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *error;
    } bad[] = {
        {"x", "5..2", "x: '5..2' ends below where it begins"},
        {"x", "0..2:log", "x: '0..2:log' with :log must begin above 0"},
        {"x", "1..2:lag", "x: ':lag' after a range; it can be :log or :float"},
        {"x", "a..2", "x: 'a..2' is no range; write two numbers with .. between them, 16..128"},
        {"x", "1..9000000", "x: '1..9000000' has whole numbers beyond 999999"},
        {"x", "a,,b", "x: '' is no value; values have 1 to 31 characters"},
        {"x", "a,b,a", "x has 'a' twice"},
        {"x", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
         "x has more than 16 values; give a range instead"},
        {"No Name", "1..2",
         "'No Name' names no dimension; names are lower-case letters, digits and _, at most 31"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct dimension dimension;
        struct err err = {0};
        assert_int_equal(dimension_parse(&dimension, bad[i].name, bad[i].text, &err), EX_USAGE);
        assert_string_equal(err.text, bad[i].error);
    }
}

// ---- search

static struct space space_of(const char *x, const char *y)
{
    struct space space = {0};
    struct err err = {0};
    expect_ok(space_set(&space, "x", x, &err), &err);
    expect_ok(space_set(&space, "y", y, &err), &err);
    return space;
}

typedef double objective(const double *values);

// Tells the search `trials` trials more; false when the space ran out.
static bool go_on(struct search *search, objective *score, size_t trials)
{
    struct err err = {0};
    for (const size_t end = search->count + trials; search->count < end;) {
        struct trial trial = {0};
        bool exhausted;
        expect_ok(search_propose(search, trial.values, &exhausted, &err), &err);
        if (exhausted)
            return false;
        for (size_t i = 0; i < search->count; i++)
            assert_memory_not_equal(search->trials[i].values, trial.values, sizeof trial.values);
        trial.score = score(trial.values);
        expect_ok(search_tell(search, &trial, &err), &err);
    }
    return true;
}

static void open_search(struct search *search, const struct space *space, uint64_t seed)
{
    struct err err = {0};
    expect_ok(search_new(search, space, seed, 0, &err), &err);
}

static double bowl(const double *v)
{
    return (v[0] - 0.3) * (v[0] - 0.3) + (v[1] - 0.8) * (v[1] - 0.8);
}

static double constant(const double *v)
{
    (void)v;
    return 0.1;
}

static double always_nan(const double *v)
{
    (void)v;
    return NAN;
}

// Diverges where it would be best for one who takes NaN for small.
static double diverges_left(const double *v)
{
    return v[0] < 0.5 ? NAN : bowl(v);
}

static double infinite_right(const double *v)
{
    return v[0] > 0.5 ? INFINITY : bowl(v);
}

static double best_after(objective *score, const char *x, const char *y, size_t trials,
                         double *where)
{
    const struct space space = space_of(x, y);
    struct search search;
    open_search(&search, &space, 3);
    assert_true(go_on(&search, score, trials));
    const struct trial *best = search_best(&search);
    const double least = best != NULL ? best->score : NAN;
    if (best != NULL && where != NULL)
        memcpy(where, best->values, 2 * sizeof *where);
    search_free(&search);
    return least;
}

static void test_search_finds_the_bottom(void **state)
{
    (void)state;
    assert_true(best_after(bowl, "0..1:float", "0..1:float", 20, NULL) < 1e-4);
}

static void test_failed_trials_are_the_worst(void **state)
{
    (void)state;
    double where[2] = {NAN, NAN};
    // The bottom of what is left lies on the edge, at x = 0.5: 0.04.
    expect_near(best_after(diverges_left, "0..1:float", "0..1:float", 30, where), 0.04, 0.02);
    assert_true(where[0] >= 0.5);
    assert_true(best_after(infinite_right, "0..1:float", "0..1:float", 30, where) < 1e-3);
}

static void test_odd_objectives(void **state)
{
    (void)state;
    expect_near(best_after(constant, "0..1:float", "0..1:float", 25, NULL), 0.1, 0);
    assert_true(isnan(best_after(always_nan, "0..1:float", "0..1:float", 25, NULL)));
}

// optimizer b is better everywhere, and the size counts by its logarithm.
static double mixed(const double *v)
{
    const double away = log2(v[1]) - 6;
    return away * away + (v[0] == 1 ? 0 : 3);
}

static void test_search_over_choices_and_whole_numbers(void **state)
{
    (void)state;
    double where[2] = {NAN, NAN};
    assert_true(best_after(mixed, "a,b,c", "8..512:log", 24, where) < 0.02);
    expect_near(where[0], 1, 0);
    expect_near(where[1], 64, 0.1);
}

static void test_small_space_ends(void **state)
{
    (void)state;
    const struct space space = space_of("a,b,c", "1..5");
    struct search search;
    open_search(&search, &space, 1);
    assert_false(go_on(&search, mixed, 100));
    assert_int_equal(search.count, 15); // each once
    search_free(&search);
    const struct space point = space_of("a", "7");
    open_search(&search, &point, 1);
    assert_false(go_on(&search, mixed, 100));
    assert_int_equal(search.count, 1);
    search_free(&search);
}

static void test_told_trials_go_on_the_same(void **state)
{
    (void)state;
    const struct space space = space_of("1e-4..1:log", "0..1:float");
    struct search whole, first, second;
    struct err err = {0};
    open_search(&whole, &space, 11);
    open_search(&first, &space, 11);
    open_search(&second, &space, 11);
    assert_true(go_on(&whole, diverges_left, 20));
    assert_true(go_on(&first, diverges_left, 9));
    for (size_t i = 0; i < first.count; i++)
        expect_ok(search_tell(&second, &first.trials[i], &err), &err);
    assert_true(go_on(&second, diverges_left, 11));
    for (size_t i = 0; i < whole.count; i++)
        assert_memory_equal(whole.trials[i].values, second.trials[i].values,
                            sizeof whole.trials[i].values);
    search_free(&whole);
    search_free(&first);
    search_free(&second);
}

static void test_another_seed_is_another_search(void **state)
{
    (void)state;
    const struct space space = space_of("0..1:float", "0..1:float");
    struct search a, b;
    open_search(&a, &space, 1);
    open_search(&b, &space, 2);
    assert_true(go_on(&a, bowl, 1));
    assert_true(go_on(&b, bowl, 1));
    assert_memory_not_equal(a.trials[0].values, b.trials[0].values, sizeof a.trials[0].values);
    search_free(&a);
    search_free(&b);
}

static void test_standard_scores_keep_ranks(void **state)
{
    (void)state;
    const struct space space = space_of("0..1:float", "0..1:float");
    const double raw[] = {3, 1e9, -2, NAN, 0, 40, INFINITY, 7e3};
    double scores[COUNT_OF(raw)], sum = 0;
    struct search search;
    struct err err = {0};
    open_search(&search, &space, 1);
    for (size_t i = 0; i < COUNT_OF(raw); i++)
        expect_ok(search_tell(&search, &(struct trial){.score = raw[i]}, &err), &err);
    search_standardize(&search, scores);
    assert_true(scores[2] < scores[4] && scores[4] < scores[0] && scores[0] < scores[5]);
    assert_true(scores[5] < scores[7] && scores[7] < scores[1]);
    expect_near(scores[3], scores[1], 0);
    expect_near(scores[6], scores[1], 0);
    for (size_t i = 0; i < COUNT_OF(raw); i++)
        sum += scores[i];
    expect_near(sum, 0, 1e-9);
    search_free(&search);
}

struct ticks {
    size_t count, most; // most: 0 for ever
};

static int count_tick(void *user)
{
    struct ticks *ticks = user;
    ticks->count++;
    return ticks->most != 0 && ticks->count >= ticks->most;
}

// Who waits is told while a proposal is worked out, and can give it up in each of its parts.
static void test_a_proposal_ticks_and_ends(void **state)
{
    (void)state;
    const struct space space = space_of("0..1:float", "0..9");
    struct ticks ticks = {0};
    struct search search;
    struct err err = {0};
    double silent[2], told[2];
    bool exhausted;
    open_search(&search, &space, 1);
    assert_true(go_on(&search, bowl, 20));
    expect_ok(search_propose(&search, silent, &exhausted, &err), &err);
    search.tick = count_tick;
    search.user = &ticks;
    expect_ok(search_propose(&search, told, &exhausted, &err), &err);
    assert_memory_equal(silent, told, sizeof silent);
    const size_t all = ticks.count;
    assert_true(all > 1000);
    for (size_t most = 1; most < all; most += all / 50) {
        struct err stopped = {0};
        ticks = (struct ticks){.most = most};
        assert_int_equal(search_propose(&search, told, &exhausted, &stopped), EX_TEMPFAIL);
        assert_int_equal(ticks.count, most);
    }
    search_free(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sobol_points_are_scipys),
        cmocka_unit_test(test_shifted_points_stay_even),
        cmocka_unit_test(test_log_improvement_is_mpmaths),
        cmocka_unit_test(test_process_is_scikit_learns),
        cmocka_unit_test(test_prediction_gradient_is_the_difference),
        cmocka_unit_test(test_choices_are_equal_or_apart),
        cmocka_unit_test(test_equal_points_get_jitter),
        cmocka_unit_test(test_minimum_in_a_box),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_whole_numbers_have_equal_shares),
        cmocka_unit_test(test_bad_ranges),
        cmocka_unit_test(test_search_finds_the_bottom),
        cmocka_unit_test(test_failed_trials_are_the_worst),
        cmocka_unit_test(test_odd_objectives),
        cmocka_unit_test(test_search_over_choices_and_whole_numbers),
        cmocka_unit_test(test_small_space_ends),
        cmocka_unit_test(test_told_trials_go_on_the_same),
        cmocka_unit_test(test_another_seed_is_another_search),
        cmocka_unit_test(test_standard_scores_keep_ranks),
        cmocka_unit_test(test_a_proposal_ticks_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
