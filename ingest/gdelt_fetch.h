// SPDX-License-Identifier: Apache-2.0
// Downloads ahead of the loading: a few connections fetch the files of a batch in their order,
// while the one before is being stored. Only so many wait that memory is bounded.
#ifndef TICKHOUSE_INGEST_GDELT_FETCH_H
#define TICKHOUSE_INGEST_GDELT_FETCH_H

#include "gdelt_site.h"

#include <pthread.h>

enum { GDELT_CONNECTIONS_MOST = 8, GDELT_AHEAD = 2 * GDELT_CONNECTIONS_MOST };

struct gdelt_fetch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct gdelt_entry *entries; // of the batch; each is its fetcher's until it is done
    size_t count, next, released;
    size_t ahead; // files that may wait
    atomic_bool ended;
    struct gdelt_download {
        struct buffer zip;
        struct err err;
        bool done;
    } downloads[GDELT_AHEAD]; // of entry i at i % GDELT_AHEAD
    struct gdelt_fetcher {
        struct gdelt_fetch *fetch;
        struct gdelt_site site;
        pthread_t thread;
    } fetchers[GDELT_CONNECTIONS_MOST];
    size_t connections;
};

// Begins to fetch the batch over `connections` connections to `site`.
int gdelt_fetch_open(struct gdelt_fetch *fetch, const struct gdelt_site *site, size_t connections,
                     struct gdelt_entry *entries, size_t count, struct err *err);

// Gives up what has not been taken. To be called after a failed opening too.
void gdelt_fetch_close(struct gdelt_fetch *fetch);

// Waits for entry `index`, one after the other from 0; entry and zip are the caller's until the
// next call.
int gdelt_fetch_take(struct gdelt_fetch *fetch, size_t index, const struct buffer **zip,
                     struct err *err);

#endif
