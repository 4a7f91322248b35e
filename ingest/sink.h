// SPDX-License-Identifier: Apache-2.0
// Where rows go. A sink takes whole batches; when a call returns 0 the batch is stored.
#ifndef TICKHOUSE_INGEST_SINK_H
#define TICKHOUSE_INGEST_SINK_H

#include "rows.h"

struct sink_options {
    const char *source; // what the column `source` says
    const char *url;    // of ClickHouse's HTTP port
    const char *user;
    const char *password; // from the environment; NULL for none
    const char *database;
    bool overwrite; // load again what has been loaded before
    bool quiet;
};

struct sink {
    int (*bars)(struct sink *sink, const struct bars *bars, struct err *err);
    int (*quarantine)(struct sink *sink, const struct quarantine *rows, struct err *err);
    void (*close)(struct sink *sink); // also frees the sink
    uint64_t loaded, already;         // bars stored by this run, and bars that were there before
};

// HTTP inserts into <database>.stock_daily and <database>.quarantine.
int sink_clickhouse_open(struct sink **sink, const struct sink_options *options, struct err *err);

// Bars as CSV on stdout, bad rows on stderr.
int sink_csv_open(struct sink **sink, const struct sink_options *options, struct err *err);

// Bad rows on stderr, bars nowhere: --dry-run.
int sink_none_open(struct sink **sink, const struct sink_options *options, struct err *err);

// The options that every source has for ClickHouse; OFFSET names the members of its own structure.
#define SINK_OPTION_LIST(OFFSET)                                                                   \
    {"url",                                                                                        \
     OPTION_TEXT,                                                                                  \
     OFFSET(url),                                                                                  \
     "URL",                                                                                        \
     "ClickHouse's HTTP port (TICKHOUSE_URL, else http://127.0.0.1:8123)",                         \
     0,                                                                                            \
     0},                                                                                           \
        {"user", OPTION_TEXT, OFFSET(user), "NAME", "ClickHouse user (default)", 0, 0},            \
        {"database", OPTION_TEXT, OFFSET(database), "NAME", "ClickHouse database (warehouse)", 0,  \
         0},                                                                                       \
    {                                                                                              \
        "quiet", OPTION_FLAG, OFFSET(quiet), NULL, "no progress and no summary", 0, 0              \
    }

#endif
