// SPDX-License-Identifier: Apache-2.0
// nn-serve: predictions over HTTP. libmicrohttpd's threads read requests and compute the answers
// themselves: a prediction takes less time than handing it to another thread and back. Everything
// that a client sends has a ceiling, and on SIGTERM what is under way is finished.
#include "base/options.h"
#include "base/time.h"
#include "serve/service.h"
#include "udf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STALL_SECONDS = 30, DRAIN_SECONDS = 10, CONNECTION_BYTES = 64 << 10, MAX_THREADS = 64 };

struct server {
    struct served_models *models;
    size_t body_most;
    bool log;
    atomic_uint under_way;
    atomic_bool stopping;
};

// One request, from its first line to its last byte.
struct exchange {
    struct buffer body;
    struct err error; // of the body
    double began;
};

// ---- answering

static void log_line(const struct server *server, const char *method, const char *path,
                     const struct service_reply *reply, const struct exchange *exchange)
{
    if (server->log)
        (void)fprintf(stderr, "%s %.200s %u %.0f us %s\n", method, path, reply->status,
                      (clock_seconds() - exchange->began) * 1e6,
                      reply->model[0] != '\0' ? reply->model : "-");
}

static void free_reply(void *bytes)
{
    free(bytes);
}

static enum MHD_Result queue(struct server *server, struct MHD_Connection *connection,
                             struct service_reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        reply->body.size, reply->body.data, free_reply);
    if (response == NULL) {
        buffer_free(&reply->body);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    if (reply->model[0] != '\0')
        (void)MHD_add_response_header(response, "Tickhouse-Model", reply->model);
    if (reply->allow != NULL)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
    if (atomic_load(&server->stopping))
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    const enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse_size(struct server *server, struct MHD_Connection *connection,
                                   struct service_reply *reply)
{
    char sentence[128];
    (void)snprintf(sentence, sizeof sentence,
                   "the body is larger than %zu bytes; send fewer sequences at once",
                   server->body_most);
    service_refuse(reply, 413, sentence);
    return queue(server, connection, reply);
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection,
                              const char *path, const char *method, struct exchange *exchange)
{
    struct service_reply reply = {0};
    const struct service_request request = {
        .method = method,
        .path = path,
        .key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Tickhouse-Key"),
        .body = exchange->body.data,
        .size = exchange->body.size};
    enum MHD_Result result;
    buffer_init(&reply.body, SERVICE_REPLY_BYTES);
    if (exchange->error.code != 0) {
        result = refuse_size(server, connection, &reply);
    } else {
        if (atomic_load(&server->stopping) && strcmp(path, "/v2/health/ready") == 0)
            service_refuse(&reply, 503, "the server is stopping");
        else
            service_answer(server->models, &request, &reply);
        result = queue(server, connection, &reply);
    }
    log_line(server, method, path, &reply, exchange);
    return result;
}

// ---- libmicrohttpd

static bool is_too_large(struct server *server, struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL && strtoull(length, NULL, 10) > server->body_most;
}

// The first call of a request: only its head is there. A body that is too large is refused before
// it is sent, which closes the connection.
static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection,
                             struct exchange **exchange)
{
    struct exchange *begun = calloc(1, sizeof *begun);
    if (begun == NULL)
        return MHD_NO;
    buffer_init(&begun->body, server->body_most);
    begun->began = clock_seconds();
    *exchange = begun;
    atomic_fetch_add(&server->under_way, 1);
    if (!is_too_large(server, connection))
        return MHD_YES;
    struct service_reply reply = {0};
    buffer_init(&reply.body, SERVICE_REPLY_BYTES);
    return refuse_size(server, connection, &reply);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
    struct server *server = context;
    struct exchange **exchange = (struct exchange **)state;
    (void)version;
    if (*exchange == NULL)
        return begin(server, connection, exchange);
    if (*size == 0)
        return answer(server, connection, path, method, *exchange);
    if ((*exchange)->error.code == 0)
        (void)buffer_append(&(*exchange)->body, data, *size, &(*exchange)->error);
    *size = 0;
    return MHD_YES;
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    struct exchange *exchange = *state;
    (void)connection;
    (void)code;
    if (exchange == NULL)
        return;
    buffer_free(&exchange->body);
    free(exchange);
    *state = NULL;
    atomic_fetch_sub(&server->under_way, 1);
}

// ---- the program

struct settings {
    const char *models, *host;
    int64_t port, threads, connections, body;
    bool log;
};

#define SETTING(member) offsetof(struct settings, member)
static const struct option options[] = {
    {"host", OPTION_TEXT, SETTING(host), "ADDRESS", "IPv4 address to listen on (127.0.0.1)", 0, 0},
    {"port", OPTION_INTEGER, SETTING(port), "N", "port, 0 for a free one (8390)", 0, 65535},
    {"threads", OPTION_INTEGER, SETTING(threads), "N", "that read and compute (one a core)", 1,
     MAX_THREADS},
    {"connections", OPTION_INTEGER, SETTING(connections), "N", "at once at most (256)", 1, 100000},
    {"max-body", OPTION_INTEGER, SETTING(body), "MIB", "largest request in MiB (8)", 1, 64},
    {"log", OPTION_FLAG, SETTING(log), NULL, "a line a request on stderr", 0, 0},
    {"models", OPTION_TEXT, SETTING(models), "DIR", "the models folder (TICKHOUSE_MODELS)", 0, 0},
    {.name = NULL}};

static const struct command command = {
    "serve", "predictions over HTTP, in the protocols V1 and V2 of KServe", "nn serve [options]",
    options,
    "\nThere is no encryption and no password: to listen on more than this machine is for a "
    "network "
    "that\nis trusted, or behind a proxy that asks. A promoted model answers the next request.\n"};

static int read_settings(int argc, char **argv, struct settings *settings,
                         enum options_result *result, struct err *err)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *settings = (struct settings){.host = "127.0.0.1",
                                  .port = 8390,
                                  .threads = cores < 1             ? 1
                                             : cores > MAX_THREADS ? MAX_THREADS
                                                                   : cores,
                                  .connections = 256,
                                  .body = 8,
                                  .models = getenv("TICKHOUSE_MODELS")};
    TRY(options_parse(&command, &argc, argv, settings, result, err));
    if (*result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is one word too many; every model is served", argv[1]);
    if (settings->models == NULL || *settings->models == '\0')
        return err_set(
            err, EX_USAGE,
            "which models folder? Give --models, or set TICKHOUSE_MODELS as './tickhouse "
            "nn' does");
    return 0;
}

static int listen_on(const char *host, int64_t port, int *listening, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int on = 1;
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return err_set(err, EX_USAGE, "'%.64s' is no IPv4 address; 127.0.0.1 is this machine",
                       host);
    *listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*listening >= 0 && setsockopt(*listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(*listening, (const struct sockaddr *)&address, sizeof address) == 0 &&
        listen(*listening, SOMAXCONN) == 0)
        return 0;
    (void)err_set(err, EX_UNAVAILABLE, "cannot listen on %s:%lld: %s; --port 0 takes a free port",
                  host, (long long)port, strerror(errno));
    if (*listening >= 0)
        (void)close(*listening);
    return EX_UNAVAILABLE;
}

static void print_address(int listening, const char *host)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    (void)getsockname(listening, (struct sockaddr *)&address, &size);
    (void)printf("listening on http://%s:%u\n", host, ntohs(address.sin_port));
    (void)fflush(stdout);
}

static int start(struct server *server, const struct settings *settings, int listening,
                 struct MHD_Daemon **daemon, struct err *err)
{
    // Each thread of the pool has a share of the connections, and at least one.
    const int64_t connections =
        settings->connections < settings->threads ? settings->threads : settings->connections;
    *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
        listening, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)settings->threads,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)connections, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)STALL_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, server, MHD_OPTION_END);
    return *daemon != NULL ? 0
                           : err_set(err, EX_OSERR, "cannot start %lld threads: %s",
                                     (long long)settings->threads, strerror(errno));
}

// Returns when a signal came and what was under way is answered.
static void wait_for_end(struct server *server, int listening, const sigset_t *signals)
{
    int signal_number;
    (void)sigwait(signals, &signal_number);
    atomic_store(&server->stopping, true);
    (void)shutdown(listening, SHUT_RDWR); // from here on, who connects is refused
    for (int left = DRAIN_SECONDS * 100; left > 0 && atomic_load(&server->under_way) != 0; left--)
        (void)usleep(10000);
}

static int serve(const struct settings *settings, struct err *err)
{
    struct server server = {.body_most = (size_t)settings->body << 20, .log = settings->log};
    struct MHD_Daemon *daemon;
    sigset_t signals;
    int listening = -1;
    TRY(listen_on(settings->host, settings->port, &listening, err));
    TRY(served_open(&server.models, settings->models, err));
    // Blocked before threads start, so that they come to sigwait alone.
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    const int code = start(&server, settings, listening, &daemon, err);
    if (code == 0) {
        print_address(listening, settings->host);
        wait_for_end(&server, listening, &signals);
        MHD_stop_daemon(daemon);
    }
    served_close(server.models);
    return code;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct settings settings;
    enum options_result result;
    char models[4096];
    if (argc > 1 && strcmp(argv[1], "serve") == 0) { // as './tickhouse nn serve' calls it
        argc--;
        argv++;
    }
    int code = read_settings(argc, argv, &settings, &result, &err);
    if (code == 0 && result == OPTIONS_RUN) {
        // The environment goes when the process is isolated.
        (void)snprintf(models, sizeof models, "%s", settings.models);
        settings.models = models;
        code = forward_set_up(&err);
        udf_isolate();
        json_object_seed(0);
        if (code == 0)
            code = serve(&settings, &err);
    }
    if (err.code != 0)
        (void)fprintf(stderr, "nn serve: %s\n", err.text);
    return code;
}
