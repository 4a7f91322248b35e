// SPDX-License-Identifier: Apache-2.0
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_set(err, EX_CANTCREAT, "cannot make the folder %s: %m", path);
    return 0;
}

// mkdir -p
static int make_folders(const char *path, struct err *err)
{
    char part[PATH_MAX];
    if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part)
        return err_set(err, EX_USAGE, "the data folder's path is longer than %zu bytes",
                       sizeof part - 1);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        TRY(make_folder(part, err));
        *slash = '/';
    }
    return make_folder(part, err);
}

int folder_open(struct folder *folder, const char *path, struct err *err)
{
    static const char *const parts[] = {
        "data", "data/metadata", "data/tmp", "data/user_files", "logs", "run"};
    char absolute[PATH_MAX], part[PATH_MAX];
    folder->lock = -1;
    TRY(make_folders(path, err));
    if (realpath(path, absolute) == NULL || strlen(absolute) >= sizeof folder->path)
        return err_set(err, EX_USAGE, "cannot use the data folder %s: %m", path);
    memcpy(folder->path, absolute, strlen(absolute) + 1);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        (void)snprintf(part, sizeof part, "%s/%s", folder->path, parts[i]);
        TRY(make_folder(part, err));
    }
    return 0;
}

static int lock_file(const char *path, int flags)
{
    char name[PATH_MAX];
    (void)snprintf(name, sizeof name, "%s/run/lock", path);
    return open(name, flags | O_CLOEXEC, 0600);
}

pid_t folder_holder(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int fd = lock_file(path, O_RDWR);
    if (fd < 0)
        return 0;
    const bool held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    (void)close(fd);
    return held ? lock.l_pid : 0;
}

int folder_lock(struct folder *folder, struct err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    folder->lock = lock_file(folder->path, O_RDWR | O_CREAT);
    if (folder->lock < 0)
        return err_set(err, EX_CANTCREAT, "cannot write %s/run/lock: %m", folder->path);
    if (fcntl(folder->lock, F_SETLK, &lock) != 0)
        return err_set(err, EX_TEMPFAIL,
                       "a hub with pid %d already runs on %s; stop it or choose another folder "
                       "with --data DIR",
                       (int)folder_holder(folder->path), folder->path);
    return 0;
}

// Writes a small file in one step: a reader sees the old or the new one, never a half.
static int write_file(const struct folder *folder, const char *name, struct err *err,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
static int write_file(const struct folder *folder, const char *name, struct err *err,
                      const char *format, ...)
{
    char path[PATH_MAX], part[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    (void)snprintf(part, sizeof part, "%s/%s.part", folder->path, name);
    FILE *file = fopen(part, "we");
    if (file == NULL)
        return err_set(err, EX_CANTCREAT, "cannot write %s: %m", part);
    va_list arguments;
    va_start(arguments, format);
    const bool written = vfprintf(file, format, arguments) >= 0;
    va_end(arguments);
    if (fclose(file) != 0 || !written || rename(part, path) != 0)
        return err_set(err, EX_IOERR, "cannot write %s: %m", path);
    return 0;
}

int folder_record(const struct folder *folder, int64_t http_port, int64_t tcp_port, struct err *err)
{
    return write_file(folder, "run/hub.env", err, "pid=%d\nhttp_port=%lld\ntcp_port=%lld\n",
                      (int)getpid(), (long long)http_port, (long long)tcp_port);
}

void folder_forget(const struct folder *folder)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/run/hub.env", folder->path);
    (void)unlink(path);
}

int folder_attach_system(const struct folder *folder, struct err *err)
{
    char path[PATH_MAX], uuid[37] = "";
    (void)snprintf(path, sizeof path, "%s/data/metadata/system.sql", folder->path);
    if (access(path, F_OK) == 0)
        return 0;
    FILE *random = fopen("/proc/sys/kernel/random/uuid", "re");
    if (random == NULL || fgets(uuid, sizeof uuid, random) == NULL)
        return err_set(err, EX_OSERR, "cannot read /proc/sys/kernel/random/uuid: %m");
    (void)fclose(random);
    return write_file(folder, "data/metadata/system.sql", err,
                      "ATTACH DATABASE _ UUID '%s' ENGINE = Atomic\n", uuid);
}

int folder_scratch(char *path, struct err *err)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || *parent != '/')
        parent = "/tmp";
    if ((size_t)snprintf(path, PATH_MAX, "%s/tickhouse-query.XXXXXX", parent) >= PATH_MAX)
        return err_set(err, EX_USAGE, "TMPDIR is longer than a path may be");
    if (mkdtemp(path) == NULL)
        return err_set(err, EX_CANTCREAT, "cannot make the folder %s: %m", path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    enum { OPEN_FOLDERS = 16 };
    (void)nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
