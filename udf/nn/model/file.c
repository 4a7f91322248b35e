// SPDX-License-Identifier: Apache-2.0
// A file of a model in memory of its own. It is read and not mapped: a mapping of a file that
// another process cuts off ends this one with SIGBUS.
#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, char *to, size_t size, struct err *err)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = read(fd, to + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, EX_IOERR, "cannot be read: %s", strerror(errno));
        if (n == 0)
            return err_set(err, EX_DATAERR,
                           "it was cut off while it was read: %zu of %zu bytes; try again", done,
                           size);
        done += (size_t)n;
    }
    return 0;
}

static int read_file(int fd, size_t limit, struct model_bytes *bytes, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return err_set(err, EX_NOINPUT, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 || (uint64_t)status.st_size > limit)
        return err_set(err, EX_DATAERR, "a model is a file of 1 to %zu bytes", limit);
    const size_t size = (size_t)status.st_size;
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return err_set(err, EX_OSERR, "no memory for its %zu bytes", size);
    *bytes = (struct model_bytes){base, size};
    return read_all(fd, base, size, err);
}

int model_file_read(const char *path, size_t limit, struct model_bytes *bytes, struct err *err)
{
    *bytes = (struct model_bytes){NULL, 0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, EX_NOINPUT, "cannot be read: %s", strerror(errno));
    const int code = read_file(fd, limit, bytes, err);
    (void)close(fd);
    if (code != 0)
        model_close(bytes);
    return code;
}

void model_close(struct model_bytes *bytes)
{
    if (bytes->base != NULL)
        (void)munmap(bytes->base, bytes->size);
    *bytes = (struct model_bytes){NULL, 0};
}
