// SPDX-License-Identifier: Apache-2.0
#include "walk/promotion.h"

#include <stdarg.h>

static double score_of(enum promotion_by by, const struct verdict *verdict)
{
    return by == PROMOTION_BY_IC ? verdict->score.ic : verdict->loss;
}

static double gain_of(enum promotion_by by, double candidate, double production)
{
    if (!isfinite(candidate) || !isfinite(production))
        return (double)NAN;
    if (by == PROMOTION_BY_IC)
        return candidate - production;
    if (production == 0)
        return candidate == 0 ? 0 : -(double)INFINITY;
    return 1 - candidate / production;
}

__attribute__((format(printf, 3, 4))) static struct promotion say(bool promoted, double gain,
                                                                  const char *reason, ...)
{
    struct promotion result = {.promoted = promoted, .gain = gain};
    va_list arguments;
    va_start(arguments, reason);
    (void)vsnprintf(result.reason, sizeof result.reason, reason, arguments);
    va_end(arguments);
    return result;
}

struct promotion promotion_decide(enum promotion_by by, const struct verdict *candidate,
                                  const struct verdict *production, double wanted)
{
    const char *what = by == PROMOTION_BY_IC ? "IC" : "loss";
    const double new = score_of(by, candidate), old = score_of(by, production),
                 gain = gain_of(by, new, old);
    if (!isfinite(new))
        return say(false, gain, "its %s is not finite", what);
    if (!isfinite(old))
        return say(true, gain, "production's %s is not finite", what);
    if (isinf(gain))
        return say(false, gain, "production's loss is 0, and none is smaller");
    return say(gain > wanted, gain, "%s %.6g, wanted is more than %g",
               by == PROMOTION_BY_IC ? "IC larger by" : "loss smaller by the share", gain, wanted);
}

bool promotion_has_seen(const struct samples *samples, int32_t until, size_t horizon, size_t sample)
{
    const int64_t end = ((int64_t)until + 1) * DAY_SECONDS;
    size_t learned = 0, test = 0; // places in the calendar
    while (learned < samples->time_count && samples->calendar[learned] < end)
        learned++;
    while (samples->calendar[test] < samples->times[sample])
        test++;
    return learned != 0 && learned - 1 + horizon >= test;
}
