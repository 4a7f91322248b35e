// SPDX-License-Identifier: Apache-2.0
#include "database.h"
#include "lsn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OLDEST_VERSION = 130000, WORDS_BYTES_MOST = 65536 };

// What decides how values are printed, and what would end a session that waits. Only what this
// server knows is set.
static const char session_sql[] =
    "SELECT set_config(s.name, v.value, false) FROM pg_settings s JOIN (VALUES "
    "('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), "
    "('bytea_output', 'hex'), ('extra_float_digits', '1'), ('client_encoding', 'UTF8'), "
    "('xmlbinary', 'base64'), ('lc_monetary', 'C'), "
    "('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_session_timeout', '0'), "
    "('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0')) v(name, value) "
    "ON s.name = v.name";

static int prepare(PGconn *connection, struct err *err)
{
    const int version = PQserverVersion(connection);
    PGresult *result;
    if (version < OLDEST_VERSION)
        return err_set(err, EX_UNAVAILABLE,
                       "PostgreSQL %d at %s is too old for this: 13 is the oldest that can copy a "
                       "slot; 'ingest pgpoll' reads any",
                       version / 10000, PQhost(connection));
    TRY(postgres_query(connection, &result, session_sql, 0, NULL, err));
    PQclear(result);
    return 0;
}

// A word of a connection string, quoted as libpq reads it.
static int append_word(struct buffer *words, const char *key, const char *value, struct err *err)
{
    if (value == NULL)
        return 0;
    TRY(buffer_printf(words, err, " %s='", key));
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            TRY(buffer_append(words, "\\", 1, err));
        TRY(buffer_append(words, value, 1, err));
    }
    return buffer_append(words, "'", 1, err);
}

static int append_words(struct buffer *words, const struct capture_settings *settings,
                        struct err *err)
{
    TRY(append_word(words, "dbname", settings->database, err));
    TRY(append_word(words, "sslmode", settings->ssl_mode, err));
    TRY(append_word(words, "sslcert", settings->ssl_certificate, err));
    TRY(append_word(words, "sslkey", settings->ssl_key, err));
    TRY(append_word(words, "sslpassword", settings->ssl_password, err));
    TRY(append_word(words, "sslrootcert", settings->ssl_root, err));
    return buffer_append(words, "", 1, err);
}

static int connect_to(PGconn **connection, const struct capture_settings *settings,
                      const char *words, bool replication, struct err *err)
{
    const struct postgres_settings postgres = {
        .uri = words,
        .host = settings->host,
        .port = settings->port,
        .user = settings->user,
        .password = settings->password,
        .replication = replication,
    };
    TRY(postgres_open(connection, &postgres, err));
    const int code = prepare(*connection, err);
    if (code != 0) {
        PQfinish(*connection);
        *connection = NULL;
    }
    return code;
}

int database_open(PGconn **connection, const struct capture_settings *settings,
                  enum database_purpose purpose, struct err *err)
{
    struct buffer words;
    *connection = NULL;
    buffer_init(&words, WORDS_BYTES_MOST);
    int code = append_words(&words, settings, err);
    if (code == 0)
        code = connect_to(connection, settings, words.data, purpose == DATABASE_REPLICATION, err);
    if (words.data != NULL)
        explicit_bzero(words.data, words.size);
    buffer_free(&words);
    return code;
}

int database_run(PGconn *connection, struct err *err, const char *format, ...)
{
    char *sql = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int size = vasprintf(&sql, format, arguments);
    va_end(arguments);
    if (size < 0)
        return err_set(err, EX_OSERR, "no memory for a statement");
    const int code = postgres_run(connection, sql, err);
    free(sql);
    return code;
}

int database_quote(PGconn *connection, struct buffer *sql, const char *name, struct err *err)
{
    char *quoted = PQescapeIdentifier(connection, name, strlen(name));
    if (quoted == NULL)
        return postgres_error(connection, NULL, name, err);
    const int code = buffer_append(sql, quoted, strlen(quoted), err);
    PQfreemem(quoted);
    return code;
}

int database_lsn(PGconn *connection, const char *sql, uint64_t *lsn, struct err *err)
{
    PGresult *result;
    TRY(postgres_query(connection, &result, sql, 0, NULL, err));
    const bool is_read = PQntuples(result) == 1 && lsn_parse(PQgetvalue(result, 0, 0), lsn);
    PQclear(result);
    return is_read ? 0 : err_set(err, EX_PROTOCOL, "no position of the log came of '%s'", sql);
}
