// SPDX-License-Identifier: Apache-2.0
// Ticks into <database>.stock_realtime, news into <database>.finnhub_news: a batch is one Native
// block and one insert for each of them, which ClickHouse has flushed to disk when it answers
// (fsync_after_insert of those tables).
//
// A batch that comes again, because its answer was lost or its sender killed, is the same rows with
// the same versions again, and both tables keep one row of a key. A trade has version 1 and a quote
// 0: of those with the same symbol and time the trade stays, whichever comes last. The insert
// carries the hash of its rows as its token too, so that a table that remembers tokens does not
// store it again in the first place.
#include "base/hash.h"
#include "base/number.h"
#include "base/time.h"
#include "clickhouse.h"
#include "live_sink.h"
#include "pack.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 << 20, SQL_BYTES = 8192, COLUMNS_MOST = 8, STALL_SECONDS = 20 };

struct live_table {
    const char *name;
    struct {
        const char *name, *type;
    } columns[COLUMNS_MOST];
    size_t column_count;
};

static const struct live_table tables[] = {
    {"stock_realtime",
     {{"symbol", "String"},
      {"timestamp", "DateTime64(6, 'UTC')"},
      {"price", "Float64"},
      {"volume", "Nullable(Float64)"},
      {"source", "String"},
      {"version", "UInt64"}},
     6},
    {"finnhub_news",
     {{"id", "UInt64"},
      {"published_at", "DateTime64(6, 'UTC')"},
      {"category", "String"},
      {"headline", "String"},
      {"related", "String"},
      {"source", "String"},
      {"summary", "String"},
      {"url", "String"}},
     8},
};

enum { TICKS, NEWS, TABLES };

struct sink_live_clickhouse {
    struct live_sink sink;
    struct live_sink_options options;
    struct clickhouse server;
    struct packer packer;
    struct buffer body, sql, settings;
    struct arena arena; // types, then what one block needs
    size_t mark;
    const struct native_type *types[TABLES][COLUMNS_MOST];
    struct native_column columns[COLUMNS_MOST];
    struct hash hash;
};

static struct sink_live_clickhouse *self(struct live_sink *sink)
{
    return (struct sink_live_clickhouse *)sink;
}

static int new_column(struct sink_live_clickhouse *sink, int table, size_t index, size_t rows,
                      struct err *err)
{
    struct native_column *column = &sink->columns[index];
    TRY(native_column_new(&sink->arena, sink->types[table][index], rows, column, err));
    column->name = tables[table].columns[index].name;
    return 0;
}

// A column of texts; `at` gives the one of a row.
static int text_column(struct sink_live_clickhouse *sink, int table, size_t index, size_t rows,
                       struct csv_view (*at)(const struct live_batch *, size_t row, size_t column),
                       const struct live_batch *batch, struct err *err)
{
    struct native_column *column = &sink->columns[index];
    size_t size = 0;
    TRY(new_column(sink, table, index, rows, err));
    for (size_t i = 0; i < rows; i++)
        column->ends[i] = size += at(batch, i, index).size;
    column->bytes = arena_alloc(&sink->arena, size + 1, 1, err);
    if (column->bytes == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < rows; i++) {
        const struct csv_view text = at(batch, i, index);
        memcpy(column->bytes + native_start(column->ends, i), text.data, text.size);
    }
    hash_add(&sink->hash, column->ends, rows * sizeof *column->ends);
    hash_add(&sink->hash, column->bytes, size);
    return 0;
}

static struct csv_view symbol_at(const struct live_batch *batch, size_t row, size_t column)
{
    (void)column;
    return live_batch_tick(batch, row).symbol;
}

static struct csv_view article_text_at(const struct live_batch *batch, size_t row, size_t column)
{
    const struct live_article *article = &batch->articles[row];
    return (struct csv_view){batch->texts.data + article->texts[column - 2],
                             article->sizes[column - 2]};
}

static double number_of(struct csv_view text)
{
    double value = 0;
    (void)number_parse(text.data, text.size, &value); // the batch has checked it
    return value;
}

static int source_column(struct sink_live_clickhouse *sink, size_t index, size_t rows,
                         struct err *err)
{
    const char *source = sink->options.source != NULL ? sink->options.source : "";
    const size_t size = strlen(source);
    struct native_column *column = &sink->columns[index];
    TRY(new_column(sink, TICKS, index, rows, err));
    column->bytes = arena_alloc(&sink->arena, rows * size + 1, 1, err);
    if (column->bytes == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < rows; i++) {
        memcpy(column->bytes + i * size, source, size);
        column->ends[i] = (i + 1) * size;
    }
    hash_add(&sink->hash, source, size);
    return 0;
}

static int version_column(struct sink_live_clickhouse *sink, size_t index,
                          const struct live_batch *batch, struct err *err)
{
    TRY(new_column(sink, TICKS, index, batch->tick_count, err));
    uint64_t *versions = sink->columns[index].values;
    for (size_t i = 0; i < batch->tick_count; i++)
        versions[i] = batch->ticks[i].volume_size != 0;
    return 0;
}

static int fill_ticks(struct sink_live_clickhouse *sink, const struct live_batch *batch,
                      struct err *err)
{
    const size_t rows = batch->tick_count;
    TRY(text_column(sink, TICKS, 0, rows, symbol_at, batch, err));
    for (size_t i = 1; i < 4; i++)
        TRY(new_column(sink, TICKS, i, rows, err));
    struct native_column *volume = &sink->columns[3];
    TRY(native_column_new(&sink->arena, &volume->type->children[0], rows, &volume->children[0],
                          err));
    int64_t *times = sink->columns[1].values;
    double *prices = sink->columns[2].values, *volumes = volume->children[0].values;
    for (size_t i = 0; i < rows; i++) {
        const struct tick tick = live_batch_tick(batch, i);
        times[i] = tick.ts;
        prices[i] = number_of(tick.price);
        volume->nulls[i] = tick.volume.size == 0;
        volumes[i] = tick.volume.size == 0 ? 0 : number_of(tick.volume);
    }
    hash_add(&sink->hash, times, rows * sizeof *times);
    hash_add(&sink->hash, prices, rows * sizeof *prices);
    hash_add(&sink->hash, volume->nulls, rows);
    hash_add(&sink->hash, volumes, rows * sizeof *volumes);
    TRY(source_column(sink, 4, rows, err));
    return version_column(sink, 5, batch, err);
}

static int fill_news(struct sink_live_clickhouse *sink, const struct live_batch *batch,
                     struct err *err)
{
    const size_t rows = batch->article_count;
    for (size_t i = 0; i < 2; i++)
        TRY(new_column(sink, NEWS, i, rows, err));
    uint64_t *ids = sink->columns[0].values;
    int64_t *times = sink->columns[1].values;
    for (size_t i = 0; i < rows; i++) {
        ids[i] = batch->articles[i].id;
        times[i] = batch->articles[i].ts;
    }
    hash_add(&sink->hash, ids, rows * sizeof *ids);
    hash_add(&sink->hash, times, rows * sizeof *times);
    for (size_t i = 2; i < 2 + LIVE_ARTICLE_TEXTS; i++)
        TRY(text_column(sink, NEWS, i, rows, article_text_at, batch, err));
    return 0;
}

static int build_statement(struct sink_live_clickhouse *sink, int table, struct err *err)
{
    char token[33];
    hash_text(&sink->hash, token);
    sink->sql.size = sink->settings.size = 0;
    TRY(buffer_printf(&sink->settings, err,
                      "&async_insert=0&insert_deduplicate=1&insert_deduplication_token=%s", token));
    TRY(buffer_printf(&sink->sql, err, "INSERT INTO `%s`.%s (", sink->options.database,
                      tables[table].name));
    for (size_t i = 0; i < tables[table].column_count; i++)
        TRY(buffer_printf(&sink->sql, err, "%s%s", i == 0 ? "" : ", ",
                          tables[table].columns[i].name));
    return buffer_printf(&sink->sql, err, ") FORMAT Native");
}

static int insert(struct sink_live_clickhouse *sink, int table, size_t rows, struct err *err)
{
    const struct native_block block = {rows, tables[table].column_count, sink->columns};
    struct http_reply reply = {0};
    TRY(build_statement(sink, table, err));
    TRY(packer_pack(&sink->packer, &block, &sink->body, err));
    const struct clickhouse_query query = {sink->sql.data, sink->settings.data, sink->body.data,
                                           sink->body.size, sink->packer.compresses};
    buffer_init(&reply.body, SQL_BYTES);
    const int code = clickhouse_send(&sink->server, &query, &reply, err);
    buffer_free(&reply.body);
    if (code != 0 && err != NULL && reply.clickhouse_code == 60)
        return err_prefix(err,
                          "'./tickhouse up' creates the tables, and so do the files in schemas/");
    return code;
}

static int store(struct sink_live_clickhouse *sink, int table,
                 int (*fill)(struct sink_live_clickhouse *, const struct live_batch *,
                             struct err *),
                 const struct live_batch *batch, size_t rows, struct err *err)
{
    if (rows == 0)
        return 0;
    arena_rewind(&sink->arena, sink->mark);
    hash_init(&sink->hash);
    hash_add(&sink->hash, tables[table].name, strlen(tables[table].name));
    TRY(fill(sink, batch, err));
    return insert(sink, table, rows, err);
}

static int store_clickhouse(struct live_sink *base, const struct live_batch *batch, struct err *err)
{
    struct sink_live_clickhouse *sink = self(base);
    TRY(store(sink, TICKS, fill_ticks, batch, batch->tick_count, err));
    TRY(store(sink, NEWS, fill_news, batch, batch->article_count, err));
    base->stored += live_batch_rows(batch);
    return 0;
}

static void close_clickhouse(struct live_sink *base)
{
    struct sink_live_clickhouse *sink = self(base);
    clickhouse_close(&sink->server);
    packer_close(&sink->packer);
    arena_close(&sink->arena);
    buffer_free(&sink->body);
    buffer_free(&sink->sql);
    buffer_free(&sink->settings);
    free(sink);
}

static int parse_types(struct sink_live_clickhouse *sink, struct err *err)
{
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t].column_count; i++) {
            const char *type = tables[t].columns[i].type;
            TRY(native_type_parse(&sink->arena, type, strlen(type), &sink->types[t][i], err));
        }
    sink->mark = arena_mark(&sink->arena);
    return 0;
}

static int open_parts(struct sink_live_clickhouse *sink, struct err *err)
{
    const struct live_sink_options *options = &sink->options;
    const struct sink_options server = {.url = options->url,
                                        .user = options->user,
                                        .password = options->password,
                                        .quiet = true}; // the pump says that it waits
    if (strpbrk(options->database, "`\\") != NULL)
        return err_set(err, EX_USAGE, "--database wants letters, digits and _, not '%s'",
                       options->database);
    TRY(arena_open(&sink->arena, BLOCK_BYTES, err));
    TRY(parse_types(sink, err));
    TRY(packer_open(&sink->packer, BLOCK_BYTES, !http_is_loopback(options->url), err));
    TRY(clickhouse_open(&sink->server, &server, err));
    sink->server.tries_most = 0; // so does the waiting
    sink->server.give_up = options->give_up;
    sink->server.give_up_context = options->give_up_context;
    sink->server.stall_seconds = STALL_SECONDS;
    return 0;
}

int live_sink_open_clickhouse(struct live_sink **sink, const struct live_sink_options *options,
                              struct err *err)
{
    struct sink_live_clickhouse *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    opened->sink = (struct live_sink){"clickhouse", store_clickhouse, close_clickhouse, 0};
    opened->options = *options;
    buffer_init(&opened->body, BLOCK_BYTES);
    buffer_init(&opened->sql, SQL_BYTES);
    buffer_init(&opened->settings, SQL_BYTES);
    const int code = open_parts(opened, err);
    if (code != 0)
        close_clickhouse(&opened->sink);
    else
        *sink = &opened->sink;
    return code;
}
