// SPDX-License-Identifier: Apache-2.0
// pgoutput's messages, protocol 1 and 2, as the PostgreSQL manual lists them under "Logical
// Replication Message Formats". Nothing is taken for granted of a message's length; an error names
// the position in the WAL.
//
// Protocol 2 sends large transactions in pieces before they commit. Their messages are kept and
// read when the commit comes, so that what leaves here is whole transactions in the order of
// commits.
#include "capture/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WAL_EPOCH UINT64_C(946684800000000) // 2000-01-01 in microseconds since 1970

struct stream {
    struct stream *next;
    uint32_t transaction;
    struct buffer messages; // each a struct kept and its bytes
};

struct kept {
    uint64_t lsn;
    uint32_t transaction; // or subtransaction
    uint32_t size;
};

struct capture {
    struct relations relations;
    struct events events;
    struct origin origin;
    uint64_t committed, last_commit;
    bool is_in_transaction;
    char *origin_name;
    struct cell *cells[2]; // the old row and the new
    size_t cell_capacity;
    struct relation_column *columns; // of a relation message
    size_t column_capacity;
    struct stream *streams, *open_stream;
    size_t streamed;
    capture_ask *ask; // NULL: nobody to ask
    void *ask_context;
};

struct reader {
    const unsigned char *at, *end;
    bool is_short; // more was asked for than there is
};

static uint64_t take_number(struct reader *r, size_t size)
{
    uint64_t value = 0;
    if ((size_t)(r->end - r->at) < size) {
        r->is_short = true;
        r->at = r->end;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | r->at[i];
    r->at += size;
    return value;
}

static const char *take_text(struct reader *r)
{
    const unsigned char *end = memchr(r->at, '\0', (size_t)(r->end - r->at));
    const char *text = (const char *)r->at;
    if (end == NULL) {
        r->is_short = true;
        r->at = r->end;
        return "";
    }
    r->at = end + 1;
    return text;
}

static int check_whole(const struct reader *r, const char *what, struct err *err)
{
    return r->is_short ? err_set(err, EX_DATAERR, "%s is cut short", what) : 0;
}

static int grow(void *list, size_t size, size_t needed, size_t *capacity, struct err *err)
{
    if (needed <= *capacity)
        return 0;
    void *grown = realloc(*(void **)list, needed * size);
    if (grown == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    *(void **)list = grown;
    *capacity = needed;
    return 0;
}

static int read_begin(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    (void)take_number(r, 8); // where the commit is
    const int64_t at = (int64_t)(take_number(r, 8) + WAL_EPOCH);
    const uint32_t transaction = (uint32_t)take_number(r, 4);
    TRY(check_whole(r, "a begin", err));
    c->origin = (struct origin){transaction, at, "false", c->last_commit, NULL, 0};
    c->is_in_transaction = true;
    TRY(events_set_origin(&c->events, &c->origin, err));
    return events_begin(&c->events, lsn, err);
}

static int read_origin(struct capture *c, struct reader *r, struct err *err)
{
    const uint64_t lsn = take_number(r, 8);
    const char *name = take_text(r);
    TRY(check_whole(r, "an origin", err));
    free(c->origin_name);
    c->origin_name = strdup(name);
    if (c->origin_name == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    c->origin.name = c->origin_name;
    c->origin.origin_lsn = lsn;
    return events_set_origin(&c->events, &c->origin, err);
}

static int end_transaction(struct capture *c, uint64_t end, struct err *err)
{
    if (c->is_in_transaction)
        TRY(events_end(&c->events, end, err));
    c->is_in_transaction = false;
    c->last_commit = c->committed = end;
    return 0;
}

static int read_commit(struct capture *c, struct reader *r, struct err *err)
{
    (void)take_number(r, 1); // flags
    (void)take_number(r, 8); // the commit's own position
    const uint64_t end = take_number(r, 8);
    (void)take_number(r, 8); // time
    TRY(check_whole(r, "a commit", err));
    return end_transaction(c, end, err);
}

static int read_relation(struct capture *c, struct reader *r, struct err *err)
{
    struct relation_message m = {.oid = (uint32_t)take_number(r, 4)};
    m.schema = take_text(r);
    m.name = take_text(r);
    m.identity = (char)take_number(r, 1);
    m.count = take_number(r, 2);
    TRY(check_whole(r, "a relation", err));
    if (*m.schema == '\0')
        m.schema = "pg_catalog";
    TRY(grow(&c->columns, sizeof *c->columns, m.count + 1, &c->column_capacity, err));
    for (size_t i = 0; i < m.count; i++) {
        const bool is_key = (take_number(r, 1) & 1) != 0;
        const char *name = take_text(r);
        const uint32_t type = (uint32_t)take_number(r, 4);
        c->columns[i] = (struct relation_column){name, type, (int32_t)take_number(r, 4), is_key};
    }
    TRY(check_whole(r, "a relation", err));
    m.columns = c->columns;
    if (c->ask != NULL && capture_settings_includes(c->relations.settings, m.schema, m.name))
        TRY(c->ask(c->ask_context, m.oid, err));
    return relations_define(&c->relations, &m, err);
}

// A tuple of as many values as the relation has columns.
static int read_row(struct capture *c, struct reader *r, const struct relation *relation, int which,
                    struct row *row, struct err *err)
{
    const size_t count = take_number(r, 2);
    if (!r->is_short && count != relation->count)
        return err_set(err, EX_DATAERR, "a row of %s.%s has %zu values for %zu columns",
                       relation->schema, relation->name, count, relation->count);
    struct cell *cells = c->cells[which];
    for (size_t i = 0; i < count && !r->is_short; i++) {
        cells[i].kind = (char)take_number(r, 1);
        if (cells[i].kind == 'n' || cells[i].kind == 'u')
            continue;
        const size_t size = take_number(r, 4);
        if (cells[i].kind != 't')
            return err_set(err, EX_DATAERR, "a value of the kind '%c' where text was asked for",
                           cells[i].kind);
        if ((size_t)(r->end - r->at) < size)
            return err_set(err, EX_DATAERR, "a row is cut short");
        cells[i].text = (const char *)r->at;
        cells[i].size = size;
        r->at += size;
    }
    row->cells = cells;
    return check_whole(r, "a row", err);
}

static int find_relation(struct capture *c, uint32_t oid, const struct relation **relation,
                         struct err *err)
{
    *relation = relations_find(&c->relations, oid);
    if (*relation == NULL)
        return err_set(err, EX_DATAERR, "a change of table %" PRIu32 ", which no message described",
                       oid);
    if ((*relation)->count <= c->cell_capacity)
        return 0;
    size_t capacity = c->cell_capacity;
    TRY(grow(&c->cells[0], sizeof **c->cells, (*relation)->count, &capacity, err));
    return grow(&c->cells[1], sizeof **c->cells, (*relation)->count, &c->cell_capacity, err);
}

static int read_insert(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    struct row after;
    struct change change = {.operation = CAPTURE_C, .after = &after, .lsn = lsn};
    TRY(find_relation(c, (uint32_t)take_number(r, 4), &change.relation, err));
    if (!change.relation->is_included)
        return 0;
    if (take_number(r, 1) != 'N')
        return err_set(err, EX_DATAERR, "an insert without a new row");
    TRY(read_row(c, r, change.relation, 1, &after, err));
    return events_change(&c->events, &change, err);
}

static int read_update(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    struct row before, after;
    struct change change = {.operation = CAPTURE_U, .after = &after, .lsn = lsn};
    TRY(find_relation(c, (uint32_t)take_number(r, 4), &change.relation, err));
    if (!change.relation->is_included)
        return 0;
    uint64_t kind = take_number(r, 1);
    if (kind == 'K' || kind == 'O') {
        TRY(read_row(c, r, change.relation, 0, &before, err));
        change.before = &before;
        kind = take_number(r, 1);
    }
    if (kind != 'N')
        return err_set(err, EX_DATAERR, "an update without a new row");
    TRY(read_row(c, r, change.relation, 1, &after, err));
    return events_change(&c->events, &change, err);
}

static int read_delete(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    struct row before;
    struct change change = {.operation = CAPTURE_D, .before = &before, .lsn = lsn};
    TRY(find_relation(c, (uint32_t)take_number(r, 4), &change.relation, err));
    if (!change.relation->is_included)
        return 0;
    const uint64_t kind = take_number(r, 1);
    if (kind != 'K' && kind != 'O')
        return err_set(err, EX_DATAERR, "a delete without an old row");
    TRY(read_row(c, r, change.relation, 0, &before, err));
    return events_change(&c->events, &change, err);
}

static int read_truncate(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    const uint64_t count = take_number(r, 4);
    (void)take_number(r, 1); // cascade, restart identity
    for (uint64_t i = 0; i < count && !r->is_short; i++) {
        struct change change = {.operation = CAPTURE_T, .lsn = lsn};
        const uint32_t oid = (uint32_t)take_number(r, 4);
        TRY(check_whole(r, "a truncation", err));
        TRY(find_relation(c, oid, &change.relation, err));
        if (change.relation->is_included)
            TRY(events_change(&c->events, &change, err));
    }
    return check_whole(r, "a truncation", err);
}

// What belongs to a transaction.
static int read_change(struct capture *c, char type, struct reader *r, uint64_t lsn,
                       struct err *err)
{
    if (type == 'R')
        return read_relation(c, r, err);
    if (type == 'Y' || type == 'M') // names of types; logical messages
        return 0;
    if (!c->is_in_transaction)
        return err_set(err, EX_DATAERR, "a message '%c' outside a transaction", type);
    switch (type) {
    case 'O':
        return read_origin(c, r, err);
    case 'I':
        return read_insert(c, r, lsn, err);
    case 'U':
        return read_update(c, r, lsn, err);
    case 'D':
        return read_delete(c, r, lsn, err);
    case 'T':
        return read_truncate(c, r, lsn, err);
    default:
        return err_set(err, EX_DATAERR, "a message of the unknown type '%c' (%d)", type,
                       (unsigned char)type);
    }
}

static struct stream **find_stream(struct capture *c, uint32_t transaction)
{
    struct stream **at = &c->streams;
    while (*at != NULL && (*at)->transaction != transaction)
        at = &(*at)->next;
    return at;
}

static void drop_stream(struct capture *c, struct stream **at)
{
    struct stream *stream = *at;
    *at = stream->next;
    c->streamed -= stream->messages.size;
    if (c->open_stream == stream)
        c->open_stream = NULL;
    buffer_free(&stream->messages);
    free(stream);
}

static int open_stream(struct capture *c, struct reader *r, struct err *err)
{
    const uint32_t transaction = (uint32_t)take_number(r, 4);
    (void)take_number(r, 1); // whether it is the first piece
    TRY(check_whole(r, "the start of a stream", err));
    struct stream **at = find_stream(c, transaction);
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL)
            return err_set(err, EX_OSERR, "out of memory");
        (*at)->transaction = transaction;
        buffer_init(&(*at)->messages, LIMIT_CAPTURE_STREAM_BYTES);
    }
    c->open_stream = *at;
    return 0;
}

// Keeps a message of a transaction that has not committed.
static int keep_message(struct capture *c, char type, struct reader *r, uint64_t lsn,
                        struct err *err)
{
    struct buffer *to = &c->open_stream->messages;
    const struct kept kept = {lsn, (uint32_t)take_number(r, 4), (uint32_t)(r->end - r->at) + 1};
    TRY(check_whole(r, "a message of a stream", err));
    const size_t before = to->size;
    if (c->streamed + sizeof kept + kept.size > LIMIT_CAPTURE_STREAM_BYTES)
        return err_set(err, EX_DATAERR,
                       "transactions in progress hold more than %llu bytes: record with streaming "
                       "off, or give logical_decoding_work_mem more",
                       LIMIT_CAPTURE_STREAM_BYTES);
    TRY(buffer_append(to, &kept, sizeof kept, err));
    TRY(buffer_append(to, &type, 1, err));
    TRY(buffer_append(to, r->at, kept.size - 1, err));
    c->streamed += to->size - before;
    return 0;
}

// Takes a subtransaction's messages out, or the whole transaction.
static int abort_stream(struct capture *c, struct reader *r, struct err *err)
{
    const uint32_t transaction = (uint32_t)take_number(r, 4), part = (uint32_t)take_number(r, 4);
    TRY(check_whole(r, "the abort of a stream", err));
    struct stream **at = find_stream(c, transaction);
    if (*at == NULL)
        return 0;
    if (transaction == part) {
        drop_stream(c, at);
        return 0;
    }
    struct buffer *messages = &(*at)->messages;
    size_t from = 0, to = 0;
    while (from < messages->size) {
        struct kept kept;
        memcpy(&kept, messages->data + from, sizeof kept);
        const size_t size = sizeof kept + kept.size;
        if (kept.transaction != part) {
            memmove(messages->data + to, messages->data + from, size);
            to += size;
        }
        from += size;
    }
    c->streamed -= messages->size - to;
    messages->size = to;
    return 0;
}

static int replay_stream(struct capture *c, const struct stream *stream, struct err *err)
{
    for (size_t at = 0; at < stream->messages.size;) {
        const char *data = stream->messages.data + at + sizeof(struct kept);
        struct kept kept;
        memcpy(&kept, stream->messages.data + at, sizeof kept);
        struct reader r = {(const unsigned char *)data + 1, (const unsigned char *)data + kept.size,
                           false};
        TRY(read_change(c, *data, &r, kept.lsn, err));
        at += sizeof kept + kept.size;
    }
    return 0;
}

static int commit_stream(struct capture *c, struct reader *r, uint64_t lsn, struct err *err)
{
    const uint32_t transaction = (uint32_t)take_number(r, 4);
    (void)take_number(r, 1); // flags
    (void)take_number(r, 8); // the commit's own position
    const uint64_t end = take_number(r, 8);
    const int64_t time = (int64_t)(take_number(r, 8) + WAL_EPOCH);
    TRY(check_whole(r, "the commit of a stream", err));
    struct stream **at = find_stream(c, transaction);
    c->origin = (struct origin){transaction, time, "false", c->last_commit, NULL, 0};
    c->is_in_transaction = true;
    TRY(events_set_origin(&c->events, &c->origin, err));
    TRY(events_begin(&c->events, lsn, err));
    if (*at != NULL) {
        TRY(replay_stream(c, *at, err));
        drop_stream(c, find_stream(c, transaction));
    }
    return end_transaction(c, end, err);
}

static int read_message(struct capture *c, char type, struct reader *r, uint64_t lsn,
                        struct err *err)
{
    switch (type) {
    case 'S':
        return open_stream(c, r, err);
    case 'E':
        c->open_stream = NULL;
        return 0;
    case 'c':
        return commit_stream(c, r, lsn, err);
    case 'A':
        return abort_stream(c, r, err);
    case 'B':
        return read_begin(c, r, lsn, err);
    case 'C':
        return read_commit(c, r, err);
    default:
        return c->open_stream != NULL ? keep_message(c, type, r, lsn, err)
                                      : read_change(c, type, r, lsn, err);
    }
}

int capture_wal(struct capture *capture, uint64_t lsn, const void *data, size_t size,
                struct err *err)
{
    const unsigned char *bytes = data;
    struct reader r = {bytes + 1, bytes + size, false};
    if (size == 0)
        return err_set(err, EX_DATAERR, "an empty message at %X/%X", (unsigned)(lsn >> 32),
                       (unsigned)lsn);
    const int code = read_message(capture, (char)bytes[0], &r, lsn, err);
    return code == 0 ? 0
                     : err_prefix(err, "message '%c' at %X/%X",
                                  bytes[0] >= ' ' && bytes[0] < 127 ? (char)bytes[0] : '?',
                                  (unsigned)(lsn >> 32), (unsigned)lsn);
}

int capture_open(struct capture **capture, const struct capture_settings *settings,
                 capture_emit *emit, void *context, struct err *err)
{
    struct capture *c = calloc(1, sizeof *c);
    *capture = NULL;
    if (c == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    c->relations.settings = settings;
    const int code = events_open(&c->events, settings, emit, context, err);
    if (code != 0)
        capture_close(c);
    else
        *capture = c;
    return code;
}

void capture_close(struct capture *capture)
{
    if (capture == NULL)
        return;
    while (capture->streams != NULL)
        drop_stream(capture, &capture->streams);
    relations_close(&capture->relations);
    events_close(&capture->events);
    free(capture->origin_name);
    free(capture->cells[0]);
    free(capture->cells[1]);
    free(capture->columns);
    free(capture);
}

void capture_set_clock(struct capture *capture, int64_t (*now)(void))
{
    capture->events.now = now;
}

uint64_t capture_committed(const struct capture *capture)
{
    return capture->committed;
}

int capture_describe(struct capture *capture, const struct capture_table *table, struct err *err)
{
    return relations_describe(&capture->relations, table, err);
}

void capture_set_catalog(struct capture *capture, capture_ask *ask, void *context)
{
    capture->ask = ask;
    capture->ask_context = context;
}

static const char *const places[] = {
    [CAPTURE_FIRST] = "first", [CAPTURE_FIRST_OF_TABLE] = "first_in_data_collection",
    [CAPTURE_MIDDLE] = "true", [CAPTURE_LAST_OF_TABLE] = "last_in_data_collection",
    [CAPTURE_LAST] = "last",   [CAPTURE_ONLY] = "last",
};

int capture_row(struct capture *capture, uint32_t table, const char *const *values,
                const size_t *sizes, enum capture_place place, uint64_t lsn, uint32_t transaction,
                int64_t at, struct err *err)
{
    struct row after;
    struct change change = {.operation = CAPTURE_R, .after = &after, .lsn = lsn};
    TRY(find_relation(capture, table, &change.relation, err));
    if (!change.relation->is_included)
        return 0;
    struct cell *cells = capture->cells[1];
    for (size_t i = 0; i < change.relation->count; i++)
        cells[i] = (struct cell){values[i] != NULL ? 't' : 'n', values[i],
                                 values[i] != NULL ? sizes[i] : 0};
    after.cells = cells;
    const struct origin origin = {transaction, at, places[place], 0, NULL, 0};
    TRY(events_set_origin(&capture->events, &origin, err));
    const int code = events_change(&capture->events, &change, err);
    return code == 0
               ? 0
               : err_prefix(err, "a row of %s.%s", change.relation->schema, change.relation->name);
}
