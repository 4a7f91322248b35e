// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

// POSIX has dlsym return a data pointer; memcpy turns it into a function pointer without a cast
// that C does not know.
static int engine_symbol(const struct engine *engine, const char *name, void *function,
                         struct err *err)
{
    void *symbol = dlsym(engine->library, name);
    if (symbol == NULL)
        return err_set(err, EX_UNAVAILABLE,
                       "the engine library has no function '%s'; "
                       "'./tickhouse engine' fetches the version that fits",
                       name);
    memcpy(function, &symbol, sizeof symbol);
    return 0;
}

int engine_load(struct engine *engine, const char *path, struct err *err)
{
    if (path == NULL || *path == '\0')
        return err_set(err, EX_USAGE,
                       "no engine library: give --engine FILE or set TICKHOUSE_ENGINE "
                       "to the path of libchdb.so");
    engine->library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (engine->library == NULL)
        return err_set(err, EX_UNAVAILABLE,
                       "cannot load the engine: %s; './tickhouse engine' fetches it", dlerror());
    TRY(engine_symbol(engine, "chdb_query_cmdline", &engine->cmdline, err));
    TRY(engine_symbol(engine, "chdb_connect", &engine->connect, err));
    TRY(engine_symbol(engine, "chdb_query", &engine->query, err));
    TRY(engine_symbol(engine, "chdb_result_buffer", &engine->result_buffer, err));
    TRY(engine_symbol(engine, "chdb_result_length", &engine->result_length, err));
    return engine_symbol(engine, "chdb_result_error", &engine->result_error, err);
}

static int engine_print(const struct engine *engine, struct chdb_result *result, FILE *out,
                        struct err *err)
{
    if (result == NULL)
        return err_set(err, EX_SOFTWARE, "the engine returned nothing");
    const char *message = engine->result_error(result);
    if (message != NULL && *message != '\0')
        return err_set(err, EX_DATAERR, "%s", message);
    const size_t length = engine->result_length(result);
    if (length > 0 && fwrite(engine->result_buffer(result), 1, length, out) != length)
        return err_set(err, EX_IOERR, "cannot write the result: %m");
    return fflush(out) == 0 ? 0 : err_set(err, EX_IOERR, "cannot write the result: %m");
}

int engine_local(const struct engine *engine, int argc, char **argv, struct err *err)
{
    return engine_print(engine, engine->cmdline(argc, argv), stdout, err);
}

int engine_query(const struct engine *engine, const char *config, const char *path, const char *sql,
                 const char *format, FILE *out, struct err *err)
{
    char *argv[6] = {"clickhouse"};
    int argc = 1;
    if (config != NULL) {
        argv[argc++] = "--config-file";
        argv[argc++] = (char *)config;
    }
    argv[argc++] = "--path";
    argv[argc++] = (char *)path;
    struct chdb_connection **connection = engine->connect(argc, argv);
    if (connection == NULL)
        return err_set(err, EX_CONFIG, "the engine did not start; what it printed above says why");
    return engine_print(engine, engine->query(*connection, sql, format), out, err);
}
