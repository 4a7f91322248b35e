// SPDX-License-Identifier: Apache-2.0
// Which rows end a look-back window.
#include "model/windows.h"

#include <stdbool.h>

struct rows {
    const struct window_rule *rule;
    const uint32_t *series;
    const int32_t *days;
};

static bool same_series(const struct rows *r, size_t i)
{
    return r->series[i] == r->series[i + 1];
}

// Is there a gap between row i and the next one of its series?
static bool gap_after(const struct rows *r, size_t i)
{
    return (int64_t)r->days[i + 1] - r->days[i] > r->rule->max_gap_days;
}

// Forward: how many good rows in a row end here.
static void mark_windows(const struct rows *r, size_t rows, const uint8_t *features_finite,
                         uint8_t *kinds)
{
    size_t run = 0;
    for (size_t i = 0; i < rows; i++) {
        if (i > 0 && (!same_series(r, i - 1) || gap_after(r, i - 1)))
            run = 0;
        run = features_finite[i] ? run + 1 : 0;
        kinds[i] = run >= r->rule->lookback ? WINDOW_OPEN : WINDOW_NONE;
    }
}

// Backward: how many rows can be walked before the series' next gap; the horizon where it has none.
static void mark_targets(const struct rows *r, size_t rows, const uint8_t *target_finite,
                         uint8_t *kinds)
{
    const size_t horizon = r->rule->horizon;
    size_t ahead = horizon;
    for (size_t i = rows; i-- > 0;) {
        if (i + 1 == rows || !same_series(r, i))
            ahead = horizon;
        else if (gap_after(r, i))
            ahead = 0;
        else if (ahead < horizon)
            ahead++;
        if (kinds[i] == WINDOW_OPEN && target_finite[i] && ahead == horizon)
            kinds[i] = WINDOW_LABELLED;
    }
}

void windows_mark(const struct window_rule *rule, size_t rows, const uint32_t *series,
                  const int32_t *days, const uint8_t *features_finite, const uint8_t *target_finite,
                  uint8_t *kinds)
{
    const struct rows r = {rule, series, days};
    mark_windows(&r, rows, features_finite, kinds);
    mark_targets(&r, rows, target_finite, kinds);
}
