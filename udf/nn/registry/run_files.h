// SPDX-License-Identifier: Apache-2.0
// What training left in a model's run folder NAME/VERSION/, as MLflow wants it: params.json and
// metrics.json are flat objects, history.tsv has a row an epoch with its number in the column
// `epoch` and perhaps the fold's in `fold`. Each may be missing; the model knows the rest.
#ifndef TICKHOUSE_NN_RUN_FILES_H
#define TICKHOUSE_NN_RUN_FILES_H

#include "model/model.h"

#include <jansson.h>

// [{"key": ..., "value": ...}, ...]: what params.json says, and the model's own facts.
int run_parameters(const char *folder, const struct model *model, json_t **parameters,
                   struct err *err);

// [{"key": ..., "value": ..., "timestamp": `at`, "step": ...}, ...], the same whenever it is asked
// for, so that a server that has half of them knows them again. Numbers that are not finite are
// left out. `at`: milliseconds since 1970-01-01.
int run_metrics(const char *folder, const struct model *model, int64_t at, json_t **metrics,
                struct err *err);

// The features with the numbers that scale them, as JSON text that the caller frees.
int run_scaler(const struct model *model, char **text, struct err *err);

#endif
