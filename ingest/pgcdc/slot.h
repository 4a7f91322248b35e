// SPDX-License-Identifier: Apache-2.0
// The replication slot: what makes PostgreSQL keep the log until it was delivered, and therefore
// what fills its disk when nobody reads.
//
// A slot of its final name exists only once its snapshot has been delivered. Until then there is a
// temporary one, NAME_snapshot, which PostgreSQL drops with the connection that made it; when all
// rows are acknowledged, the final slot is made as its copy, from the same position, in one step.
// So a snapshot that is cut off leaves nothing behind and begins again, and nothing but PostgreSQL
// has to remember how far it came.
#ifndef TICKHOUSE_INGEST_PGCDC_SLOT_H
#define TICKHOUSE_INGEST_PGCDC_SLOT_H

#include "base/err.h"
#include "lsn.h"

#include <libpq-fe.h>
#include <stddef.h>

struct slot {
    bool exists, is_active, is_lost;
    char plugin[64], database[64];
    char wal_status[16]; // reserved, extended, unreserved, lost
    int active_pid;
    uint64_t restart, confirmed; // the log is kept from `restart` on
    uint64_t log_end;            // where the server's log ends
    int64_t safe_bytes; // that may be written until the slot is in danger; -1: no limit is set
};

int slot_look(PGconn *connection, const char *name, struct slot *slot, struct err *err);

// The query that slot_look asks, with the name as $1, for those who do not wait for the answer.
extern const char slot_sql[];
int slot_take(const PGresult *result, struct slot *slot, struct err *err);

// Refuses a slot that cannot be read: of another plugin or database, lost, or in use.
int slot_check(const struct slot *slot, const char *name, const char *database, struct err *err);

struct slot_snapshot {
    char name[64];     // of the temporary slot
    char snapshot[64]; // for SET TRANSACTION SNAPSHOT; good until the next command
    uint64_t start;    // transactions that commit after this are streamed
    uint64_t floor;    // no change that is streamed lies before this
};

// Makes the temporary slot; `replication` speaks the replication protocol.
int slot_begin(PGconn *replication, const char *name, struct slot_snapshot *made, struct err *err);

// Makes the final slot of the temporary one, and drops the latter.
int slot_finish(PGconn *replication, const char *name, const struct slot_snapshot *made,
                struct err *err);

// Makes the final slot at once, for a capture without a snapshot.
int slot_create(PGconn *replication, const char *name, struct err *err);

int slot_drop(PGconn *connection, const char *name, struct err *err);

#endif
