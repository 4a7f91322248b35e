// SPDX-License-Identifier: Apache-2.0
// What is kept of a run beside its model: MODELS/NAME/VERSION/ with params.json, metrics.json,
// history.tsv, folds.tsv and charts, which a registry uploads.
#ifndef TICKHOUSE_NN_RECORD_H
#define TICKHOUSE_NN_RECORD_H

#include "walk/settings.h"

#include <limits.h>

struct record {
    char folder[PATH_MAX];
};

// Makes the folder.
int record_open(struct record *record, const char *models, const char *name, uint32_t version,
                struct err *err);

// A file of the folder, written beside and renamed.
int record_file(const struct record *record, const char *name, const void *bytes, size_t size,
                struct err *err);

// The recipe as one flat JSON object of strings, with what is said of the input.
struct record_input {
    const char *source, *snapshot, *rows_hash;
    const char *validation_to; // the last day of the validation, YYYY-MM-DD; NULL: there was none
};
int record_parameters(const struct recipe *recipe, const struct record_input *input,
                      struct buffer *out, struct err *err);

// Metrics as one flat JSON object of numbers; those that are not finite are left out.
int record_metrics(const struct model_metric *metrics, size_t count, struct buffer *out,
                   struct err *err);

#endif
