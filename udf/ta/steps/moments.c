// SPDX-License-Identifier: Apache-2.0
// Mean and squared deviations of windows, from levels as in window.c. A level holds, for the
// windows of 4, 16, 64 … values at every position, the mean relative to the window's newest value
// and the variance. Windows of equal width side by side are gathered by what they know: with e the
// distance of a part's mean from the newest value of the whole, the squared deviations are the sum
// of w (variance + e^2) over the parts, less (sum of w e)^2 / n. The newest value is a member of
// the window, so that what is taken off is at most n - 1 times what stays: an error of n^2 units of
// rounding at the very worst. Short windows need no levels (near.h).
#include "steps/near.h"
#include "steps/window.h"

enum {
    BATCH = 4,  // vectors of results that are formed together
    LEVELS = 2, // levels that are kept at a time
    TOP = 8     // so many windows of a level make another level worthwhile
};

// `count` windows of `width` values, one behind the other.
struct part {
    const double *x, *mean,
        *variance; // at the newest one's place; width 1 has neither mean nor variance
    size_t width, count;
};

struct sums {
    v4 first[BATCH], second[BATCH];
};

// One window of a part: adds its distance from `newest` and what it varies by itself.
TA_INLINE void add_window(struct sums *sums, const v4 newest[BATCH], const struct part *part,
                          size_t at, size_t batch, size_t lanes)
{
    for (size_t k = 0; k < batch; k++) {
        const size_t i = at + k * LANES;
        v4 apart = v4_load_part(part->x + i, lanes) - newest[k];
        if (part->mean != NULL) {
            apart += v4_load_part(part->mean + i, lanes);
            sums->second[k] += v4_load_part(part->variance + i, lanes);
        }
        sums->first[k] += apart;
        sums->second[k] = v4_fma(apart, apart, sums->second[k]);
    }
}

struct gather {
    const double *x;
    struct part parts[LEVELS + 2];
    size_t part_count;
    double share, scale; // 1 / n; the variance is the squared deviations times `scale`
    double *mean, *variance;
};

TA_INLINE void gather_batch(const struct gather *gather, size_t i, size_t batch, size_t lanes)
{
    struct sums all = {0};
    v4 newest[BATCH];
    for (size_t k = 0; k < batch; k++)
        newest[k] = v4_load_part(gather->x + i + k * LANES, lanes);
    for (size_t p = 0; p < gather->part_count; p++) {
        struct part part = gather->parts[p];
        struct sums sums = {0};
        for (size_t c = 0; c < part.count; c++) {
            add_window(&sums, newest, &part, i, batch, lanes);
            part.x -= part.width;
            part.mean = part.mean == NULL ? NULL : part.mean - part.width;
            part.variance = part.variance == NULL ? NULL : part.variance - part.width;
        }
        const v4 width = v4_splat((double)part.width);
        for (size_t k = 0; k < batch; k++) {
            all.first[k] = v4_fma(width, sums.first[k], all.first[k]);
            all.second[k] = v4_fma(width, sums.second[k], all.second[k]);
        }
    }
    for (size_t k = 0; k < batch; k++) {
        const v4 mean = all.first[k] * v4_splat(gather->share);
        const v4 squares = v4_fma(-mean, all.first[k], all.second[k]);
        v4_store_part(gather->mean + i + k * LANES, mean, lanes);
        v4_store_part(gather->variance + i + k * LANES, squares * v4_splat(gather->scale), lanes);
    }
}

static void gather_moments(const struct gather *gather, size_t count)
{
    size_t i = 0;
    for (; i + BATCH * LANES <= count; i += BATCH * LANES)
        gather_batch(gather, i, BATCH, LANES);
    for (; i < count; i += LANES)
        gather_batch(gather, i, 1, smaller(LANES, count - i));
}

static void add_part(struct gather *gather, struct part level, size_t have, size_t count)
{
    if (count == 0)
        return;
    struct part *part = &gather->parts[gather->part_count++];
    *part = level;
    part->count = count;
    part->x -= have;
    if (level.mean != NULL) {
        part->mean -= have;
        part->variance -= have;
    }
}

// The level above: four windows side by side, at every position from `before` places before x on.
static struct part next_level(const double *x, struct part level, size_t before, size_t count,
                              double *mean, double *variance)
{
    const double n = 4 * (double)level.width;
    struct gather four = {
        .x = x - before, .share = 1 / n, .scale = 1 / n, .mean = mean, .variance = variance};
    level.x = x;
    add_part(&four, level, before, 4);
    gather_moments(&four, count + before);
    return (struct part){x, mean + before, variance + before, 4 * level.width, 0};
}

// What is there so far becomes one part, so that a level can give way.
static void settle(struct gather *gather, size_t have, size_t count)
{
    if (gather->part_count == 0)
        return;
    gather->share = gather->scale = 1 / (double)have;
    gather_moments(gather, count);
    gather->parts[0] = (struct part){gather->x, gather->mean, gather->variance, have, 1};
    gather->part_count = 1;
}

TA_INLINE void store_near(const double *x, size_t n, double scale, size_t batch, size_t lanes,
                          double *mean, double *variance)
{
    const struct near near = near_moments(x, n, scale, batch, lanes);
    for (size_t k = 0; k < batch; k++) {
        v4_store_part(mean + k * LANES, near.mean[k], lanes);
        v4_store_part(variance + k * LANES, near.variance[k], lanes);
    }
}

static void moments_by_value(const double *x, size_t count, size_t n, double scale, double *mean,
                             double *variance)
{
    size_t i = 0;
    for (; i + NEAR_BATCH * LANES <= count; i += NEAR_BATCH * LANES)
        store_near(x + i, n, scale, NEAR_BATCH, LANES, mean + i, variance + i);
    for (; i < count; i += LANES)
        store_near(x + i, n, scale, 1, smaller(LANES, count - i), mean + i, variance + i);
}

void window_moments(const double *x, size_t count, size_t n, double scale, double *mean,
                    double *variance, double *scratch)
{
    if (n <= NEAR_MOST) {
        moments_by_value(x, count, n, scale, mean, variance);
        return;
    }
    double *levels[LEVELS][2];
    for (size_t k = 0; k < 2 * LEVELS; k++)
        levels[k / 2][k % 2] = scratch_take(&scratch, count + n);
    struct gather gather = {.x = x, .mean = mean, .variance = variance};
    struct part level = {.x = x, .width = 1};
    size_t have = 0;
    for (size_t turn = 0; n / level.width >= TOP; turn++) {
        const size_t digit = n / level.width % 4;
        add_part(&gather, level, have, digit);
        have += digit * level.width;
        if (turn >= LEVELS - 1)
            settle(&gather, have, count);
        double *const *into = levels[turn % LEVELS];
        level = next_level(x, level, n - 4 * level.width, count, into[0], into[1]);
    }
    add_part(&gather, level, have, n / level.width);
    gather.share = 1 / (double)n;
    gather.scale = scale;
    gather_moments(&gather, count);
}
