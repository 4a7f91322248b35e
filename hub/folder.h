// SPDX-License-Identifier: Apache-2.0
// A hub's folder, and the lock that makes its process the only one.
//
//   DIR/data   what ClickHouse stores        DIR/run    lock, state, the configuration in use
//   DIR/logs   its logs
//
// The lock is a record lock of fcntl: the kernel drops it however the process ends, children do
// not inherit it, and asking for it names the holder, so no pid can be stale.
#ifndef TICKHOUSE_HUB_FOLDER_H
#define TICKHOUSE_HUB_FOLDER_H

#include "base/err.h"
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

struct folder {
    char path[PATH_MAX - 64]; // absolute; room for what stands below it
    int lock;                 // file descriptor, -1 before folder_lock
};

// Makes the folder and what stands in it where missing.
int folder_open(struct folder *folder, const char *path, struct err *err);

// Takes the lock for the life of the process; fails with the holder's pid.
int folder_lock(struct folder *folder, struct err *err);

// The pid of the hub that runs on `path`, 0 for none.
pid_t folder_holder(const char *path);

// Records what clients need in DIR/run/hub.env, as lines of name=value; folder_forget removes it.
int folder_record(const struct folder *folder, int64_t http_port, int64_t tcp_port,
                  struct err *err);
void folder_forget(const struct folder *folder);

// Makes an empty folder of its own below TMPDIR, for an engine that is to leave nothing behind:
// left to itself it makes one and forgets it. `path` gets PATH_MAX bytes.
int folder_scratch(char *path, struct err *err);

// Removes a folder and all that is in it.
void folder_remove(const char *path);

// Has ClickHouse keep its database `system` on disk: in memory, as `clickhouse local` would have
// it, the second start fails on the logs' tables, whose folders exist.
int folder_attach_system(const struct folder *folder, struct err *err);

#endif
