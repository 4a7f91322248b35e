// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16 };

int file_read(const char *path, struct buffer *out, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;
    int code = 0;
    if (fd < 0)
        return err_set(err, EX_NOINPUT, "%s cannot be read: %s", path, strerror(errno));
    while (code == 0 && got > 0) {
        char bytes[READ_BYTES];
        got = read(fd, bytes, sizeof bytes);
        if (got > 0 && buffer_append(out, bytes, (size_t)got, err) != 0)
            code = err_prefix(err, "%s", path);
        else if (got < 0)
            code = err_set(err, EX_IOERR, "%s cannot be read: %s", path, strerror(errno));
    }
    (void)close(fd);
    return code;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size != 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

// Closes the descriptor; 0 or errno.
static int fill(int fd, const void *bytes, size_t size)
{
    const bool written = write_all(fd, bytes, size) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    const int failed = written ? 0 : errno;
    return close(fd) != 0 && failed == 0 ? errno : failed;
}

static int write_beside(const char *path, const void *bytes, size_t size, bool replace,
                        struct err *err)
{
    char beside[PATH_MAX + 16];
    if ((size_t)snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= sizeof beside)
        return err_set(err, EX_CONFIG, "the path %.200s... is too long", path);
    const int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, EX_CANTCREAT, "%s cannot be written: %s", path, strerror(errno));
    int failed = fill(fd, bytes, size);
    if (failed == 0 && (replace ? rename(beside, path) : link(beside, path)) != 0)
        failed = errno;
    if (failed != 0 || !replace)
        (void)unlink(beside);
    if (failed == EEXIST)
        return err_set_retriable(err, EX_TEMPFAIL, "%s is there already", path);
    return failed == 0 ? 0
                       : err_set(err, EX_IOERR, "%s cannot be written: %s", path, strerror(failed));
}

int file_replace(const char *path, const void *bytes, size_t size, struct err *err)
{
    return write_beside(path, bytes, size, true, err);
}

int file_create(const char *path, const void *bytes, size_t size, struct err *err)
{
    return write_beside(path, bytes, size, false, err);
}

int folder_make(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    return err_set(err, EX_CANTCREAT, "cannot make the folder %s: %s", path, strerror(errno));
}
