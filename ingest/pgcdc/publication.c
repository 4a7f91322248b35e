// SPDX-License-Identifier: Apache-2.0
#include "publication.h"
#include "catalog.h"
#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_BYTES_MOST = 1 << 22 };

static int find(PGconn *connection, const char *name, bool *exists, bool *has_all_tables,
                struct err *err)
{
    const char *values[] = {name};
    PGresult *result;
    TRY(postgres_query(connection, &result,
                       "SELECT puballtables FROM pg_publication WHERE pubname = $1", 1, values,
                       err));
    *exists = PQntuples(result) == 1;
    *has_all_tables = *exists && *PQgetvalue(result, 0, 0) == 't';
    PQclear(result);
    return 0;
}

static int append_tables(PGconn *connection, struct buffer *sql, const struct capture_table *tables,
                         size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        TRY(buffer_printf(sql, err, i == 0 ? " " : ", "));
        TRY(database_quote(connection, sql, tables[i].schema, err));
        TRY(buffer_printf(sql, err, "."));
        TRY(database_quote(connection, sql, tables[i].name, err));
    }
    return 0;
}

// `verb` and `what` are around the name: CREATE PUBLICATION name FOR TABLE a, b.
static int run_for_tables(PGconn *connection, const char *verb, const char *name, const char *what,
                          const struct capture_table *tables, size_t count, struct err *err)
{
    struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MOST);
    int code = buffer_printf(&sql, err, "%s PUBLICATION ", verb);
    if (code == 0)
        code = database_quote(connection, &sql, name, err);
    if (code == 0)
        code = buffer_printf(&sql, err, " %s", what);
    if (code == 0)
        code = append_tables(connection, &sql, tables, count, err);
    if (code == 0)
        code = buffer_append(&sql, "", 1, err);
    if (code == 0)
        code = postgres_run(connection, sql.data, err);
    buffer_free(&sql);
    return code;
}

static void warn_of_missing_identity(PGconn *connection, const struct capture_table *tables,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!catalog_has_identity(connection, tables[i].oid))
            (void)fprintf(stderr,
                          "ingest pgcdc: %s.%s has neither a primary key nor another replica "
                          "identity: once it is published, PostgreSQL refuses to update or delete "
                          "its rows; ALTER TABLE ... REPLICA IDENTITY FULL helps\n",
                          tables[i].schema, tables[i].name);
}

static int create(PGconn *connection, const struct capture_settings *settings,
                  const struct capture_table *tables, size_t count, struct err *err)
{
    warn_of_missing_identity(connection, tables, count);
    if (settings->publication_mode == CAPTURE_ALL_TABLES)
        return run_for_tables(connection, "CREATE", settings->publication, "FOR ALL TABLES", NULL,
                              0, err);
    if (settings->publication_mode == CAPTURE_NO_TABLES)
        return run_for_tables(connection, "CREATE", settings->publication, "", NULL, 0, err);
    return run_for_tables(connection, "CREATE", settings->publication, "FOR TABLE", tables, count,
                          err);
}

// Whether exactly these tables are published.
static int has_tables(PGconn *connection, const char *name, const struct capture_table *tables,
                      size_t count, bool *has, struct err *err)
{
    const char *values[] = {name};
    PGresult *result;
    TRY(postgres_query(connection, &result,
                       "SELECT prrelid FROM pg_publication_rel r JOIN pg_publication p ON p.oid = "
                       "r.prpubid WHERE pubname = $1",
                       1, values, err));
    size_t found = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        const uint32_t oid = (uint32_t)strtoul(PQgetvalue(result, row, 0), NULL, 10);
        for (size_t i = 0; i < count; i++)
            found += tables[i].oid == oid;
    }
    *has = found == count && (size_t)PQntuples(result) == count;
    PQclear(result);
    return 0;
}

static int update(PGconn *connection, const char *name, const struct capture_table *tables,
                  size_t count, struct err *err)
{
    bool has;
    TRY(has_tables(connection, name, tables, count, &has, err));
    if (has)
        return 0;
    warn_of_missing_identity(connection, tables, count);
    return run_for_tables(connection, "ALTER", name, "SET TABLE", tables, count, err);
}

int publication_prepare(PGconn *connection, const struct capture_settings *settings,
                        const struct capture_table *tables, size_t count, struct err *err)
{
    const char *name = settings->publication;
    const bool is_filtered = settings->publication_mode == CAPTURE_FILTERED;
    bool exists, has_all_tables;
    TRY(find(connection, name, &exists, &has_all_tables, err));
    if (!exists && settings->publication_mode == CAPTURE_DISABLED)
        return err_set(err, EX_CONFIG,
                       "the publication '%s' is not there, and publication.autocreate.mode is "
                       "disabled: CREATE PUBLICATION it, or set the mode to filtered",
                       name);
    if (is_filtered && count == 0)
        return err_set(err, EX_CONFIG,
                       "table.include.list fits no table of the database '%s': '%s'; each entry is "
                       "schema.table",
                       settings->database,
                       settings->table_include_list != NULL ? settings->table_include_list : "");
    if (!exists)
        return create(connection, settings, tables, count, err);
    if (is_filtered && has_all_tables)
        return err_set(err, EX_CONFIG,
                       "the publication '%s' is FOR ALL TABLES, and publication.autocreate.mode is "
                       "filtered: drop it, or name another one in publication.name",
                       name);
    return is_filtered ? update(connection, name, tables, count, err) : 0;
}
