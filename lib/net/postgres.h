// SPDX-License-Identifier: Apache-2.0
// PostgreSQL, thin over libpq: errors as sentences, and which of them are worth another try.
#ifndef TICKHOUSE_NET_POSTGRES_H
#define TICKHOUSE_NET_POSTGRES_H

#include "base/err.h"

#include <libpq-fe.h>
#include <stdbool.h>

struct postgres_settings {
    const char *uri; // postgresql://user@host:port/database or key=value words; NULL: from the rest
    const char *host, *port, *user, *password,
        *database;                  // NULL: libpq's own, PG* of the environment
    bool replication;               // a connection that speaks the replication protocol
    bool (*give_up)(void *context); // asked ten times a second while connecting; may be NULL
    void *give_up_context;
};

// How long an answer may take, and who may end the wait before.
struct postgres_patience {
    double seconds;
    bool (*give_up)(void *context); // as above
    void *give_up_context;
};

// A password never shows in error texts. Refused connections, a server that starts or stops, lost
// connections, serialization failures and deadlocks are retriable.
int postgres_open(PGconn **connection, const struct postgres_settings *settings, struct err *err);

// Runs a statement without a result.
int postgres_run(PGconn *connection, const char *sql, struct err *err);

// Runs a query; the caller clears *result.
int postgres_query(PGconn *connection, PGresult **result, const char *sql, int count,
                   const char *const *values, struct err *err);

// Waits for the last result of what was sent by PQsend..., whatever its status; the caller clears
// it. An answer that does not come, or that nobody waits for any more, is a retriable error, after
// which the connection is good for PQfinish only. PQsetnonblocking keeps the sending from waiting.
int postgres_take(PGconn *connection, PGresult **result, const struct postgres_patience *patience,
                  struct err *err);

// Makes an error of what libpq says last; `what` begins the sentence.
int postgres_error(PGconn *connection, const PGresult *result, const char *what, struct err *err);

#endif
