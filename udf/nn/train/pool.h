// SPDX-License-Identifier: Apache-2.0
// Threads that share the tasks of a call. Task i always runs on worker i % threads; the caller is
// worker 0. Signals go to the caller.
#ifndef TICKHOUSE_NN_TRAIN_POOL_H
#define TICKHOUSE_NN_TRAIN_POOL_H

#include "base/err.h"

enum { POOL_MAX_THREADS = 256 };

struct pool;
typedef void pool_task(void *user, size_t task, size_t worker);

int pool_open(size_t threads, struct pool **pool, struct err *err);
void pool_close(struct pool *pool);

// Runs all tasks, and returns when they are done.
void pool_run(struct pool *pool, size_t tasks, pool_task *task, void *user);

#endif
