// SPDX-License-Identifier: Apache-2.0
#include "registry/mlflow.h"
#include "registry/mlflow_registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256, URI_BYTES = 2048 };

struct pull {
    struct mlflow *mlflow;
    const char *name, *alias; // alias: "" when a version was asked for
    const char *wanted;       // that version
    char version[16], source[URI_BYTES], hash[80];
    double share;
    char folder[URI_BYTES], file[NAME_BYTES]; // of the artifact
    struct buffer bytes;
};

// ---- which version

static const char *tag_value(const json_t *version, const char *key)
{
    size_t i;
    const json_t *tag;
    json_array_foreach(json_object_get(version, "tags"), i,
                       tag) if (strcmp(json_text(tag, "key"), key) == 0) return json_text(tag,
                                                                                          "value");
    return "";
}

static int take_version(struct pull *pull, const json_t *version, struct err *err)
{
    char key[FOLDER_MAX_NAME + 32];
    (void)snprintf(key, sizeof key, MLFLOW_SHARE_TAG "%s", pull->alias);
    const char *share = tag_value(version, key);
    pull->share = *share != '\0' ? strtod(share, NULL) : 1;
    (void)snprintf(pull->version, sizeof pull->version, "%s", json_text(version, "version"));
    (void)snprintf(pull->hash, sizeof pull->hash, "%s", tag_value(version, MLFLOW_HASH_TAG));
    if (pull->version[0] == '\0' || !(pull->share >= 0 && pull->share <= 1))
        return err_set(err, EX_PROTOCOL,
                       "MLflow describes %s without a version, or with a share of '%s'", pull->name,
                       share);
    return 0;
}

static int find_version(void *context, struct err *err)
{
    struct pull *pull = context;
    const char *const by_alias[] = {"name", pull->name, "alias", pull->alias, NULL},
                      *const by_version[] = {"name", pull->name, "version", pull->wanted, NULL};
    const bool alias = pull->alias[0] != '\0';
    json_t *reply = NULL;
    TRY(mlflow_find(pull->mlflow, alias ? "registered-models/alias" : "model-versions/get",
                    alias ? by_alias : by_version, &reply, err));
    if (reply == NULL)
        return err_set(err, EX_NOINPUT,
                       "MLflow has no %s@%s; './tickhouse nn runs %s' lists what it has",
                       pull->name, alias ? pull->alias : pull->wanted, pull->name);
    const int code = take_version(pull, json_object_get(reply, "model_version"), err);
    json_decref(reply);
    return code;
}

// ---- where its file is

static int run_artifacts(struct pull *pull, const char *run, const char *path, struct err *err)
{
    const char *const query[] = {"run_id", run, NULL};
    json_t *reply;
    TRY(mlflow_get(pull->mlflow, "runs/get", query, &reply, err));
    const json_t *info = json_object_get(json_object_get(reply, "run"), "info");
    const int size =
        snprintf(pull->source, URI_BYTES, "%s/%s", json_text(info, "artifact_uri"), path);
    json_decref(reply);
    return size < URI_BYTES ? 0 : err_set(err, EX_PROTOCOL, "the place of the run is too long");
}

// "runs:/ID/PATH" is a place relative to a run.
static int resolve_run(struct pull *pull, struct err *err)
{
    static const char scheme[] = "runs:/";
    char run[64];
    if (strncmp(pull->source, scheme, sizeof scheme - 1) != 0)
        return 0;
    const char *id = pull->source + sizeof scheme - 1;
    const size_t size = strcspn(id, "/");
    if (size >= sizeof run)
        return err_set(err, EX_PROTOCOL, "'%.100s' names no run", pull->source);
    (void)snprintf(run, sizeof run, "%.*s", (int)size, id);
    char path[URI_BYTES];
    (void)snprintf(path, sizeof path, "%s", id + size + strspn(id + size, "/"));
    return run_artifacts(pull, run, path, err);
}

static bool is_model(const char *path)
{
    static const char suffix[] = ".safetensors";
    const size_t size = strlen(path), end = sizeof suffix - 1;
    return size > end && strcmp(path + size - end, suffix) == 0;
}

static int choose_file(struct pull *pull, const json_t *files, struct err *err)
{
    size_t i, found = 0;
    const json_t *file;
    json_array_foreach(files, i, file)
    {
        const char *path = json_text(file, "path"), *slash = strrchr(path, '/');
        const char *name = slash != NULL ? slash + 1 : path;
        if (is_model(path) && strlen(name) < NAME_BYTES) {
            (void)snprintf(pull->file, sizeof pull->file, "%s", name);
            found++;
        }
    }
    return found == 1 ? 0
                      : err_set(err, EX_DATAERR,
                                "version %s of %s has %zu .safetensors files at '%.200s', and one "
                                "is needed; was it pushed by './tickhouse nn push'?",
                                pull->version, pull->name, found, pull->source);
}

static int find_file(void *context, struct err *err)
{
    struct pull *pull = context;
    const char *const query[] = {"name", pull->name, "version", pull->version, NULL}, *folder;
    json_t *reply;
    TRY(mlflow_get(pull->mlflow, "model-versions/get-download-uri", query, &reply, err));
    (void)snprintf(pull->source, URI_BYTES, "%s", json_text(reply, "artifact_uri"));
    json_decref(reply);
    TRY(resolve_run(pull, err));
    TRY(mlflow_artifact_folder(pull->source, &folder, err));
    (void)snprintf(pull->folder, sizeof pull->folder, "%s", folder);
    TRY(mlflow_list(pull->mlflow, pull->folder, &reply, err));
    const int code = choose_file(pull, json_object_get(reply, "files"), err);
    json_decref(reply);
    return code;
}

static int download(void *context, struct err *err)
{
    struct pull *pull = context;
    pull->bytes.size = 0;
    return mlflow_download(pull->mlflow, pull->folder, pull->file, &pull->bytes, err);
}

// ---- all of it

static int pull_model(struct pull *pull, const char *models, const char *url, struct err *err)
{
    uint32_t version;
    TRY(mlflow_patiently(pull->mlflow, find_version, pull, err));
    TRY(mlflow_patiently(pull->mlflow, find_file, pull, err));
    TRY(mlflow_patiently(pull->mlflow, download, pull, err));
    const int code = registry_take(models, pull->name, pull->bytes.data, pull->bytes.size,
                                   pull->hash, &version, err);
    if (code != 0)
        return err_prefix(err, "version %s of %s at %s", pull->version, pull->name, url);
    if (pull->alias[0] != '\0')
        TRY(folder_set_alias(models, pull->name, pull->alias, version, pull->share, err));
    (void)printf("version %s at %s is %s@%u%s%s\n", pull->version, url, pull->name, version,
                 pull->alias[0] != '\0' ? ", alias " : "", pull->alias);
    return 0;
}

int mlflow_pull(const char *models, const struct model_reference *reference, const char *url,
                struct err *err)
{
    const char *tag = *reference->tag != '\0' ? reference->tag : "production";
    const bool version = *tag >= '0' && *tag <= '9';
    struct pull pull = {
        .name = reference->name, .alias = version ? "" : tag, .wanted = version ? tag : ""};
    TRY(mlflow_open(&pull.mlflow, url, err));
    buffer_init(&pull.bytes, LIMIT_MODEL_BYTES);
    const int code = pull_model(&pull, models, url, err);
    buffer_free(&pull.bytes);
    mlflow_close(pull.mlflow);
    return code;
}
