// SPDX-License-Identifier: Apache-2.0
// A sorted array: a value comes and goes by one memmove, which for windows of some hundred values
// is faster than any tree.
#include "anomaly/sorted.h"

#include <math.h>
#include <string.h>

// How many values are less than x.
static size_t place_of(const struct sorted *window, double x)
{
    size_t from = 0, to = window->count;
    while (from < to) {
        const size_t middle = (from + to) / 2;
        if (window->values[middle] < x)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void sorted_insert(struct sorted *window, double x)
{
    double *place = window->values + place_of(window, x);
    const size_t above = (size_t)(window->values + window->count - place);
    memmove(place + 1, place, above * sizeof *place);
    *place = x;
    window->count++;
}

void sorted_remove(struct sorted *window, double x)
{
    double *place = window->values + place_of(window, x);
    window->count--;
    const size_t above = (size_t)(window->values + window->count - place);
    memmove(place, place + 1, above * sizeof *place);
}

double sorted_median(const struct sorted *window)
{
    const double low = window->values[(window->count - 1) / 2];
    const double high = window->values[window->count / 2];
    return low + (high - low) / 2;
}

// The distances grow from the center outward on both sides: the smaller of the two next ones is the
// next of all, up to the middle.
static double median_distance(const struct sorted *window, double center)
{
    const double *values = window->values;
    size_t above = place_of(window, center), below = above;
    double distance = 0, before = 0;
    for (size_t taken = 0; taken <= window->count / 2; taken++) {
        const double up = above < window->count ? values[above] - center : INFINITY;
        const double down = below > 0 ? center - values[below - 1] : INFINITY;
        before = distance;
        distance = fmin(up, down);
        if (up < down)
            above++;
        else
            below--;
    }
    return window->count % 2 != 0 ? distance : before + (distance - before) / 2;
}

static double mean_distance(const struct sorted *window, double center)
{
    double sum = 0;
    for (size_t i = 0; i < window->count; i++)
        sum += fabs(window->values[i] - center);
    return sum / (double)window->count;
}

double sorted_spread(const struct sorted *window, double center)
{
    const double median = median_distance(window, center);
    return median > 0 ? 1.4826 * median : 1.2533141373155003 * mean_distance(window, center);
}
