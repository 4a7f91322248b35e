// SPDX-License-Identifier: Apache-2.0
// A push to MLflow is a list of steps, each of which looks first what is there already. So it can
// be cut off anywhere, by either side, and started again: the same run goes on, no metric stands
// twice, and there is one version. A run is known by the model's hash, which is a tag of it; that
// it is FINISHED says that its parameters, metrics and artifacts are complete.
#include "registry/files.h"
#include "registry/mlflow.h"
#include "registry/mlflow_registry.h"
#include "registry/run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_METRICS = 1000, BATCH_PARAMETERS = 100, URI_BYTES = 2048 }; // MLflow's limits
#define MAX_ARTIFACT_BYTES (256ULL << 20)

struct push {
    struct mlflow *mlflow;
    const char *models;
    struct order *order;
    struct model model;
    struct model_bytes model_file;
    char folder[PATH_MAX]; // of what training left
    int64_t at;            // when the model was made, milliseconds since 1970-01-01
    char experiment[32], artifacts[URI_BYTES], version[16];
    bool complete; // the run has all it is to have
    struct buffer bytes;
    const char *place; // of the artifact under way
};

static void progress(const struct push *push, const char *what, const char *which)
{
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[Knn: %s@%u: %s %s", push->order->name, push->order->version,
                      what, which);
}

static void progress_end(void)
{
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[K");
}

// ---- experiment and run

static int ensure_experiment(void *context, struct err *err)
{
    struct push *push = context;
    const char *const query[] = {"experiment_name", push->order->experiment, NULL};
    json_t *reply = NULL;
    TRY(mlflow_find(push->mlflow, "experiments/get-by-name", query, &reply, err));
    if (reply == NULL)
        TRY(mlflow_post(push->mlflow, "experiments/create",
                        json_pack("{s:s}", "name", push->order->experiment), &reply, err));
    const json_t *found = json_object_get(reply, "experiment");
    (void)snprintf(push->experiment, sizeof push->experiment, "%s",
                   json_text(found != NULL ? found : reply, "experiment_id"));
    json_decref(reply);
    return push->experiment[0] != '\0'
               ? 0
               : err_set(err, EX_PROTOCOL, "MLflow gives the experiment no id");
}

static int take_run(struct push *push, const json_t *run, struct err *err)
{
    const json_t *info = json_object_get(run, "info");
    const char *folder;
    const char *id = json_text(info, "run_id");
    push->complete = strcmp(json_text(info, "status"), "FINISHED") == 0;
    TRY(mlflow_artifact_folder(json_text(info, "artifact_uri"), &folder, err));
    if (*id == '\0' || snprintf(push->artifacts, URI_BYTES, "%s", folder) >= URI_BYTES)
        return err_set(err, EX_PROTOCOL, "MLflow describes the run without an id or a place");
    if (strcmp(push->order->run, id) == 0)
        return 0;
    (void)snprintf(push->order->run, sizeof push->order->run, "%s", id);
    return order_save(push->models, push->order, err);
}

static int find_run(struct push *push, bool *there, struct err *err)
{
    char filter[128];
    json_t *reply = NULL;
    (void)snprintf(filter, sizeof filter, "tags.`tickhouse.hash` = '%s'", push->model.hash);
    TRY(mlflow_post(push->mlflow, "runs/search",
                    json_pack("{s:[s], s:s, s:i}", "experiment_ids", push->experiment, "filter",
                              filter, "max_results", 1),
                    &reply, err));
    const json_t *run = json_array_get(json_object_get(reply, "runs"), 0);
    *there = run != NULL;
    const int code = *there ? take_run(push, run, err) : 0;
    json_decref(reply);
    return code;
}

static json_t *tag(const char *key, const char *value)
{
    return json_pack("{s:s, s:s}", "key", key, "value", value);
}

static int ensure_run(void *context, struct err *err)
{
    struct push *push = context;
    const struct order *order = push->order;
    json_t *reply = NULL;
    char title[FOLDER_MAX_NAME + 16];
    bool there;
    TRY(find_run(push, &there, err));
    if (there)
        return 0;
    (void)snprintf(title, sizeof title, "%s@%u", order->name, order->version);
    TRY(mlflow_post(push->mlflow, "runs/create",
                    json_pack("{s:s, s:s, s:I, s:[o, o, o]}", "experiment_id", push->experiment,
                              "run_name", title, "start_time", (json_int_t)push->at, "tags",
                              tag("tickhouse.hash", push->model.hash),
                              tag("tickhouse.model", title),
                              tag("mlflow.source.name", "tickhouse")),
                    &reply, err));
    const int code = take_run(push, json_object_get(reply, "run"), err);
    json_decref(reply);
    return code;
}

// ---- what the run has

// Logs `all` in batches; `kind` is "params" or "metrics".
static int log_batches(struct push *push, const char *kind, const json_t *all, size_t most,
                       struct err *err)
{
    const size_t count = json_array_size(all);
    for (size_t i = 0; i < count; i += most) {
        json_t *batch = json_array();
        for (size_t j = i; j < count && j < i + most; j++)
            (void)json_array_append(batch, json_array_get(all, j));
        TRY(mlflow_post(push->mlflow, "runs/log-batch",
                        json_pack("{s:s, s:o}", "run_id", push->order->run, kind, batch), NULL,
                        err));
    }
    return 0;
}

static int log_parameters(void *context, struct err *err)
{
    struct push *push = context;
    json_t *parameters;
    TRY(run_parameters(push->folder, &push->model, &parameters, err));
    const int code = log_batches(push, "params", parameters, BATCH_PARAMETERS, err);
    json_decref(parameters);
    return code;
}

// MLflow passes over a metric whose key, value, time and step it has.
static int log_metrics(void *context, struct err *err)
{
    struct push *push = context;
    json_t *metrics;
    TRY(run_metrics(push->folder, &push->model, push->at, &metrics, err));
    const int code = log_batches(push, "metrics", metrics, BATCH_METRICS, err);
    json_decref(metrics);
    return code;
}

static int upload(void *context, struct err *err)
{
    struct push *push = context;
    return mlflow_upload(push->mlflow, push->artifacts, push->place, push->bytes.data,
                         push->bytes.size, err);
}

static int upload_file(void *context, const char *name, struct err *err)
{
    struct push *push = context;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", push->folder, name) >= PATH_MAX)
        return 0;
    progress(push, "artifact", name);
    push->bytes.size = 0;
    push->place = name;
    TRY(file_read(path, &push->bytes, err));
    return mlflow_patiently(push->mlflow, upload, push, err);
}

static int upload_scaler(struct push *push, struct err *err)
{
    char *text;
    push->place = "scaler.json";
    push->bytes.size = 0;
    TRY(run_scaler(&push->model, &text, err));
    const int code = buffer_append(&push->bytes, text, strlen(text), err);
    free(text);
    return code != 0 ? code : mlflow_patiently(push->mlflow, upload, push, err);
}

static int upload_model(void *context, struct err *err)
{
    struct push *push = context;
    return mlflow_upload(push->mlflow, push->artifacts, MLFLOW_MODEL_FOLDER "/model.safetensors",
                         push->model_file.base, push->model_file.size, err);
}

static int finish_run(void *context, struct err *err)
{
    struct push *push = context;
    return mlflow_post(push->mlflow, "runs/update",
                       json_pack("{s:s, s:s, s:I}", "run_id", push->order->run, "status",
                                 "FINISHED", "end_time", (json_int_t)push->at),
                       NULL, err);
}

static int fill_run(struct push *push, struct err *err)
{
    if (push->complete)
        return 0;
    progress(push, "parameters and metrics", "");
    TRY(mlflow_patiently(push->mlflow, log_parameters, push, err));
    TRY(mlflow_patiently(push->mlflow, log_metrics, push, err));
    progress(push, "artifact", "model.safetensors");
    TRY(mlflow_patiently(push->mlflow, upload_model, push, err));
    TRY(upload_scaler(push, err));
    TRY(folder_walk(push->folder, upload_file, push, err));
    return mlflow_patiently(push->mlflow, finish_run, push, err);
}

// ---- registered model, version, alias

static int ensure_registered(void *context, struct err *err)
{
    struct push *push = context;
    const char *const query[] = {"name", push->order->name, NULL};
    json_t *reply = NULL;
    TRY(mlflow_find(push->mlflow, "registered-models/get", query, &reply, err));
    const bool there = reply != NULL;
    json_decref(reply);
    return there ? 0
                 : mlflow_post(push->mlflow, "registered-models/create",
                               json_pack("{s:s}", "name", push->order->name), NULL, err);
}

static int create_version(struct push *push, json_t **reply, struct err *err)
{
    char source[URI_BYTES + 64], local[16];
    (void)snprintf(source, sizeof source, "mlflow-artifacts:/%s/" MLFLOW_MODEL_FOLDER,
                   push->artifacts);
    (void)snprintf(local, sizeof local, "%u", push->order->version);
    return mlflow_post(push->mlflow, "model-versions/create",
                       json_pack("{s:s, s:s, s:s, s:[o, o]}", "name", push->order->name, "source",
                                 source, "run_id", push->order->run, "tags",
                                 tag(MLFLOW_HASH_TAG, push->model.hash),
                                 tag("tickhouse.version", local)),
                       reply, err);
}

static int ensure_version(void *context, struct err *err)
{
    struct push *push = context;
    char filter[256];
    json_t *reply = NULL;
    (void)snprintf(filter, sizeof filter, "name = '%s' and run_id = '%s'", push->order->name,
                   push->order->run);
    const char *const query[] = {"filter", filter, NULL};
    TRY(mlflow_get(push->mlflow, "model-versions/search", query, &reply, err));
    const json_t *found = json_array_get(json_object_get(reply, "model_versions"), 0);
    if (found == NULL) {
        json_decref(reply);
        TRY(create_version(push, &reply, err));
        found = json_object_get(reply, "model_version");
    }
    (void)snprintf(push->version, sizeof push->version, "%s", json_text(found, "version"));
    json_decref(reply);
    return 0;
}

static int set_share(struct push *push, const char *alias, double share, struct err *err)
{
    char key[FOLDER_MAX_NAME + 32], value[32];
    (void)snprintf(key, sizeof key, MLFLOW_SHARE_TAG "%s", alias);
    (void)snprintf(value, sizeof value, "%.6g", share);
    return mlflow_post(push->mlflow, "model-versions/set-tag",
                       json_pack("{s:s, s:s, s:s, s:s}", "name", push->order->name, "version",
                                 push->version, "key", key, "value", value),
                       NULL, err);
}

static int set_alias(void *context, struct err *err)
{
    struct push *push = context;
    double share;
    const char *alias = registry_alias(push->models, push->order, &share);
    if (*alias == '\0')
        return 0;
    TRY(set_share(push, alias, share, err));
    return mlflow_post(push->mlflow, "registered-models/alias",
                       json_pack("{s:s, s:s, s:s}", "name", push->order->name, "alias", alias,
                                 "version", push->version),
                       NULL, err);
}

// ---- all of it

static int push_steps(struct push *push, struct err *err)
{
    progress(push, "connecting", "");
    TRY(mlflow_patiently(push->mlflow, ensure_experiment, push, err));
    TRY(mlflow_patiently(push->mlflow, ensure_run, push, err));
    TRY(fill_run(push, err));
    TRY(mlflow_patiently(push->mlflow, ensure_registered, push, err));
    TRY(mlflow_patiently(push->mlflow, ensure_version, push, err));
    return mlflow_patiently(push->mlflow, set_alias, push, err);
}

static void print_pushed(const struct push *push)
{
    const struct order *order = push->order;
    double share;
    const char *alias = registry_alias(push->models, order, &share);
    (void)printf("%s@%u is version %s at %s, run %s%s%s\n", order->name, order->version,
                 push->version, order->url, order->run, *alias != '\0' ? ", alias " : "", alias);
    if (*alias == '\0' && order->alias[0] != '\0')
        (void)printf("its alias %s was left alone: it names another version here by now\n",
                     order->alias);
}

static int push_model(struct push *push, struct arena *arena, struct err *err)
{
    char path[PATH_MAX];
    struct stat file;
    const struct order *order = push->order;
    (void)snprintf(push->folder, sizeof push->folder, "%s/%s/%u", push->models, order->name,
                   order->version);
    if (snprintf(path, sizeof path, "%s.safetensors", push->folder) >= PATH_MAX)
        return err_set(err, EX_CONFIG, "the path of the models folder is too long");
    TRY(model_open(path, &push->model, &push->model_file, arena, err));
    // Metrics carry this time, so it must be the same in each try.
    push->at = push->model.created_at / 1000;
    if (push->at == 0 && stat(path, &file) == 0)
        push->at = (int64_t)file.st_mtim.tv_sec * 1000;
    const int code = push_steps(push, err);
    progress_end();
    if (code == 0)
        print_pushed(push);
    model_close(&push->model_file);
    return code;
}

int mlflow_push(const char *models, struct order *order, struct err *err)
{
    struct push push = {.models = models, .order = order};
    struct arena arena;
    TRY(mlflow_open(&push.mlflow, order->url, err));
    buffer_init(&push.bytes, MAX_ARTIFACT_BYTES);
    int code = arena_open(&arena, LIMIT_ARENA_BYTES, err);
    if (code == 0) {
        code = push_model(&push, &arena, err);
        arena_close(&arena);
    }
    buffer_free(&push.bytes);
    mlflow_close(push.mlflow);
    return code;
}
