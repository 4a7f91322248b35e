// SPDX-License-Identifier: Apache-2.0
#include "mark.h"
#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "tickhouse: slots made:" // and their names, a blank before each

enum { COMMENT_BYTES_MOST = 1 << 16 };

// The comment, an empty text for none; to be freed.
static int read_comment(PGconn *connection, const char *publication, char **comment,
                        struct err *err)
{
    const char *values[] = {publication};
    PGresult *result;
    TRY(postgres_query(connection, &result,
                       "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE "
                       "pubname = $1",
                       1, values, err));
    *comment = strdup(PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return *comment != NULL ? 0 : err_set(err, EX_OSERR, "no memory for a comment");
}

static bool is_mark(const char *comment)
{
    return strncmp(comment, MARK, sizeof MARK - 1) == 0;
}

// Where a blank and the slot's name begin in a mark, NULL where they do not.
static char *find_slot(char *comment, const char *slot)
{
    const size_t size = strlen(slot);
    char *at = is_mark(comment) ? comment + sizeof MARK - 1 : NULL;
    for (; at != NULL && *at == ' '; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, slot, size) == 0 && (at[1 + size] == ' ' || at[1 + size] == '\0'))
            return at;
    return NULL;
}

static int write_comment(PGconn *connection, const char *publication, const char *comment,
                         struct err *err)
{
    char *name = PQescapeIdentifier(connection, publication, strlen(publication));
    char *text = PQescapeLiteral(connection, comment, strlen(comment));
    const int code = name != NULL && text != NULL
                         ? database_run(connection, err, "COMMENT ON PUBLICATION %s IS %s", name,
                                        *comment != '\0' ? text : "NULL")
                         : postgres_error(connection, NULL, "publication.name", err);
    PQfreemem(name);
    PQfreemem(text);
    return code;
}

int mark_read(PGconn *connection, const char *publication, const char *slot, bool *is_marked,
              struct err *err)
{
    char *comment;
    TRY(read_comment(connection, publication, &comment, err));
    *is_marked = find_slot(comment, slot) != NULL;
    free(comment);
    return 0;
}

static int add_slot(PGconn *connection, const char *publication, const char *comment,
                    const char *slot, struct err *err)
{
    struct buffer longer;
    if (*comment != '\0' && !is_mark(comment))
        return err_set(err, EX_CONFIG, "it has a comment of somebody else's");
    buffer_init(&longer, COMMENT_BYTES_MOST);
    int code = buffer_printf(&longer, err, "%s %s", *comment != '\0' ? comment : MARK, slot);
    if (code == 0)
        code = buffer_append(&longer, "", 1, err);
    if (code == 0)
        code = write_comment(connection, publication, longer.data, err);
    buffer_free(&longer);
    return code;
}

int mark_write(PGconn *connection, const char *publication, const char *slot, struct err *err)
{
    char *comment;
    TRY(read_comment(connection, publication, &comment, err));
    const int code = find_slot(comment, slot) == NULL
                         ? add_slot(connection, publication, comment, slot, err)
                         : 0;
    free(comment);
    return code;
}

int mark_clear(PGconn *connection, const char *publication, const char *slot, struct err *err)
{
    char *comment;
    int code = 0;
    TRY(read_comment(connection, publication, &comment, err));
    char *at = find_slot(comment, slot);
    if (at != NULL) {
        const char *rest = at + 1 + strlen(slot);
        memmove(at, rest, strlen(rest) + 1);
        code =
            write_comment(connection, publication, strcmp(comment, MARK) == 0 ? "" : comment, err);
    }
    free(comment);
    return code;
}
