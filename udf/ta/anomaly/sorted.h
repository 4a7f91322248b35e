// SPDX-License-Identifier: Apache-2.0
// The values of a window in order of size, for medians.
#ifndef TICKHOUSE_UDF_TA_SORTED_H
#define TICKHOUSE_UDF_TA_SORTED_H

#include <stddef.h>

struct sorted {
    double *values; // room for the largest window
    size_t count;
};

void sorted_insert(struct sorted *window, double x);
void sorted_remove(struct sorted *window, double x); // x is in it

// Of a window that is not empty.
double sorted_median(const struct sorted *window);

// The median distance from `center`, times 1.4826: the deviation, for normal values. Where more
// than half of them are equal that is 0, and the mean distance, times 1.2533, takes its place
// (Iglewicz and Hoaglin 1993).
double sorted_spread(const struct sorted *window, double center);

#endif
