// SPDX-License-Identifier: Apache-2.0
// A registry keeps versions of models and says by aliases which of them is used. There are two
// kinds: an MLflow server, and a folder that has the layout of the models folder.
#ifndef TICKHOUSE_NN_REGISTRY_H
#define TICKHOUSE_NN_REGISTRY_H

#include "registry/order.h"

struct registry {
    // Uploads the version, and moves the alias. What is there already stays and is not uploaded
    // again, so that a push that was cut off goes on where it was. Prints what it did.
    int (*push)(const char *models, struct order *order, struct err *err);

    // Brings the version that `reference` names there into the models folder, points the alias of
    // the same name at it, and prints what it did.
    int (*pull)(const char *models, const struct model_reference *reference, const char *url,
                struct err *err);

    // Prints the versions of one model, or of all where `name` is "", as TSV with a header.
    int (*runs)(const char *url, const char *name, struct err *err);
};

extern const struct registry registry_mlflow, registry_folder;

// http:// and https:// are MLflow's; file:///DIR and DIR are folders, whose path replaces *url.
int registry_find(const char **url, const struct registry **registry, struct err *err);

// Adds the bytes of a model as the next version, after they were checked to be one; a version with
// the same bytes that is there already is taken instead. `hash`, when not "", is what the model's
// must be.
int registry_take(const char *models, const char *name, const void *bytes, size_t size,
                  const char *hash, uint32_t *version, struct err *err);

// The alias that a push of `order` moves, with its share: "" when the order has none, or when the
// models folder has moved it to another version since.
const char *registry_alias(const char *models, const struct order *order, double *share);

#endif
