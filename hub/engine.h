// SPDX-License-Identifier: Apache-2.0
// The embedded ClickHouse: libchdb.so, loaded when the program runs, so that building needs no
// engine and one launcher drives every version of it.
#ifndef TICKHOUSE_HUB_ENGINE_H
#define TICKHOUSE_HUB_ENGINE_H

#include "base/err.h"
#include <stdio.h>

struct engine {
    void *library;
    struct chdb_result *(*cmdline)(int, char **);
    struct chdb_connection **(*connect)(int, char **);
    struct chdb_result *(*query)(struct chdb_connection *, const char *, const char *);
    char *(*result_buffer)(struct chdb_result *);
    size_t (*result_length)(struct chdb_result *);
    const char *(*result_error)(struct chdb_result *);
};

// Loads the library at `path`. It stays loaded: the engine does not survive dlclose.
int engine_load(struct engine *engine, const char *path, struct err *err);

// Runs `clickhouse local` with these arguments (argv[0] included) until its queries are done.
// Output and the engine's errors go to stdout and stderr; the library does not say whether a query
// failed.
int engine_local(const struct engine *engine, int argc, char **argv, struct err *err);

// Runs queries against the engine configured by `config` (may be NULL) with its data in `path`
// and writes the result to `out` in `format`.
int engine_query(const struct engine *engine, const char *config, const char *path, const char *sql,
                 const char *format, FILE *out, struct err *err);

#endif
