// SPDX-License-Identifier: Apache-2.0
#include "session.h"
#include "base/time.h"
#include "capture/capture.h"
#include "catalog.h"
#include "database.h"
#include "mark.h"
#include "publication.h"
#include "replication.h"
#include "slot.h"
#include "snapshot.h"
#include "stop.h"

#include <stdio.h>

enum { CATALOG_BYTES = 64 << 20 };

#define LEAVE_SECONDS 10.0
#define LAST_SECONDS 0.1   // of these, at least, for what is under way
#define BUSY_SECONDS 0.005 // between looks at acknowledgements
#define IDLE_SECONDS 0.25  // between looks at signals and clocks

struct session {
    const struct session_settings *settings;
    struct session_memory *memory;
    PGconn *questions, *replication;
    struct capture *capture;
    struct arena arena; // of what the catalog says
    struct capture_table *tables;
    size_t table_count;
    struct slot slot;
    struct replication stream;
};

static void remember(struct session_memory *memory, uint64_t confirmed)
{
    if (confirmed > memory->confirmed)
        memory->confirmed = confirmed;
}

// How far the log was read, or is known to be delivered.
static uint64_t reached(const struct session_memory *memory)
{
    const uint64_t marked = outbox_marked(memory->outbox);
    return marked > memory->confirmed ? marked : memory->confirmed;
}

// ---- tables, publication, slot ----

static int describe_tables(struct session *session, struct err *err)
{
    const struct session_settings *settings = session->settings;
    TRY(catalog_read(session->questions, settings->capture, 0, &session->arena, &session->tables,
                     &session->table_count, err));
    TRY(publication_prepare(session->questions, settings->capture, session->tables,
                            session->table_count, err));
    TRY(catalog_leave_out_unnamed(session->questions, settings->capture, session->tables,
                                  &session->table_count, err));
    for (size_t i = 0; i < session->table_count; i++)
        TRY(capture_describe(session->capture, &session->tables[i], err));
    return 0;
}

// For capture_set_catalog: what is known of a table may have changed since the session began. A
// look at the slot that is under way is given up for it, and asked again.
static int describe_again(void *context, uint32_t table, struct err *err)
{
    struct session *session = context;
    struct capture_table *tables;
    struct arena arena;
    size_t count;
    TRY(arena_open(&arena, CATALOG_BYTES, err));
    int code = catalog_read(session->questions, session->settings->capture, table, &arena, &tables,
                            &count, err);
    session->memory->status.is_asked = false;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = capture_describe(session->capture, &tables[i], err);
    arena_close(&arena);
    return code;
}

static int refuse_to_lose(const struct session *session, struct err *err)
{
    char confirmed[LSN_BYTES];
    lsn_format(session->memory->confirmed, confirmed);
    return err_set(err, EX_UNAVAILABLE,
                   "slot '%s' is gone, from which everything up to %s had been delivered: it was "
                   "dropped, or another server has taken over, and changes since are lost to this "
                   "capture; 'ingest pgcdc --drop-slot' forgets it, and the next start takes a new "
                   "snapshot",
                   session->settings->capture->slot, confirmed);
}

static int read_snapshot(struct session *session, const struct slot_snapshot *made, struct err *err)
{
    struct snapshot snapshot = {
        .questions = session->questions,
        .capture = session->capture,
        .outbox = session->memory->outbox,
        .slot = made,
        .is_quiet = session->settings->is_quiet,
    };
    TRY(snapshot_read(&snapshot, session->tables, session->table_count, err));
    session->memory->had_snapshot = true;
    if (!session->settings->is_quiet) {
        char start[LSN_BYTES];
        lsn_format(made->start, start);
        (void)fprintf(stderr,
                      "ingest pgcdc: snapshot of %zu tables at %s: %llu rows are acknowledged\n",
                      session->table_count, start, (unsigned long long)snapshot.rows);
    }
    return 0;
}

// The lowest position that a streamed change can have: rows of the snapshot get it, so that whoever
// keeps the version with the highest position keeps the change and not the row.
static int find_floor(struct session *session, struct slot_snapshot *made, struct err *err)
{
    struct slot slot;
    TRY(slot_look(session->questions, made->name, &slot, err));
    made->floor = slot.restart != 0 ? slot.restart : made->start;
    return 0;
}

static int take_snapshot(struct session *session, bool makes_slot, struct err *err)
{
    struct slot_snapshot made;
    const char *name = session->settings->capture->slot;
    TRY(slot_begin(session->replication, name, &made, err));
    TRY(find_floor(session, &made, err));
    TRY(read_snapshot(session, &made, err));
    if (!makes_slot)
        return slot_drop(session->replication, made.name, err);
    TRY(slot_finish(session->replication, name, &made, err));
    remember(session->memory, made.start);
    return 0;
}

static int create_slot(struct session *session, struct err *err)
{
    const struct capture_settings *capture = session->settings->capture;
    switch ((enum capture_snapshot)capture->snapshot) {
    case CAPTURE_NO_DATA:
        return slot_create(session->replication, capture->slot, err);
    case CAPTURE_INITIAL_ONLY:
        return take_snapshot(session, false, err);
    default:
        return take_snapshot(session, true, err);
    }
}

// A slot that this process has read, or that the publication remembers, must not be made anew in
// silence.
static int make_slot(struct session *session, struct err *err)
{
    const struct capture_settings *capture = session->settings->capture;
    bool is_marked;
    if (session->memory->confirmed != 0)
        return refuse_to_lose(session, err);
    TRY(mark_read(session->questions, capture->publication, capture->slot, &is_marked, err));
    if (is_marked && capture->snapshot != CAPTURE_INITIAL_ONLY)
        return err_set(err, EX_UNAVAILABLE,
                       "slot '%s' is gone, though it was made before: it was dropped, or this "
                       "server has taken over from another, and changes since are lost to the "
                       "capture; 'ingest pgcdc --drop-slot' forgets it, and the next start takes a "
                       "new snapshot",
                       capture->slot);
    return create_slot(session, err);
}

static int use_slot(struct session *session, struct err *err)
{
    const struct capture_settings *capture = session->settings->capture;
    const bool wants_snapshot =
        capture->snapshot == CAPTURE_ALWAYS || capture->snapshot == CAPTURE_INITIAL_ONLY;
    if (capture->snapshot != CAPTURE_INITIAL_ONLY)
        TRY(slot_check(&session->slot, capture->slot, PQdb(session->questions), err));
    if (wants_snapshot && !session->memory->had_snapshot)
        return take_snapshot(session, false, err);
    return 0;
}

static int prepare(struct session *session, struct err *err)
{
    const struct capture_settings *capture = session->settings->capture;
    TRY(database_open(&session->questions, capture, DATABASE_QUESTIONS, err));
    TRY(database_open(&session->replication, capture, DATABASE_REPLICATION, err));
    TRY(capture_open(&session->capture, capture, outbox_emit, session->memory->outbox, err));
    TRY(history_check(session->replication, &session->memory->history, reached(session->memory),
                      err));
    TRY(describe_tables(session, err));
    TRY(slot_look(session->questions, capture->slot, &session->slot, err));
    return session->slot.exists ? use_slot(session, err) : make_slot(session, err);
}

// ---- the stream ----

static int find_end(struct session *session, struct err *err)
{
    struct session_memory *memory = session->memory;
    if (memory->until != 0 || !session->settings->ends_when_caught_up)
        return 0;
    return database_lsn(session->questions, "SELECT " DATABASE_LOG_END, &memory->until, err);
}

// Without the mark a slot that is dropped while nobody reads it passes for one that never was.
static void leave_mark(struct session *session)
{
    const struct capture_settings *capture = session->settings->capture;
    struct session_memory *memory = session->memory;
    struct err err = {0};
    if (mark_write(session->questions, capture->publication, capture->slot, &err) == 0 ||
        memory->is_mark_missed)
        return;
    memory->is_mark_missed = true;
    (void)fprintf(stderr,
                  "ingest pgcdc: warning: the publication '%s' cannot be marked (%s): should slot "
                  "%s be gone at a later start, that start takes it for the first one\n",
                  capture->publication, err.text, capture->slot);
}

static int begin_stream(struct session *session, struct err *err)
{
    const struct capture_settings *capture = session->settings->capture;
    struct session_memory *memory = session->memory;
    TRY(find_end(session, err));
    TRY(slot_look(session->questions, capture->slot, &session->slot, err));
    remember(memory, session->slot.confirmed);
    leave_mark(session);
    capture_set_catalog(session->capture, describe_again, session);
    session->stream = (struct replication){
        .connection = session->replication,
        .capture = session->capture,
        .outbox = memory->outbox,
        .tell_seconds = (double)capture->status_interval_ms / 1000,
        .silent_seconds = session->settings->silent,
        .floor = memory->confirmed,
    };
    TRY(replication_start(&session->stream, capture, reached(memory), err));
    if (!session->settings->is_quiet) {
        char from[LSN_BYTES];
        lsn_format(memory->confirmed, from);
        (void)fprintf(stderr, "ingest pgcdc: streaming from slot %s at %s\n", capture->slot, from);
    }
    return 0;
}

static int step(struct session *session, struct err *err)
{
    struct session_memory *memory = session->memory;
    struct replication *stream = &session->stream;
    TRY(replication_read(stream, err));
    TRY(outbox_serve(memory->outbox, err));
    remember(memory, replication_confirmed(stream));
    TRY(replication_tell(stream, err));
    TRY(heartbeat_step(&memory->heartbeat, outbox_emit, memory->outbox, err));
    TRY(status_step(&memory->status, session->questions, stream, memory->outbox, err));
    if (!stream->is_idle)
        return 0;
    return replication_wait(stream, outbox_is_empty(memory->outbox) ? IDLE_SECONDS : BUSY_SECONDS,
                            err);
}

static bool is_done(const struct session_memory *memory)
{
    return memory->until != 0 && memory->confirmed >= memory->until;
}

// What is under way at the end, also the rest of a transaction, has a moment to arrive, so that the
// next start repeats little; not for a broker that is away.
static int take_leave(struct session *session, struct err *err)
{
    const double until = clock_seconds() + LEAVE_SECONDS;
    struct outbox *outbox = session->memory->outbox;
    while (session->stream.in_transaction && !outbox_is_away(outbox) && clock_seconds() < until)
        TRY(step(session, err));
    const double left = outbox_is_away(outbox) ? 0 : until - clock_seconds();
    (void)outbox_flush(outbox, left > LAST_SECONDS ? left : LAST_SECONDS, NULL);
    remember(session->memory, replication_confirmed(&session->stream));
    return replication_end(&session->stream, err);
}

static int follow(struct session *session, struct err *err)
{
    struct session_memory *memory = session->memory;
    while (!is_done(memory) && stop_check(NULL) == 0)
        TRY(step(session, err));
    return take_leave(session, err);
}

static int run(struct session *session, struct err *err)
{
    TRY(arena_open(&session->arena, CATALOG_BYTES, err));
    TRY(prepare(session, err));
    if (session->settings->capture->snapshot == CAPTURE_INITIAL_ONLY)
        return 0;
    TRY(begin_stream(session, err));
    return follow(session, err);
}

int session_run(const struct session_settings *settings, struct session_memory *memory,
                struct err *err)
{
    struct session session = {.settings = settings, .memory = memory};
    if (settings->until != 0)
        memory->until = settings->until;
    memory->status.is_asked = false;
    const int code = run(&session, err);
    capture_close(session.capture);
    PQfinish(session.questions);
    PQfinish(session.replication);
    arena_close(&session.arena);
    return code;
}
