// SPDX-License-Identifier: Apache-2.0
#include "walk/hold.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const struct hold *hold, struct err *err)
{
    return err_set(err, EX_CANTCREAT, "cannot write %s: %s", hold->path, strerror(errno));
}

// Is the locked file the one that has the name? Who held it before may just have removed it.
static bool is_current(const struct hold *hold)
{
    struct stat mine, named;
    return fstat(hold->fd, &mine) == 0 && stat(hold->path, &named) == 0 &&
           mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

static int lock(struct hold *hold, const char *name, struct err *err)
{
    for (;;) {
        hold->fd = open(hold->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (hold->fd < 0)
            return cannot(hold, err);
        hold->held = flock(hold->fd, LOCK_EX | LOCK_NB) == 0;
        if (hold->held && is_current(hold))
            return 0;
        (void)close(hold->fd);
        if (!hold->held)
            return err_set_retriable(err, EX_TEMPFAIL, "'%s' is being trained by another process",
                                     name);
    }
}

int hold_open(struct hold *hold, const char *models, const char *name, struct err *err)
{
    const size_t room = sizeof hold->path;
    *hold = (struct hold){.fd = -1};
    if ((size_t)snprintf(hold->path, room, "%s/%s/.train.hold", models, name) >= room)
        return err_set(err, EX_CONFIG, "the path of model '%s' is too long", name);
    char *slash = strrchr(hold->path, '/');
    TRY(folder_make(models, err));
    *slash = '\0';
    const int code = folder_make(hold->path, err);
    *slash = '/';
    TRY(code);
    return lock(hold, name, err);
}

int hold_reserve(struct hold *hold, size_t bytes, struct err *err)
{
    const int reason = posix_fallocate(hold->fd, 0, (off_t)bytes);
    if (reason == 0)
        return 0;
    return err_set(
        err, EX_CANTCREAT,
        "no room for the model beside %s: %zu bytes are wanted, but %s. Make room before "
        "it is trained",
        hold->path, bytes, strerror(reason));
}

void hold_release(struct hold *hold)
{
    if (hold->held)
        (void)!ftruncate(hold->fd, 0);
}

void hold_close(struct hold *hold)
{
    if (!hold->held)
        return;
    (void)unlink(hold->path);
    (void)close(hold->fd);
    hold->held = false;
}
