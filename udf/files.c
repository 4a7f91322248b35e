// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int udf_folder_find(struct udf_folder *folder, const char *variable, const char *name,
                    struct err *err)
{
    const char *given = getenv(variable);
    char self[PATH_MAX] = "";
    int length;
    if (given != NULL && *given != '\0') {
        length = snprintf(folder->path, sizeof folder->path, "%s", given);
    } else {
        if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
            return err_set(err, EX_OSERR, "cannot tell where the executable lies: %s; set %s",
                           strerror(errno), variable);
        *strrchr(self, '/') = '\0';
        length = snprintf(folder->path, sizeof folder->path, "%s/%s", self, name);
    }
    if ((size_t)length >= sizeof folder->path)
        return err_set(err, EX_CONFIG, "the path of folder '%s' is too long", name);
    return 0;
}

int udf_version_of(const char *path, struct udf_version *version)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    *version = (struct udf_version){status.st_mtim, status.st_ino, status.st_size};
    return 0;
}

static int read_all(int fd, const char *path, char *out, size_t size, size_t *got, struct err *err)
{
    *got = 0;
    while (*got < size) {
        const ssize_t n = read(fd, out + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, EX_IOERR, "%s cannot be read: %s", path, strerror(errno));
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return 0;
}

int udf_file_read(const char *path, size_t limit, struct arena *arena, const char **text,
                  size_t *size, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        const int code = err_set(err, EX_NOINPUT, "%s cannot be read: %s", path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    int code = 0;
    char *bytes = NULL;
    if ((size_t)status.st_size > limit)
        code = err_set(err, EX_DATAERR, "%s has %lld bytes; at most %zu are read", path,
                       (long long)status.st_size, limit);
    else if ((bytes = arena_alloc(arena, (size_t)status.st_size, 1, err)) == NULL)
        code = err_code(err, EX_OSERR);
    else
        code = read_all(fd, path, bytes, (size_t)status.st_size, size, err);
    (void)close(fd);
    *text = bytes;
    return code;
}
