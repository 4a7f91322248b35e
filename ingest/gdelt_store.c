// SPDX-License-Identifier: Apache-2.0
// What makes a slot come exactly once, though a run may be killed anywhere and two may run at a
// time:
// 1. The rows of a slot are one Native block, in one partition, so their insert is one part: the
//    table has all of them or none.
// 2. The insert carries the slot as its deduplication token. Of two inserts at the same moment, or
//    of one whose reply was lost and that is sent again, the table keeps the first.
// 3. A table remembers a limited number of tokens. So the slot is looked up before: rows that a
//    killed run left behind without a line in the ledger are found there, however long ago that
//    was.
// 4. A token outlives rows that were deleted. So the slot is looked up afterwards too, and when
//    nothing is there it is inserted with a token that nobody has used. Without any it would be
//    recognised by its content.
// 5. The ledger is written after the rows, and 'loaded' has a version above every other state, so
//    an ingestor that knows less cannot take it back. It is written for several slots at a time,
//    since a line costs as much as a small slot's rows; lines that a killed run still held are
//    made good as in 3.
#include "gdelt_store.h"
#include "base/time.h"
#include "net/backoff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
    REPLY_BYTES = 1 << 20,
    SQL_BYTES = 64 << 10,
    LISTED_BYTES = 8 << 20,
    LISTED_ROWS = 20000, // entered at a time
    FIRST_TRIES = 6,
    SLOT_SECONDS = 900,
    TOKEN_BYTES = 8, // that no other insert has
};

static const double note_seconds = 0.1; // that an entry waits for company, at most

static const uint64_t packed_most = 2 * LIMIT_UNZIP_BYTES;
static const uint64_t version_of_loaded = 1ULL << 62;

static const char ledger_columns[] =
    "feed, slot, state, file, size_listed, size_received, size_raw, md5_listed, md5_received, "
    "rows_loaded, rows_rejected, utf8_replaced, attempts, fetched_at, loaded_at, message, "
    "updated_at, version";

// The same as they are sent: times as numbers.
static const char ledger_input[] =
    "SELECT feed, toDateTime(slot, 'UTC'), state, file, size_listed, size_received, size_raw, "
    "md5_listed, md5_received, rows_loaded, rows_rejected, utf8_replaced, attempts, "
    "fromUnixTimestamp64Micro(fetched_at, 'UTC'), fromUnixTimestamp64Micro(loaded_at, 'UTC'), "
    "message, fromUnixTimestamp64Micro(updated_at, 'UTC'), version FROM "
    "input('feed String, slot UInt32, state Int8, file String, size_listed UInt64, "
    "size_received UInt64, size_raw UInt64, md5_listed String, md5_received String, "
    "rows_loaded UInt64, rows_rejected UInt64, utf8_replaced UInt64, attempts UInt32, "
    "fetched_at Int64, loaded_at Int64, message String, updated_at Int64, version UInt64')";

static void new_statement(struct gdelt_store *store)
{
    store->sql.size = store->settings.size = 0;
}

static int send_query(struct gdelt_store *store, const void *body, size_t size, bool zstd,
                      struct err *err)
{
    struct http_reply reply = {.body = store->reply};
    TRY(buffer_printf(&store->settings, err, "%s", ""));
    const struct clickhouse_query query = {store->sql.data, store->settings.data, body, size, zstd};
    const int code = clickhouse_send(&store->server, &query, &reply, err);
    store->reply = reply.body;
    return code;
}

static int ask_number(struct gdelt_store *store, uint64_t *number, struct err *err)
{
    return clickhouse_number(&store->server, store->sql.data, "", number, err);
}

// ---- bronze ----

static int count_rows(struct gdelt_store *store, const struct gdelt_slot *slot, uint64_t *rows,
                      struct err *err)
{
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "SELECT count() FROM `%s`.%s WHERE feed = '%s' AND slot = %u",
                      store->database, gdelt_layouts[slot->feed.kind].table,
                      gdelt_feed_name(slot->feed), slot->time));
    return ask_number(store, rows, err);
}

static int insert(struct gdelt_store *store, const struct gdelt_slot *slot,
                  const struct native_block *block, const char *token_suffix, struct err *err)
{
    new_statement(store);
    TRY(buffer_printf(&store->settings, err,
                      "&async_insert=0&insert_deduplicate=1&insert_deduplication_token=%s-%u%s",
                      gdelt_feed_name(slot->feed), slot->time, token_suffix));
    TRY(buffer_printf(&store->sql, err, "INSERT INTO `%s`.%s (", store->database,
                      gdelt_layouts[slot->feed.kind].table));
    for (size_t i = 0; i < block->column_count; i++)
        TRY(buffer_printf(&store->sql, err, "%s%s", i == 0 ? "" : ", ", block->columns[i].name));
    TRY(buffer_printf(&store->sql, err, ") FORMAT Native"));
    return send_query(store, store->body.data, store->body.size, store->packer.compresses, err);
}

// The token is made once, so that an insert whose reply was lost is recognised when it is sent
// again.
static int insert_anew(struct gdelt_store *store, const struct gdelt_slot *slot,
                       const struct native_block *block, struct err *err)
{
    unsigned char random[TOKEN_BYTES];
    char suffix[2 + 2 * TOKEN_BYTES] = "-";
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_set(err, EX_OSERR, "cannot draw a random number: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(suffix + 1 + 2 * i, 3, "%02x", random[i]);
    return insert(store, slot, block, suffix, err);
}

int gdelt_store_load(struct gdelt_store *store, const struct gdelt_slot *slot,
                     const struct native_block *block, uint64_t *rows, struct err *err)
{
    TRY(count_rows(store, slot, rows, err));
    if (*rows != 0 || block->rows == 0)
        return 0;
    TRY(packer_pack(&store->packer, block, &store->body, err));
    TRY(insert(store, slot, block, "", err));
    TRY(count_rows(store, slot, rows, err));
    if (*rows != 0)
        return 0;
    TRY(insert_anew(store, slot, block, err));
    TRY(count_rows(store, slot, rows, err));
    if (*rows != 0)
        return 0;
    return err_set(err, EX_UNAVAILABLE,
                   "%s.%s has no row of %s %u after an insert of %zu that succeeded; is something "
                   "deleting them, or is the table of another engine than schemas/0030_gdelt.sql "
                   "says?",
                   store->database, gdelt_layouts[slot->feed.kind].table,
                   gdelt_feed_name(slot->feed), slot->time, block->rows);
}

// ---- the ledger ----

static int append_escaped(struct buffer *out, const char *text, struct err *err)
{
    for (; *text != '\0'; text++) {
        const char *escaped = *text == '\t'   ? "\\t"
                              : *text == '\n' ? "\\n"
                              : *text == '\\' ? "\\\\"
                                              : NULL;
        TRY(escaped != NULL ? buffer_append(out, escaped, 2, err)
                            : buffer_append(out, text, 1, err));
    }
    return 0;
}

// What is known now replaces what was read, also when that came from a clock ahead of this one.
static uint64_t next_version(const struct gdelt_entry *entry, int64_t now)
{
    const uint64_t version = (entry->state == GDELT_LOADED ? version_of_loaded : 0) + (uint64_t)now;
    return version > entry->version ? version : entry->version + 1;
}

static int append_entry(struct buffer *out, struct gdelt_entry *entry, struct err *err)
{
    char name[GDELT_NAME_BYTES];
    const int64_t now = clock_microseconds();
    entry->version = next_version(entry, now);
    gdelt_name_format(&entry->slot, name);
    TRY(buffer_printf(out, err, "%s\t%u\t%d\t", gdelt_feed_name(entry->slot.feed), entry->slot.time,
                      (int)entry->state));
    TRY(append_escaped(out, entry->file != NULL ? entry->file : name, err));
    TRY(buffer_printf(
        out, err, "\t%llu\t%llu\t%llu\t%s\t%s\t%llu\t%llu\t%llu\t%u\t%lld\t%lld\t",
        (unsigned long long)entry->size_listed, (unsigned long long)entry->size_received,
        (unsigned long long)entry->size_raw, entry->md5_listed, entry->md5_received,
        (unsigned long long)entry->rows_loaded, (unsigned long long)entry->rows_rejected,
        (unsigned long long)entry->utf8_replaced, entry->attempts, (long long)entry->fetched_at,
        (long long)entry->loaded_at));
    TRY(append_escaped(out, entry->message, err));
    return buffer_printf(out, err, "\t%lld\t%llu\n", (long long)now,
                         (unsigned long long)entry->version);
}

static int begin_ledger(struct gdelt_store *store, struct err *err)
{
    new_statement(store);
    return buffer_printf(&store->sql, err, "INSERT INTO `%s`.ingest_ledger (%s) %s",
                         store->database, ledger_columns, ledger_input);
}

int gdelt_store_note(struct gdelt_store *store, struct gdelt_entry *entry, struct err *err)
{
    const double now = clock_seconds();
    if (store->noted_count == GDELT_NOTES_MOST || now - store->noted_first > note_seconds)
        TRY(gdelt_store_note_end(store, err));
    if (store->noted_count == 0)
        store->noted_first = now;
    TRY(append_entry(&store->notes, entry, err));
    store->noted[store->noted_count++] = entry->slot;
    return 0;
}

int gdelt_store_note_end(struct gdelt_store *store, struct err *err)
{
    if (store->noted_count == 0)
        return 0;
    TRY(begin_ledger(store, err));
    TRY(buffer_printf(&store->sql, err, " FORMAT TabSeparated"));
    TRY(send_query(store, store->notes.data, store->notes.size, false, err));
    store->notes.size = store->noted_count = 0;
    return 0;
}

static bool is_noted(const struct gdelt_store *store, const struct gdelt_slot *slot)
{
    for (size_t i = 0; i < store->noted_count; i++)
        if (gdelt_slot_equal(&store->noted[i], slot))
            return true;
    return false;
}

int gdelt_store_list(struct gdelt_store *store, const struct gdelt_listed *listed, struct err *err)
{
    struct gdelt_entry entry = {
        .slot = listed->slot, .state = GDELT_LISTED, .size_listed = listed->size};
    memcpy(entry.md5_listed, listed->md5, sizeof entry.md5_listed);
    TRY(append_entry(&store->listed, &entry, err));
    const uint32_t time = listed->slot.time;
    if (store->listed_count == 0 || time < store->listed_first)
        store->listed_first = time;
    if (store->listed_count == 0 || time > store->listed_last)
        store->listed_last = time;
    return ++store->listed_count == LISTED_ROWS ? gdelt_store_list_end(store, err) : 0;
}

int gdelt_store_list_end(struct gdelt_store *store, struct err *err)
{
    if (store->listed_count == 0)
        return 0;
    TRY(begin_ledger(store, err));
    TRY(buffer_printf(&store->sql, err,
                      " WHERE (feed, slot) NOT IN (SELECT feed, toUnixTimestamp(slot) FROM "
                      "`%s`.ingest_ledger FINAL WHERE slot BETWEEN %u AND %u AND state = 'loaded') "
                      "AND (feed, slot, md5_listed) NOT IN (SELECT feed, toUnixTimestamp(slot), "
                      "md5_listed FROM `%s`.ingest_ledger FINAL WHERE slot BETWEEN %u AND %u) "
                      "FORMAT TabSeparated",
                      store->database, store->listed_first, store->listed_last, store->database,
                      store->listed_first, store->listed_last));
    TRY(send_query(store, store->listed.data, store->listed.size, false, err));
    store->listed.size = store->listed_count = 0;
    return 0;
}

// " FROM ... WHERE ..." of what is to be tried now.
static int append_due(struct gdelt_store *store, const struct gdelt_range *range, struct err *err)
{
    const char *separator = "";
    TRY(buffer_printf(&store->sql, err,
                      " FROM `%s`.ingest_ledger FINAL WHERE md5_listed != '' AND slot BETWEEN %u "
                      "AND %u AND feed IN (",
                      store->database, range->from, range->to));
    for (int kind = 0; kind < GDELT_KINDS; kind++)
        for (int translingual = 0; translingual < 2; translingual++) {
            const struct gdelt_feed feed = {(enum gdelt_kind)kind, translingual != 0};
            if (!range->feeds[kind][translingual])
                continue;
            TRY(buffer_printf(&store->sql, err, "%s'%s'", separator, gdelt_feed_name(feed)));
            separator = ", ";
        }
    TRY(buffer_printf(&store->sql, err,
                      ") AND (state = 'fetched' OR (state = 'listed' AND attempts = 0) OR "
                      "(toUnixTimestamp64Micro(updated_at) < %lld AND ",
                      (long long)(range->once ? range->started : INT64_MAX)));
    if (range->retry)
        return buffer_printf(&store->sql, err, "state != 'loaded'))");
    return buffer_printf(&store->sql, err,
                         "state IN ('listed', 'missing', 'checksum_mismatch') AND "
                         "toUnixTimestamp64Micro(updated_at) + 1000000 * least(86400, %lld * "
                         "exp2(least(20, attempts - 1))) <= %lld))",
                         (long long)range->probe_seconds, (long long)clock_microseconds());
}

int gdelt_store_count_due(struct gdelt_store *store, const struct gdelt_range *range,
                          uint64_t *count, struct err *err)
{
    TRY(gdelt_store_note_end(store, err));
    new_statement(store);
    TRY(buffer_printf(&store->sql, err, "SELECT count()"));
    TRY(append_due(store, range, err));
    return ask_number(store, count, err);
}

static const char entry_columns[] = "SELECT feed, toUnixTimestamp(slot), toInt8(state), "
                                    "size_listed, attempts, version, concat('md5=', md5_listed)";

// One line of entry_columns.
static bool read_entry(const char *line, struct gdelt_entry *entry)
{
    char feed[GDELT_NAME_BYTES];
    unsigned time, attempts;
    int state, read = 0;
    unsigned long long size, version;
    *entry = (struct gdelt_entry){0};
    if (sscanf(line, "%63[a-z_]\t%u\t%d\t%llu\t%u\t%llu\tmd5=%n", feed, &time, &state, &size,
               &attempts, &version, &read) != 6 ||
        read == 0 || !gdelt_feed_of_name(feed, strlen(feed), &entry->slot.feed) || state < 0 ||
        state > GDELT_MALFORMED)
        return false;
    const size_t digits = strspn(line + read, "0123456789abcdef");
    if (digits >= MD5_TEXT_BYTES || line[(size_t)read + digits] != '\n')
        return false;
    memcpy(entry->md5_listed, line + read, digits);
    entry->slot.time = time;
    entry->state = (enum gdelt_state)state;
    entry->size_listed = size;
    entry->attempts = attempts;
    entry->version = version;
    return true;
}

static int read_entries(struct gdelt_store *store, struct gdelt_entry *entries, size_t capacity,
                        size_t *count, struct err *err)
{
    *count = 0;
    TRY(send_query(store, NULL, 0, false, err));
    TRY(buffer_append(&store->reply, "", 1, err));
    for (const char *line = store->reply.data; *line != '\0' && *count < capacity;) {
        const char *end = strchr(line, '\n');
        if (end == NULL || !read_entry(line, &entries[*count]))
            return err_set(err, EX_TEMPFAIL,
                           "the ledger at %s answers '%.80s', which is no entry; was it ended "
                           "meanwhile?",
                           store->server.shown, line);
        ++*count;
        line = end + 1;
    }
    return 0;
}

int gdelt_store_due(struct gdelt_store *store, const struct gdelt_range *range,
                    const struct gdelt_slot *after, struct gdelt_entry *entries, size_t *count,
                    struct err *err)
{
    TRY(gdelt_store_note_end(store, err));
    new_statement(store);
    TRY(buffer_printf(&store->sql, err, "%s", entry_columns));
    TRY(append_due(store, range, err));
    if (after != NULL)
        TRY(buffer_printf(&store->sql, err, " AND (slot, feed) > (toDateTime(%u, 'UTC'), '%s')",
                          after->time, gdelt_feed_name(after->feed)));
    TRY(buffer_printf(&store->sql, err, " ORDER BY slot, feed LIMIT %d FORMAT TabSeparated",
                      GDELT_DUE_MOST));
    return read_entries(store, entries, GDELT_DUE_MOST, count, err);
}

int gdelt_store_find(struct gdelt_store *store, const struct gdelt_slot *slot,
                     struct gdelt_entry *entry, struct err *err)
{
    size_t count;
    if (is_noted(store, slot))
        TRY(gdelt_store_note_end(store, err));
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "%s FROM `%s`.ingest_ledger FINAL WHERE feed = '%s' AND slot = %u FORMAT "
                      "TabSeparated",
                      entry_columns, store->database, gdelt_feed_name(slot->feed), slot->time));
    TRY(read_entries(store, entry, 1, &count, err));
    if (count == 0)
        *entry = (struct gdelt_entry){.slot = *slot};
    return 0;
}

// ---- marks ----

int gdelt_store_mark(struct gdelt_store *store, struct gdelt_feed feed, uint32_t *mark,
                     struct err *err)
{
    uint64_t number;
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "SELECT toUnixTimestamp(max(slot)) FROM `%s`.gdelt_marks WHERE feed = '%s'",
                      store->database, gdelt_feed_name(feed)));
    TRY(ask_number(store, &number, err));
    *mark = (uint32_t)number;
    return 0;
}

int gdelt_store_set_mark(struct gdelt_store *store, struct gdelt_feed feed, uint32_t mark,
                         struct err *err)
{
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "INSERT INTO `%s`.gdelt_marks SELECT '%s', toDateTime(%u, 'UTC')",
                      store->database, gdelt_feed_name(feed), mark));
    return send_query(store, NULL, 0, false, err);
}

int gdelt_store_has_hole(struct gdelt_store *store, struct gdelt_feed feed, uint32_t mark,
                         bool *hole, struct err *err)
{
    uint64_t number;
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "SELECT uniqExact(quarter) + %u < max(quarter) FROM (SELECT "
                      "intDiv(toUnixTimestamp(slot), %d) AS quarter FROM `%s`.ingest_ledger WHERE "
                      "feed = '%s' AND md5_listed != '' AND slot >= %u AND slot <= now() + "
                      "INTERVAL 1 DAY)",
                      mark / SLOT_SECONDS, SLOT_SECONDS, store->database, gdelt_feed_name(feed),
                      (mark / SLOT_SECONDS + 1) * SLOT_SECONDS));
    TRY(ask_number(store, &number, err));
    *hole = number != 0;
    return 0;
}

// ---- opening ----

static int check_tables(struct gdelt_store *store, struct err *err)
{
    uint64_t tables = 0;
    new_statement(store);
    TRY(buffer_printf(&store->sql, err,
                      "SELECT count() FROM system.tables WHERE database = '%s' AND name IN "
                      "('bronze_gkg', 'bronze_mentions', 'bronze_events', 'ingest_ledger', "
                      "'gdelt_marks')",
                      store->database));
    TRY(ask_number(store, &tables, err));
    if (tables == 5)
        return 0;
    return err_set(err, EX_UNAVAILABLE,
                   "database %s at %s lacks GDELT's tables; './tickhouse up' creates them, and so "
                   "does schemas/0030_gdelt.sql",
                   store->database, store->server.shown);
}

int gdelt_store_open(struct gdelt_store *store, const struct sink_options *options, struct err *err)
{
    *store = (struct gdelt_store){.database = options->database};
    buffer_init(&store->body, packed_most);
    buffer_init(&store->sql, SQL_BYTES);
    buffer_init(&store->settings, SQL_BYTES);
    buffer_init(&store->reply, REPLY_BYTES);
    buffer_init(&store->listed, LISTED_BYTES);
    buffer_init(&store->notes, LISTED_BYTES);
    TRY(packer_open(&store->packer, packed_most, !http_is_loopback(options->url), err));
    TRY(clickhouse_open(&store->server, options, err));
    store->server.tries_most = FIRST_TRIES;
    TRY(check_tables(store, err));
    store->server.tries_most = BACKOFF_TRIES;
    return 0;
}

void gdelt_store_close(struct gdelt_store *store)
{
    clickhouse_close(&store->server);
    packer_close(&store->packer);
    buffer_free(&store->body);
    buffer_free(&store->sql);
    buffer_free(&store->settings);
    buffer_free(&store->reply);
    buffer_free(&store->listed);
    buffer_free(&store->notes);
}
