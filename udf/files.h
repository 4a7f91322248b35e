// SPDX-License-Identifier: Apache-2.0
// Files that functions read: a folder beside the executable, or another one that the environment
// names. A worker drops its environment, so folders are found in a family's setup().
#ifndef TICKHOUSE_UDF_FILES_H
#define TICKHOUSE_UDF_FILES_H

#include "base/arena.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct udf_folder {
    char path[PATH_MAX];
};

// The folder that environment variable `variable` names, else `name` beside the executable.
int udf_folder_find(struct udf_folder *folder, const char *variable, const char *name,
                    struct err *err);

// What tells one version of a file from another.
struct udf_version {
    struct timespec modified;
    ino_t inode;
    off_t size;
};

static inline bool udf_version_same(const struct udf_version *a, const struct udf_version *b)
{
    return a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec &&
           a->inode == b->inode && a->size == b->size;
}

// Returns 0, or the errno that says why there is no such file.
int udf_version_of(const char *path, struct udf_version *version);

// All of a file of at most `limit` bytes, in the arena.
int udf_file_read(const char *path, size_t limit, struct arena *arena, const char **text,
                  size_t *size, struct err *err);

#endif
