// SPDX-License-Identifier: Apache-2.0
// The rows that a command answers with: Native blocks for ClickHouse, or text with a header; each
// row goes out when it is there. All of them are kept as text besides, for the run's folder.
#ifndef TICKHOUSE_NN_TABLE_H
#define TICKHOUSE_NN_TABLE_H

#include "native/native.h"

enum cell_kind { CELL_TEXT, CELL_DATE, CELL_COUNT, CELL_NUMBER };

struct table_column {
    const char *name;
    enum cell_kind kind; // String, Date, UInt64, Float64
};

// A command lists its columns once, COLUMNS(X) with X(ID, "name", KIND) for each; these make of it
// the numbers, `enum { COLUMNS(TABLE_NUMBER) COLUMN_COUNT };`, and the table,
// `{COLUMNS(TABLE_ENTRY)}`.
#define TABLE_NUMBER(id, name, kind) COLUMN_##id,
#define TABLE_ENTRY(id, name, kind) {name, CELL_##kind},

union cell {
    const char *text;
    int32_t date; // days since 1970-01-01
    uint64_t count;
    double number;
};

enum { TABLE_MAX_COLUMNS = 40 };

struct table {
    const struct table_column *columns;
    size_t column_count;
    bool as_text;
    struct arena arena;
    const struct native_type *types[4]; // by cell_kind
    struct native_sink sink;
    struct buffer text; // header and rows, separated by tabs
    double written_at;  // clock_seconds()
};

// `output` is "native" or "tsv", and becomes what standard output gets.
int table_open(struct table *table, const struct table_column *columns, size_t count,
               const char *output, struct err *err);
void table_close(struct table *table);
int table_row(struct table *table, const union cell *cells, struct err *err);

// Says that the next row is being worked on: ClickHouse ends a command that is silent for
// command_read_timeout, 10 seconds by default. It gets a block without rows where nothing went out
// for two seconds, and text nothing. NULL: nobody waits.
int table_wait(struct table *table, struct err *err);

#endif
