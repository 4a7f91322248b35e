// SPDX-License-Identifier: Apache-2.0
// What a part of the samples says of a model, or of any other scores.
#ifndef TICKHOUSE_NN_JUDGE_H
#define TICKHOUSE_NN_JUDGE_H

#include "walk/learn.h"
#include "walk/score.h"

struct verdict {
    struct score score;
    double loss; // mean squared error, or cross entropy of classes
    double hits; // share of classes that were right; NaN in a regression
};

// The part's samples beside `scores`, one of each: all of it in the arena, or borrowed.
int judge_predictions(const struct rows *rows, const struct samples *samples,
                      const struct part *part, const double *scores, struct arena *arena,
                      struct predictions *predictions, struct err *err);

// A part of no samples gives n = 0 and NaN.
int judge_model(const struct recipe *recipe, const struct model *model, const struct rows *rows,
                const struct samples *samples, const struct part *part, struct arena *arena,
                struct verdict *verdict, struct err *err);

#endif
