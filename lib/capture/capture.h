// SPDX-License-Identifier: Apache-2.0
// Change capture without I/O: what PostgreSQL's pgoutput sends becomes the messages that Debezium's
// PostgreSQL connector makes of it, byte for byte but for the processing times.
//
// Whoever reads a replication slot hands over its messages (capture_wal), whoever reads a table for
// the snapshot its rows (capture_row); each gives messages for Kafka in their order.
#ifndef TICKHOUSE_CAPTURE_CAPTURE_H
#define TICKHOUSE_CAPTURE_CAPTURE_H

#include "settings.h"

#include <stddef.h>
#include <stdint.h>

// A header as Debezium sets it; the layout of struct kafka_header.
struct capture_header {
    const char *name, *value;
};

// A message for Kafka. Everything is borrowed until capture_emit returns.
struct capture_message {
    const char *topic;
    const char *key; // NULL for none: a truncation has none
    size_t key_size;
    const char *value; // NULL: a tombstone
    size_t value_size;
    uint64_t lsn;                         // of the change; 0 where there is none
    const struct capture_header *headers; // ended by a NULL name; never NULL
};

typedef int capture_emit(void *context, const struct capture_message *message, struct err *err);

struct capture;

int capture_open(struct capture **capture, const struct capture_settings *settings,
                 capture_emit *emit, void *context, struct err *err);
void capture_close(struct capture *capture);

// The clock of the fields ts_ms, ts_us and ts_ns beside `op`, in microseconds since 1970; for
// tests.
void capture_set_clock(struct capture *capture, int64_t (*now)(void));

// One message of pgoutput, protocol 1 or 2, at the position that the replication stream gave it.
int capture_wal(struct capture *capture, uint64_t lsn, const void *data, size_t size,
                struct err *err);

// After capture_wal: the end of the last transaction that is complete, 0 before the first. A slot
// may be confirmed up to it once everything that was emitted for it is acknowledged.
uint64_t capture_committed(const struct capture *capture);

// A column as pg_attribute describes it, for the snapshot and for what pgoutput does not say.
struct capture_column {
    const char *name;
    uint32_t type; // OID; of a domain the one of its base type, whose modifier this is too
    int32_t modifier;
    int key;                   // place in the primary key, or without one in the first unique
                               // index that has no nulls, from 1; 0: not in it
    bool is_nullable;          // no NOT NULL
    const char *default_value; // as pg_get_expr prints it; NULL for none
    const char *type_name;     // as pg_type has it: needed for enums and other types of a user's
    char type_kind;            // pg_type.typtype: 'b', 'e', 'd', 'c', 'r'; 0 unknown
    const char *labels;        // of an enum, or of the elements of an array of one, in their
                               // order with commas between; NULL
};

struct capture_table {
    const char *schema, *name;
    uint32_t oid; // 0: found by its name, and types by what pgoutput says of the columns
    const struct capture_column *columns;
    size_t column_count;
};

// Tells what pgoutput leaves out of its relation messages. Copied.
int capture_describe(struct capture *capture, const struct capture_table *table, struct err *err);

// Called with the OID of a table when pgoutput announces it, at its first change of a stream and
// whenever it was altered since, so that whoever can asks the catalog and calls capture_describe.
typedef int capture_ask(void *context, uint32_t table, struct err *err);
void capture_set_catalog(struct capture *capture, capture_ask *ask, void *context);

// Where in the whole snapshot a row stands. A table's only row is its last.
enum capture_place {
    CAPTURE_FIRST,
    CAPTURE_FIRST_OF_TABLE,
    CAPTURE_MIDDLE,
    CAPTURE_LAST_OF_TABLE,
    CAPTURE_LAST,
    CAPTURE_ONLY // first and last
};

// A row of the snapshot, a text as the type's output function gives it for each column of the
// described table, NULL for a null.
int capture_row(struct capture *capture, uint32_t table, const char *const *values,
                const size_t *sizes, enum capture_place place, uint64_t lsn, uint32_t transaction,
                int64_t at, struct err *err);

#endif
