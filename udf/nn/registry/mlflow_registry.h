// SPDX-License-Identifier: Apache-2.0
// The parts of the MLflow registry, and the names that they have in common.
#ifndef TICKHOUSE_NN_MLFLOW_REGISTRY_H
#define TICKHOUSE_NN_MLFLOW_REGISTRY_H

#include "registry/registry.h"

#define MLFLOW_MODEL_FOLDER "model"         // of a run's artifacts, with the one .safetensors file
#define MLFLOW_HASH_TAG "tickhouse.hash"    // of a version
#define MLFLOW_SHARE_TAG "tickhouse.share." // and the alias: the share of keys, of a canary

int mlflow_push(const char *models, struct order *order, struct err *err);
int mlflow_pull(const char *models, const struct model_reference *reference, const char *url,
                struct err *err);
int mlflow_runs(const char *url, const char *name, struct err *err);

#endif
