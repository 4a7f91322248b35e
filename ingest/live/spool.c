// SPDX-License-Identifier: Apache-2.0
#include "spool.h"

int spool_open(struct spool **spool, const char *folder, uint64_t bytes_most, bool quiet,
               struct err *err)
{
    (void)bytes_most;
    (void)quiet;
    *spool = NULL;
    return err_set(err, EX_UNAVAILABLE, "--spool %s: not there yet", folder);
}
void spool_close(struct spool *spool)
{
    (void)spool;
}
uint64_t spool_newest(const struct spool *spool)
{
    (void)spool;
    return 0;
}
int spool_add(struct spool *spool, const struct live_batch *batch, size_t tick, size_t article,
              struct err *err)
{
    (void)spool;
    (void)batch;
    (void)tick;
    (void)article;
    return err_set(err, EX_SOFTWARE, "no spool");
}
int spool_seal(struct spool *spool, struct err *err)
{
    (void)spool;
    return err_set(err, EX_SOFTWARE, "no spool");
}
bool spool_has_batch(const struct spool *spool)
{
    (void)spool;
    return false;
}
int spool_read(struct spool *spool, struct live_batch *batch, struct err *err)
{
    (void)spool;
    (void)batch;
    return err_set(err, EX_SOFTWARE, "no spool");
}
int spool_release(struct spool *spool, struct err *err)
{
    (void)spool;
    return err_set(err, EX_SOFTWARE, "no spool");
}
void spool_count(const struct spool *spool, struct spool_counts *counts)
{
    (void)spool;
    *counts = (struct spool_counts){0};
}
