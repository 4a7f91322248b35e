// SPDX-License-Identifier: Apache-2.0
// The settings of a capture, read from the JSON file that Kafka Connect takes for Debezium's
// PostgreSQL connector, under Debezium's names and with its meanings. A property that is not known
// here is an error that names it: what would be ignored could change what consumers see.
#ifndef TICKHOUSE_CAPTURE_SETTINGS_H
#define TICKHOUSE_CAPTURE_SETTINGS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_settings;

// The value of a variable of the environment, or NULL.
typedef char *capture_variable(const char *name);

// Reads the text of such a file: {"name": ..., "config": {...}} or the properties alone. Texts live
// in the arena; `name` is what errors call the file. "${env:NAME}" within a value stands for a
// variable of the environment, which `variable` tells (getenv), as with Connect's
// EnvVarConfigProvider; of database.* a variable of libpq's own (PG...) that is not set leaves the
// property out, so that libpq takes its default.
int capture_settings_read(const char *name, const char *text, size_t size,
                          capture_variable *variable, struct arena *arena,
                          struct capture_settings *settings, struct err *err);

// Whether a table is captured: table.include.list and its likes hold regular expressions that must
// fit all of "schema.table", as Debezium has it.
bool capture_settings_includes(const struct capture_settings *settings, const char *schema,
                               const char *table);

// The same for a column.
bool capture_settings_includes_column(const struct capture_settings *settings, const char *schema,
                                      const char *table, const char *column);

enum capture_decimals { CAPTURE_PRECISE, CAPTURE_DOUBLE, CAPTURE_STRING };
enum capture_times {
    CAPTURE_ADAPTIVE,
    CAPTURE_ADAPTIVE_MICROSECONDS,
    CAPTURE_CONNECT,
    CAPTURE_ISO,
    CAPTURE_MICROSECONDS,
    CAPTURE_NANOSECONDS
};
enum capture_binaries { CAPTURE_BYTES, CAPTURE_BASE64, CAPTURE_BASE64_URL, CAPTURE_HEX };
enum capture_intervals { CAPTURE_INTERVAL_NUMERIC, CAPTURE_INTERVAL_STRING };
enum capture_snapshot { CAPTURE_INITIAL, CAPTURE_ALWAYS, CAPTURE_NO_DATA, CAPTURE_INITIAL_ONLY };
enum capture_publication {
    CAPTURE_ALL_TABLES,
    CAPTURE_DISABLED,
    CAPTURE_FILTERED,
    CAPTURE_NO_TABLES
};

// What ExtractNewRecordState makes of deletes and tombstones.
enum capture_deletes {
    CAPTURE_DELETE_DROP,
    CAPTURE_DELETE_TOMBSTONE,
    CAPTURE_DELETE_TO_TOMBSTONE,
    CAPTURE_DELETE_REWRITE,
    CAPTURE_DELETE_REWRITE_WITH_TOMBSTONE
};

enum capture_operation { CAPTURE_C, CAPTURE_U, CAPTURE_D, CAPTURE_T, CAPTURE_R };

// The transformation ExtractNewRecordState, which leaves of an event the row alone.
struct capture_unwrap {
    bool on;
    enum capture_deletes deletes;
    const char *fields, *fields_prefix, *headers, *headers_prefix; // lists with commas
};

// One field for each property of properties.def that has an effect. Texts that were not given and
// have no default are NULL.
struct capture_settings {
    const char *connector_name;
    const char *host, *port, *user, *password, *database;
    const char *ssl_mode, *ssl_certificate, *ssl_key, *ssl_password, *ssl_root;
    const char *topic_prefix, *topic_delimiter, *transaction_topic, *heartbeat_prefix;
    const char *table_include_list, *table_exclude_list, *schema_include_list, *schema_exclude_list;
    const char *column_include_list, *column_exclude_list;
    const char *skipped_operations, *transforms, *placeholder;
    const char *slot, *publication;
    int publication_mode, snapshot; // enum capture_publication, capture_snapshot
    int decimals, times, binaries, intervals;
    bool include_unknown, context_headers;
    bool key_schemas, value_schemas;
    bool tombstones;
    bool transaction_metadata;
    bool skipped[4]; // of c, u, d, t
    int64_t status_interval_ms, heartbeat_ms;
    struct capture_unwrap unwrap;
};

// The properties as rows of a Markdown table: property, default, what it does. For docs/pgcdc.md.
int capture_settings_table(struct buffer *out, struct err *err);

#endif
