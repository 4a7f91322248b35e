// SPDX-License-Identifier: Apache-2.0
#include "live_sink.h"

#include <string.h>

static const struct {
    const char *name;
    int (*open)(struct live_sink **sink, const struct live_sink_options *options, struct err *err);
} sinks[] = {
    {"clickhouse", live_sink_open_clickhouse},
    {"kafka", live_sink_open_kafka},
    {"postgres", live_sink_open_postgres},
    {"text", live_sink_open_text},
};

int live_sink_open(struct live_sink **sink, const char *name,
                   const struct live_sink_options *options, struct err *err)
{
    *sink = NULL;
    for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (strcmp(sinks[i].name, name) == 0)
            return sinks[i].open(sink, options, err);
    return err_set(err, EX_USAGE, "--sink wants clickhouse, kafka, postgres or text, not '%s'",
                   name);
}
