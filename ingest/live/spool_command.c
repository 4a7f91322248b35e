// SPDX-License-Identifier: Apache-2.0
// `ingest spool`: what an ended ingestor has left on disk, shown or stored.
#include "pump.h"
#include "source.h"
#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct spool_options {
    struct pump_options pump;
    bool show;
};

#define OFFSET(field) offsetof(struct spool_options, field)
#define PUMP(field) offsetof(struct spool_options, pump.field)

static const struct option option_list[] = {
    {"show", OPTION_FLAG, OFFSET(show), NULL, "only say what waits", 0, 0},
    PUMP_OPTION_LIST(PUMP),
    {0},
};

static const struct command command = {
    "ingest spool",
    "store the rows that wait in a spool, or say how many do",
    "ingest spool --spool DIR --show\n"
    "       ingest spool --spool DIR --sink NAME [options]",
    option_list,
    "An ingestor with the same --spool does that by itself when it starts. One process uses a "
    "spool\n"
    "at a time.\n"
    "\n"
    "exit codes: 0 nothing waits any more; 64 usage; 65 another version has written it; 69, 77 "
    "the\n"
    "sink refuses; 75 try again: the sink is away, or another process has the spool\n",
};

static int show(const struct spool_options *options, struct err *err)
{
    struct spool *spool;
    struct spool_counts counts;
    TRY(spool_open(&spool, options->pump.spool, (uint64_t)options->pump.spool_bytes, true, err));
    spool_count(spool, &counts);
    (void)printf("%llu rows in %llu batches wait, %llu bytes\n", (unsigned long long)counts.rows,
                 (unsigned long long)counts.batches, (unsigned long long)counts.bytes);
    spool_close(spool);
    return 0;
}

static int store(const struct spool_options *options, struct err *err)
{
    struct pump *pump;
    struct pump_counts counts;
    TRY(pump_open(&pump, &options->pump, err));
    const int code = pump_finish(pump, &counts, err);
    if (!options->pump.quiet)
        (void)fprintf(stderr, "%llu rows are stored in %s\n", (unsigned long long)counts.stored,
                      options->pump.sink);
    if (code == 0 && counts.waiting_bytes != 0)
        return err_set(err, EX_TEMPFAIL, "the rest waits until %s answers; try again",
                       options->pump.sink);
    return code;
}

// What waits may be meant for any sink, so there is no default.
static int check_options(const struct spool_options *options, struct err *err)
{
    const char *folder = options->pump.spool;
    if (folder == NULL)
        return err_set(err, EX_USAGE, "--spool wants the folder of a spool");
    if (access(folder, F_OK) != 0)
        return err_set(err, EX_USAGE, "--spool: %s: %s", folder, strerror(errno));
    if (!options->show && options->pump.sink == NULL)
        return err_set(err, EX_USAGE,
                       "where shall the rows go? --sink NAME says it: clickhouse, kafka, postgres "
                       "or text; --show only counts them");
    return 0;
}

int spool_run(int argc, char **argv, struct err *err)
{
    struct spool_options options = {0};
    enum options_result result;
    pump_options_init(&options.pump, "spool");
    options.pump.sink = NULL;
    TRY(options_parse(&command, &argc, argv, &options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    TRY(check_options(&options, err));
    return options.show ? show(&options, err) : store(&options, err);
}
