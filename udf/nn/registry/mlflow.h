// SPDX-License-Identifier: Apache-2.0
// MLflow's REST API, version 2.0: calls in JSON, and artifacts through the server's own proxy.
//
// A call is sent once; what failed and may succeed later is retriable in `err`. Creating is not
// idempotent in MLflow, so whoever tries again looks first whether the thing is there by now.
#ifndef TICKHOUSE_NN_MLFLOW_H
#define TICKHOUSE_NN_MLFLOW_H

#include "base/buffer.h"

#include <jansson.h>
#include <stdbool.h>

struct mlflow;

// `url` is the server's root. Who asks is read from where MLflow's own clients read it:
// MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, else MLFLOW_TRACKING_TOKEN.
int mlflow_open(struct mlflow **mlflow, const char *url, struct err *err);
void mlflow_close(struct mlflow *mlflow);

// GET of an endpoint, for example "experiments/get-by-name"; `query` is names and values in turn,
// ended by NULL. The caller releases *reply.
int mlflow_get(struct mlflow *mlflow, const char *endpoint, const char *const *query,
               json_t **reply, struct err *err);

// The same, for what may not be there: *reply is NULL then.
int mlflow_find(struct mlflow *mlflow, const char *endpoint, const char *const *query,
                json_t **reply, struct err *err);

// POST; `body` is released in any case, and NULL is out of memory. `reply` may be NULL.
int mlflow_post(struct mlflow *mlflow, const char *endpoint, json_t *body, json_t **reply,
                struct err *err);

// Artifacts: `folder` as mlflow_artifact_folder gives it, `name` below it.
int mlflow_upload(struct mlflow *mlflow, const char *folder, const char *name, const void *bytes,
                  size_t size, struct err *err);
int mlflow_download(struct mlflow *mlflow, const char *folder, const char *name,
                    struct buffer *bytes, struct err *err);
int mlflow_list(struct mlflow *mlflow, const char *folder, json_t **reply, struct err *err);

// "mlflow-artifacts:/1/abc/artifacts" -> "1/abc/artifacts". A store that the server does not stand
// before, such as s3://, is an error that says how to start it.
int mlflow_artifact_folder(const char *uri, const char **folder, struct err *err);

// Calls `step` until it succeeds, fails for good, or the tries are used up; says on stderr why it
// waits.
int mlflow_patiently(struct mlflow *mlflow, int (*step)(void *context, struct err *err),
                     void *context, struct err *err);

// The text of a member of an object, "" where there is none.
const char *json_text(const json_t *object, const char *name);

#endif
