// SPDX-License-Identifier: Apache-2.0
#include "poll_table.h"
#include "base/time.h"
#include "database.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SQL_BYTES_MOST = 1 << 20,
    NAME_BYTES = 128,
    ROWS_A_SAVE = 10000,
    ROWS_A_LOOK = 64,
    TIMESTAMP_OID = 1114
};

// What a look holds.
struct look {
    struct poll_table *poll;
    const struct capture_table *table;
    struct poll_place *place; // what has arrived, in the state
    struct poll_place read;   // of the row that was emitted last
    const char **values;
    size_t *sizes;
    uint64_t lsn;
    int64_t at;
    uint64_t unsaved; // rows
};

// ---- the question ----

// COALESCE over the timestamp columns, or the incrementing column, or NULL, as SQL.
static int append_timestamp(const struct poll_table *poll, struct buffer *sql, struct err *err)
{
    const char *word = poll->columns->timestamps;
    if (word == NULL)
        return buffer_printf(sql, err, "NULL");
    TRY(buffer_printf(sql, err, "COALESCE("));
    for (;; word++) {
        char name[NAME_BYTES];
        const size_t size = strcspn(word, ",");
        (void)snprintf(name, sizeof name, "%.*s", (int)size, word);
        TRY(database_quote(poll->connection, sql, name, err));
        word += size;
        TRY(buffer_printf(sql, err, *word == ',' ? ", " : ")"));
        if (*word == '\0')
            return 0;
    }
}

static int append_incrementing(const struct poll_table *poll, struct buffer *sql, struct err *err)
{
    if (poll->columns->incrementing == NULL)
        return buffer_printf(sql, err, "NULL");
    return database_quote(poll->connection, sql, poll->columns->incrementing, err);
}

typedef int append_column(const struct poll_table *poll, struct buffer *sql, struct err *err);

// "column operator 'value'"; the text becomes a value of the column's type.
static int append_bound(const struct poll_table *poll, struct buffer *sql, append_column *column,
                        const char *compare, const char *value, struct err *err)
{
    char *literal = PQescapeLiteral(poll->connection, value, strlen(value));
    if (literal == NULL)
        return postgres_error(poll->connection, NULL, value, err);
    int code = column(poll, sql, err);
    if (code == 0)
        code = buffer_printf(sql, err, " %s %s", compare, literal);
    PQfreemem(literal);
    return code;
}

// The clock that the timestamps were written by. It is turned, not the columns, whose indexes
// serve.
static int append_now(const struct look *look, struct buffer *sql, struct err *err)
{
    const struct poll_columns *columns = look->poll->columns;
    if (!poll_table_is_local(columns, look->table))
        return buffer_printf(sql, err, "now()");
    char *zone =
        PQescapeLiteral(look->poll->connection, columns->time_zone, strlen(columns->time_zone));
    if (zone == NULL)
        return postgres_error(look->poll->connection, NULL, "--time-zone", err);
    const int code = buffer_printf(sql, err, "(now() AT TIME ZONE %s)", zone);
    PQfreemem(zone);
    return code;
}

static int append_timestamp_bounds(const struct look *look, struct buffer *sql, struct err *err)
{
    const struct poll_table *poll = look->poll;
    const struct poll_place *place = look->place;
    TRY(append_timestamp(poll, sql, err));
    TRY(buffer_printf(sql, err, " < "));
    TRY(append_now(look, sql, err));
    TRY(buffer_printf(sql, err, " - interval '%.6f seconds'", poll->delay));
    if (poll->columns->incrementing != NULL) { // a row without a number could be no place
        TRY(buffer_printf(sql, err, " AND "));
        TRY(append_incrementing(poll, sql, err));
        TRY(buffer_printf(sql, err, " IS NOT NULL"));
    }
    if (place->timestamp[0] == '\0')
        return 0;
    TRY(buffer_printf(sql, err, " AND ("));
    TRY(append_bound(poll, sql, append_timestamp, ">", place->timestamp, err));
    if (poll->columns->incrementing != NULL) {
        TRY(buffer_printf(sql, err, " OR "));
        TRY(append_bound(poll, sql, append_timestamp, "=", place->timestamp, err));
        TRY(buffer_printf(sql, err, " AND "));
        TRY(append_bound(poll, sql, append_incrementing, ">", place->incrementing, err));
    }
    return buffer_printf(sql, err, ")");
}

static int append_incrementing_bounds(const struct poll_table *poll, struct buffer *sql,
                                      const struct poll_place *place, struct err *err)
{
    TRY(append_incrementing(poll, sql, err));
    TRY(buffer_printf(sql, err, " IS NOT NULL"));
    if (place->incrementing[0] != '\0') {
        TRY(buffer_printf(sql, err, " AND "));
        TRY(append_bound(poll, sql, append_incrementing, ">", place->incrementing, err));
    }
    if (poll->ceiling == NULL)
        return 0;
    TRY(buffer_printf(sql, err, " AND "));
    return append_bound(poll, sql, append_incrementing, "<=", poll->ceiling, err);
}

static int append_order(const struct poll_table *poll, struct buffer *sql, struct err *err)
{
    TRY(buffer_printf(sql, err, " ORDER BY "));
    if (poll->columns->timestamps != NULL)
        TRY(append_timestamp(poll, sql, err));
    if (poll->columns->timestamps != NULL && poll->columns->incrementing != NULL)
        TRY(buffer_printf(sql, err, ", "));
    if (poll->columns->incrementing != NULL)
        TRY(append_incrementing(poll, sql, err));
    return 0;
}

static int append_from(const struct poll_table *poll, struct buffer *sql,
                       const struct capture_table *table, struct err *err)
{
    TRY(buffer_printf(sql, err, " FROM "));
    TRY(database_quote(poll->connection, sql, table->schema, err));
    TRY(buffer_printf(sql, err, "."));
    return database_quote(poll->connection, sql, table->name, err);
}

// All columns, then what the place is made of.
static int append_question(const struct look *look, struct buffer *sql, struct err *err)
{
    const struct poll_table *poll = look->poll;
    TRY(buffer_printf(sql, err, "SELECT "));
    for (size_t i = 0; i < look->table->column_count; i++) {
        TRY(database_quote(poll->connection, sql, look->table->columns[i].name, err));
        TRY(buffer_printf(sql, err, ", "));
    }
    TRY(append_incrementing(poll, sql, err));
    TRY(buffer_printf(sql, err, ", "));
    TRY(append_timestamp(poll, sql, err));
    TRY(append_from(poll, sql, look->table, err));
    TRY(buffer_printf(sql, err, " WHERE "));
    TRY(poll->columns->timestamps != NULL
            ? append_timestamp_bounds(look, sql, err)
            : append_incrementing_bounds(poll, sql, look->place, err));
    TRY(append_order(poll, sql, err));
    return buffer_append(sql, "", 1, err);
}

// ---- rows ----

static int save(struct look *look, struct err *err)
{
    if (look->unsaved == 0)
        return 0;
    TRY(outbox_flush(look->poll->outbox, 0, err));
    *look->place = look->read;
    look->unsaved = 0;
    return poll_state_save(look->poll->state, err);
}

static int take_place(const struct look *look, const PGresult *row, struct poll_place *place,
                      struct err *err)
{
    const int columns = (int)look->table->column_count;
    *place = *look->place;
    const int i =
        snprintf(place->incrementing, POLL_VALUE_BYTES, "%s", PQgetvalue(row, 0, columns));
    const int t =
        snprintf(place->timestamp, POLL_VALUE_BYTES, "%s", PQgetvalue(row, 0, columns + 1));
    if (i >= POLL_VALUE_BYTES || t >= POLL_VALUE_BYTES)
        return err_set(err, EX_DATAERR, "a value of the columns that are polled is too long");
    return 0;
}

// Rows that share a timestamp are one step, unless another column tells them apart: a place between
// them would lose the others.
static bool is_step(const struct look *look, const struct poll_place *place)
{
    return look->poll->columns->incrementing != NULL ||
           strcmp(look->read.timestamp, place->timestamp) != 0;
}

static int emit_row(struct look *look, const PGresult *row, struct err *err)
{
    struct poll_place place;
    struct poll_table *poll = look->poll;
    TRY(take_place(look, row, &place, err));
    if (look->unsaved >= ROWS_A_SAVE && is_step(look, &place))
        TRY(save(look, err));
    if (poll->rows % ROWS_A_LOOK == 0 || outbox_is_full(poll->outbox))
        TRY(outbox_make_room(poll->outbox, err));
    for (size_t i = 0; i < look->table->column_count; i++) {
        const bool is_null = PQgetisnull(row, 0, (int)i);
        look->values[i] = is_null ? NULL : PQgetvalue(row, 0, (int)i);
        look->sizes[i] = (size_t)PQgetlength(row, 0, (int)i);
    }
    TRY(capture_row(poll->capture, look->table->oid, look->values, look->sizes, CAPTURE_MIDDLE,
                    look->lsn, 0, look->at, err));
    look->read = place;
    look->unsaved++;
    poll->rows++;
    return 0;
}

static int take_result(struct look *look, PGresult *result, struct err *err)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        TRY(stop_check(err));
        return emit_row(look, result, err);
    case PGRES_TUPLES_OK: // after the last row
        return 0;
    default:
        return postgres_error(look->poll->connection, result, "PostgreSQL", err);
    }
}

static int take_results(struct look *look, const char *sql, struct err *err)
{
    PGconn *connection = look->poll->connection;
    if (PQsendQuery(connection, sql) != 1 || PQsetSingleRowMode(connection) != 1)
        return postgres_error(connection, NULL, "PostgreSQL", err);
    for (PGresult *result; (result = PQgetResult(connection)) != NULL;) {
        const int code = take_result(look, result, err);
        PQclear(result);
        TRY(code);
    }
    return save(look, err);
}

static int ask(struct look *look, struct err *err)
{
    struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MOST);
    TRY(database_lsn(look->poll->connection, "SELECT " DATABASE_LOG_END, &look->lsn, err));
    look->at = clock_microseconds();
    int code = append_question(look, &sql, err);
    if (code == 0)
        code = take_results(look, sql.data, err);
    buffer_free(&sql);
    return code;
}

static int find_place(struct look *look, struct err *err)
{
    char name[2 * POLL_NAME_BYTES];
    (void)snprintf(name, sizeof name, "%s.%s", look->table->schema, look->table->name);
    look->place = poll_state_find(look->poll->state, name, err);
    return look->place != NULL ? 0 : err_code(err, EX_CONFIG);
}

int poll_table_look(struct poll_table *poll, const struct capture_table *table, struct err *err)
{
    struct look look = {.poll = poll, .table = table};
    TRY(find_place(&look, err));
    look.values = calloc(table->column_count + 1, sizeof *look.values);
    look.sizes = calloc(table->column_count + 1, sizeof *look.sizes);
    const int code =
        look.values != NULL && look.sizes != NULL
            ? ask(&look, err)
            : err_set(err, EX_OSERR, "no memory for a row of %zu columns", table->column_count);
    free(look.values);
    free(look.sizes);
    return code != 0 ? err_prefix(err, "polling %s.%s", table->schema, table->name) : 0;
}

static int append_highest(struct poll_table *poll, const struct capture_table *table,
                          struct buffer *sql, struct err *err)
{
    TRY(buffer_printf(sql, err, "SELECT max("));
    TRY(append_incrementing(poll, sql, err));
    TRY(buffer_printf(sql, err, ")"));
    TRY(append_from(poll, sql, table, err));
    return buffer_append(sql, "", 1, err);
}

int poll_table_highest(struct poll_table *poll, const struct capture_table *table,
                       char highest[static POLL_VALUE_BYTES], struct err *err)
{
    struct buffer sql;
    PGresult *result = NULL;
    buffer_init(&sql, SQL_BYTES_MOST);
    int code = append_highest(poll, table, &sql, err);
    if (code == 0)
        code = postgres_query(poll->connection, &result, sql.data, 0, NULL, err);
    buffer_free(&sql);
    if (code != 0)
        return code;
    (void)snprintf(highest, POLL_VALUE_BYTES, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return 0;
}

// ---- columns ----

static const struct capture_column *find_column(const struct capture_table *table, const char *name,
                                                size_t size)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strlen(table->columns[i].name) == size &&
            memcmp(table->columns[i].name, name, size) == 0)
            return &table->columns[i];
    return NULL;
}

static int check_column(const struct capture_table *table, const char *name, size_t size,
                        struct err *err)
{
    if (find_column(table, name, size) != NULL)
        return 0;
    return err_set(err, EX_CONFIG,
                   "%s.%s has no column '%.*s'; name those it has, or leave the table out of "
                   "table.include.list",
                   table->schema, table->name, (int)size, name);
}

// How many of the timestamp columns have no time zone, and how many there are.
static size_t count_local(const struct poll_columns *columns, const struct capture_table *table,
                          size_t *all)
{
    size_t local = 0;
    *all = 0;
    for (const char *word = columns->timestamps; word != NULL && *word != '\0'; (*all)++) {
        const size_t size = strcspn(word, ",");
        const struct capture_column *column = find_column(table, word, size);
        local += column != NULL && column->type == TIMESTAMP_OID;
        word += size + (word[size] == ',');
    }
    return local;
}

bool poll_table_is_local(const struct poll_columns *columns, const struct capture_table *table)
{
    size_t all;
    return count_local(columns, table, &all) != 0;
}

int poll_table_check(const struct poll_columns *columns, const struct capture_table *table,
                     struct err *err)
{
    if (columns->incrementing != NULL)
        TRY(check_column(table, columns->incrementing, strlen(columns->incrementing), err));
    for (const char *word = columns->timestamps; word != NULL && *word != '\0';) {
        const size_t size = strcspn(word, ",");
        TRY(check_column(table, word, size, err));
        word += size + (word[size] == ',');
    }
    size_t all;
    const size_t local = count_local(columns, table, &all);
    if (local != 0 && local != all)
        return err_set(err, EX_CONFIG,
                       "%s.%s: of the columns %s some are timestamps with a time zone and some are "
                       "not, so they have no common order; name columns of one kind",
                       table->schema, table->name, columns->timestamps);
    return 0;
}
