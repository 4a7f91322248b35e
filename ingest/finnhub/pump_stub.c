// SPDX-License-Identifier: Apache-2.0
// The sink `text` alone, until the pump of ingest/live is there.
#include "live/pump.h"

#include <stdio.h>

int pump_open(struct pump **pump, const struct pump_options *options, struct err *err)
{
    (void)options;
    (void)err;
    *pump = (struct pump *)stdout;
    return 0;
}

int pump_tick(struct pump *pump, const struct tick *tick, struct err *err)
{
    (void)err;
    (void)fprintf((FILE *)pump, "%.*s\t%.*s\t%.*s\t%lld\n", (int)tick->symbol.size,
                  tick->symbol.data, (int)tick->price.size, tick->price.data,
                  (int)tick->volume.size, tick->volume.data, (long long)tick->ts);
    return 0;
}

int pump_article(struct pump *pump, const struct article *article, struct err *err)
{
    (void)err;
    (void)fprintf((FILE *)pump, "%llu\t%lld\t%.*s\t%.*s\n", (unsigned long long)article->id,
                  (long long)article->ts, (int)article->related.size, article->related.data,
                  (int)article->headline.size, article->headline.data);
    return 0;
}

int pump_flush(struct pump *pump, struct err *err)
{
    return fflush((FILE *)pump) == 0 ? 0 : err_set(err, EX_IOERR, "stdout cannot be written");
}

int pump_close(struct pump *pump, struct err *err)
{
    return pump_flush(pump, err);
}
