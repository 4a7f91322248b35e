// SPDX-License-Identifier: Apache-2.0
// `ingest pgpoll`: capture by asking again, for databases without logical replication. It reads
// rows whose incrementing column or timestamp lies behind the last one that has arrived, so it sees
// no deletes, nothing between two looks, and no change that leaves those columns as they are.
//
// The modes are those of Confluent's JDBC source. What they leave open there is closed here by
// --delay: a transaction draws its number or its time before it commits, so a row that is newer
// than one already read may appear behind it; rows count only once they are that old.
#include "again.h"
#include "base/options.h"
#include "base/time.h"
#include "capture/capture.h"
#include "catalog.h"
#include "config.h"
#include "database.h"
#include "net/backoff.h"
#include "outbox.h"
#include "poll_table.h"
#include "source.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES = 8 << 20, CATALOG_BYTES = 64 << 20, FOREVER = -1 };

struct pgpoll_options {
    const char *config, *brokers, *sink, *mode, *incrementing, *timestamp, *time_zone, *state;
    struct option_texts properties;
    double interval, delay;
    int64_t tries;
    bool once, quiet;
};

#define OFFSET(field) offsetof(struct pgpoll_options, field)

static const struct option option_list[] = {
    {"config", OPTION_TEXT, OFFSET(config), "FILE",
     "the connector's file: database, tables, topics, how values look", 0, 0},
    {"brokers", OPTION_TEXT, OFFSET(brokers), "LIST", "HOST:PORT,... of Kafka", 0, 0},
    {"X", OPTION_TEXTS, OFFSET(properties), "KEY=VALUE", "a property of librdkafka; repeatable", 0,
     0},
    {"sink", OPTION_TEXT, OFFSET(sink), "NAME", "kafka, or text: lines on stdout (kafka)", 0, 0},
    {"mode", OPTION_TEXT, OFFSET(mode), "MODE", "incrementing, timestamp or timestamp+incrementing",
     0, 0},
    {"incrementing-column", OPTION_TEXT, OFFSET(incrementing), "NAME",
     "a column that only grows with new rows", 0, 0},
    {"timestamp-column", OPTION_TEXT, OFFSET(timestamp), "LIST",
     "the time of the last change; of several, with commas, the first that is not null", 0, 0},
    {"time-zone", OPTION_TEXT, OFFSET(time_zone), "NAME",
     "the zone of timestamps that have none, for example Europe/Berlin (UTC)", 0, 0},
    {"state", OPTION_TEXT, OFFSET(state), "FILE", "how far it came", 0, 0},
    {"interval", OPTION_NUMBER, OFFSET(interval), "SECONDS", "between two looks (5)", 0, 0},
    {"delay", OPTION_NUMBER, OFFSET(delay), "SECONDS",
     "until a row counts: longer than the longest transaction that writes (1)", 0, 0},
    {"once", OPTION_FLAG, OFFSET(once), NULL, "one look, then end", 0, 0},
    {"tries", OPTION_INTEGER, OFFSET(tries), "COUNT",
     "further tries in a row when PostgreSQL or Kafka is away (for ever)", 0, INT32_MAX},
    {"quiet", OPTION_FLAG, OFFSET(quiet), NULL, "no counts", 0, 0},
    {0},
};

static const struct command command = {
    "ingest pgpoll",
    "changes of PostgreSQL tables into Kafka, by asking again",
    "ingest pgpoll --config FILE --brokers HOST:PORT --mode MODE --state FILE [options]",
    option_list,
    "what it does not see: deletes; all but the last of several updates between two looks; "
    "updates\n"
    "in mode incrementing, or that leave the timestamp as it is; rows whose column is null.\n"
    "'ingest pgcdc' sees them all.\n"
    "\n"
    "exit codes: 0 done, or stopped by a signal; 64 usage; 65 the state is damaged; 69 a server\n"
    "refuses; 75 try again: a server is away; 78 the file or the state does not fit\n",
};

struct run {
    const struct pgpoll_options *options;
    const struct capture_settings *settings;
    struct poll_columns columns;
    struct poll_state state;
    struct outbox *outbox;
    uint64_t rows;
};

// What is open while PostgreSQL and Kafka are there.
struct polling {
    struct run *run;
    struct poll_table poll;
    struct arena arena;
    struct capture_table *tables;
    size_t count;
    char (*ceilings)[POLL_VALUE_BYTES]; // of each table, taken at the last look
    double looked_at;
};

// ---- looks ----

// In mode incrementing nothing says how old a row is; so what was the highest value at an earlier
// look, at least a delay ago, is the ceiling of this one.
static int take_ceilings(struct polling *polling, struct err *err)
{
    for (size_t i = 0; i < polling->count; i++)
        TRY(poll_table_highest(&polling->poll, &polling->tables[i], polling->ceilings[i], err));
    polling->looked_at = clock_seconds();
    return 0;
}

static int sleep_until(double end)
{
    for (double left; (left = end - clock_seconds()) > 0;)
        if (!backoff_sleep(left) && stop_check(NULL) != 0)
            return EX_TEMPFAIL;
    return 0;
}

static int look_at_all(struct polling *polling, struct err *err)
{
    const bool has_ceilings = polling->run->columns.timestamps == NULL;
    if (has_ceilings) {
        TRY(take_ceilings(polling, err));
        if (sleep_until(polling->looked_at + polling->run->options->delay) != 0)
            return stop_check(err);
    }
    for (size_t i = 0; i < polling->count; i++) {
        if (has_ceilings && polling->ceilings[i][0] == '\0')
            continue;
        polling->poll.ceiling = has_ceilings ? polling->ceilings[i] : NULL;
        TRY(poll_table_look(&polling->poll, &polling->tables[i], err));
    }
    return 0;
}

static int say(struct polling *polling)
{
    struct run *run = polling->run;
    if (!run->options->quiet && polling->poll.rows != run->rows)
        (void)fprintf(stderr, "ingest pgpoll: %llu rows have arrived\n",
                      (unsigned long long)polling->poll.rows);
    run->rows = polling->poll.rows;
    return 0;
}

static int poll_until_done(struct polling *polling, struct err *err)
{
    const struct pgpoll_options *options = polling->run->options;
    for (;;) {
        const double began = clock_seconds();
        TRY(look_at_all(polling, err));
        TRY(say(polling));
        if (options->once || sleep_until(began + options->interval) != 0)
            return 0;
    }
}

// ---- opening ----

static void warn_of_time_zone(const struct run *run, const struct capture_table *table)
{
    const struct pgpoll_options *options = run->options;
    if (options->quiet || options->time_zone != NULL || !poll_table_is_local(&run->columns, table))
        return;
    (void)fprintf(stderr,
                  "ingest pgpoll: %s.%s: %s without time zone is taken for UTC; --time-zone says "
                  "otherwise\n",
                  table->schema, table->name, options->timestamp);
}

static int read_tables(struct polling *polling, struct err *err)
{
    const struct capture_settings *settings = polling->run->settings;
    TRY(arena_open(&polling->arena, CATALOG_BYTES, err));
    TRY(catalog_read(polling->poll.connection, settings, 0, &polling->arena, &polling->tables,
                     &polling->count, err));
    if (polling->count == 0)
        return err_set(err, EX_CONFIG, "table.include.list fits no table: '%s'",
                       settings->table_include_list != NULL ? settings->table_include_list : "");
    for (size_t i = 0; i < polling->count; i++) {
        TRY(poll_table_check(&polling->run->columns, &polling->tables[i], err));
        warn_of_time_zone(polling->run, &polling->tables[i]);
        TRY(capture_describe(polling->poll.capture, &polling->tables[i], err));
    }
    polling->ceilings = calloc(polling->count, sizeof *polling->ceilings);
    return polling->ceilings != NULL ? 0 : err_set(err, EX_OSERR, "no memory for the tables");
}

static int open_outbox(struct run *run, struct err *err)
{
    const struct outbox_options options = {.brokers = run->options->brokers,
                                           .properties = run->options->properties.texts,
                                           .fails_when_away = run->options->tries != FOREVER};
    outbox_close(run->outbox);
    run->outbox = NULL;
    return outbox_open(&run->outbox, &options, err);
}

static int open_all(struct polling *polling, struct err *err)
{
    struct run *run = polling->run;
    TRY(open_outbox(run, err));
    polling->poll.state = &run->state;
    polling->poll.columns = &run->columns;
    polling->poll.delay = run->options->delay;
    polling->poll.outbox = run->outbox;
    polling->poll.rows = run->rows;
    TRY(database_open(&polling->poll.connection, run->settings, DATABASE_QUESTIONS, err));
    TRY(capture_open(&polling->poll.capture, run->settings, outbox_emit, run->outbox, err));
    return read_tables(polling, err);
}

static int poll_session(void *context, struct err *err)
{
    struct polling polling = {.run = context};
    int code = open_all(&polling, err);
    if (code == 0)
        code = poll_until_done(&polling, err);
    capture_close(polling.poll.capture);
    PQfinish(polling.poll.connection);
    arena_close(&polling.arena);
    free(polling.ceilings);
    return code;
}

static uint64_t progress(void *context)
{
    const struct run *run = context;
    return run->rows;
}

static int poll_changes(struct run *run, struct err *err)
{
    const struct again again = {.name = "ingest pgpoll",
                                .tries = run->options->tries,
                                .once = poll_session,
                                .progress = progress,
                                .context = run};
    const int code = again_run(&again, err);
    outbox_close(run->outbox);
    return code;
}

// ---- options ----

static int choose_columns(struct run *run, struct err *err)
{
    const struct pgpoll_options *options = run->options;
    const char *mode = options->mode;
    const bool is_both = mode != NULL && strcmp(mode, "timestamp+incrementing") == 0;
    const bool has_number = is_both || (mode != NULL && strcmp(mode, "incrementing") == 0);
    const bool has_time = is_both || (mode != NULL && strcmp(mode, "timestamp") == 0);
    if (!has_number && !has_time)
        return err_set(err, EX_USAGE,
                       "--mode wants incrementing, timestamp or timestamp+incrementing%s%s",
                       mode != NULL ? ", not " : "", mode != NULL ? mode : "");
    if (has_number != (options->incrementing != NULL))
        return err_set(err, EX_USAGE, "mode %s %s --incrementing-column", mode,
                       has_number ? "needs" : "has no");
    if (has_time != (options->timestamp != NULL))
        return err_set(err, EX_USAGE, "mode %s %s --timestamp-column", mode,
                       has_time ? "needs" : "has no");
    run->columns = (struct poll_columns){options->incrementing, options->timestamp,
                                         options->time_zone != NULL ? options->time_zone : "UTC"};
    return 0;
}

static int check_options(struct pgpoll_options *options, struct err *err)
{
    const bool is_text = options->sink != NULL && strcmp(options->sink, "text") == 0;
    if (options->sink != NULL && !is_text && strcmp(options->sink, "kafka") != 0)
        return err_set(err, EX_USAGE, "--sink wants kafka or text, not '%s'", options->sink);
    if (!is_text && options->brokers == NULL)
        return err_set(err, EX_USAGE,
                       "--brokers HOST:PORT is missing; --sink text prints lines instead");
    if (options->state == NULL)
        return err_set(err, EX_USAGE, "--state FILE is missing: where to keep how far it came");
    if (options->interval < 0 || options->delay < 0)
        return err_set(err, EX_USAGE, "--interval and --delay cannot be negative");
    if (is_text)
        options->brokers = NULL;
    return 0;
}

static int run_with_state(struct run *run, struct err *err)
{
    char columns[2 * POLL_VALUE_BYTES];
    (void)snprintf(columns, sizeof columns, "%s %s %s", run->options->mode,
                   run->columns.incrementing != NULL ? run->columns.incrementing : "-",
                   run->columns.timestamps != NULL ? run->columns.timestamps : "-");
    int code = poll_state_open(&run->state, run->options->state, columns, err);
    if (code == 0)
        code = poll_changes(run, err);
    poll_state_close(&run->state);
    return code;
}

static int run_with_options(struct pgpoll_options *options, struct err *err)
{
    struct capture_settings settings;
    struct arena arena;
    struct run run = {.options = options, .settings = &settings};
    TRY(check_options(options, err));
    TRY(choose_columns(&run, err));
    TRY(arena_open(&arena, CONFIG_BYTES, err));
    int code = config_read(options->config, &arena, &settings, err);
    if (code == 0)
        code = run_with_state(&run, err);
    arena_close(&arena);
    return code;
}

int pgpoll_run(int argc, char **argv, struct err *err)
{
    struct pgpoll_options options = {.interval = 5, .delay = 1, .tries = FOREVER};
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is no option; 'ingest pgpoll --help' lists them",
                       argv[1]);
    return run_with_options(&options, err);
}
