// SPDX-License-Identifier: Apache-2.0
// A batch is a few milliseconds and needs the pool three times, so both sides look for each other
// a while before they sleep.
#include "train/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LOOKS = 4000 }; // some 50 microseconds

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
};

struct pool {
    size_t threads, started;
    pool_task *task; // of the round
    void *user;
    size_t tasks;
    atomic_uint round;  // counts calls of pool_run
    atomic_size_t busy; // workers that are not done with the round
    atomic_bool closing;
    pthread_mutex_t mutex;  // for those who sleep
    pthread_cond_t changed; // a round began, or its last worker is done
    struct worker workers[POOL_MAX_THREADS];
};

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void announce(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

static void wait_for_round(struct pool *pool, unsigned seen)
{
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load(&pool->round) != seen)
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->round) == seen)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void wait_for_workers(struct pool *pool)
{
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load(&pool->busy) == 0)
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->busy) != 0)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void run_share(struct pool *pool, size_t worker)
{
    for (size_t i = worker; i < pool->tasks; i += pool->threads)
        pool->task(pool->user, i, worker);
}

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct pool *pool = worker->pool;
    for (unsigned round = 0;; round++) {
        wait_for_round(pool, round);
        if (atomic_load(&pool->closing))
            return NULL;
        run_share(pool, worker->index);
        if (atomic_fetch_sub(&pool->busy, 1) == 1)
            announce(pool);
    }
}

static void begin_round(struct pool *pool)
{
    atomic_store(&pool->busy, pool->started);
    atomic_fetch_add(&pool->round, 1);
    announce(pool);
}

static int start_workers(struct pool *pool, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = 0;
    for (size_t i = 1; i < pool->threads && code == 0; i++) {
        struct worker *worker = &pool->workers[i];
        *worker = (struct worker){.pool = pool, .index = i};
        if (pthread_create(&worker->thread, NULL, work, worker) == 0)
            pool->started++;
        else
            code = err_set_retriable(err, EX_OSERR,
                                     "thread %zu of %zu could not be started; use fewer threads",
                                     i + 1, pool->threads);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

int pool_open(size_t threads, struct pool **out, struct err *err)
{
    struct pool *pool = *out = calloc(1, sizeof *pool);
    if (pool == NULL)
        return err_set(err, EX_OSERR, "out of memory for threads");
    pool->threads = threads;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    return start_workers(pool, err);
}

void pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    atomic_store(&pool->closing, true);
    begin_round(pool);
    for (size_t i = 1; i <= pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void pool_run(struct pool *pool, size_t tasks, pool_task *task, void *user)
{
    pool->task = task;
    pool->user = user;
    pool->tasks = tasks;
    if (pool->threads == 1 || tasks == 1) { // task 0 is the caller's
        for (size_t i = 0; i < tasks; i++)
            task(user, i, 0);
        return;
    }
    begin_round(pool);
    run_share(pool, 0);
    wait_for_workers(pool);
}
