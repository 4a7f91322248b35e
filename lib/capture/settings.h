// SPDX-License-Identifier: Apache-2.0
// The settings of a capture, read from the JSON file that Kafka Connect takes for Debezium's
// PostgreSQL connector, under Debezium's names and with its meanings. A property that is not known
// here is an error that names it: what would be ignored could change what consumers see.
#ifndef TICKHOUSE_CAPTURE_SETTINGS_H
#define TICKHOUSE_CAPTURE_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_settings;

// Reads the text of such a file: {"name": ..., "config": {...}} or the properties alone. Texts live
// in the arena; `name` is what errors call the file.
int capture_settings_read(const char *name, const char *text, size_t size, struct arena *arena,
                          struct capture_settings *settings, struct err *err);

// A table of table.include.list: "schema.table", each part a regular expression that must fit all
// of the name, as Debezium has it.
bool capture_settings_includes(const struct capture_settings *settings, const char *schema,
                               const char *table);

enum capture_decimals { CAPTURE_PRECISE, CAPTURE_DOUBLE, CAPTURE_STRING };
enum capture_times { CAPTURE_ADAPTIVE, CAPTURE_ADAPTIVE_MICROSECONDS, CAPTURE_CONNECT };
enum capture_snapshot { CAPTURE_INITIAL, CAPTURE_ALWAYS, CAPTURE_NO_DATA, CAPTURE_INITIAL_ONLY };

// Grows with the properties that are understood.
struct capture_settings {
    const char *connector_name; // "name" of the file, or of the properties
    const char *host, *port, *user, *password, *database;
    const char *topic_prefix;
    const char *table_include_list;
    const char *slot, *publication;
    enum capture_snapshot snapshot;
    enum capture_decimals decimals;
    enum capture_times times;
    bool key_schemas, value_schemas;
    bool tombstones;
    bool transaction_metadata;
    bool skipped[4]; // of c, u, d, t
};

#endif
