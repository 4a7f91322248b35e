// SPDX-License-Identifier: Apache-2.0
// A small model for tests: GRU, dropout, LSTM and two dense layers over three features.
#ifndef TICKHOUSE_TESTS_NN_SAMPLE_H
#define TICKHOUSE_TESTS_NN_SAMPLE_H

#include "model/model.h"

static inline int sample_model(struct model *model, struct arena *arena, struct err *err)
{
    const struct network layout = {
        .lookback = 4,
        .features = 3,
        .layer_count = 5,
        .layers = {{.kind = LAYER_GRU, .units = 5, .reset_after = true, .bidirectional = true},
                   {.kind = LAYER_DROPOUT, .dropout = 0.25},
                   {.kind = LAYER_LSTM, .units = 3},
                   {.kind = LAYER_DENSE, .units = 4, .activation = ACTIVATION_RELU},
                   {.kind = LAYER_DENSE, .units = 3, .activation = ACTIVATION_SOFTMAX}}};
    static struct model_metric metrics[] = {{"ic", 0.03}, {"mse", 1e-4}};
    TRY(model_new(model, &layout, arena, err));
    unsigned state = 1;
    for (size_t i = 0; i < model->network.weight_count; i++) {
        state = state * 1664525u + 1013904223u;
        model->network.weights[i] = (float)(state >> 8) / 16777216.0F - 0.5F;
    }
    model->task = TASK_CLASSES;
    model->class_count = 3;
    model->classes[0] = "down";
    model->classes[1] = "neutral \"zero\"";
    model->classes[2] = "up";
    model->features[1].offset = 0.1;
    model->features[1].scale = 1e17 / 3;
    for (int e = 0; e < MODEL_BINS - 1; e++)
        model->features[2].edges[e] = e * 0.1;
    for (int b = 0; b < MODEL_BINS; b++)
        model->features[2].shares[b] = 0.1;
    model->target = "target_next_return";
    model->horizon = 5;
    model->train_from = 19000;
    model->train_to = 20000;
    model->seed = 42;
    model->metrics = metrics;
    model->metric_count = 2;
    return 0;
}

#endif
