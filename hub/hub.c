// SPDX-License-Identifier: Apache-2.0
// tickhouse-hub: the embedded ClickHouse as a process of its own.
//
//   serve  runs `clickhouse local` with two listening ports until SIGTERM or SIGINT. libchdb has no
//          "run as a server", so its last query reads our stdin, which is a pipe that we hold open;
//          closing it ends the query, and the engine shuts down cleanly with its logs flushed.
//          Whatever it started (function workers) has a pipe from it as stdin and ends on its EOF,
//          also when this process is killed.
//   query  runs SQL in this process, for engines that cannot listen.
//   local  is `clickhouse local`, argument by argument.
//   pid    says which process serves a folder.
//
// The configuration file is the same for every hub: paths and ports reach it through the
// environment (from_env in hub/config.xml).
#include "base/buffer.h"
#include "base/options.h"
#include "base/version.h"
#include "engine.h"
#include "folder.h"
#include "ports.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_NOT_RUNNING 3 // as the Linux Standard Base has it for status actions
#define SQL_CEILING (64ULL << 20)

static const char LISTEN_UNTIL_STDIN_ENDS[] =
    "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; "
    "SELECT count() FROM file('-', 'LineAsString', 'line String') "
    "SETTINGS storage_file_read_method = 'read', log_queries = 0 FORMAT Null";

struct hub_options {
    const char *engine, *data, *config, *scripts, *functions, *format;
    int64_t http_port, tcp_port;
};

// What serve and query share; the data folder means a little more to the one than to the other.
#define ENGINE_OPTIONS(data_doc, config_doc)                                                       \
    {"data", OPTION_TEXT, offsetof(struct hub_options, data), "DIR", data_doc, 0, 0},              \
        {"config", OPTION_TEXT, offsetof(struct hub_options, config), "FILE", config_doc, 0, 0},   \
        {"engine",                                                                                 \
         OPTION_TEXT,                                                                              \
         offsetof(struct hub_options, engine),                                                     \
         "FILE",                                                                                   \
         "libchdb.so (default: TICKHOUSE_ENGINE)",                                                 \
         0,                                                                                        \
         0},                                                                                       \
        {"scripts",                                                                                \
         OPTION_TEXT,                                                                              \
         offsetof(struct hub_options, scripts),                                                    \
         "DIR",                                                                                    \
         "executables that SQL may call",                                                          \
         0,                                                                                        \
         0},                                                                                       \
    {                                                                                              \
        "functions", OPTION_TEXT, offsetof(struct hub_options, functions), "DIR",                  \
            "folder of *_function.xml files", 0, 0                                                 \
    }

static const struct option SERVE_OPTIONS[] = {
    ENGINE_OPTIONS("the hub's folder", "ClickHouse's configuration (hub/config.xml)"),
    {"http-port", OPTION_INTEGER, offsetof(struct hub_options, http_port), "N",
     "HTTP port, 0 for any free one (default 8123)", 0, 65535},
    {"tcp-port", OPTION_INTEGER, offsetof(struct hub_options, tcp_port), "N",
     "native port, 0 for any free one (default 9000)", 0, 65535},
    {0}};

static const struct option QUERY_OPTIONS[] = {
    ENGINE_OPTIONS("the hub's folder (default: nothing is kept)",
                   "ClickHouse's configuration; hub/query.xml is the one for functions"),
    {"format", OPTION_TEXT, offsetof(struct hub_options, format), "FORMAT",
     "output format where the query names none (default TSV)", 0, 0},
    {0}};

static const struct option PID_OPTIONS[] = {
    {"data", OPTION_TEXT, offsetof(struct hub_options, data), "DIR", "the hub's folder", 0, 0},
    {0}};

static const struct command SERVE = {
    "tickhouse-hub serve", "serve ClickHouse over HTTP and its native protocol",
    "tickhouse-hub serve --data DIR --config FILE [options]", SERVE_OPTIONS, NULL};
static const struct command QUERY = {
    "tickhouse-hub query", "run SQL in this process, without a server",
    "tickhouse-hub query [options] SQL   (SQL from stdin when it is -)", QUERY_OPTIONS,
    "A failed query ends with 65.\n"};
static const struct command PID = {"tickhouse-hub pid", "print the process that serves a folder",
                                   "tickhouse-hub pid --data DIR", PID_OPTIONS,
                                   "Ends with 3 when there is none.\n"};

static volatile sig_atomic_t stop_asked;
static volatile int stdin_writer = -1;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
    if (stdin_writer >= 0) {
        (void)close(stdin_writer);
        stdin_writer = -1;
    }
}

// Makes stdin a pipe that ends when SIGTERM or SIGINT comes. The writing end must not reach the
// workers that the engine starts, else it would never end.
static int hold_stdin(struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || dup2(ends[0], STDIN_FILENO) < 0)
        return err_set(err, EX_OSERR, "cannot make a pipe: %m");
    (void)close(ends[0]);
    stdin_writer = ends[1];
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

// Sets a variable that the configuration takes by from_env. ClickHouse pastes it in as XML.
static int export_text(const char *name, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int export_text(const char *name, struct err *err, const char *format, ...)
{
    char text[2 * PATH_MAX];
    struct buffer xml;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_init(&xml, 8 * sizeof text);
    int code = 0;
    for (const char *c = text; code == 0; c++) {
        const char *escaped = *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : NULL;
        code = escaped != NULL ? buffer_append(&xml, escaped, strlen(escaped), err)
                               : buffer_append(&xml, c, 1, err);
        if (*c == '\0')
            break;
    }
    if (code == 0 && setenv(name, xml.data, 1) != 0)
        code = err_set(err, EX_OSERR, "cannot set %s: %m", name);
    buffer_free(&xml);
    return code;
}

static int export_folders(const struct hub_options *options, struct err *err)
{
    TRY(export_text("TICKHOUSE_HUB_SCRIPTS", err, "%s/", options->scripts));
    return export_text("TICKHOUSE_HUB_FUNCTIONS", err, "%s/*_function.xml", options->functions);
}

// Where the functions find models, unless the environment says.
static int export_models(const struct folder *folder, struct err *err)
{
    char path[PATH_MAX + 8];
    (void)snprintf(path, sizeof path, "%s/models", folder->path);
    return setenv("TICKHOUSE_MODELS", path, 0) == 0
               ? 0
               : err_set(err, EX_OSERR, "cannot set TICKHOUSE_MODELS: %m");
}

static int export_settings(const struct folder *folder, const struct hub_options *options,
                           struct err *err)
{
    TRY(export_folders(options, err));
    TRY(export_models(folder, err));
    TRY(export_text("TICKHOUSE_HUB_PATH", err, "%s/data/", folder->path));
    TRY(export_text("TICKHOUSE_HUB_TMP", err, "%s/data/tmp/", folder->path));
    TRY(export_text("TICKHOUSE_HUB_FILES", err, "%s/data/user_files/", folder->path));
    TRY(export_text("TICKHOUSE_HUB_FORMATS", err, "%s/data/format_schemas/", folder->path));
    TRY(export_text("TICKHOUSE_HUB_LOG", err, "%s/logs/hub.log", folder->path));
    TRY(export_text("TICKHOUSE_HUB_ERROR_LOG", err, "%s/logs/hub.err.log", folder->path));
    TRY(export_text("TICKHOUSE_HUB_HTTP_PORT", err, "%" PRId64, options->http_port));
    return export_text("TICKHOUSE_HUB_TCP_PORT", err, "%" PRId64, options->tcp_port);
}

static int absolute(const char **path, const char *option, struct err *err)
{
    char *resolved = realpath(*path, NULL); // lives as long as the process
    if (resolved == NULL)
        return err_set(err, EX_NOINPUT, "--%s %s: %m", option, *path);
    *path = resolved;
    return 0;
}

static int serve_engine(const struct engine *engine, const struct folder *folder,
                        const struct hub_options *options, struct err *err)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/data/", folder->path);
    char *argv[] = {"clickhouse", "--config-file", (char *)options->config,         "--path",
                    path,         "--query",       (char *)LISTEN_UNTIL_STDIN_ENDS, NULL};
    TRY(engine_local(engine, 7, argv, err));
    if (!stop_asked)
        return err_set(err, EX_UNAVAILABLE,
                       "ClickHouse stopped by itself; what it printed above or %s/logs/hub.err.log "
                       "says why",
                       folder->path);
    return 0;
}

static int serve(struct hub_options *options, struct err *err)
{
    static struct folder folder;
    struct engine engine;
    if (options->data == NULL || options->config == NULL)
        return err_set(err, EX_USAGE, "serve wants --data DIR and --config FILE");
    TRY(folder_open(&folder, options->data, err));
    TRY(folder_lock(&folder, err));
    TRY(port_claim(&options->http_port, "http-port", err));
    TRY(port_claim(&options->tcp_port, "tcp-port", err));
    TRY(absolute(&options->config, "config", err));
    TRY(absolute(&options->scripts, "scripts", err));
    TRY(absolute(&options->functions, "functions", err));
    TRY(export_settings(&folder, options, err));
    TRY(folder_attach_system(&folder, err));
    TRY(hold_stdin(err));
    TRY(engine_load(&engine, options->engine, err));
    if (chdir(folder.path) != 0) // else ClickHouse takes a config.xml that lies where we started
        return err_set(err, EX_OSERR, "cannot enter %s: %m", folder.path);
    TRY(folder_record(&folder, options->http_port, options->tcp_port, err));
    const int code = serve_engine(&engine, &folder, options, err);
    folder_forget(&folder);
    return code;
}

static int read_all(FILE *file, struct buffer *text, struct err *err)
{
    for (size_t got = 1; got > 0;) {
        char *space = buffer_reserve(text, 65536, err);
        if (space == NULL)
            return EX_DATAERR;
        got = fread(space, 1, 65536, file);
        text->size += got;
    }
    return buffer_append(text, "", 1, err);
}

static int read_sql(const char *word, struct buffer *sql, struct err *err)
{
    buffer_init(sql, SQL_CEILING);
    return strcmp(word, "-") == 0 ? read_all(stdin, sql, err)
                                  : buffer_append(sql, word, strlen(word) + 1, err);
}

static int query_at(const char *path, const struct hub_options *options, const char *word,
                    struct err *err)
{
    struct engine engine;
    struct buffer sql; // lives as long as the process
    TRY(read_sql(word, &sql, err));
    TRY(engine_load(&engine, options->engine, err));
    return engine_query(&engine, options->config, path, sql.data, options->format, stdout, err);
}

static int query_kept(const struct hub_options *options, const char *word, struct err *err)
{
    static struct folder folder;
    char path[PATH_MAX];
    TRY(folder_open(&folder, options->data, err));
    TRY(folder_lock(&folder, err));
    (void)snprintf(path, sizeof path, "%s/data/", folder.path);
    return query_at(path, options, word, err);
}

static int query_scratch(const struct hub_options *options, const char *word, struct err *err)
{
    char path[PATH_MAX];
    TRY(folder_scratch(path, err));
    const int code = query_at(path, options, word, err);
    folder_remove(path);
    return code;
}

static int query(struct hub_options *options, int argc, char **argv, struct err *err)
{
    if (argc != 2)
        return err_set(err, EX_USAGE, "query wants one argument: the SQL, or - for stdin");
    TRY(absolute(&options->scripts, "scripts", err));
    TRY(absolute(&options->functions, "functions", err));
    TRY(export_folders(options, err));
    if (options->config != NULL)
        TRY(absolute(&options->config, "config", err));
    return options->data != NULL ? query_kept(options, argv[1], err)
                                 : query_scratch(options, argv[1], err);
}

static int local(const struct hub_options *options, int argc, char **argv, struct err *err)
{
    struct engine engine;
    TRY(engine_load(&engine, options->engine, err));
    return engine_local(&engine, argc, argv, err);
}

static int print_pid(const struct hub_options *options, struct err *err)
{
    if (options->data == NULL)
        return err_set(err, EX_USAGE, "pid wants --data DIR");
    const pid_t pid = folder_holder(options->data);
    if (pid == 0)
        return EXIT_NOT_RUNNING;
    (void)printf("%d\n", (int)pid);
    return 0;
}

static void help(void)
{
    (void)printf("tickhouse-hub: the embedded ClickHouse\n\n"
                 "usage: tickhouse-hub COMMAND [options]\n\ncommands:\n"
                 "  serve   %s\n  query   %s\n  pid     %s\n"
                 "  local   clickhouse local, argument by argument\n\n"
                 "'tickhouse-hub COMMAND --help' lists a command's options.\n",
                 SERVE.summary, QUERY.summary, PID.summary);
}

static int run(int argc, char **argv, struct err *err)
{
    struct hub_options options = {.engine = getenv("TICKHOUSE_ENGINE"),
                                  .scripts = ".",
                                  .functions = ".",
                                  .format = "TSV",
                                  .http_port = 8123,
                                  .tcp_port = 9000};
    const char *name = argc > 1 ? argv[1] : "--help";
    enum options_result result = OPTIONS_DONE;
    if (strcmp(name, "--help") == 0)
        help();
    else if (strcmp(name, "--version") == 0)
        (void)printf("tickhouse-hub %s\n", TICKHOUSE_VERSION);
    else if (strcmp(name, "--complete") == 0)
        (void)printf("serve\nquery\nlocal\npid\n--help\n--version\n");
    else if (strcmp(name, "local") == 0 && strcmp(argv[argc - 1], "--complete") == 0)
        return 0; // ClickHouse's own options are not ours to list
    else if (strcmp(name, "local") == 0)
        return local(&options, argc - 1, argv + 1, err);
    else {
        const struct command *command = strcmp(name, "serve") == 0   ? &SERVE
                                        : strcmp(name, "query") == 0 ? &QUERY
                                        : strcmp(name, "pid") == 0   ? &PID
                                                                     : NULL;
        if (command == NULL)
            return err_set(err, EX_USAGE, "unknown command '%s'; 'tickhouse-hub --help' lists them",
                           name);
        argc--, argv++;
        TRY(options_parse(command, &argc, argv, &options, &result, err));
        if (result == OPTIONS_DONE)
            return 0;
        return command == &SERVE   ? serve(&options, err)
               : command == &QUERY ? query(&options, argc, argv, err)
                                   : print_pid(&options, err);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    const int code = run(argc, argv, &err);
    if (err.code != 0)
        (void)fprintf(stderr, "tickhouse-hub: %s\n", err.text);
    (void)fflush(NULL);
    _Exit(code); // the library's own exit handlers do not survive being run
}
