// SPDX-License-Identifier: Apache-2.0
// From a decoded change to the messages that stand for it: key, envelope or bare row, tombstone,
// and those of transactions.
#ifndef TICKHOUSE_CAPTURE_EVENT_H
#define TICKHOUSE_CAPTURE_EVENT_H

#include "capture/relation.h"

// A value of a row as it came: 't' a text, 'n' null, 'u' not in the WAL.
struct cell {
    char kind;
    const char *text;
    size_t size;
};

struct row {
    const struct cell *cells; // one for each column of the relation
};

struct change {
    const struct relation *relation;
    enum capture_operation operation;
    const struct row *before, *after; // NULL: none
    uint64_t lsn;
};

// What all changes of a transaction, or of a snapshot, have in common.
struct origin {
    uint32_t transaction;
    int64_t at;           // of the commit, in microseconds since 1970
    const char *snapshot; // "false" in the stream
    uint64_t last_commit; // 0: none yet
    const char *name;     // of the replication origin; NULL
    uint64_t origin_lsn;
};

// How many events of a table there were in the transaction.
struct tally {
    uint32_t table;
    char *name; // SCHEMA.TABLE
    uint64_t events;
};

struct tallies {
    struct tally *list;
    size_t count, capacity;
    uint64_t events; // of all
};

enum { EVENT_HEADERS = 24 };

#define EVENTS_VERSION "3.7.0.Final"
#define EVENTS_CONNECTOR "postgresql"

struct unwrap_field;

struct events {
    const struct capture_settings *settings;
    capture_emit *emit;
    void *context;
    int64_t (*now)(void);
    struct buffer key, value, extra, header_text;
    struct buffer source, database;   // of the source block, what no transaction changes
    struct buffer head, middle, tail; // the same around what changes with each event
    struct origin origin;
    struct tallies tallies;
    struct unwrap_field *fields, *added_headers;
    size_t field_count, added_header_count;
    struct capture_header headers[EVENT_HEADERS];
    size_t header_count;
};

int events_open(struct events *events, const struct capture_settings *settings, capture_emit *emit,
                void *context, struct err *err);
void events_close(struct events *events);

// What the events that follow have in common.
int events_set_origin(struct events *events, const struct origin *origin, struct err *err);

// Around a transaction of the stream: the messages of provide.transaction.metadata.
int events_begin(struct events *events, uint64_t lsn, struct err *err);
int events_end(struct events *events, uint64_t lsn, struct err *err);

int events_change(struct events *events, const struct change *change, struct err *err);

// The row as a JSON object without its closing brace; `other` holds what `row` leaves to it.
int events_put_row(const struct relation *relation, const struct row *row, const struct row *other,
                   struct buffer *out, struct err *err);

// How many events of the table there were in this transaction.
uint64_t events_of_table(const struct events *events, const struct relation *relation);

#endif
