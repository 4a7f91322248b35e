// SPDX-License-Identifier: Apache-2.0
// A registry without a server: a folder of the models folder's own layout, for example on a disk
// that machines share. Versions are counted there anew; what a version is, its hash says.
#include "registry/files.h"
#include "registry/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// A folder that is not there may be a disk that is not mounted: making it would hide that.
static int need_folder(const char *folder, struct err *err)
{
    struct stat found;
    if (stat(folder, &found) == 0 && S_ISDIR(found.st_mode))
        return 0;
    return err_set_retriable(err, EX_TEMPFAIL,
                             "the registry's folder %s is not there (%s); mount it, or make it "
                             "once with mkdir",
                             folder, errno != 0 ? strerror(errno) : "no folder");
}

// The file of a version of the models folder `from`, added to `to`.
static int copy_version(const char *from, const char *name, uint32_t version, const char *to,
                        uint32_t *copied, struct err *err)
{
    char path[PATH_MAX];
    struct buffer bytes;
    if (snprintf(path, sizeof path, "%s/%s/%u.safetensors", from, name, version) >= PATH_MAX)
        return err_set(err, EX_CONFIG, "the path of the models folder is too long");
    buffer_init(&bytes, LIMIT_MODEL_BYTES);
    int code = file_read(path, &bytes, err);
    if (code == 0)
        code = registry_take(to, name, bytes.data, bytes.size, "", copied, err);
    buffer_free(&bytes);
    return code;
}

static int copy_run(const char *from, const char *to, const char *name, uint32_t version,
                    uint32_t copied, struct err *err)
{
    char source[PATH_MAX], target[PATH_MAX];
    if (snprintf(source, sizeof source, "%s/%s/%u", from, name, version) >= PATH_MAX ||
        snprintf(target, sizeof target, "%s/%s/%u", to, name, copied) >= PATH_MAX)
        return err_set(err, EX_CONFIG, "the path of the models folder is too long");
    return folder_copy(source, target, err);
}

static int push_version(const char *models, struct order *order, struct err *err)
{
    const char *url = order->url;
    const struct registry *registry;
    uint32_t copied = 0;
    double share;
    TRY(registry_find(&url, &registry, err));
    TRY(need_folder(url, err));
    TRY(copy_version(models, order->name, order->version, url, &copied, err));
    TRY(copy_run(models, url, order->name, order->version, copied, err));
    const char *alias = registry_alias(models, order, &share);
    if (*alias != '\0')
        TRY(folder_set_alias(url, order->name, alias, copied, share, err));
    (void)printf("%s@%u is version %u in %s%s%s\n", order->name, order->version, copied, url,
                 *alias != '\0' ? ", alias " : "", alias);
    if (*alias == '\0' && order->alias[0] != '\0')
        (void)printf("its alias %s was left alone: it names another version here by now\n",
                     order->alias);
    return 0;
}

static int pull_version(const char *models, const struct model_reference *reference,
                        const char *url, struct err *err)
{
    struct model_reference wanted = *reference;
    struct model_location location;
    uint32_t copied = 0;
    if (*wanted.tag == '\0')
        (void)snprintf(wanted.tag, sizeof wanted.tag, "production");
    const bool version = wanted.tag[0] >= '0' && wanted.tag[0] <= '9';
    TRY(need_folder(url, err));
    TRY(folder_resolve(url, &wanted, &location, err));
    TRY(copy_version(url, wanted.name, location.version, models, &copied, err));
    if (!version)
        TRY(folder_set_alias(models, wanted.name, wanted.tag, copied, location.share, err));
    (void)printf("version %u in %s is %s@%u%s%s\n", location.version, url, wanted.name, copied,
                 version ? "" : ", alias ", version ? "" : wanted.tag);
    return 0;
}

static int list_versions(const char *url, const char *name, struct err *err)
{
    struct folder_entry *entries;
    size_t count;
    struct arena arena;
    TRY(need_folder(url, err));
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    const int code = folder_list(url, &arena, &entries, &count, err);
    (void)printf("model\tversion\taliases\tfile\n");
    for (size_t i = 0; code == 0 && i < count; i++)
        if (*name == '\0' || strcmp(name, entries[i].name) == 0)
            (void)printf("%s\t%u\t%s\t%s\n", entries[i].name, entries[i].version,
                         entries[i].aliases, entries[i].path);
    arena_close(&arena);
    return code;
}

const struct registry registry_folder = {push_version, pull_version, list_versions};
