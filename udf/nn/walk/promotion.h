// SPDX-License-Identifier: Apache-2.0
// Whether a model that was trained anew takes the place of the one in production, and why.
#ifndef TICKHOUSE_NN_PROMOTION_H
#define TICKHOUSE_NN_PROMOTION_H

#include "walk/judge.h"

enum promotion_by { PROMOTION_BY_LOSS, PROMOTION_BY_IC };

struct promotion {
    bool promoted;
    double gain; // the share by which the loss is smaller, or by how much the IC is larger; NaN
                 // where either is not known
    char reason[400];
};

// A gain of more than `wanted` promotes, and so does any
// score that is finite where production's is not.
struct promotion promotion_decide(enum promotion_by by, const struct verdict *candidate,
                                  const struct verdict *production, double wanted);

// Do labels that were learned until a day, each known `horizon` bars later, reach into a test that
// begins with `sample`?
bool promotion_has_seen(const struct samples *samples, int32_t until, size_t horizon,
                        size_t sample);

#endif
