// SPDX-License-Identifier: Apache-2.0
#include "snapshot.h"
#include "base/time.h"
#include "copy_row.h"
#include "database.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>

enum { SQL_BYTES_MOST = 1 << 20, ROWS_A_LOOK = 64 };

// A row as libpq gave it, which waits for the next one to know whether it is the last.
struct row {
    char *data; // NULL: none
    size_t size;
    const struct capture_table *table;
    bool is_first, is_first_of_table;
};

struct reading {
    struct snapshot *snapshot;
    struct row row;
    const char **values;
    size_t *sizes;
    uint32_t transaction;
    int64_t at;
    struct progress progress;
};

// ---- one row ----

// As Debezium marks rows: where several marks fit, the first of these.
static enum capture_place find_place(const struct row *row, const struct capture_table *next)
{
    if (next == NULL)
        return row->is_first ? CAPTURE_ONLY : CAPTURE_LAST;
    if (row->is_first)
        return CAPTURE_FIRST;
    if (next != row->table)
        return CAPTURE_LAST_OF_TABLE;
    return row->is_first_of_table ? CAPTURE_FIRST_OF_TABLE : CAPTURE_MIDDLE;
}

// The row that waits; `next` is the table of the one after it, NULL at the end.
static int emit_row(struct reading *reading, const struct capture_table *next, struct err *err)
{
    const struct row *row = &reading->row;
    struct snapshot *snapshot = reading->snapshot;
    if (snapshot->rows % ROWS_A_LOOK == 0 || outbox_is_full(snapshot->outbox))
        TRY(outbox_make_room(snapshot->outbox, err));
    TRY(copy_row_split(row->data, row->size, reading->values, reading->sizes,
                       row->table->column_count, err));
    TRY(capture_row(snapshot->capture, row->table->oid, reading->values, reading->sizes,
                    find_place(row, next), snapshot->slot->floor, reading->transaction, reading->at,
                    err));
    snapshot->rows++;
    if (snapshot->rows % ROWS_A_LOOK == 0)
        progress_say(&reading->progress, "snapshot: %s.%s, %llu rows", row->table->schema,
                     row->table->name, (unsigned long long)snapshot->rows);
    return 0;
}

static void drop_row(struct reading *reading)
{
    if (reading->row.data != NULL)
        PQfreemem(reading->row.data);
    reading->row = (struct row){0};
}

// ---- one table ----

static int start_copy(PGconn *connection, const struct capture_table *table, struct buffer *sql,
                      struct err *err)
{
    TRY(buffer_printf(sql, err, "COPY (SELECT "));
    for (size_t i = 0; i < table->column_count; i++) {
        TRY(buffer_printf(sql, err, i == 0 ? "" : ", "));
        TRY(database_quote(connection, sql, table->columns[i].name, err));
    }
    TRY(buffer_printf(sql, err, " FROM "));
    TRY(database_quote(connection, sql, table->schema, err));
    TRY(buffer_printf(sql, err, "."));
    TRY(database_quote(connection, sql, table->name, err));
    TRY(buffer_append(sql, ") TO STDOUT", sizeof ") TO STDOUT", err));
    PGresult *result = PQexec(connection, sql->data);
    const bool is_copying = PQresultStatus(result) == PGRES_COPY_OUT;
    const int code = is_copying ? 0 : postgres_error(connection, result, table->name, err);
    PQclear(result);
    return code;
}

static int take_row(PGconn *connection, struct row *row, struct err *err)
{
    row->data = NULL;
    const int size = PQgetCopyData(connection, &row->data, 0);
    row->size = size > 0 ? (size_t)size : 0;
    return size == -2 ? postgres_error(connection, NULL, "PostgreSQL", err) : 0;
}

static int end_copy(PGconn *connection, struct err *err)
{
    int code = 0;
    for (PGresult *result; (result = PQgetResult(connection)) != NULL; PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK && code == 0)
            code = postgres_error(connection, result, "PostgreSQL", err);
    return code;
}

static int emit_rows(struct reading *reading, const struct capture_table *table, struct err *err)
{
    struct row next = {.table = table, .is_first_of_table = true};
    for (;; next.is_first_of_table = false) {
        TRY(take_row(reading->snapshot->questions, &next, err));
        if (next.data == NULL)
            return 0;
        next.is_first = reading->row.data == NULL;
        const int code = next.is_first ? 0 : emit_row(reading, table, err);
        drop_row(reading);
        reading->row = next;
        TRY(code);
    }
}

static int read_table(struct reading *reading, const struct capture_table *table, struct err *err)
{
    PGconn *connection = reading->snapshot->questions;
    struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MOST);
    int code = start_copy(connection, table, &sql, err);
    buffer_free(&sql);
    if (code == 0)
        code = emit_rows(reading, table, err);
    // One that is broken off half-way ends with its connection.
    if (code == 0)
        code = end_copy(connection, err);
    return code != 0 ? err_prefix(err, "snapshot of %s.%s", table->schema, table->name) : 0;
}

// ---- all ----

static int begin(struct reading *reading, struct err *err)
{
    PGconn *connection = reading->snapshot->questions;
    PGresult *result;
    TRY(postgres_run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err));
    TRY(database_run(connection, err, "SET TRANSACTION SNAPSHOT '%s'",
                     reading->snapshot->slot->snapshot));
    TRY(postgres_query(connection, &result,
                       "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295",
                       0, NULL, err));
    reading->transaction = (uint32_t)strtoul(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    reading->at = clock_microseconds();
    return 0;
}

static int read_tables(struct reading *reading, const struct capture_table *tables, size_t count,
                       struct err *err)
{
    for (size_t i = 0; i < count; i++)
        TRY(read_table(reading, &tables[i], err));
    if (reading->row.data != NULL)
        TRY(emit_row(reading, NULL, err));
    TRY(outbox_flush(reading->snapshot->outbox, 0, err));
    return postgres_run(reading->snapshot->questions, "COMMIT", err);
}

static size_t most_columns(const struct capture_table *tables, size_t count)
{
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        most = tables[i].column_count > most ? tables[i].column_count : most;
    return most;
}

int snapshot_read(struct snapshot *snapshot, const struct capture_table *tables, size_t count,
                  struct err *err)
{
    struct reading reading = {.snapshot = snapshot};
    const size_t columns = most_columns(tables, count);
    TRY(begin(&reading, err));
    reading.values = calloc(columns, sizeof *reading.values);
    reading.sizes = calloc(columns, sizeof *reading.sizes);
    progress_start(&reading.progress, snapshot->is_quiet);
    const int code = reading.values != NULL && reading.sizes != NULL
                         ? read_tables(&reading, tables, count, err)
                         : err_set(err, EX_OSERR, "no memory for a row of %zu columns", columns);
    progress_end(&reading.progress);
    drop_row(&reading);
    free(reading.values);
    free(reading.sizes);
    return code;
}
