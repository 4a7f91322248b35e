// SPDX-License-Identifier: Apache-2.0
// Connections to the database that is captured: for questions, and for the replication protocol.
// Both print values alike, whatever the server's or the user's own settings are.
#ifndef TICKHOUSE_INGEST_PGCDC_DATABASE_H
#define TICKHOUSE_INGEST_PGCDC_DATABASE_H

#include "base/buffer.h"
#include "capture/settings.h"
#include "net/postgres.h"

enum database_purpose { DATABASE_QUESTIONS, DATABASE_REPLICATION };

// EX_UNAVAILABLE for a server before PostgreSQL 13.
int database_open(PGconn **connection, const struct capture_settings *settings,
                  enum database_purpose purpose, struct err *err);

// Runs SQL made by printf.
int database_run(PGconn *connection, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Appends `name` as SQL writes a name, quoted.
int database_quote(PGconn *connection, struct buffer *sql, const char *name, struct err *err);

// The query's only value as a position of the log.
int database_lsn(PGconn *connection, const char *sql, uint64_t *lsn, struct err *err);

// Where the log ends, on a primary or a standby.
#define DATABASE_LOG_END                                                                           \
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"

#endif
