// SPDX-License-Identifier: Apache-2.0
#include "net/postgres.h"
#include "base/time.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_SECONDS = 10, STATE_BYTES = 5, LOOK_MILLISECONDS = 100 };

// SQLSTATEs, or their classes, that pass by themselves.
static bool passes(const char *state)
{
    static const char *const states[] = {
        "08",    // connection exceptions
        "53",    // insufficient resources: disk full, too many connections
        "57P01", // admin_shutdown
        "57P02", // crash_shutdown
        "57P03", // cannot_connect_now: starting up or shutting down
        "57014", // query_canceled: a statement_timeout
        "40",    // serialization failures and deadlocks
        "55P03", // lock_not_available
        "55006", // object_in_use: a slot that a dying session still holds
        "25006", // read_only_sql_transaction: a standby that is going to be promoted
        "58030", // io_error
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(state, states[i], strlen(states[i])) == 0)
            return true;
    return false;
}

// Line ends become spaces.
static void tidy(char *text)
{
    size_t size = strlen(text);
    while (size != 0 && (text[size - 1] == '\n' || text[size - 1] == ' '))
        text[--size] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
}

// Only libpq itself, while it connects, might repeat the password; a short one is a part of many
// words that a server says.
static void hide_password(PGconn *connection, char *text)
{
    const char *password = PQpass(connection);
    if (password == NULL || *password == '\0')
        return;
    for (char *at = text; (at = strstr(at, password)) != NULL; at += strlen(password))
        memset(at, '*', strlen(password));
}

// The five characters after "FATAL:  " in the verbose text of a refused connection: libpq has no
// other way to tell them.
static void state_of_refusal(const char *text, char state[static STATE_BYTES + 1])
{
    const char *at = strstr(text, "FATAL:  ");
    memset(state, 0, STATE_BYTES + 1);
    if (at != NULL && strlen(at + 8) > STATE_BYTES && at[8 + STATE_BYTES] == ':')
        memcpy(state, at + 8, STATE_BYTES);
}

// What to do about those that a newcomer meets.
static const char *next_step(const char *state)
{
    if (strcmp(state, "28P01") == 0)
        return "; set PGPASSWORD, or write host:port:database:user:password into ~/.pgpass";
    if (strcmp(state, "28000") == 0)
        return "; 'createuser NAME' makes a role, pg_hba.conf says who may connect from where";
    if (strcmp(state, "3D000") == 0)
        return "; 'createdb NAME' makes a database";
    return "";
}

static int set_error(bool again, const char *state, const char *what, const char *text,
                     struct err *err)
{
    if (again)
        return err_set_retriable(err, EX_TEMPFAIL, "%s: %s", what, text);
    const bool rights = strncmp(state, "28", 2) == 0 || strcmp(state, "42501") == 0;
    return err_set(err, rights ? EX_NOPERM : EX_UNAVAILABLE, "%s: %s%s", what, text,
                   next_step(state));
}

int postgres_error(PGconn *connection, const PGresult *result, const char *what, struct err *err)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *primary =
        result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
    char text[LIMIT_ERROR_TEXT];
    if (primary != NULL)
        (void)snprintf(text, sizeof text, "%s%s%s", primary, detail != NULL ? "; " : "",
                       detail != NULL ? detail : "");
    else
        (void)snprintf(text, sizeof text, "%s",
                       connection != NULL ? PQerrorMessage(connection) : "out of memory");
    tidy(text);
    const bool lost = connection == NULL || PQstatus(connection) != CONNECTION_OK;
    state = state != NULL ? state : "";
    return set_error(lost || passes(state), state, what, text, err);
}

static int refused(PGconn *connection, struct err *err)
{
    char text[LIMIT_ERROR_TEXT], state[STATE_BYTES + 1];
    (void)snprintf(text, sizeof text, "%s", PQerrorMessage(connection));
    state_of_refusal(text, state);
    char *location = strstr(text, "\nLOCATION:");
    if (location != NULL)
        *location = '\0';
    tidy(text);
    hide_password(connection, text);
    // Without a SQLSTATE nobody answered: no route, no listener, no name.
    return set_error(state[0] == '\0' || passes(state), state, "PostgreSQL", text, err);
}

// Checks the words before libpq gets them: its own error text would repeat them.
static int check_uri(const char *uri, struct err *err)
{
    char *text = NULL;
    PQconninfoOption *parts = PQconninfoParse(uri, &text);
    PQfreemem(text);
    if (parts == NULL)
        return err_set(err, EX_USAGE,
                       "the PostgreSQL address is neither postgresql://user@host:port/database nor "
                       "words like host=... dbname=... that libpq knows");
    PQconninfoFree(parts);
    return 0;
}

// A moment at most, so that whoever waits can look around; below 0 a signal came.
static int wait_a_moment(PGconn *connection, short events)
{
    struct pollfd wait = {.fd = PQsocket(connection), .events = events};
    return poll(&wait, 1, LOOK_MILLISECONDS);
}

static bool gives_up(const struct postgres_patience *patience)
{
    return patience->give_up != NULL && patience->give_up(patience->give_up_context);
}

// Until the socket is ready.
static int wait_while_connecting(PGconn *connection, PostgresPollingStatusType wanted, double end,
                                 const struct postgres_patience *patience, struct err *err)
{
    const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    for (;;) {
        const int ready = wait_a_moment(connection, events);
        if (ready > 0)
            return 0;
        if (ready < 0 || gives_up(patience))
            return err_set_retriable(err, EX_TEMPFAIL, "stopped while connecting to PostgreSQL");
        if (clock_seconds() >= end)
            return err_set_retriable(err, EX_TEMPFAIL,
                                     "PostgreSQL at %s:%s does not answer within %.0f s",
                                     PQhost(connection), PQport(connection), patience->seconds);
    }
}

// PQconnectdbParams in steps, since only a connection that exists can be asked to tell SQLSTATEs.
static int connect_steps(PGconn *connection, const struct postgres_patience *patience,
                         struct err *err)
{
    const double end = clock_seconds() + patience->seconds;
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    if (connection == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    (void)PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    while (PQstatus(connection) != CONNECTION_BAD && wanted != PGRES_POLLING_OK) {
        TRY(wait_while_connecting(connection, wanted, end, patience, err));
        wanted = PQconnectPoll(connection);
        if (wanted == PGRES_POLLING_FAILED)
            return refused(connection, err);
    }
    if (PQstatus(connection) != CONNECTION_OK)
        return refused(connection, err);
    (void)PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    return 0;
}

static void drop_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

int postgres_open(PGconn **connection, const struct postgres_settings *settings, struct err *err)
{
    // Later ones count more: ours, then the address, then what is named one by one. A peer that has
    // vanished is noticed in seconds, not in the quarter of an hour that TCP takes.
    const char *const keys[] = {"client_encoding",
                                "application_name",
                                "keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "dbname",
                                "dbname",
                                "host",
                                "port",
                                "user",
                                "password",
                                "replication",
                                NULL};
    const char *const values[] = {"UTF8",
                                  "tickhouse",
                                  "5",
                                  "2",
                                  "3",
                                  "10000",
                                  settings->uri,
                                  settings->database,
                                  settings->host,
                                  settings->port,
                                  settings->user,
                                  settings->password,
                                  settings->replication ? "database" : NULL,
                                  NULL};
    *connection = NULL;
    if (settings->uri != NULL)
        TRY(check_uri(settings->uri, err));
    PGconn *opened = PQconnectStartParams(keys, values, settings->uri != NULL);
    const struct postgres_patience patience = {CONNECT_SECONDS, settings->give_up,
                                               settings->give_up_context};
    const int code = connect_steps(opened, &patience, err);
    if (code != 0) {
        PQfinish(opened);
        return code;
    }
    (void)PQsetNoticeReceiver(opened, drop_notice, NULL);
    *connection = opened;
    return 0;
}

int postgres_run(PGconn *connection, const char *sql, struct err *err)
{
    PGresult *result;
    TRY(postgres_query(connection, &result, sql, 0, NULL, err));
    PQclear(result);
    return 0;
}

int postgres_query(PGconn *connection, PGresult **result, const char *sql, int count,
                   const char *const *values, struct err *err)
{
    // Without values by the simple protocol: a replication connection knows no other, and several
    // statements fit in.
    *result = count == 0 ? PQexec(connection, sql)
                         : PQexecParams(connection, sql, count, NULL, values, NULL, NULL, 0);
    const ExecStatusType status = PQresultStatus(*result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    const int code = postgres_error(connection, *result, "PostgreSQL", err);
    PQclear(*result);
    *result = NULL;
    return code;
}

// Until PQgetResult would not wait.
static int wait_for_result(PGconn *connection, const struct postgres_patience *patience, double end,
                           struct err *err)
{
    for (;;) {
        const int unsent = PQflush(connection);
        if (unsent < 0)
            return postgres_error(connection, NULL, "PostgreSQL", err);
        if (unsent == 0 && PQisBusy(connection) == 0)
            return 0;
        if (gives_up(patience))
            return err_set_retriable(err, EX_TEMPFAIL, "stopped while PostgreSQL did not answer");
        if (clock_seconds() >= end)
            return err_set_retriable(err, EX_TEMPFAIL,
                                     "PostgreSQL at %s:%s has not answered within %.0f s",
                                     PQhost(connection), PQport(connection), patience->seconds);
        (void)wait_a_moment(connection, (short)(POLLIN | (unsent != 0 ? POLLOUT : 0)));
        if (PQconsumeInput(connection) == 0)
            return postgres_error(connection, NULL, "PostgreSQL", err);
    }
}

int postgres_take(PGconn *connection, PGresult **result, const struct postgres_patience *patience,
                  struct err *err)
{
    const double end = clock_seconds() + patience->seconds;
    PGresult *next;
    *result = NULL;
    do {
        const int code = wait_for_result(connection, patience, end, err);
        if (code != 0) {
            PQclear(*result);
            *result = NULL;
            return code;
        }
        if ((next = PQgetResult(connection)) != NULL) {
            PQclear(*result);
            *result = next;
        }
    } while (next != NULL);
    return 0;
}
