// SPDX-License-Identifier: Apache-2.0
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 2, NAME_DIGITS = 20 };

static const char magic[SEGMENT_HEAD_BYTES] = {'t', 'h', 's', 'p', 'o', 'o', 'l', VERSION};

void segment_name(uint64_t first, char out[static SEGMENT_NAME_BYTES])
{
    (void)snprintf(out, SEGMENT_NAME_BYTES, "%0*" PRIu64 ".spool", NAME_DIGITS, first);
}

bool segment_of_name(const char *name, uint64_t *first)
{
    char again[SEGMENT_NAME_BYTES];
    *first = strtoull(name, NULL, 10);
    segment_name(*first, again);
    return strcmp(name, again) == 0;
}

static int explain(const char *path, uint64_t first, const char *what, int number, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    if (number == ENOSPC || number == EDQUOT)
        return err_set_retriable(err, EX_TEMPFAIL, "the disk of the spool %s is full: %s", path,
                                 strerror(number));
    return err_set(err, EX_IOERR, "%s/%s cannot be %s: %s", path, name, what, strerror(number));
}

static bool write_at(int fd, const char *bytes, size_t size, size_t at)
{
    while (size != 0) {
        const ssize_t n = pwrite(fd, bytes, size, (off_t)at);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            at += (size_t)n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool flush(int fd)
{
    while (fdatasync(fd) != 0)
        if (errno != EINTR)
            return false;
    return true;
}

// Makes names durable. Not every file system can, and those that cannot need not.
static bool flush_folder(int folder)
{
    return fsync(folder) == 0 || errno == EINVAL;
}

int segment_create(int folder, const char *path, uint64_t first, int *fd, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    *fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*fd < 0)
        return explain(path, first, "made", errno, err);
    if (write_at(*fd, magic, sizeof magic, 0) && flush(*fd) && flush_folder(folder))
        return 0;
    const int failed = errno;
    (void)close(*fd);
    (void)unlinkat(folder, name, 0);
    *fd = -1;
    return explain(path, first, "written", failed, err);
}

int segment_open(int folder, const char *path, uint64_t first, int *fd, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    *fd = openat(folder, name, O_RDWR | O_CLOEXEC);
    return *fd >= 0 ? 0 : explain(path, first, "opened", errno, err);
}

int segment_append(int fd, size_t *size, const struct buffer *records, struct err *err)
{
    if (write_at(fd, records->data, records->size, *size) && flush(fd)) {
        *size += records->size;
        return 0;
    }
    const int failed = errno;
    // Should this fail too, the next opening cuts the rest off.
    if (ftruncate(fd, (off_t)*size) != 0)
        return err_set(err, EX_IOERR, "a record of the spool cannot be written, nor taken back: %s",
                       strerror(failed));
    if (failed == ENOSPC || failed == EDQUOT)
        return err_set_retriable(err, EX_TEMPFAIL, "the disk of the spool is full: %s",
                                 strerror(failed));
    return err_set(err, EX_IOERR, "a record of the spool cannot be written: %s", strerror(failed));
}

static bool read_rest(int fd, struct buffer *data, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    while (data->size < (size_t)status.st_size) {
        const size_t left = (size_t)status.st_size - data->size;
        char *to = buffer_reserve(data, left, err);
        const ssize_t n = to != NULL ? pread(fd, to, left, (off_t)data->size) : -1;
        if (n == 0 || (n < 0 && (to == NULL || errno != EINTR)))
            return false;
        data->size += n > 0 ? (size_t)n : 0;
    }
    return true;
}

int segment_load(int folder, const char *path, uint64_t first, struct buffer *data, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return explain(path, first, "opened", errno, err);
    const bool loaded = read_rest(fd, data, err);
    const int failed = errno;
    (void)close(fd);
    return loaded ? 0 : explain(path, first, "read", failed, err);
}

static bool has_head(const struct buffer *data)
{
    return data->size >= sizeof magic && memcmp(data->data, magic, sizeof magic) == 0;
}

// Moves over one record, which must not belong to an earlier batch than *batch.
static enum record_state next_in_order(const struct buffer *data, size_t *at, uint64_t *batch)
{
    struct record record;
    size_t next = *at;
    const enum record_state state = record_next(data->data, data->size, &next, &record);
    if (state != RECORD_GOOD)
        return state;
    if (record.batch < *batch)
        return RECORD_BAD;
    *batch = record.batch;
    *at = next;
    return RECORD_GOOD;
}

struct segment_check segment_check(const struct buffer *data, uint64_t first)
{
    struct segment_check check = {0};
    enum record_state state;
    const size_t common = data->size < sizeof magic - 1 ? data->size : sizeof magic - 1;
    if (!has_head(data) && (common == 0 || memcmp(data->data, magic, common) == 0)) {
        const bool is_short = data->size < sizeof magic;
        check.is_torn = is_short;
        check.is_foreign = !is_short;
        check.version = is_short ? 0 : (unsigned char)data->data[sizeof magic - 1];
        return check;
    }
    check.whole = has_head(data) ? sizeof magic : 0;
    state = has_head(data) ? RECORD_GOOD : RECORD_BAD;
    while (state == RECORD_GOOD)
        state = next_in_order(data, &check.whole, &first);
    if (state == RECORD_BAD) {
        check.is_torn = record_find(data->data, data->size, check.whole) == data->size;
        check.is_damaged = !check.is_torn;
    }
    return check;
}

int segment_cut(int folder, const char *path, uint64_t first, size_t size, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(first, name);
    const int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
    const bool done = fd >= 0 && ftruncate(fd, (off_t)size) == 0 &&
                      (size >= sizeof magic || write_at(fd, magic, sizeof magic, 0)) && flush(fd);
    const int failed = errno;
    if (fd >= 0)
        (void)close(fd);
    return done ? 0 : explain(path, first, "cut", failed, err);
}

// The good records of `data`, after a head. A good one also has rows that a batch takes.
static int gather(const struct buffer *data, uint64_t first, struct live_batch *rows,
                  struct buffer *good, struct err *err)
{
    struct record record;
    uint64_t batch = first;
    TRY(buffer_append(good, magic, sizeof magic, err));
    size_t at = has_head(data) ? sizeof magic : 0;
    while ((at = record_find(data->data, data->size, at)) != data->size) {
        const size_t begin = at;
        (void)record_next(data->data, data->size, &at, &record);
        live_batch_clear(rows);
        if (record.batch < batch || record_read(&record, rows, NULL) != 0)
            continue;
        const size_t place = good->size;
        TRY(buffer_append(good, data->data + begin, at - begin, err));
        record_place(good->data + place, place);
        batch = record.batch;
    }
    return 0;
}

// The damaged file gets a second name before its first one is taken, so no instant lacks either.
static bool exchange(int folder, const char *name, const struct buffer *good)
{
    char beside[SEGMENT_NAME_BYTES + 16], kept[SEGMENT_NAME_BYTES + 16];
    (void)snprintf(beside, sizeof beside, "%s.new", name);
    (void)snprintf(kept, sizeof kept, "%s.damaged", name);
    const int fd = openat(folder, beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool done = fd >= 0 && write_at(fd, good->data, good->size, 0) && flush(fd);
    done = done && (linkat(folder, name, folder, kept, 0) == 0 || errno == EEXIST) &&
           renameat(folder, beside, folder, name) == 0 && flush_folder(folder);
    const int failed = errno;
    if (!done)
        (void)unlinkat(folder, beside, 0);
    if (fd >= 0)
        (void)close(fd);
    errno = failed;
    return done;
}

int segment_mend(int folder, const char *path, uint64_t first, struct buffer *data, struct err *err)
{
    char name[SEGMENT_NAME_BYTES];
    struct live_batch rows;
    struct buffer good;
    segment_name(first, name);
    TRY(live_batch_init(&rows, err));
    buffer_init(&good, data->ceiling);
    int code = gather(data, first, &rows, &good, err);
    live_batch_free(&rows);
    if (code == 0 && !exchange(folder, name, &good))
        code = explain(path, first, "mended", errno, err);
    if (code == 0) {
        buffer_free(data);
        *data = good;
    } else {
        buffer_free(&good);
    }
    return code;
}
