// SPDX-License-Identifier: Apache-2.0
#include "gdelt_fetch.h"

#include <string.h>

enum { ZIP_BYTES = 256 << 20 };

// Waits for an entry that may be fetched; false at the end.
static bool next_entry(struct gdelt_fetch *fetch, size_t *index)
{
    (void)pthread_mutex_lock(&fetch->lock);
    while (!atomic_load(&fetch->ended) &&
           (fetch->next == fetch->count || fetch->next >= fetch->released + fetch->ahead))
        (void)pthread_cond_wait(&fetch->changed, &fetch->lock);
    const bool more = !atomic_load(&fetch->ended);
    if (more)
        *index = fetch->next++;
    (void)pthread_mutex_unlock(&fetch->lock);
    return more;
}

static void *run_fetcher(void *context)
{
    struct gdelt_fetcher *fetcher = context;
    struct gdelt_fetch *fetch = fetcher->fetch;
    for (size_t index; next_entry(fetch, &index);) {
        struct gdelt_download *download = &fetch->downloads[index % GDELT_AHEAD];
        download->err = (struct err){0};
        (void)gdelt_site_get(&fetcher->site, &fetch->entries[index], &download->zip,
                             &download->err);
        (void)pthread_mutex_lock(&fetch->lock);
        download->done = true;
        (void)pthread_cond_broadcast(&fetch->changed);
        (void)pthread_mutex_unlock(&fetch->lock);
    }
    return NULL;
}

static int start_fetcher(struct gdelt_fetch *fetch, const struct gdelt_site *site, struct err *err)
{
    struct gdelt_fetcher *fetcher = &fetch->fetchers[fetch->connections];
    fetcher->fetch = fetch;
    TRY(gdelt_site_open(&fetcher->site, site, err));
    fetcher->site.ended = &fetch->ended;
    const int code = pthread_create(&fetcher->thread, NULL, run_fetcher, fetcher);
    if (code != 0) {
        gdelt_site_close(&fetcher->site);
        return err_set(err, EX_OSERR, "cannot start a thread: %s", strerror(code));
    }
    fetch->connections++;
    return 0;
}

int gdelt_fetch_open(struct gdelt_fetch *fetch, const struct gdelt_site *site, size_t connections,
                     struct gdelt_entry *entries, size_t count, struct err *err)
{
    *fetch = (struct gdelt_fetch){.entries = entries, .count = count, .ahead = 2 * connections};
    (void)pthread_mutex_init(&fetch->lock, NULL);
    (void)pthread_cond_init(&fetch->changed, NULL);
    for (size_t i = 0; i < GDELT_AHEAD; i++)
        buffer_init(&fetch->downloads[i].zip, ZIP_BYTES);
    while (fetch->connections < connections)
        TRY(start_fetcher(fetch, site, err));
    return 0;
}

void gdelt_fetch_close(struct gdelt_fetch *fetch)
{
    (void)pthread_mutex_lock(&fetch->lock);
    atomic_store(&fetch->ended, true);
    (void)pthread_cond_broadcast(&fetch->changed);
    (void)pthread_mutex_unlock(&fetch->lock);
    for (size_t i = 0; i < fetch->connections; i++) {
        (void)pthread_join(fetch->fetchers[i].thread, NULL);
        gdelt_site_close(&fetch->fetchers[i].site);
    }
    for (size_t i = 0; i < GDELT_AHEAD; i++)
        buffer_free(&fetch->downloads[i].zip);
    (void)pthread_cond_destroy(&fetch->changed);
    (void)pthread_mutex_destroy(&fetch->lock);
}

int gdelt_fetch_take(struct gdelt_fetch *fetch, size_t index, const struct buffer **zip,
                     struct err *err)
{
    struct gdelt_download *download = &fetch->downloads[index % GDELT_AHEAD];
    (void)pthread_mutex_lock(&fetch->lock);
    if (index != 0) {
        fetch->downloads[(index - 1) % GDELT_AHEAD].done = false;
        fetch->released = index;
        (void)pthread_cond_broadcast(&fetch->changed);
    }
    while (!download->done)
        (void)pthread_cond_wait(&fetch->changed, &fetch->lock);
    (void)pthread_mutex_unlock(&fetch->lock);
    *zip = &download->zip;
    return download->err.code == 0 ? 0 : err_set(err, download->err.code, "%s", download->err.text);
}
