// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"
#include "model/model.h"

#include <stdio.h>
#include <string.h>

int registry_find(const char **url, const struct registry **registry, struct err *err)
{
    static const char file[] = "file://";
    const char *text = *url;
    *registry = &registry_folder;
    if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) {
        const char *host = strstr(text, "://") + 3;
        *registry = &registry_mlflow;
        if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
            return err_set(err, EX_USAGE,
                           "the address holds a name or a password, which every process of the "
                           "machine can read there; set MLFLOW_TRACKING_USERNAME and "
                           "MLFLOW_TRACKING_PASSWORD");
        if (strpbrk(host, "?#") != NULL)
            return err_set(err, EX_USAGE,
                           "the address goes on after a '%c', which no MLflow server's does; give "
                           "http://HOST:PORT, and set MLFLOW_TRACKING_TOKEN if it wants a token",
                           *strpbrk(host, "?#"));
        return 0;
    }
    if (strncmp(text, file, sizeof file - 1) == 0)
        *url = text + sizeof file - 1;
    else if (strstr(text, "://") != NULL) {
        const size_t shown = strcspn(text, "?#");
        return err_set(err, EX_USAGE,
                       "'%.*s' is no registry; http:// and https:// are an MLflow server's, "
                       "file:///DIR and DIR a folder's",
                       (int)(shown < 200 ? shown : 200), text);
    }
    if (**url == '\0')
        return err_set(err, EX_USAGE,
                       "which registry? Give --url, or set MLFLOW_TRACKING_URI, to an MLflow "
                       "server's http://HOST:PORT or to a folder");
    return 0;
}

const char *registry_alias(const char *models, const struct order *order, double *share)
{
    struct model_reference reference = {0};
    struct model_location location;
    *share = 1;
    if (order->alias[0] == '\0')
        return "";
    (void)snprintf(reference.name, sizeof reference.name, "%s", order->name);
    (void)snprintf(reference.tag, sizeof reference.tag, "%s", order->alias);
    if (folder_resolve(models, &reference, &location, NULL) != 0)
        return order->alias; // asked for by --alias, and no alias here
    *share = location.share;
    return location.version == order->version ? order->alias : "";
}

// The version with these bytes, 0 when there is none: hashes are of all that a file says.
static int find_version(const char *models, const char *name, const char *hash, struct arena *arena,
                        uint32_t *version, struct err *err)
{
    struct folder_entry *entries;
    size_t count;
    *version = 0;
    TRY(folder_list(models, arena, &entries, &count, err));
    for (size_t i = 0; i < count && *version == 0; i++) {
        struct model model;
        struct model_bytes bytes;
        const size_t mark = arena_mark(arena);
        if (strcmp(entries[i].name, name) != 0 ||
            model_open(entries[i].path, &model, &bytes, arena, NULL) != 0)
            continue;
        if (strcmp(model.hash, hash) == 0)
            *version = entries[i].version;
        model_close(&bytes);
        arena_rewind(arena, mark);
    }
    return 0;
}

static int take(const char *models, const char *name, const void *bytes, size_t size,
                const char *hash, uint32_t *version, struct arena *arena, struct err *err)
{
    struct model model;
    TRY(model_read(bytes, size, &model, arena, err));
    if (*hash != '\0' && strcmp(hash, model.hash) != 0)
        return err_set(err, EX_DATAERR,
                       "the model's hash is %s and the registry says %s; somebody changed one of "
                       "them, and nothing was taken",
                       model.hash, hash);
    TRY(find_version(models, name, model.hash, arena, version, err));
    return *version != 0 ? 0 : folder_add(models, name, bytes, size, version, err);
}

int registry_take(const char *models, const char *name, const void *bytes, size_t size,
                  const char *hash, uint32_t *version, struct err *err)
{
    struct arena arena;
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    const int code = take(models, name, bytes, size, hash, version, &arena, err);
    arena_close(&arena);
    return code;
}
