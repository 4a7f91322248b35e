// SPDX-License-Identifier: Apache-2.0
// What a model file says besides its weights, as JSON and back.
#ifndef TICKHOUSE_NN_DESCRIBE_H
#define TICKHOUSE_NN_DESCRIBE_H

#include "base/buffer.h"
#include "model/model.h"

// Appends the description as one JSON object.
int model_describe(const struct model *model, struct buffer *out, struct err *err);

// Fills everything of `model` but the weights and the hash.
int model_undescribe(const char *json, struct model *model, struct arena *arena, struct err *err);

#endif
