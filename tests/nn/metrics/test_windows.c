// SPDX-License-Identifier: Apache-2.0
// The window rule beside a slow twin that looks at every row of every window.
#include "model/windows.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 300 };

struct table {
    size_t rows;
    uint32_t series[MAX_ROWS];
    int32_t days[MAX_ROWS];
    uint8_t features[MAX_ROWS], target[MAX_ROWS];
};

static bool joined(const struct table *t, const struct window_rule *rule, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t->series[i] != t->series[i + 1] || t->days[i + 1] - t->days[i] > rule->max_gap_days)
            return false;
    return true;
}

static enum window_kind slow_kind(const struct table *t, const struct window_rule *rule, size_t row)
{
    if (row + 1 < rule->lookback || !joined(t, rule, row + 1 - rule->lookback, row))
        return WINDOW_NONE;
    for (size_t i = row + 1 - rule->lookback; i <= row; i++)
        if (!t->features[i])
            return WINDOW_NONE;
    size_t last = row; // of the rows of its series that the horizon reaches
    while (last + 1 < t->rows && last < row + rule->horizon &&
           t->series[last + 1] == t->series[row])
        last++;
    return t->target[row] && joined(t, rule, row, last) ? WINDOW_LABELLED : WINDOW_OPEN;
}

static void check(const struct table *t, const struct window_rule *rule, const char *wanted)
{
    uint8_t kinds[MAX_ROWS];
    windows_mark(rule, t->rows, t->series, t->days, t->features, t->target, kinds);
    for (size_t i = 0; i < t->rows; i++) {
        if (kinds[i] != slow_kind(t, rule, i))
            fail_msg("row %zu is %d, its twin %d", i, kinds[i], slow_kind(t, rule, i));
        if (wanted != NULL && kinds[i] != wanted[i] - '0')
            fail_msg("row %zu is %d, wanted %c", i, kinds[i], wanted[i]);
    }
}

static void test_one_series(void **state)
{
    struct table t = {.rows = 6, .days = {1, 2, 3, 4, 5, 6}};
    (void)state;
    memset(t.features, 1, sizeof t.features);
    memset(t.target, 1, 5); // the last target is not known yet
    check(&t, &(struct window_rule){3, 1, 3}, "002221");
    check(&t, &(struct window_rule){1, 1, 3}, "222221");
    check(&t, &(struct window_rule){7, 1, 3}, "000000");
    t.features[2] = 0;
    check(&t, &(struct window_rule){2, 1, 3}, "020021");
}

static void test_never_across_tickers(void **state)
{
    struct table t = {.rows = 6, .days = {4, 5, 6, 1, 2, 3}, .series = {0, 0, 0, 1, 1, 1}};
    (void)state;
    memset(t.features, 1, sizeof t.features);
    memset(t.target, 1, sizeof t.target);
    check(&t, &(struct window_rule){2, 1, 3}, "022022");
}

// A target that is reached over a gap is not the one that is meant.
static void test_never_across_gaps(void **state)
{
    struct table t = {.rows = 7, .days = {1, 2, 3, 14, 15, 16, 17}};
    (void)state;
    memset(t.features, 1, sizeof t.features);
    memset(t.target, 1, sizeof t.target);
    check(&t, &(struct window_rule){2, 1, 10}, "0210222");
    check(&t, &(struct window_rule){2, 2, 10}, "0110222");
    check(&t, &(struct window_rule){2, 0, 10}, "0220222");
    check(&t, &(struct window_rule){2, 1, 11}, "0222222");
}

static void test_beside_its_twin(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 2000; round++) {
        struct table t = {.rows = (size_t)rand() % MAX_ROWS};
        const struct window_rule rule = {1 + (size_t)rand() % 8, (size_t)rand() % 5, rand() % 6};
        for (size_t i = 0; i < t.rows; i++) {
            t.series[i] = i == 0 ? 0 : t.series[i - 1] + (rand() % 20 == 0);
            t.days[i] = i == 0 ? 0 : t.days[i - 1] + (rand() % 10 == 0 ? rand() % 9 : 1);
            t.features[i] = rand() % 15 != 0;
            t.target[i] = rand() % 15 != 0;
        }
        check(&t, &rule, NULL);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_series),
        cmocka_unit_test(test_never_across_tickers),
        cmocka_unit_test(test_never_across_gaps),
        cmocka_unit_test(test_beside_its_twin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
