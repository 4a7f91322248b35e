// SPDX-License-Identifier: Apache-2.0
// A scaler as JSON, for a model whose file does not hold it: (x - offset) x scale for each feature.
// The names are those of scikit-learn's attributes, with or without the last underscore;
// where there are several pairs, the first of these holds:
//   {"mean": [...], "scale": [...]}              StandardScaler: (x - mean) / scale
//   {"min": [...], "scale": [...]}               MinMaxScaler to any range: x scale + min
//   {"data_min": [...], "data_max": [...]}       MinMaxScaler to 0..1
//   {"offset": [...], "scale": [...]}            ours: (x - offset) scale
// and beside them, for a model that was trained on a scaled target, "target_offset" and
// "target_scale": prediction = target_offset + target_scale x output. A scale of 0 is
// refused, but for StandardScaler's, where it is what a feature that never changes has, and
// means 1.
#ifndef TICKHOUSE_NN_IMPORT_SCALER_H
#define TICKHOUSE_NN_IMPORT_SCALER_H

#include "model/model.h"

int scaler_apply(const char *json, size_t size, struct model *model, struct err *err);

#endif
