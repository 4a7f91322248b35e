// SPDX-License-Identifier: Apache-2.0
#include "history.h"
#include "lsn.h"
#include "net/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The server as it is, and where its log ends.
static int identify(PGconn *replication, struct history *found, uint64_t *end, struct err *err)
{
    PGresult *result = PQexec(replication, "IDENTIFY_SYSTEM");
    int code = 0;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        code = postgres_error(replication, result, "the identity of the server", err);
    else if (PQntuples(result) != 1 || PQnfields(result) < 3 ||
             !lsn_parse(PQgetvalue(result, 0, 2), end))
        code = err_set(err, EX_PROTOCOL, "IDENTIFY_SYSTEM gave no position");
    if (code == 0) {
        (void)snprintf(found->system, sizeof found->system, "%s", PQgetvalue(result, 0, 0));
        found->timeline = (uint32_t)strtoul(PQgetvalue(result, 0, 1), NULL, 10);
    }
    PQclear(result);
    return code;
}

// The line of the file of a timeline that begins with the number of one before it: where that was
// left. 0 where it has none, so that nothing of it counts as kept.
static uint64_t find_switch(const char *file, uint32_t timeline)
{
    char position[LSN_BYTES];
    for (const char *line = file; line != NULL; line = strchr(line, '\n')) {
        unsigned number;
        uint64_t lsn;
        line += *line == '\n';
        if (sscanf(line, "%u %17[0-9A-Fa-f/]", &number, position) == 2 && number == timeline &&
            lsn_parse(position, &lsn))
            return lsn;
    }
    return 0;
}

// Up to where the server's timeline and the one before are the same.
static int find_common(PGconn *replication, uint32_t timeline, uint32_t before, uint64_t *common,
                       struct err *err)
{
    char sql[40];
    int code = 0;
    (void)snprintf(sql, sizeof sql, "TIMELINE_HISTORY %u", timeline);
    PGresult *result = PQexec(replication, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1 ||
        PQnfields(result) < 2)
        code = postgres_error(replication, result, "the history of the server's timeline", err);
    else
        *common = find_switch(PQgetvalue(result, 0, 1), before);
    PQclear(result);
    return code;
}

static int refuse(uint64_t reached, const char *why, struct err *err)
{
    char position[LSN_BYTES];
    lsn_format(reached, position);
    return err_set(err, EX_UNAVAILABLE,
                   "everything up to %s had been read, but %s: changes that were delivered are not "
                   "in this database, and later ones would pass for delivered; 'ingest pgcdc "
                   "--drop-slot' and a start take a new snapshot of what there is now",
                   position, why);
}

static int check_end(PGconn *replication, uint64_t reached, uint64_t end, struct err *err)
{
    char position[LSN_BYTES], why[96];
    if (end >= reached)
        return 0;
    lsn_format(end, position);
    const char *standby = PQparameterStatus(replication, "in_hot_standby");
    if (standby != NULL && strcmp(standby, "on") == 0)
        return err_set_retriable(err, EX_TEMPFAIL, "the standby has come no further than %s",
                                 position);
    (void)snprintf(why, sizeof why,
                   "the server's log ends at %s: it was restored from an older copy", position);
    return refuse(reached, why, err);
}

int history_check(PGconn *replication, struct history *known, uint64_t reached, struct err *err)
{
    struct history found;
    uint64_t end, common = 0;
    TRY(identify(replication, &found, &end, err));
    if (known->system[0] != '\0' && reached != 0) {
        if (strcmp(known->system, found.system) != 0)
            return refuse(reached, "this is another server", err);
        TRY(check_end(replication, reached, end, err));
        if (known->timeline != found.timeline) {
            TRY(find_common(replication, found.timeline, known->timeline, &common, err));
            if (common < reached)
                return refuse(reached, "the server took over, or was restored, before that", err);
        }
    }
    *known = found;
    return 0;
}
