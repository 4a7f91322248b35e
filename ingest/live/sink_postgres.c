// SPDX-License-Identifier: Apache-2.0
// Rows into PostgreSQL: one statement for a batch, its columns as arrays, each key once.
//
// A row that is there stays, but a trade replaces the quote of the same microsecond, so storing a
// batch again changes nothing. Keys go in their order, so that two writers cannot deadlock. The
// answer comes after the commit, which is flushed even where the server's default is not to.
#include "live_sink.h"
#include "net/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARRAY_BYTES = 64 << 20,
    COLUMNS_MOST = 8,
    ANSWER_SECONDS = 12, // more than what the server allows itself
};

// The server ends what waits too long, for a lock for example, itself: a session that we left
// would go on waiting, and the next try beside it.
static const char session_settings[] =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'; "
    "SELECT set_config('statement_timeout', '10s', false) FROM pg_settings "
    "WHERE name = 'statement_timeout' AND setting::bigint NOT BETWEEN 1 AND 10000";

static const char tick_statement[] =
    "INSERT INTO finnhub_stocks AS old (symbol, ts, price, volume) "
    "SELECT s, 'epoch'::timestamptz + t * interval '1 microsecond', p, v "
    "FROM unnest($1::text[], $2::bigint[], $3::numeric[], $4::numeric[]) AS new (s, t, p, v) "
    "ON CONFLICT (symbol, ts) DO UPDATE SET price = excluded.price, volume = excluded.volume "
    "WHERE old.volume IS NULL AND excluded.volume IS NOT NULL";

static const char article_statement[] =
    "INSERT INTO finnhub_news (id, ts, category, headline, related, source, summary, url) "
    "SELECT i, 'epoch'::timestamptz + t * interval '1 microsecond', c, h, r, s, m, u "
    "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[]) AS new (i, t, c, h, r, s, m, u) "
    "ON CONFLICT (id, related) DO NOTHING";

struct sink_postgres {
    struct live_sink sink;
    struct live_sink_options options;
    PGconn *connection;
    bool has_ticks, has_news; // prepared on this connection
    uint32_t *order;          // LIVE_BATCH_ROWS
    struct buffer arrays[COLUMNS_MOST];
};

static struct sink_postgres *self(struct live_sink *sink)
{
    return (struct sink_postgres *)sink;
}

static int compare_texts(struct csv_view a, struct csv_view b)
{
    const int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

// By symbol and time; of one key the trades first, then as they came.
static int compare_ticks(const void *a, const void *b, void *context)
{
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct tick x = live_batch_tick(context, i), y = live_batch_tick(context, j);
    const int symbols = compare_texts(x.symbol, y.symbol);
    if (symbols != 0)
        return symbols;
    if (x.ts != y.ts)
        return x.ts < y.ts ? -1 : 1;
    if ((x.volume.size == 0) != (y.volume.size == 0))
        return x.volume.size == 0 ? 1 : -1;
    return i < j ? -1 : 1;
}

static int compare_articles(const void *a, const void *b, void *context)
{
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct article x = live_batch_article(context, i), y = live_batch_article(context, j);
    if (x.id != y.id)
        return x.id < y.id ? -1 : 1;
    const int related = compare_texts(x.related, y.related);
    return related != 0 ? related : i < j ? -1 : 1;
}

static void sort_rows(struct sink_postgres *sink, const struct live_batch *batch, size_t rows,
                      int (*compare)(const void *, const void *, void *))
{
    for (uint32_t i = 0; i < rows; i++)
        sink->order[i] = i;
    qsort_r(sink->order, rows, sizeof *sink->order, compare, (void *)(uintptr_t)batch);
}

static int add_plain(struct buffer *array, struct csv_view text, struct err *err)
{
    TRY(buffer_append(array, text.data, text.size, err));
    return buffer_append(array, ",", 1, err);
}

static int add_number(struct buffer *array, int64_t value, struct err *err)
{
    char text[24];
    const int size = snprintf(text, sizeof text, "%lld,", (long long)value);
    return buffer_append(array, text, (size_t)size, err);
}

// In quotes, with quotes and backslashes escaped.
static int add_quoted(struct buffer *array, struct csv_view text, struct err *err)
{
    char *to = buffer_reserve(array, 2 * text.size + 3, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    *to++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            *to++ = '\\';
        *to++ = text.data[i];
    }
    to = mempcpy(to, "\",", 2);
    array->size = (size_t)(to - array->data);
    return 0;
}

static int add_tick(struct sink_postgres *sink, const struct tick *tick, struct err *err)
{
    const struct csv_view null = {"NULL", 4};
    TRY(add_quoted(&sink->arrays[0], tick->symbol, err));
    TRY(add_number(&sink->arrays[1], tick->ts, err));
    TRY(add_plain(&sink->arrays[2], tick->price, err));
    return add_plain(&sink->arrays[3], tick->volume.size != 0 ? tick->volume : null, err);
}

static int add_article(struct sink_postgres *sink, const struct article *article, struct err *err)
{
    const struct csv_view texts[LIVE_ARTICLE_TEXTS] = {article->category, article->headline,
                                                       article->related,  article->source,
                                                       article->summary,  article->url};
    TRY(add_number(&sink->arrays[0], (int64_t)article->id, err));
    TRY(add_number(&sink->arrays[1], article->ts, err));
    for (size_t i = 0; i < LIVE_ARTICLE_TEXTS; i++)
        TRY(add_quoted(&sink->arrays[2 + i], texts[i], err));
    return 0;
}

static int begin_arrays(struct sink_postgres *sink, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        sink->arrays[i].size = 0;
        TRY(buffer_append(&sink->arrays[i], "{", 1, err));
    }
    return 0;
}

// The last comma becomes the closing brace.
static int end_arrays(struct sink_postgres *sink, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        sink->arrays[i].data[sink->arrays[i].size - 1] = '}';
        TRY(buffer_append(&sink->arrays[i], "", 1, err));
    }
    return 0;
}

static int fill_ticks(struct sink_postgres *sink, const struct live_batch *batch, struct err *err)
{
    struct tick last = {0};
    TRY(begin_arrays(sink, 4, err));
    sort_rows(sink, batch, batch->tick_count, compare_ticks);
    for (size_t i = 0; i < batch->tick_count; i++) {
        const struct tick tick = live_batch_tick(batch, sink->order[i]);
        if (i == 0 || tick.ts != last.ts || compare_texts(tick.symbol, last.symbol) != 0)
            TRY(add_tick(sink, &tick, err));
        last = tick;
    }
    return end_arrays(sink, 4, err);
}

static int fill_articles(struct sink_postgres *sink, const struct live_batch *batch,
                         struct err *err)
{
    struct article last = {0};
    TRY(begin_arrays(sink, 8, err));
    sort_rows(sink, batch, batch->article_count, compare_articles);
    for (size_t i = 0; i < batch->article_count; i++) {
        const struct article article = live_batch_article(batch, sink->order[i]);
        if (i == 0 || article.id != last.id || compare_texts(article.related, last.related) != 0)
            TRY(add_article(sink, &article, err));
        last = article;
    }
    return end_arrays(sink, 8, err);
}

static int explain(struct sink_postgres *sink, const PGresult *result, const char *table,
                   struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const bool missing = state != NULL && (strcmp(state, "42P01") == 0 || // undefined_table
                                           strcmp(state, "42703") == 0 || // undefined_column
                                           strcmp(state, "42P10") == 0);  // no unique key for it
    const int code = postgres_error(sink->connection, result, table, err);
    if (missing)
        return err_prefix(err,
                          "'psql -f schemas/postgres/finnhub.sql' makes the table as it is needed");
    return code;
}

// Whether it was sent, and then the answer to it.
static int take(struct sink_postgres *sink, bool sent, const char *what, struct err *err)
{
    const struct postgres_patience patience = {ANSWER_SECONDS, sink->options.give_up,
                                               sink->options.give_up_context};
    PGresult *result;
    if (!sent)
        return postgres_error(sink->connection, NULL, what, err);
    TRY(postgres_take(sink->connection, &result, &patience, err));
    const ExecStatusType status = PQresultStatus(result);
    const int code = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
                         ? 0
                         : explain(sink, result, what, err);
    PQclear(result);
    return code;
}

static int execute(struct sink_postgres *sink, const char *name, const char *table, size_t count,
                   struct err *err)
{
    const char *values[COLUMNS_MOST];
    for (size_t i = 0; i < count; i++)
        values[i] = sink->arrays[i].data;
    return take(sink,
                PQsendQueryPrepared(sink->connection, name, (int)count, values, NULL, NULL, 0) != 0,
                table, err);
}

static int prepare(struct sink_postgres *sink, const char *name, const char *table,
                   const char *statement, struct err *err)
{
    return take(sink, PQsendPrepare(sink->connection, name, statement, 0, NULL) != 0, table, err);
}

static int connect_once(struct sink_postgres *sink, struct err *err)
{
    const struct postgres_settings settings = {.uri = sink->options.postgres,
                                               .give_up = sink->options.give_up,
                                               .give_up_context = sink->options.give_up_context};
    if (sink->connection != NULL)
        return 0;
    TRY(postgres_open(&sink->connection, &settings, err));
    sink->has_ticks = sink->has_news = false;
    if (PQsetnonblocking(sink->connection, 1) != 0)
        return postgres_error(sink->connection, NULL, "PostgreSQL", err);
    return take(sink, PQsendQuery(sink->connection, session_settings) != 0, "PostgreSQL", err);
}

static int store_ticks(struct sink_postgres *sink, const struct live_batch *batch, struct err *err)
{
    if (batch->tick_count == 0)
        return 0;
    if (!sink->has_ticks)
        TRY(prepare(sink, "ticks", "finnhub_stocks", tick_statement, err));
    sink->has_ticks = true;
    TRY(fill_ticks(sink, batch, err));
    return execute(sink, "ticks", "finnhub_stocks", 4, err);
}

static int store_news(struct sink_postgres *sink, const struct live_batch *batch, struct err *err)
{
    if (batch->article_count == 0)
        return 0;
    if (!sink->has_news)
        TRY(prepare(sink, "news", "finnhub_news", article_statement, err));
    sink->has_news = true;
    TRY(fill_articles(sink, batch, err));
    return execute(sink, "news", "finnhub_news", 8, err);
}

static int store_all(struct sink_postgres *sink, const struct live_batch *batch, struct err *err)
{
    TRY(connect_once(sink, err));
    TRY(store_ticks(sink, batch, err));
    return store_news(sink, batch, err);
}

static int store_postgres(struct live_sink *base, const struct live_batch *batch, struct err *err)
{
    struct sink_postgres *sink = self(base);
    const int code = store_all(sink, batch, err);
    if (code != 0) {
        PQfinish(sink->connection); // whatever state it is in
        sink->connection = NULL;
        return code;
    }
    base->stored += live_batch_rows(batch);
    return 0;
}

static void close_postgres(struct live_sink *base)
{
    struct sink_postgres *sink = self(base);
    PQfinish(sink->connection);
    for (size_t i = 0; i < COLUMNS_MOST; i++)
        buffer_free(&sink->arrays[i]);
    free(sink->order);
    free(sink);
}

// Options stand in the list of processes.
static int refuse_password(const char *uri, struct err *err)
{
    PQconninfoOption *parts = uri != NULL ? PQconninfoParse(uri, NULL) : NULL;
    bool found = false;
    for (PQconninfoOption *part = parts; part != NULL && part->keyword != NULL; part++)
        found |= part->val != NULL && part->dispchar[0] == '*'; // libpq's mark of a secret
    PQconninfoFree(parts);
    if (!found)
        return 0;
    return err_set(err, EX_USAGE,
                   "--postgres with a password in it would show that to every user of this "
                   "machine; PGPASSWORD, ~/.pgpass or a service file is the place for it");
}

int live_sink_open_postgres(struct live_sink **sink, const struct live_sink_options *options,
                            struct err *err)
{
    TRY(refuse_password(options->postgres, err));
    struct sink_postgres *opened = calloc(1, sizeof *opened);
    if (opened == NULL || (opened->order = calloc(LIVE_BATCH_ROWS, sizeof(uint32_t))) == NULL) {
        free(opened);
        return err_set(err, EX_OSERR, "out of memory");
    }
    opened->sink = (struct live_sink){"postgres", store_postgres, close_postgres, 0};
    opened->options = *options;
    for (size_t i = 0; i < COLUMNS_MOST; i++)
        buffer_init(&opened->arrays[i], ARRAY_BYTES);
    *sink = &opened->sink;
    return 0;
}
