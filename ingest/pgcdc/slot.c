// SPDX-License-Identifier: Apache-2.0
#include "slot.h"
#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_NAME_BYTES = 63 };

#define DUPLICATE_OBJECT "42710"

const char slot_sql[] =
    "SELECT plugin, database, wal_status, active, active_pid, restart_lsn, confirmed_flush_lsn, "
    "safe_wal_size, " DATABASE_LOG_END " FROM (VALUES (1)) one(row) "
    "LEFT JOIN pg_replication_slots ON slot_name = $1";

static void take_text(const PGresult *result, int column, char *out, size_t size)
{
    (void)snprintf(out, size, "%s", PQgetvalue(result, 0, column));
}

static void take_lsn(const PGresult *result, int column, uint64_t *lsn)
{
    if (!lsn_parse(PQgetvalue(result, 0, column), lsn))
        *lsn = 0;
}

int slot_take(const PGresult *result, struct slot *slot, struct err *err)
{
    *slot = (struct slot){.safe_bytes = -1};
    if (PQntuples(result) != 1)
        return err_set(err, EX_PROTOCOL, "pg_replication_slots gave %d rows for one slot",
                       PQntuples(result));
    slot->exists = !PQgetisnull(result, 0, 0);
    take_text(result, 0, slot->plugin, sizeof slot->plugin);
    take_text(result, 1, slot->database, sizeof slot->database);
    take_text(result, 2, slot->wal_status, sizeof slot->wal_status);
    slot->is_lost = strcmp(slot->wal_status, "lost") == 0;
    slot->is_active = *PQgetvalue(result, 0, 3) == 't';
    slot->active_pid = (int)strtol(PQgetvalue(result, 0, 4), NULL, 10);
    take_lsn(result, 5, &slot->restart);
    take_lsn(result, 6, &slot->confirmed);
    if (!PQgetisnull(result, 0, 7))
        slot->safe_bytes = strtoll(PQgetvalue(result, 0, 7), NULL, 10);
    take_lsn(result, 8, &slot->log_end);
    return 0;
}

int slot_look(PGconn *connection, const char *name, struct slot *slot, struct err *err)
{
    const char *values[] = {name};
    PGresult *result;
    TRY(postgres_query(connection, &result, slot_sql, 1, values, err));
    const int code = slot_take(result, slot, err);
    PQclear(result);
    return code;
}

int slot_check(const struct slot *slot, const char *name, const char *database, struct err *err)
{
    if (strcmp(slot->plugin, "pgoutput") != 0)
        return err_set(err, EX_CONFIG,
                       "slot '%s' has the plugin '%s', and only pgoutput is read; choose another "
                       "slot.name",
                       name, slot->plugin);
    if (strcmp(slot->database, database) != 0)
        return err_set(err, EX_CONFIG,
                       "slot '%s' belongs to the database '%s', not to '%s'; choose another "
                       "slot.name",
                       name, slot->database, database);
    if (slot->is_lost)
        return err_set(err, EX_UNAVAILABLE,
                       "slot '%s' is lost: PostgreSQL removed log that was not delivered (see "
                       "max_slot_wal_keep_size), so changes are missing in Kafka; 'ingest pgcdc "
                       "--drop-slot' and a start with snapshot.mode=initial take a new snapshot",
                       name);
    if (slot->is_active)
        return err_set_retriable(err, EX_TEMPFAIL,
                                 "slot '%s' is in use by process %d of PostgreSQL: another capture "
                                 "reads it, or one that ended without a word and is not yet "
                                 "missed (wal_sender_timeout)",
                                 name, slot->active_pid);
    return 0;
}

// Names of slots are of lower case letters, digits and _, which need no escapes.
static int check_name(const char *name, struct err *err)
{
    const size_t size = strlen(name);
    if (size > 0 && size <= SLOT_NAME_BYTES &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size)
        return 0;
    return err_set(err, EX_CONFIG,
                   "slot.name '%s' is none: PostgreSQL takes 1 to %d lower case letters, digits "
                   "and _",
                   name, SLOT_NAME_BYTES);
}

static int take_snapshot(PGconn *replication, const PGresult *result, struct slot_snapshot *made,
                         struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != NULL && strcmp(state, DUPLICATE_OBJECT) == 0)
        return err_set_retriable(err, EX_TEMPFAIL,
                                 "slot '%s' is there: another capture is taking the snapshot",
                                 made->name);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_error(replication, result, "the slot for the snapshot", err);
    if (PQntuples(result) != 1 || PQnfields(result) < 3 ||
        !lsn_parse(PQgetvalue(result, 0, 1), &made->start))
        return err_set(err, EX_PROTOCOL, "CREATE_REPLICATION_SLOT gave no position");
    take_text(result, 2, made->snapshot, sizeof made->snapshot);
    return 0;
}

int slot_begin(PGconn *replication, const char *name, struct slot_snapshot *made, struct err *err)
{
    char sql[192];
    TRY(check_name(name, err));
    *made = (struct slot_snapshot){0};
    (void)snprintf(made->name, sizeof made->name, "%.54s_snapshot", name);
    (void)snprintf(sql, sizeof sql,
                   "CREATE_REPLICATION_SLOT \"%s\" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT",
                   made->name);
    PGresult *result = PQexec(replication, sql);
    const int code = take_snapshot(replication, result, made, err);
    PQclear(result);
    return code;
}

int slot_finish(PGconn *replication, const char *name, const struct slot_snapshot *made,
                struct err *err)
{
    PGresult *result;
    char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT pg_copy_logical_replication_slot('%s', '%s', false)",
                   made->name, name);
    TRY(postgres_query(replication, &result, sql, 0, NULL, err));
    PQclear(result);
    return slot_drop(replication, made->name, err);
}

int slot_create(PGconn *replication, const char *name, struct err *err)
{
    TRY(check_name(name, err));
    return database_run(replication, err,
                        "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')", name);
}

int slot_drop(PGconn *connection, const char *name, struct err *err)
{
    TRY(check_name(name, err));
    return database_run(connection, err, "SELECT pg_drop_replication_slot('%s')", name);
}
