// SPDX-License-Identifier: Apache-2.0
#include "mark.h"
#include "database.h"

#include <stdio.h>
#include <string.h>

enum { MARK_BYTES = 128 };

static void format_mark(const char *slot, char out[static MARK_BYTES])
{
    (void)snprintf(out, MARK_BYTES, "tickhouse: slot %.63s was made", slot);
}

// The comment, an empty text for none.
static int read_comment(PGconn *connection, const char *publication, char out[static MARK_BYTES],
                        struct err *err)
{
    const char *values[] = {publication};
    PGresult *result;
    out[0] = '\0';
    TRY(postgres_query(connection, &result,
                       "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE "
                       "pubname = $1",
                       1, values, err));
    if (PQntuples(result) == 1)
        (void)snprintf(out, MARK_BYTES, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return 0;
}

static void write_comment(PGconn *connection, const char *publication, const char *comment)
{
    char *name = PQescapeIdentifier(connection, publication, strlen(publication));
    char *text = PQescapeLiteral(connection, comment, strlen(comment));
    if (name != NULL && text != NULL)
        (void)database_run(connection, NULL, "COMMENT ON PUBLICATION %s IS %s", name,
                           *comment != '\0' ? text : "NULL");
    PQfreemem(name);
    PQfreemem(text);
}

int mark_read(PGconn *connection, const char *publication, const char *slot, bool *is_marked,
              struct err *err)
{
    char comment[MARK_BYTES], mark[MARK_BYTES];
    TRY(read_comment(connection, publication, comment, err));
    format_mark(slot, mark);
    *is_marked = strcmp(comment, mark) == 0;
    return 0;
}

void mark_write(PGconn *connection, const char *publication, const char *slot)
{
    char comment[MARK_BYTES], mark[MARK_BYTES];
    format_mark(slot, mark);
    if (read_comment(connection, publication, comment, NULL) == 0 && comment[0] == '\0')
        write_comment(connection, publication, mark);
}

void mark_clear(PGconn *connection, const char *publication, const char *slot)
{
    bool is_marked = false;
    if (mark_read(connection, publication, slot, &is_marked, NULL) == 0 && is_marked)
        write_comment(connection, publication, "");
}
