// SPDX-License-Identifier: Apache-2.0
#include "catalog.h"
#include "net/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A column's place in the primary key, or, without one, in the first unique index by name that has
// no nulls: the key that Debezium takes. A domain counts as its base type. Generated columns are
// not part of the stream, so they are not part of the snapshot either.
static const char columns_sql[] =
    "SELECT n.nspname, c.relname, c.oid, a.attname,"
    "       CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END,"
    "       CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END,"
    "       (SELECT array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum)"
    "        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
    "        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indisunique AND i.indpred IS NULL"
    "          AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM pg_attribute k"
    "            WHERE k.attrelid = c.oid AND k.attnum = ANY (i.indkey) AND NOT k.attnotnull)"
    "        ORDER BY i.indisprimary DESC, x.relname LIMIT 1),"
    "       NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), t.typname, t.typtype,"
    "       (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum"
    "        WHERE enumtypid IN (t.oid, t.typelem)) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
    "WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND a.attnum > 0"
    "  AND NOT a.attisdropped AND a.attgenerated = ''"
    "  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
    "  AND ($1::oid = 0 OR c.oid = $1::oid) "
    "ORDER BY n.nspname, c.relname, a.attnum";

enum {
    C_SCHEMA,
    C_TABLE,
    C_OID,
    C_NAME,
    C_TYPE,
    C_MODIFIER,
    C_KEY,
    C_NULLABLE,
    C_DEFAULT,
    C_TYPE_NAME,
    C_TYPE_KIND,
    C_LABELS
};

static uint32_t read_oid(const PGresult *result, int row, int column)
{
    return (uint32_t)strtoul(PQgetvalue(result, row, column), NULL, 10);
}

static int read_text(const PGresult *result, int row, int column, struct arena *arena,
                     const char **text, struct err *err)
{
    *text = NULL;
    if (PQgetisnull(result, row, column))
        return 0;
    return arena_text(arena, PQgetvalue(result, row, column), text, err);
}

static int read_column(const PGresult *result, int row, struct arena *arena,
                       struct capture_column *column, struct err *err)
{
    *column = (struct capture_column){
        .type = read_oid(result, row, C_TYPE),
        .modifier = (int32_t)strtol(PQgetvalue(result, row, C_MODIFIER), NULL, 10),
        .key = (int)strtol(PQgetvalue(result, row, C_KEY), NULL, 10),
        .is_nullable = *PQgetvalue(result, row, C_NULLABLE) == 't',
        .type_kind = *PQgetvalue(result, row, C_TYPE_KIND),
    };
    TRY(read_text(result, row, C_NAME, arena, &column->name, err));
    TRY(read_text(result, row, C_DEFAULT, arena, &column->default_value, err));
    TRY(read_text(result, row, C_LABELS, arena, &column->labels, err));
    return read_text(result, row, C_TYPE_NAME, arena, &column->type_name, err);
}

// The rows of one table begin at `row`; returns how many there are.
static int count_columns(const PGresult *result, int row)
{
    int count = 1;
    while (row + count < PQntuples(result) &&
           read_oid(result, row + count, C_OID) == read_oid(result, row, C_OID))
        count++;
    return count;
}

static int read_table(const PGresult *result, int row, int count, struct arena *arena,
                      struct capture_table *table, struct err *err)
{
    struct capture_column *columns = arena_alloc(arena, (size_t)count, sizeof *columns, err);
    if (columns == NULL)
        return err_code(err, EX_OSERR);
    *table = (struct capture_table){
        .oid = read_oid(result, row, C_OID), .columns = columns, .column_count = (size_t)count};
    TRY(read_text(result, row, C_SCHEMA, arena, &table->schema, err));
    TRY(read_text(result, row, C_TABLE, arena, &table->name, err));
    for (int i = 0; i < count; i++)
        TRY(read_column(result, row + i, arena, &columns[i], err));
    return 0;
}

static int read_tables(const PGresult *result, const struct capture_settings *settings,
                       struct arena *arena, struct capture_table **tables, size_t *count,
                       struct err *err)
{
    const int rows = PQntuples(result);
    *count = 0;
    *tables = arena_alloc(arena, (size_t)rows + 1, sizeof **tables, err);
    if (*tables == NULL)
        return err_code(err, EX_OSERR);
    for (int row = 0, columns; row < rows; row += columns) {
        columns = count_columns(result, row);
        if (capture_settings_includes(settings, PQgetvalue(result, row, C_SCHEMA),
                                      PQgetvalue(result, row, C_TABLE)))
            TRY(read_table(result, row, columns, arena, &(*tables)[(*count)++], err));
    }
    return 0;
}

int catalog_read(PGconn *connection, const struct capture_settings *settings, uint32_t table,
                 struct arena *arena, struct capture_table **tables, size_t *count, struct err *err)
{
    char oid[16];
    const char *values[] = {oid};
    PGresult *result;
    (void)snprintf(oid, sizeof oid, "%u", table);
    TRY(postgres_query(connection, &result, columns_sql, 1, values, err));
    const int code = read_tables(result, settings, arena, tables, count, err);
    PQclear(result);
    return code;
}

// ---- partitions ----

// Tables that changes do not name: a partitioned one, whose changes name its partitions, once for
// each of these; or, of a publication via the root, a partition, whose changes name the root.
static const char unnamed_sql[] =
    "SELECT c.oid, l.nspname, l.relname FROM pg_publication p CROSS JOIN pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN LATERAL (SELECT s.nspname, x.relname FROM pg_partition_tree(c.oid) t"
    "  JOIN pg_class x ON x.oid = t.relid JOIN pg_namespace s ON s.oid = x.relnamespace"
    "  WHERE t.isleaf AND NOT p.pubviaroot) l ON true "
    "WHERE p.pubname = $1 AND c.relkind IN ('r', 'p') AND CASE WHEN p.pubviaroot"
    "  THEN c.relispartition AND NOT EXISTS (SELECT FROM pg_publication_tables t"
    "    WHERE t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname)"
    "  ELSE c.relkind = 'p' END";

enum { U_OID, U_SCHEMA, U_PARTITION };

static const struct capture_table *find_table(const struct capture_table *tables, size_t count,
                                              uint32_t oid)
{
    for (size_t i = 0; i < count; i++)
        if (tables[i].oid == oid)
            return &tables[i];
    return NULL;
}

// Whoever lists a partitioned table wants all of it.
static int check_partitions(const PGresult *result, const struct capture_settings *settings,
                            const struct capture_table *tables, size_t count, struct err *err)
{
    for (int row = 0; row < PQntuples(result); row++) {
        const struct capture_table *table = find_table(tables, count, read_oid(result, row, U_OID));
        const char *schema = PQgetvalue(result, row, U_SCHEMA);
        const char *partition = PQgetvalue(result, row, U_PARTITION);
        if (table == NULL || PQgetisnull(result, row, U_PARTITION) ||
            capture_settings_includes(settings, schema, partition))
            continue;
        return err_set(err, EX_CONFIG,
                       "%s.%s is partitioned, and its changes carry the names of its partitions, "
                       "of which %s.%s is not in table.include.list: name the partitions there "
                       "(%s.%s.*), or make the publication WITH (publish_via_partition_root = "
                       "true)",
                       table->schema, table->name, schema, partition, table->schema, table->name);
    }
    return 0;
}

static void leave_out(const PGresult *result, struct capture_table *tables, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool is_named = true;
        for (int row = 0; row < PQntuples(result); row++)
            is_named = is_named && read_oid(result, row, U_OID) != tables[i].oid;
        if (is_named)
            tables[kept++] = tables[i];
    }
    *count = kept;
}

int catalog_leave_out_unnamed(PGconn *connection, const struct capture_settings *settings,
                              struct capture_table *tables, size_t *count, struct err *err)
{
    const char *values[] = {settings->publication};
    PGresult *result;
    TRY(postgres_query(connection, &result, unnamed_sql, 1, values, err));
    const int code = check_partitions(result, settings, tables, *count, err);
    if (code == 0)
        leave_out(result, tables, count);
    PQclear(result);
    return code;
}

bool catalog_has_identity(PGconn *connection, uint32_t table)
{
    char oid[16];
    const char *values[] = {oid};
    PGresult *result;
    (void)snprintf(oid, sizeof oid, "%u", table);
    if (postgres_query(connection, &result,
                       "SELECT relreplident = 'f' OR EXISTS (SELECT FROM pg_index WHERE indrelid = "
                       "c.oid AND CASE relreplident WHEN 'i' THEN indisreplident WHEN 'd' THEN "
                       "indisprimary ELSE false END) FROM pg_class c WHERE oid = $1::oid",
                       1, values, NULL) != 0)
        return true;
    const bool has_identity = PQntuples(result) == 1 && *PQgetvalue(result, 0, 0) == 't';
    PQclear(result);
    return has_identity;
}
