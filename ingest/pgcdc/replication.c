// SPDX-License-Identifier: Apache-2.0
#include "replication.h"
#include "base/time.h"
#include "database.h"
#include "lsn.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
    MESSAGES_AT_A_TIME = 512,
    CHANGE_HEAD = 1 + 3 * 8,     // 'w', start, end, clock
    KEEPALIVE_BYTES = 2 + 2 * 8, // 'k', end, clock, whether a reply is wanted
    FEEDBACK_BYTES = 2 + 4 * 8,
    BEGIN_BYTES = 1 + 8 + 8, // 'B', position of the commit, its time
};

#define POSTGRES_EPOCH 946684800000000LL // 2000-01-01 in microseconds since 1970
#define SOON_SECONDS 0.1                 // after an acknowledgement, until the server is told
#define GOODBYE_SECONDS 5.0

static uint64_t take_number(const char *bytes)
{
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return be64toh(number);
}

static char *put_number(char *bytes, uint64_t number)
{
    number = htobe64(number);
    memcpy(bytes, &number, sizeof number);
    return bytes + sizeof number;
}

// ---- start ----

// The list of publications is a text of identifiers, inside a text.
static int quote_publication(PGconn *connection, const char *name, char **literal, struct err *err)
{
    char *identifier = PQescapeIdentifier(connection, name, strlen(name));
    *literal =
        identifier != NULL ? PQescapeLiteral(connection, identifier, strlen(identifier)) : NULL;
    PQfreemem(identifier);
    return *literal != NULL ? 0 : postgres_error(connection, NULL, "publication.name", err);
}

int replication_start(struct replication *stream, const struct capture_settings *settings,
                      uint64_t from, struct err *err)
{
    char sql[1024], position[LSN_BYTES], *publication;
    PGconn *connection = stream->connection;
    TRY(quote_publication(connection, settings->publication, &publication, err));
    lsn_format(from, position);
    (void)snprintf(sql, sizeof sql,
                   "START_REPLICATION SLOT \"%s\" LOGICAL %s (proto_version '1', "
                   "publication_names %s)",
                   settings->slot, position, publication);
    PQfreemem(publication);
    PGresult *result = PQexec(connection, sql);
    const bool is_started = PQresultStatus(result) == PGRES_COPY_BOTH;
    const int code = is_started ? 0 : postgres_error(connection, result, settings->slot, err);
    PQclear(result);
    stream->told = stream->floor;
    stream->received = from;
    stream->told_at = stream->heard_at = clock_seconds();
    return code;
}

// ---- what comes ----

static int take_change(struct replication *stream, const char *bytes, size_t size, struct err *err)
{
    const uint64_t lsn = take_number(bytes + 1);
    const char *data = bytes + CHANGE_HEAD;
    const size_t data_size = size - CHANGE_HEAD;
    if (lsn > stream->received)
        stream->received = lsn;
    TRY(capture_wal(stream->capture, lsn, data, data_size, err));
    switch (data_size > 0 ? *data : '\0') {
    case 'B':
        stream->in_transaction = true;
        if (data_size >= BEGIN_BYTES)
            stream->commit_time = (int64_t)take_number(data + 1 + 8) + POSTGRES_EPOCH;
        return 0;
    case 'C':
        stream->in_transaction = false;
        return outbox_mark(stream->outbox, capture_committed(stream->capture), err);
    default:
        return 0;
    }
}

// Whatever commits later ends behind the position of a keepalive.
static int take_keepalive(struct replication *stream, const char *bytes, struct err *err)
{
    const uint64_t end = take_number(bytes + 1);
    if (bytes[KEEPALIVE_BYTES - 1] != 0)
        stream->is_reply_wanted = true;
    if (end > stream->received)
        stream->received = end;
    return stream->in_transaction ? 0 : outbox_mark(stream->outbox, end, err);
}

static int take_message(struct replication *stream, const char *bytes, size_t size, struct err *err)
{
    if (size >= CHANGE_HEAD && bytes[0] == 'w')
        return take_change(stream, bytes, size, err);
    if (size >= KEEPALIVE_BYTES && bytes[0] == 'k')
        return take_keepalive(stream, bytes, err);
    return err_set(err, EX_PROTOCOL,
                   "PostgreSQL sent a replication message of kind '%c' with %zu bytes, which is "
                   "none",
                   size > 0 ? bytes[0] : '?', size);
}

// The server ends a stream only when it is stopped, or when the slot is taken away.
static int end_of_stream(struct replication *stream, int size, struct err *err)
{
    PGconn *connection = stream->connection;
    if (size == -2)
        return postgres_error(connection, NULL, "the stream of changes", err);
    PGresult *result = PQgetResult(connection);
    const ExecStatusType status = PQresultStatus(result);
    const int code = status == PGRES_FATAL_ERROR
                         ? postgres_error(connection, result, "the stream of changes", err)
                         : err_set_retriable(err, EX_TEMPFAIL,
                                             "PostgreSQL ended the stream of "
                                             "changes");
    PQclear(result);
    return code;
}

// One message if there is one; *size is 0 when not.
static int next_message(struct replication *stream, char **bytes, int *size, struct err *err)
{
    *size = PQgetCopyData(stream->connection, bytes, 1);
    if (*size == 0) {
        if (PQconsumeInput(stream->connection) == 0)
            return postgres_error(stream->connection, NULL, "the stream of changes", err);
        *size = PQgetCopyData(stream->connection, bytes, 1);
    }
    return *size < 0 ? end_of_stream(stream, *size, err) : 0;
}

// Takes one message; *is_idle when there is none.
static int take_next(struct replication *stream, bool *is_idle, struct err *err)
{
    char *bytes = NULL;
    int size = 0;
    TRY(next_message(stream, &bytes, &size, err));
    *is_idle = size == 0;
    const int code = size > 0 ? take_message(stream, bytes, (size_t)size, err) : 0;
    PQfreemem(bytes);
    return code;
}

// Silence counts only while somebody listens, and from when a word was asked for.
static void hear(struct replication *stream)
{
    stream->heard_at = clock_seconds();
    stream->asked_at = 0;
}

int replication_read(struct replication *stream, struct err *err)
{
    stream->is_idle = outbox_is_full(stream->outbox);
    if (stream->is_idle)
        hear(stream);
    for (int i = 0; i < MESSAGES_AT_A_TIME && !stream->is_idle; i++) {
        TRY(take_next(stream, &stream->is_idle, err));
        if (i == 0 && !stream->is_idle)
            hear(stream);
        stream->is_idle = stream->is_idle || outbox_is_full(stream->outbox);
    }
    return 0;
}

// ---- what is told ----

uint64_t replication_confirmed(const struct replication *stream)
{
    const uint64_t confirmed = outbox_confirmed(stream->outbox);
    return confirmed > stream->floor ? confirmed : stream->floor;
}

static int tell(struct replication *stream, bool wants_reply, struct err *err)
{
    const uint64_t confirmed = replication_confirmed(stream);
    char message[FEEDBACK_BYTES], *at = message;
    *at++ = 'r';
    at = put_number(at, stream->received); // written
    at = put_number(at, confirmed);        // flushed: what the slot keeps
    at = put_number(at, confirmed);        // applied
    at = put_number(at, (uint64_t)(clock_microseconds() - POSTGRES_EPOCH));
    *at = wants_reply;
    if (PQputCopyData(stream->connection, message, FEEDBACK_BYTES) != 1 ||
        PQflush(stream->connection) < 0)
        return postgres_error(stream->connection, NULL, "telling what has arrived", err);
    stream->told = confirmed;
    stream->told_at = clock_seconds();
    stream->is_reply_wanted = false;
    if (wants_reply && stream->asked_at == 0)
        stream->asked_at = stream->told_at;
    return 0;
}

int replication_tell(struct replication *stream, struct err *err)
{
    const double now = clock_seconds(), since = now - stream->told_at;
    const bool has_news = replication_confirmed(stream) > stream->told;
    const double silent = stream->asked_at != 0 ? now - stream->asked_at : 0;
    if (silent > stream->silent_seconds)
        return err_set_retriable(
            err, EX_TEMPFAIL, "PostgreSQL was silent for %.0f s, although it was asked to answer",
            silent);
    if (stream->is_reply_wanted || (has_news && since > SOON_SECONDS) ||
        since > stream->tell_seconds)
        return tell(stream, now - stream->heard_at > stream->tell_seconds, err);
    return 0;
}

int replication_wait(struct replication *stream, double seconds, struct err *err)
{
    // When the outbox is full nothing is read, so nothing that arrives may end the wait.
    const bool is_full = outbox_is_full(stream->outbox);
    struct pollfd wait = {.fd = PQsocket(stream->connection), .events = is_full ? 0 : POLLIN};
    if (PQflush(stream->connection) == 1)
        wait.events |= POLLOUT;
    if (poll(&wait, 1, (int)(seconds * 1000)) < 0 && errno != EINTR)
        return err_set(err, EX_OSERR, "poll: %s", strerror(errno));
    return 0;
}

// Reads on and forgets it, until the server has taken leave too.
static bool has_ended(struct replication *stream)
{
    char *bytes = NULL;
    int size = PQgetCopyData(stream->connection, &bytes, 1);
    if (size == 0 && PQconsumeInput(stream->connection) == 1)
        size = PQgetCopyData(stream->connection, &bytes, 1);
    PQfreemem(bytes);
    stream->is_idle = size == 0;
    return size < 0;
}

int replication_end(struct replication *stream, struct err *err)
{
    const double until = clock_seconds() + GOODBYE_SECONDS;
    TRY(tell(stream, false, err));
    if (PQputCopyEnd(stream->connection, NULL) != 1 || PQflush(stream->connection) < 0)
        return postgres_error(stream->connection, NULL, "taking leave", err);
    while (!has_ended(stream) && clock_seconds() < until)
        if (stream->is_idle) {
            struct pollfd wait = {.fd = PQsocket(stream->connection), .events = POLLIN};
            (void)poll(&wait, 1, 100);
        }
    return 0;
}
