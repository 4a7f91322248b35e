// SPDX-License-Identifier: Apache-2.0
// The look-ahead check: a feature that tells the label too well is a leak until proven otherwise.
#ifndef TICKHOUSE_NN_LEAK_H
#define TICKHOUSE_NN_LEAK_H

#include "walk/samples.h"

// EX_DATAERR, naming the feature, where the correlation of a feature with the label is beyond
// recipe->leak_limit, by Pearson or by ranks, in any step of the window, and by more than four
// standard errors. Nothing is refused with recipe->allow_leaks. `table` waits with us; or NULL.
int leak_check(const struct recipe *recipe, const struct rows *rows, const struct samples *samples,
               struct arena *arena, struct table *table, struct err *err);

#endif
