// SPDX-License-Identifier: Apache-2.0
// `ingest pgcdc`: the options, and sessions with PostgreSQL until one ends by itself or by a
// signal. Whatever breaks between, a server that restarts or a broker that is away, begins a new
// session after a wait, from the position up to which everything has arrived.
#include "again.h"
#include "base/options.h"
#include "config.h"
#include "database.h"
#include "mark.h"
#include "replay.h"
#include "session.h"
#include "source.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum {
    CONFIG_BYTES = 8 << 20,
    FOREVER = -1,
    INTERVAL_SECONDS = 10,
    WARN_MEBIBYTES = 1024,
    SILENT_SECONDS = 60,
};

struct pgcdc_options {
    const char *config, *brokers, *sink, *until, *replay, *status;
    struct option_texts properties;
    int64_t interval, warn, tries, silent;
    bool once, status_only, drop_slot, quiet;
};

#define OFFSET(field) offsetof(struct pgcdc_options, field)

static const struct option option_list[] = {
    {"config", OPTION_TEXT, OFFSET(config), "FILE",
     "the connector's file, as Kafka Connect takes it for Debezium", 0, 0},
    {"brokers", OPTION_TEXT, OFFSET(brokers), "LIST", "HOST:PORT,... of Kafka", 0, 0},
    {"X", OPTION_TEXTS, OFFSET(properties), "KEY=VALUE", "a property of librdkafka; repeatable", 0,
     0},
    {"sink", OPTION_TEXT, OFFSET(sink), "NAME", "kafka, or text: lines on stdout (kafka)", 0, 0},
    {"once", OPTION_FLAG, OFFSET(once), NULL, "end when all that is there now has arrived", 0, 0},
    {"until-lsn", OPTION_TEXT, OFFSET(until), "LSN", "end when all up to there has arrived", 0, 0},
    {"tries", OPTION_INTEGER, OFFSET(tries), "COUNT",
     "further tries in a row when PostgreSQL or Kafka is away (for ever)", 0, INT32_MAX},
    {"silent", OPTION_INTEGER, OFFSET(silent), "SECONDS",
     "connect anew when PostgreSQL owes an answer for so long (60)", 1, INT32_MAX},
    {"status", OPTION_TEXT, OFFSET(status), "FILE", "keep the state of the slot there, as JSON", 0,
     0},
    {"status-interval", OPTION_INTEGER, OFFSET(interval), "SECONDS",
     "between two looks at the slot (10)", 1, INT32_MAX},
    {"warn-retained", OPTION_INTEGER, OFFSET(warn), "MIB",
     "warn when the slot keeps more log than that (1024)", 1, INT32_MAX},
    {"status-only", OPTION_FLAG, OFFSET(status_only), NULL, "print the state of the slot, and end",
     0, 0},
    {"drop-slot", OPTION_FLAG, OFFSET(drop_slot), NULL,
     "drop the slot: PostgreSQL keeps no more log for it, and the next start takes a snapshot", 0,
     0},
    {"replay", OPTION_TEXT, OFFSET(replay), "FILE",
     "print what becomes of recorded pgoutput, without a database", 0, 0},
    {"quiet", OPTION_FLAG, OFFSET(quiet), NULL, "no progress, only warnings", 0, 0},
    {0},
};

static const struct command command = {
    "ingest pgcdc",
    "changes of PostgreSQL tables into Kafka, as Debezium writes them",
    "ingest pgcdc --config FILE --brokers HOST:PORT [options]\n"
    "       ingest pgcdc --config FILE --sink text --once\n"
    "       ingest pgcdc --config FILE --status-only | --drop-slot\n"
    "       ingest pgcdc --config FILE --replay FILE",
    option_list,
    "environment:\n"
    "  PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   what the file does not say\n"
    "  TICKHOUSE_KAFKA_PROPERTIES                   a file of librdkafka's properties, for "
    "secrets\n"
    "\n"
    "exit codes: 0 done, or stopped by a signal; 64 usage; 65 what PostgreSQL sent cannot be "
    "read;\n"
    "69 the slot or a server refuses; 75 try again: a server is away; 77 no right; 78 the file "
    "asks\n"
    "for what is not there\n",
};

// ---- sessions ----

struct run {
    struct session_settings settings;
    struct session_memory memory;
    struct outbox_options outbox;
};

// An outbox that failed is replaced. One that works goes on over a change of sessions, and nothing
// that it has under way is repeated.
static int renew_outbox(struct run *run, struct err *err)
{
    struct session_memory *memory = &run->memory;
    if (memory->outbox != NULL && outbox_serve(memory->outbox, NULL) == 0)
        return 0;
    outbox_close(memory->outbox);
    memory->outbox = NULL;
    return outbox_open(&memory->outbox, &run->outbox, err);
}

static int run_session(void *context, struct err *err)
{
    struct run *run = context;
    TRY(renew_outbox(run, err));
    return session_run(&run->settings, &run->memory, err);
}

static uint64_t progress(void *context)
{
    const struct run *run = context;
    return run->memory.confirmed;
}

static int capture_changes(const struct pgcdc_options *options,
                           const struct capture_settings *capture, uint64_t until, struct err *err)
{
    struct run run = {
        .settings = {.capture = capture,
                     .is_quiet = options->quiet,
                     .ends_when_caught_up = options->once,
                     .until = until,
                     .silent = (double)options->silent},
        .memory = {.status = {.slot_name = capture->slot,
                              .file = options->status,
                              .interval = (double)options->interval,
                              .warn_bytes = (double)options->warn * (1 << 20),
                              .is_quiet = options->quiet},
                   .heartbeat = {.settings = capture}},
        .outbox = {.brokers = options->brokers,
                   .properties = options->properties.texts,
                   .fails_when_away = options->tries != FOREVER},
    };
    const struct again again = {.name = "ingest pgcdc",
                                .tries = options->tries,
                                .once = run_session,
                                .progress = progress,
                                .context = &run};
    const int code = again_run(&again, err);
    outbox_close(run.memory.outbox);
    return code;
}

// ---- questions about the slot ----

// Also forgets one that is gone.
static int drop_slot(const struct capture_settings *capture, PGconn *connection,
                     const struct slot *slot, struct err *err)
{
    bool is_marked;
    TRY(mark_read(connection, capture->publication, capture->slot, &is_marked, err));
    if (!slot->exists && !is_marked)
        return err_set(err, EX_UNAVAILABLE, "there is no slot '%s' to drop", capture->slot);
    if (slot->exists)
        TRY(slot_drop(connection, capture->slot, err));
    return is_marked ? mark_clear(connection, capture->publication, capture->slot, err) : 0;
}

static int look_at_slot(const struct capture_settings *capture, PGconn *connection,
                        const struct pgcdc_options *options, struct err *err)
{
    struct slot slot;
    TRY(slot_look(connection, capture->slot, &slot, err));
    if (options->status_only)
        return status_print(capture->slot, &slot, err);
    TRY(drop_slot(capture, connection, &slot, err));
    if (!options->quiet)
        (void)fprintf(stderr, "ingest pgcdc: slot %s is dropped\n", capture->slot);
    return 0;
}

static int ask_about_slot(const struct capture_settings *capture,
                          const struct pgcdc_options *options, struct err *err)
{
    PGconn *connection;
    TRY(database_open(&connection, capture, DATABASE_QUESTIONS, err));
    const int code = look_at_slot(capture, connection, options, err);
    PQfinish(connection);
    return code;
}

// ---- options ----

static int check_sink(struct pgcdc_options *options, struct err *err)
{
    const bool is_text = options->sink != NULL && strcmp(options->sink, "text") == 0;
    if (options->sink != NULL && !is_text && strcmp(options->sink, "kafka") != 0)
        return err_set(err, EX_USAGE, "--sink wants kafka or text, not '%s'", options->sink);
    if (is_text)
        options->brokers = NULL;
    else if (options->brokers == NULL)
        return err_set(err, EX_USAGE,
                       "--brokers HOST:PORT is missing; --sink text prints lines instead");
    return 0;
}

static int run_with_settings(struct pgcdc_options *options, const struct capture_settings *capture,
                             struct err *err)
{
    uint64_t until = 0;
    if (options->status_only || options->drop_slot)
        return ask_about_slot(capture, options, err);
    TRY(check_sink(options, err));
    if (options->until != NULL && !lsn_parse(options->until, &until))
        return err_set(err, EX_USAGE, "--until-lsn wants a position like 16/B374D848, not '%s'",
                       options->until);
    return capture_changes(options, capture, until, err);
}

static int run_with_options(struct pgcdc_options *options, struct err *err)
{
    struct capture_settings settings;
    struct arena arena;
    if (options->replay != NULL)
        return pgcdc_replay(options->replay, options->config, err);
    TRY(arena_open(&arena, CONFIG_BYTES, err));
    int code = config_read(options->config, &arena, &settings, err);
    if (code == 0)
        code = run_with_settings(options, &settings, err);
    arena_close(&arena);
    return code;
}

// Arenas of a few pages would each take a huge one, ten times of what there is to hold.
static void take_small_pages(void)
{
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int pgcdc_run(int argc, char **argv, struct err *err)
{
    struct pgcdc_options options = {.interval = INTERVAL_SECONDS,
                                    .warn = WARN_MEBIBYTES,
                                    .tries = FOREVER,
                                    .silent = SILENT_SECONDS};
    enum options_result result;
    take_small_pages();
    TRY(options_parse(&command, &argc, argv, &options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is no option; 'ingest pgcdc --help' lists them",
                       argv[1]);
    return run_with_options(&options, err);
}
