// SPDX-License-Identifier: Apache-2.0
#include "registry/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 4 };
#define MAX_RUN_FILE_BYTES (256ULL << 20) // a plot, a table of folds

struct walk {
    const char *root;
    int (*visit)(void *context, const char *name, struct err *err);
    void *context;
};

static int walk_below(const struct walk *walk, const char *below, int depth, struct err *err);

static int walk_entry(const struct walk *walk, const char *name, int depth, struct err *err)
{
    char path[PATH_MAX];
    struct stat found;
    if (snprintf(path, sizeof path, "%s/%s", walk->root, name) >= PATH_MAX ||
        lstat(path, &found) != 0)
        return 0;
    if (S_ISREG(found.st_mode))
        return walk->visit(walk->context, name, err);
    return S_ISDIR(found.st_mode) && depth < MAX_DEPTH ? walk_below(walk, name, depth + 1, err) : 0;
}

static int walk_below(const struct walk *walk, const char *below, int depth, struct err *err)
{
    char path[PATH_MAX], name[PATH_MAX];
    struct dirent **entries = NULL;
    const char *slash = *below != '\0' ? "/" : "";
    int code = 0;
    if (snprintf(path, sizeof path, "%s%s%s", walk->root, slash, below) >= PATH_MAX)
        return 0;
    const int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (code == 0 && entries[i]->d_name[0] != '.' &&
            snprintf(name, sizeof name, "%s%s%s", below, slash, entries[i]->d_name) < PATH_MAX)
            code = walk_entry(walk, name, depth, err);
        free(entries[i]);
    }
    free(entries);
    return code;
}

int folder_walk(const char *folder, int (*visit)(void *context, const char *name, struct err *err),
                void *context, struct err *err)
{
    return walk_below(&(struct walk){folder, visit, context}, "", 0, err);
}

struct copy {
    const char *from, *to;
    struct buffer bytes;
};

static int make_parents(const char *root, const char *name, struct err *err)
{
    char path[PATH_MAX];
    for (const char *slash = name; (slash = strchr(slash, '/')) != NULL; slash++) {
        (void)snprintf(path, sizeof path, "%s/%.*s", root, (int)(slash - name), name);
        TRY(folder_make(path, err));
    }
    return 0;
}

static int copy_file(void *context, const char *name, struct err *err)
{
    struct copy *copy = context;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", copy->from, name);
    copy->bytes.size = 0;
    TRY(file_read(path, &copy->bytes, err));
    TRY(make_parents(copy->to, name, err));
    if (snprintf(path, sizeof path, "%s/%s", copy->to, name) >= PATH_MAX)
        return err_set(err, EX_CANTCREAT, "the path of '%.200s' would be too long", name);
    return file_replace(path, copy->bytes.data, copy->bytes.size, err);
}

static int remove_entry(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)found;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

int folder_copy(const char *from, const char *to, struct err *err)
{
    char beside[PATH_MAX];
    if (access(from, F_OK) != 0 || access(to, F_OK) == 0)
        return 0;
    const char *slash = strrchr(to, '/');
    // Hidden until it is whole.
    if (slash == NULL || snprintf(beside, sizeof beside, "%.*s/.%s.XXXXXX", (int)(slash - to), to,
                                  slash + 1) >= PATH_MAX)
        return err_set(err, EX_CANTCREAT, "the path of '%.200s' is too long", to);
    if (mkdtemp(beside) == NULL || chmod(beside, 0755) != 0)
        return err_set(err, EX_CANTCREAT, "cannot make the folder %s: %s", beside, strerror(errno));
    struct copy copy = {.from = from, .to = beside};
    buffer_init(&copy.bytes, MAX_RUN_FILE_BYTES);
    int code = folder_walk(from, copy_file, &copy, err);
    buffer_free(&copy.bytes);
    if (code == 0 && rename(beside, to) != 0 && errno != EEXIST && errno != ENOTEMPTY)
        code = err_set(err, EX_CANTCREAT, "cannot make the folder %s: %s", to, strerror(errno));
    if (access(beside, F_OK) == 0)
        (void)nftw(beside, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return code;
}
