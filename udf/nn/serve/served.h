// SPDX-License-Identifier: Apache-2.0
// Models that requests share. What a name means is asked anew for each request, so a model that was
// promoted answers the next one; who still computes with the old keeps it until he gives it back.
#ifndef TICKHOUSE_NN_SERVED_H
#define TICKHOUSE_NN_SERVED_H

#include "forward/forward.h"
#include "model/folder.h"
#include "model/model.h"

enum { SERVED_MAX_FORWARDS = 64 }; // kept idle for one model: as many as threads compute at once

struct served {
    struct model model;
    char name[FOLDER_MAX_NAME + 1];
    struct model_location location;
    struct served_rest *rest;
};

struct served_models;

int served_open(struct served_models **models, const char *folder, struct err *err);
void served_close(struct served_models *models);

const char *served_folder(const struct served_models *models);

// The model that `reference` means now. Where its file cannot be read, the one that it meant before
// goes on answering, with a sentence on standard error; without one it is an error, EX_NOINPUT
// where there is no such model.
int served_borrow(struct served_models *models, const struct model_reference *reference,
                  const struct served **served, struct err *err);
void served_return(struct served_models *models, const struct served *served);

// Raw sequences (count, lookback, features) to outputs (count, outputs) in the units of the target.
// `x` is scaled in place.
int served_predict(const struct served *served, float *x, size_t count, float *y, struct err *err);

#endif
