// SPDX-License-Identifier: Apache-2.0
// One network trained on one fold, as a model; and what a model says of samples. The scaler's
// numbers, and all else that is learned from data, come from the fold's training windows alone.
#ifndef TICKHOUSE_NN_LEARN_H
#define TICKHOUSE_NN_LEARN_H

#include "walk/samples.h"

struct lesson {
    const struct recipe *recipe; // laid out for rows->own_features
    const struct rows *rows;
    const struct samples *samples;
    const struct fold *fold;
    const char *checkpoint;                                           // NULL: none
    int (*progress)(void *user, const struct fit_progress *progress); // non-zero stops
    int (*tick)(void *user, size_t epoch, double share); // within an epoch, likewise; or NULL
    void *user;
};

// Trains; `model` and what it points to are in the arena. Its metrics, names, dates and edges are
// left to who saves it.
int learn(const struct lesson *lesson, struct arena *arena, struct model *model,
          struct fit_result *result, struct err *err);

// A model's word on `part`: scores[i] is the predicted label, or of classes the probability of up
// less that of down; loss is the mean of what training minimises, on the labels' scale (regression:
// squared error; classes: cross entropy); hits, the share of classes that were right (NaN in a
// regression). loss and hits may be NULL. The rows must have the model's features, in any order.
int predict(const struct recipe *recipe, const struct model *model, const struct rows *rows,
            const struct samples *samples, const struct part *part, struct arena *arena,
            double *scores, double *loss, double *hits, struct err *err);

// What predict wants of a model: that task, and one value or the classes up, neutral and down, in
// any order.
int predict_check(const struct model *model, enum model_task task, struct err *err);

// Marks the rows that the windows of `part` are made of; rows->count bytes.
void mark_window_rows(const struct samples *samples, const struct part *part, size_t lookback,
                      size_t rows, uint8_t *used);

// The edges between ten equally frequent bins of each feature, over the training windows, and
// the share of rows in each.
int learn_edges(const struct lesson *lesson, struct arena *arena, struct model *model,
                struct err *err);

#endif
