// SPDX-License-Identifier: Apache-2.0
// Batches into ClickHouse: one batch is one Native block, compressed with zstd, is one insert, is
// one part.
//
// What makes a repeated batch harmless:
// 1. The insert carries a deduplication token, the hash of the batch's rows. ClickHouse remembers
//    the tokens of the last inserts and drops a batch that it has; so a reply that was lost, a
//    killed run that starts over, and the same file again change nothing.
// 2. A token says only that the batch was stored once. Its rows may have been deleted since, and a
//    server killed at the wrong instant remembers a token without its part. So after each insert
//    the batch is looked up by its `ingested_at`, which no other batch has. When it is not there,
//    the rows whose keys the table lacks are inserted without a token.
// 3. Beyond the tokens there is the key: of two rows of a (ticker, date) that are stored the newer
//    wins.
// From 1 and 2 follows the rule: a file that was loaded before never replaces what came later,
// while its insert is remembered. With --overwrite the token holds the time of the run, every row
// is stored anew, and so the old file wins.
#include "base/time.h"
#include "clickhouse.h"
#include "net/backoff.h"
#include "shipment.h"
#include "sink.h"

#include <stdlib.h>
#include <string.h>

enum {
    BODY_BYTES = 256 << 20,
    SQL_BYTES = 256 << 10,
    FIRST_TRIES = 6, // about 6 s: a hub may be starting, but nothing is under way yet
};

struct sink_clickhouse {
    struct sink sink;
    struct sink_options options;
    struct clickhouse server;
    struct shipper shipper;
    int64_t run, batch; // microseconds of the run's start; batches made
    struct buffer body, sql, settings;
};

static struct sink_clickhouse *self(struct sink *sink)
{
    return (struct sink_clickhouse *)sink;
}

static void new_statement(struct sink_clickhouse *sink)
{
    sink->sql.size = sink->settings.size = 0;
}

// Sends the batch with the statement in sink->sql.
static int send_body(struct sink_clickhouse *sink, struct err *err)
{
    struct http_reply reply = {0};
    const struct clickhouse_query query = {sink->sql.data, sink->settings.data, sink->body.data,
                                           sink->body.size, true};
    buffer_init(&reply.body, SQL_BYTES);
    const int code = clickhouse_send(&sink->server, &query, &reply, err);
    buffer_free(&reply.body);
    return code;
}

static int append_names(struct buffer *sql, const struct table *table, struct err *err)
{
    for (size_t i = 0; i < table->column_count; i++)
        TRY(buffer_printf(sql, err, "%s%s", i == 0 ? "" : ", ", table->columns[i].name));
    return 0;
}

// "name type, ..." for a place between single quotes: those inside are escaped.
static int append_structure(struct buffer *sql, const struct table *table, struct err *err)
{
    for (size_t i = 0; i < table->column_count; i++) {
        TRY(buffer_printf(sql, err, "%s%s ", i == 0 ? "" : ", ", table->columns[i].name));
        for (const char *c = table->columns[i].type; *c != '\0'; c++)
            TRY(buffer_printf(sql, err, *c == '\'' ? "\\%c" : "%c", *c));
    }
    return 0;
}

// A query parameter: ClickHouse reads its value as a field of TSV, so those escapes come first.
static int append_parameter(struct buffer *settings, const char *name, struct csv_view value,
                            struct err *err)
{
    TRY(buffer_printf(settings, err, "&param_%s=", name));
    for (size_t i = 0; i < value.size; i++) {
        const char c = value.data[i];
        const char text[2] = {c, '\0'};
        TRY(http_escape(settings,
                        c == '\\'   ? "\\\\"
                        : c == '\n' ? "\\n"
                        : c == '\t' ? "\\t"
                                    : text,
                        err));
    }
    return 0;
}

static int append_range(struct buffer *settings, const struct shipment *shipment, struct err *err)
{
    TRY(append_parameter(settings, "first", shipment->first, err));
    return append_parameter(settings, "last", shipment->last, err);
}

// Without optimize_on_insert, which would merge rows of one key before they are stored: it takes
// two thirds of the server's time for the insert (29 of 41 ms for 131,072 rows), finds nothing in
// nearly every batch, and what it leaves to the background merges FINAL hides.
static int insert_with_token(struct sink_clickhouse *sink, const struct shipment *shipment,
                             struct err *err)
{
    char token[33];
    struct hash hash = shipment->hash;
    if (sink->options.overwrite)
        hash_add(&hash, &sink->run, sizeof sink->run);
    hash_text(&hash, token);
    new_statement(sink);
    TRY(buffer_printf(&sink->settings, err,
                      "&async_insert=0&optimize_on_insert=0&insert_deduplicate=1"
                      "&insert_deduplication_token=%s",
                      token));
    TRY(buffer_printf(&sink->sql, err, "INSERT INTO `%s`.%s (", sink->options.database,
                      shipment->table->name));
    TRY(append_names(&sink->sql, shipment->table, err));
    TRY(buffer_printf(&sink->sql, err, ") FORMAT Native"));
    return send_body(sink, err);
}

static int insert_missing(struct sink_clickhouse *sink, const struct shipment *shipment,
                          struct err *err)
{
    const struct table *table = shipment->table;
    struct buffer *sql = &sink->sql;
    new_statement(sink);
    TRY(buffer_printf(&sink->settings, err, "&async_insert=0&insert_deduplicate=0"));
    TRY(append_range(&sink->settings, shipment, err));
    TRY(buffer_printf(sql, err, "INSERT INTO `%s`.%s (", sink->options.database, table->name));
    TRY(append_names(sql, table, err));
    TRY(buffer_printf(sql, err, ") SELECT "));
    TRY(append_names(sql, table, err));
    TRY(buffer_printf(sql, err, " FROM input('"));
    TRY(append_structure(sql, table, err));
    TRY(buffer_printf(sql, err,
                      "') WHERE (%s) NOT IN (SELECT %s FROM `%s`.%s WHERE %s BETWEEN "
                      "{first:String} AND {last:String}) FORMAT Native",
                      table->key, table->key, sink->options.database, table->name, table->range));
    return send_body(sink, err);
}

static int count_stored(struct sink_clickhouse *sink, const struct shipment *shipment,
                        uint64_t *count, struct err *err)
{
    const struct table *table = shipment->table;
    new_statement(sink);
    TRY(append_range(&sink->settings, shipment, err));
    TRY(buffer_printf(&sink->sql, err,
                      "SELECT count() FROM `%s`.%s WHERE %s BETWEEN {first:String} AND "
                      "{last:String} AND toUnixTimestamp64Micro(ingested_at) = %lld",
                      sink->options.database, table->name, table->range,
                      (long long)shipment->ingested_at));
    return clickhouse_number(&sink->server, sink->sql.data, sink->settings.data, count, err);
}

// The steps at the top of this file. *stored is how many of the rows this call has stored.
static int ship(struct sink_clickhouse *sink, struct shipment *shipment, uint64_t *stored,
                struct err *err)
{
    TRY(shipment_pack(&sink->shipper, shipment, &sink->body, err));
    TRY(insert_with_token(sink, shipment, err));
    TRY(count_stored(sink, shipment, stored, err));
    if (*stored != 0) {
        *stored = shipment->rows; // fewer when a merge has already joined rows of one key
        return 0;
    }
    TRY(insert_missing(sink, shipment, err));
    return count_stored(sink, shipment, stored, err);
}

static int send_bars(struct sink *base, const struct bars *bars, struct err *err)
{
    struct sink_clickhouse *sink = self(base);
    struct shipment shipment;
    uint64_t stored = 0;
    TRY(shipment_of_bars(&sink->shipper, bars, sink->run + sink->batch++, &shipment, err));
    TRY(ship(sink, &shipment, &stored, err));
    base->loaded += stored;
    base->already += bars->rows - stored;
    return 0;
}

static int send_quarantine(struct sink *base, const struct quarantine *rows, struct err *err)
{
    struct sink_clickhouse *sink = self(base);
    struct shipment shipment;
    uint64_t stored = 0;
    TRY(shipment_of_quarantine(&sink->shipper, rows, sink->run + sink->batch++, &shipment, err));
    return ship(sink, &shipment, &stored, err);
}

static void close_clickhouse(struct sink *base)
{
    struct sink_clickhouse *sink = self(base);
    clickhouse_close(&sink->server);
    shipper_close(&sink->shipper);
    buffer_free(&sink->body);
    buffer_free(&sink->sql);
    buffer_free(&sink->settings);
    free(sink);
}

static int check_database_name(const char *name, struct err *err)
{
    const size_t size =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (size != 0 && name[size] == '\0')
        return 0;
    return err_set(err, EX_USAGE, "--database wants letters, digits and _, not '%s'", name);
}

// Fails early, and says what to do, when there is nothing to write to.
static int check_tables(struct sink_clickhouse *sink, struct err *err)
{
    const struct sink_options *options = &sink->options;
    const char *bars = table_stock_daily.name, *bad = table_quarantine.name;
    uint64_t tables = 0;
    new_statement(sink);
    TRY(buffer_printf(&sink->settings, err, "&readonly=1"));
    TRY(buffer_printf(&sink->sql, err,
                      "SELECT count() FROM system.tables WHERE database = '%s' AND name IN ('%s', "
                      "'%s')",
                      options->database, bars, bad));
    TRY(clickhouse_number(&sink->server, sink->sql.data, sink->settings.data, &tables, err));
    if (tables == 2)
        return 0;
    return err_set(err, EX_UNAVAILABLE,
                   "database %s at %s lacks the table %s or %s; './tickhouse up' creates them, and "
                   "so do the files in schemas/",
                   options->database, sink->server.shown, bars, bad);
}

static int first_contact(struct sink_clickhouse *sink, struct err *err)
{
    struct err problem = {0};
    sink->server.tries_most = FIRST_TRIES;
    const int code = check_tables(sink, &problem);
    sink->server.tries_most = BACKOFF_TRIES;
    if (code == 0)
        return 0;
    return err_set(err, code, "%s%s", problem.text,
                   code == EX_TEMPFAIL ? "; './tickhouse up' starts the hub" : "");
}

static int open_parts(struct sink_clickhouse *sink, struct err *err)
{
    const struct sink_options *options = &sink->options;
    TRY(check_database_name(options->database, err));
    TRY(shipper_open(&sink->shipper, options->source, err));
    TRY(clickhouse_open(&sink->server, options, err));
    return first_contact(sink, err);
}

int sink_clickhouse_open(struct sink **sink, const struct sink_options *options, struct err *err)
{
    struct sink_clickhouse *opened = calloc(1, sizeof *opened);
    *sink = NULL;
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    opened->sink = (struct sink){send_bars, send_quarantine, close_clickhouse, 0, 0};
    opened->options = *options;
    opened->run = clock_microseconds();
    buffer_init(&opened->body, BODY_BYTES);
    buffer_init(&opened->sql, SQL_BYTES);
    buffer_init(&opened->settings, SQL_BYTES);
    const int code = open_parts(opened, err);
    if (code != 0)
        close_clickhouse(&opened->sink);
    else
        *sink = &opened->sink;
    return code;
}
