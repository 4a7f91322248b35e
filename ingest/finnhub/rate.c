// SPDX-License-Identifier: Apache-2.0
// The file has numbers of one width, a line each: before when nobody calls, then the times of the
// calls of the last minute. It is rewritten at once under a lock. What cannot be read counts as a
// minute full of calls: waiting too long does no harm.
#include "rate.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { LINE_BYTES = 20, FILE_BYTES = LINE_BYTES * (RATE_MINUTE_MOST + 1) };

static const int64_t second = 1000000, minute = 60 * second;

struct calls {
    int64_t not_before, times[RATE_MINUTE_MOST];
    size_t count;
};

void rate_folder(char *folder, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state != NULL && *state == '/')
        (void)snprintf(folder, size, "%s/tickhouse", state);
    else
        (void)snprintf(folder, size, "%s/.local/state/tickhouse", home != NULL ? home : "");
}

// With those above it.
static int make_folders(const char *folder, struct err *err)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s", folder) >= sizeof path)
        return err_set(err, EX_USAGE, "--state: the path is too long");
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        TRY(folder_make(path, err));
        *slash = '/';
    }
    return folder_make(path, err);
}

int rate_open(struct rate *rate, const char *folder, int64_t per_minute, int64_t per_second,
              struct err *err)
{
    *rate = (struct rate){.fd = -1, .per_minute = per_minute, .per_second = per_second};
    TRY(make_folders(folder, err));
    if ((size_t)snprintf(rate->path, sizeof rate->path, "%s/finnhub-calls", folder) >=
        sizeof rate->path)
        return err_set(err, EX_USAGE, "--state: the path is too long");
    rate->fd = open(rate->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (rate->fd < 0)
        return err_set(err, EX_CANTCREAT, "%s cannot be opened: %s", rate->path, strerror(errno));
    return 0;
}

void rate_close(struct rate *rate)
{
    if (rate->fd >= 0)
        (void)close(rate->fd);
    rate->fd = -1;
}

static int lock(const struct rate *rate, struct err *err)
{
    while (flock(rate->fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return err_set(err, EX_IOERR, "%s cannot be locked: %s", rate->path, strerror(errno));
    return 0;
}

static void fill_up(const struct rate *rate, struct calls *calls, int64_t now)
{
    calls->not_before = 0;
    calls->count = (size_t)rate->per_minute;
    for (size_t i = 0; i < calls->count; i++)
        calls->times[i] = now;
}

static bool parse_calls(char *text, size_t size, struct calls *calls)
{
    for (size_t at = 0; at < size; at += LINE_BYTES) {
        char *line = text + at, *end;
        if (size - at < LINE_BYTES || line[LINE_BYTES - 1] != '\n')
            return false;
        const int64_t time = strtoll(line, &end, 10);
        if (end != line + LINE_BYTES - 1)
            return false;
        if (at == 0)
            calls->not_before = time;
        else
            calls->times[calls->count++] = time;
    }
    return true;
}

// A clock that was set back makes times of the future: as if they were now.
static void settle(struct calls *calls, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < calls->count; i++) {
        const int64_t time = calls->times[i] < now ? calls->times[i] : now;
        if (time > now - minute)
            calls->times[kept++] = time;
    }
    calls->count = kept;
    if (calls->not_before > now + RATE_WAIT_MOST * second)
        calls->not_before = now + minute;
}

static int read_calls(const struct rate *rate, struct calls *calls, int64_t now, struct err *err)
{
    char text[FILE_BYTES + 1];
    *calls = (struct calls){0};
    const ssize_t size = pread(rate->fd, text, FILE_BYTES, 0);
    if (size < 0)
        return err_set(err, EX_IOERR, "%s cannot be read: %s", rate->path, strerror(errno));
    text[size] = '\0';
    if (!parse_calls(text, (size_t)size, calls))
        fill_up(rate, calls, now);
    settle(calls, now);
    return 0;
}

static int write_calls(const struct rate *rate, const struct calls *calls, struct err *err)
{
    char text[FILE_BYTES + 1];
    size_t size = (size_t)snprintf(text, sizeof text, "%019" PRId64 "\n", calls->not_before);
    for (size_t i = 0; i < calls->count; i++)
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%019" PRId64 "\n", calls->times[i]);
    if (pwrite(rate->fd, text, size, 0) != (ssize_t)size || ftruncate(rate->fd, (off_t)size) != 0)
        return err_set(err, EX_IOERR, "%s cannot be written: %s", rate->path, strerror(errno));
    return 0;
}

// Until the bucket of so many tokens, each of which is away for `span`, has one.
static int64_t wait_for(const struct calls *calls, int64_t tokens, int64_t span, int64_t now)
{
    if (calls->count < (size_t)tokens)
        return 0;
    const int64_t back = calls->times[calls->count - (size_t)tokens] + span;
    return back > now ? back - now : 0;
}

static int64_t longest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int take(struct rate *rate, int64_t now, int64_t *wait, struct err *err)
{
    struct calls calls;
    TRY(read_calls(rate, &calls, now, err));
    *wait = longest(wait_for(&calls, rate->per_minute, minute, now),
                    wait_for(&calls, rate->per_second, second, now));
    *wait = longest(*wait, calls.not_before - now);
    if (*wait != 0)
        return 0;
    calls.times[calls.count++] = now;
    return write_calls(rate, &calls, err);
}

int rate_take(struct rate *rate, int64_t now, int64_t *wait, struct err *err)
{
    TRY(lock(rate, err));
    const int code = take(rate, now, wait, err);
    (void)flock(rate->fd, LOCK_UN);
    return code;
}

static int defer(struct rate *rate, int64_t until, struct err *err)
{
    struct calls calls;
    TRY(read_calls(rate, &calls, until, err));
    calls.not_before = longest(calls.not_before, until);
    return write_calls(rate, &calls, err);
}

int rate_defer(struct rate *rate, int64_t until, struct err *err)
{
    TRY(lock(rate, err));
    const int code = defer(rate, until, err);
    (void)flock(rate->fd, LOCK_UN);
    return code;
}
