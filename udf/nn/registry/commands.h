// SPDX-License-Identifier: Apache-2.0
// The commands of nn-registry; argv[0] is the command's name.
#ifndef TICKHOUSE_NN_REGISTRY_COMMANDS_H
#define TICKHOUSE_NN_REGISTRY_COMMANDS_H

#include "base/err.h"

int command_push(int argc, char **argv, struct err *err);
int command_pull(int argc, char **argv, struct err *err);
int command_runs(int argc, char **argv, struct err *err);

// The models folder: `given` by --models, else by TICKHOUSE_MODELS.
int models_folder(const char *given, const char **models, struct err *err);

// The registry's address: `given` by --url, else by MLFLOW_TRACKING_URI.
const char *registry_url(const char *given);

#endif
