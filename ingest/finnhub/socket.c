// SPDX-License-Identifier: Apache-2.0
// libwebsockets calls back, and everything it says becomes a state that socket_run looks at between
// two rounds of service: connect when it is time to, give up where no other try can help.
#include "socket.h"
#include "base/time.h"
#include "net/backoff.h"
#include "net/http.h"

#include <libwebsockets.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOCKET_MESSAGE_BYTES = 1 << 20,
    SOCKET_URL_BYTES = 2048,
    SOCKET_RX_BYTES = 64 << 10,
    SOCKET_REQUEST_BYTES = 256,
    SOCKET_WAIT_MOST = 60, // seconds between two tries
    SOCKET_TICK_MICROSECONDS = 100000,
    CLOSED_ABNORMALLY = 1006, // the connection broke without a word of closing
};

struct socket {
    const struct socket_settings *settings;
    struct socket_counts *counts;
    struct lws_context *context;
    struct lws *connection; // NULL: none
    lws_sorted_usec_list_t ticker;
    lws_retry_bo_t idle;
    struct backoff backoff;
    double connect_at; // clock_seconds() of the next try
    char host[256], path[SOCKET_URL_BYTES], shown[SOCKET_URL_BYTES];
    int port;
    bool is_secure;
    struct buffer message;
    size_t subscribed;           // symbols that this connection has asked for
    unsigned closed;             // the code that the server closed with
    bool has_heard, is_oversize; // of this connection
    int code;                    // that ended the run
    bool is_done;
    struct err err;
};

static void restart_backoff(struct socket *socket)
{
    backoff_init(&socket->backoff, INT_MAX);
    socket->backoff.seconds_most = SOCKET_WAIT_MOST;
}

static void end_run(struct socket *socket, int code)
{
    socket->code = code;
    socket->is_done = true;
}

// ---- what came ----

static int append(struct socket *socket, const void *data, size_t size)
{
    struct buffer *message = &socket->message;
    if (buffer_append(message, data, size, NULL) == 0)
        return 0;
    socket->is_oversize = true;
    return -1;
}

static int take_message(struct socket *socket)
{
    const struct socket_settings *settings = socket->settings;
    struct buffer *message = &socket->message;
    TRY(append(socket, "", 1)); // the NUL
    const size_t size = message->size - 1;
    message->size = 0;
    socket->counts->messages++;
    socket->counts->bytes += size;
    if (!socket->has_heard)
        restart_backoff(socket);
    socket->has_heard = true;
    const int code = settings->take(settings->trades, message->data, size, &socket->err);
    if (code != 0)
        end_run(socket, code);
    return code;
}

static int on_receive(struct socket *socket, struct lws *wsi, const void *data, size_t size)
{
    if (lws_is_first_fragment(wsi))
        socket->message.size = 0;
    lws_validity_confirmed(wsi);
    TRY(append(socket, data, size));
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) != 0)
        return 0;
    return take_message(socket);
}

// One symbol each time that the connection can be written to.
static int on_writeable(struct socket *socket, struct lws *wsi)
{
    const struct socket_settings *settings = socket->settings;
    char text[LWS_PRE + SOCKET_REQUEST_BYTES];
    if (socket->subscribed == settings->symbol_count)
        return 0;
    const int size =
        snprintf(text + LWS_PRE, SOCKET_REQUEST_BYTES, "{\"type\":\"subscribe\",\"symbol\":\"%s\"}",
                 settings->symbols[socket->subscribed++]);
    if (lws_write(wsi, (unsigned char *)text + LWS_PRE, (size_t)size, LWS_WRITE_TEXT) < size)
        return -1;
    if (socket->subscribed < settings->symbol_count)
        (void)lws_callback_on_writable(wsi);
    return 0;
}

// ---- how connections end ----

static void try_again(struct socket *socket, const char *why)
{
    double seconds = 0;
    (void)backoff_next(&socket->backoff, &seconds);
    socket->connection = NULL;
    socket->connect_at = clock_seconds() + seconds;
    if (!socket->settings->quiet && !socket->is_done)
        (void)fprintf(stderr, "finnhub: %s: %s; next try in %.1f s\n", socket->shown, why, seconds);
}

static void on_closed(struct socket *socket)
{
    char why[160];
    if (socket->settings->once && socket->closed == LWS_CLOSE_STATUS_NORMAL)
        end_run(socket, 0);
    if (socket->is_oversize)
        (void)snprintf(why, sizeof why, "a message is longer than %d bytes; connection given up",
                       SOCKET_MESSAGE_BYTES);
    else if (socket->closed == CLOSED_ABNORMALLY)
        (void)snprintf(why, sizeof why,
                       "the connection broke (1006), or was silent for %lld s and gave no pong",
                       (long long)socket->settings->hangup_seconds);
    else
        (void)snprintf(why, sizeof why, "the server closed the connection with code %u",
                       socket->closed);
    try_again(socket, why);
}

static void on_refused(struct socket *socket, struct lws *wsi, const char *what)
{
    const unsigned status = wsi != NULL ? lws_http_client_http_response(wsi) : 0;
    char why[256];
    if (status == 401 || status == 403) {
        end_run(socket, err_set(&socket->err, EX_NOPERM,
                                "%s refuses the key (status %u): check TICKHOUSE_FINNHUB_KEY; "
                                "finnhub.io/dashboard shows yours",
                                socket->shown, status));
        return;
    }
    if (status != 0 && status != 101)
        (void)snprintf(why, sizeof why, "no WebSocket there, the answer has status %u", status);
    else
        (void)snprintf(why, sizeof why, "no connection: %s",
                       what != NULL ? what : "no reason given");
    if (status == 429 && socket->backoff.seconds < 5)
        socket->backoff.seconds = 5;
    try_again(socket, why);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data,
                    size_t size)
{
    struct lws_context *context = lws_get_context(wsi);
    struct socket *socket = lws_context_user(context);
    const unsigned char *bytes = data;
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        socket->counts->connections++;
        socket->closed = CLOSED_ABNORMALLY;
        socket->settings->connected(socket->settings->trades);
        (void)lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writeable(socket, wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_receive(socket, wsi, data, size);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        socket->closed = size >= 2 ? (unsigned)(bytes[0] << 8 | bytes[1]) : 1005;
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        on_closed(socket);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_refused(socket, wsi, data);
        return 0;
    default:
        return 0;
    }
}

// ---- connecting ----

static const struct lws_protocols protocols[] = {
    {"finnhub", on_event, 0, SOCKET_RX_BYTES, 0, NULL, 0},
    {0},
};

static void on_tick(lws_sorted_usec_list_t *ticker)
{
    struct socket *socket = lws_container_of(ticker, struct socket, ticker);
    const int code =
        socket->is_done ? 0 : socket->settings->tick(socket->settings->context, &socket->err);
    if (code != 0)
        end_run(socket, code);
    lws_sul_schedule(socket->context, 0, ticker, on_tick, SOCKET_TICK_MICROSECONDS);
}

static int split_url(struct socket *socket, struct err *err)
{
    const struct socket_settings *settings = socket->settings;
    char copy[SOCKET_URL_BYTES];
    const char *protocol, *host, *path;
    http_shown(settings->url, socket->shown, sizeof socket->shown);
    if ((strncmp(settings->url, "ws://", 5) != 0 && strncmp(settings->url, "wss://", 6) != 0) ||
        (size_t)snprintf(copy, sizeof copy, "%s", settings->url) >= sizeof copy ||
        lws_parse_uri(copy, &protocol, &host, &socket->port, &path) != 0)
        return err_set(err, EX_USAGE,
                       "'%s' is no WebSocket address; write for example wss://ws.finnhub.io",
                       socket->shown);
    socket->is_secure = strcmp(protocol, "wss") == 0;
    if ((size_t)snprintf(socket->host, sizeof socket->host, "%s", host) >= sizeof socket->host)
        return err_set(err, EX_USAGE, "the host's name in '%s' is too long", socket->shown);
    if (!socket->is_secure && !http_is_loopback(host))
        return err_set(err, EX_USAGE,
                       "%s would send the key in clear text: only wss:// leads to other machines",
                       socket->shown);
    struct buffer text;
    buffer_init(&text, sizeof socket->path);
    int code = buffer_printf(&text, err, "/%s?token=", path);
    if (code == 0)
        code = http_escape(&text, settings->token, err);
    if (code == 0)
        (void)snprintf(socket->path, sizeof socket->path, "%s", text.data);
    buffer_free(&text);
    return code;
}

// libwebsockets takes a proxy from the environment, which does not lead to this machine itself.
static struct lws_context *create_context(struct socket *socket)
{
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = socket->is_secure ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
        .client_ssl_ca_filepath = getenv("SSL_CERT_FILE"),
        .user = socket,
        .gid = -1,
        .uid = -1,
    };
    const char *proxy = getenv("http_proxy");
    char *kept = proxy != NULL && http_is_loopback(socket->host) ? strdup(proxy) : NULL;
    if (kept != NULL)
        (void)unsetenv("http_proxy");
    lws_set_log_level(0, NULL);
    struct lws_context *context = lws_create_context(&info);
    if (kept != NULL)
        (void)setenv("http_proxy", kept, 1);
    free(kept);
    return context;
}

static void connect_socket(struct socket *socket)
{
    const struct lws_client_connect_info info = {
        .context = socket->context,
        .address = socket->host,
        .host = socket->host,
        .origin = socket->host,
        .port = socket->port,
        .path = socket->path,
        .ssl_connection = socket->is_secure ? LCCSCF_USE_SSL : 0,
        .local_protocol_name = protocols[0].name,
        .retry_and_idle_policy = &socket->idle,
        .pwsi = &socket->connection,
    };
    socket->subscribed = 0;
    socket->has_heard = socket->is_oversize = false;
    socket->message.size = 0;
    socket->connect_at = INFINITY;
    if (lws_client_connect_via_info(&info) == NULL && socket->connect_at == INFINITY)
        try_again(socket, "no connection: it could not be begun");
}

int socket_run(const struct socket_settings *settings, struct socket_counts *counts,
               struct err *err)
{
    struct socket socket = {
        .settings = settings,
        .counts = counts,
        .idle = {.secs_since_valid_ping = (uint16_t)settings->ping_seconds,
                 .secs_since_valid_hangup = (uint16_t)settings->hangup_seconds},
    };
    TRY(split_url(&socket, err));
    buffer_init(&socket.message, SOCKET_MESSAGE_BYTES + 1);
    restart_backoff(&socket);
    socket.context = create_context(&socket);
    if (socket.context == NULL)
        return err_set(err, EX_OSERR, "cannot start libwebsockets");
    lws_sul_schedule(socket.context, 0, &socket.ticker, on_tick, SOCKET_TICK_MICROSECONDS);
    while (!socket.is_done) {
        if (clock_seconds() >= socket.connect_at)
            connect_socket(&socket);
        if (lws_service(socket.context, 0) < 0)
            break;
    }
    lws_sul_schedule(socket.context, 0, &socket.ticker, on_tick, LWS_SET_TIMER_USEC_CANCEL);
    lws_context_destroy(socket.context);
    buffer_free(&socket.message);
    if (socket.code != 0 && socket.err.code != 0)
        return err_set(err, socket.code, "%s", socket.err.text);
    return socket.code;
}
