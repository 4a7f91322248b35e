// SPDX-License-Identifier: Apache-2.0
// libwebsockets serves both: a request over HTTP is answered at once, a socket gets its trades each
// time it can be written to, a message for all that is due.
#include "server.h"
#include "base/time.h"
#include "reply.h"
#include "stop.h"
#include "stream.h"

#include <jansson.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SERVER_MESSAGE_TRADES = 256,
    SERVER_MESSAGE_BYTES = 4 << 20,
    SERVER_REQUEST_BYTES = 4096,
    SERVER_SETTLE_MICROSECONDS = 200000, // after the last subscription the trades begin
    SERVER_TICK_MICROSECONDS = 100000,
    SERVER_OVERSIZE_BYTES = 2 << 20,
    SERVER_SLOW_MICROSECONDS = 1000000,
};

struct server {
    struct server_settings *settings;
    struct stream stream;
    struct market quotes; // goes with the time since the first question
    struct market_tick *latest;
    double asked; // clock_seconds() of that
    struct buffer message;
    struct lws_context *context;
    lws_sorted_usec_list_t ticker;
    bool is_stopped;
};

// What libwebsockets keeps for each connection, zeroed.
struct session {
    bool is_reply, is_socket, is_joined, is_begun, is_silent, is_broken;
    struct reply reply;
    struct feed feed;
    bool *wanted; // of each symbol
    enum fault_kind fault;
};

// ---- replies ----

static size_t symbol_of(const struct server *server, const char *name)
{
    const struct market_settings *market = &server->settings->feed.market;
    size_t symbol = 0;
    while (symbol < market->symbol_count && strcmp(market->symbols[symbol], name) != 0)
        symbol++;
    return symbol;
}

// The market's state goes with the clock, and on until the symbol had a trade.
static void advance_quotes(struct server *server, size_t symbol)
{
    const double now = clock_seconds();
    struct market_tick tick = {0};
    if (server->asked <= 0)
        server->asked = now;
    const double due = (now - server->asked) * server->settings->speed * 1e6;
    while (((double)tick.due < due || server->latest[symbol].number == 0) &&
           market_next(&server->quotes, &tick))
        server->latest[tick.symbol] = tick;
}

static int answer_quote(struct server *server, struct buffer *body, const char *name,
                        struct err *err)
{
    const size_t symbol = symbol_of(server, name);
    if (symbol == server->settings->feed.market.symbol_count)
        return reply_no_quote(body, err);
    advance_quotes(server, symbol);
    if (server->latest[symbol].number == 0)
        return reply_no_quote(body, err);
    return reply_quote(body, &server->latest[symbol], err);
}

static int answer(struct server *server, const char *path, const char *symbol, struct reply *reply,
                  struct err *err)
{
    const struct market_settings *market = &server->settings->feed.market;
    if (strcmp(path, "/api/v1/quote") == 0)
        return answer_quote(server, &reply->body, symbol, err);
    if (strcmp(path, "/api/v1/news") == 0)
        return reply_news(&reply->body, market->seed, NULL, market->start / 1000, err);
    if (strcmp(path, "/api/v1/company-news") == 0 &&
        symbol_of(server, symbol) == market->symbol_count)
        return reply_no_news(&reply->body, err);
    if (strcmp(path, "/api/v1/company-news") == 0)
        return reply_news(&reply->body, market->seed, symbol, market->start / 1000, err);
    return reply_spoil(reply, strcmp(path, "/api/v1/stock/candle") == 0 ? FAULT_403 : FAULT_404,
                       err);
}

static bool has_key(struct lws *wsi)
{
    static const char name[] = "x-finnhub-token:";
    char argument[256];
    return lws_hdr_custom_length(wsi, name, sizeof name - 1) > 0 ||
           lws_get_urlarg_by_name(wsi, "token=", argument, sizeof argument) != NULL;
}

static int on_request(struct server *server, struct lws *wsi, struct session *session,
                      const char *path)
{
    struct err err = {0};
    char text[256];
    const char *symbol = lws_get_urlarg_by_name(wsi, "symbol=", text, sizeof text);
    struct reply *reply = &session->reply;
    const enum fault_kind fault = faults_of_reply(server->settings->faults);
    *reply = (struct reply){.status = 200, .type = "application/json"};
    buffer_init(&reply->body, SERVER_MESSAGE_BYTES);
    session->is_reply = true;
    TRY(has_key(wsi) ? answer(server, path, symbol != NULL ? symbol : "", reply, &err)
                     : reply_spoil(reply, FAULT_401, &err));
    TRY(reply_spoil(reply, fault, &err));
    if (fault == FAULT_SLOW)
        lws_set_timer_usecs(wsi, SERVER_SLOW_MICROSECONDS);
    else
        (void)lws_callback_on_writable(wsi);
    return 0;
}

static int write_reply(struct lws *wsi, struct reply *reply)
{
    unsigned char head[LWS_PRE + 1024], *at = head + LWS_PRE, *end = head + sizeof head - 1;
    const size_t size = reply->is_cut ? reply->body.size / 2 : reply->body.size;
    struct buffer text;
    if (lws_add_http_common_headers(wsi, reply->status, reply->type, reply->body.size, &at, end) ||
        (reply->retry_after != NULL &&
         lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_RETRY_AFTER,
                                      (const unsigned char *)reply->retry_after,
                                      (int)strlen(reply->retry_after), &at, end)) ||
        lws_finalize_write_http_header(wsi, head + LWS_PRE, &at, end))
        return -1;
    buffer_init(&text, LWS_PRE + SERVER_MESSAGE_BYTES);
    char *room = buffer_reserve(&text, LWS_PRE + size, NULL);
    int written = -1;
    if (room != NULL && size != 0) {
        memcpy(room + LWS_PRE, reply->body.data, size);
        written = lws_write(wsi, (unsigned char *)room + LWS_PRE, size, LWS_WRITE_HTTP_FINAL);
    }
    buffer_free(&text);
    if ((size != 0 && written < (int)size) || reply->is_cut)
        return -1;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

// When a request is done, libwebsockets may clear or free what the connection keeps.
static int send_reply(struct lws *wsi, struct session *session)
{
    struct reply reply = session->reply;
    session->reply = (struct reply){0};
    session->is_reply = false;
    const int code = write_reply(wsi, &reply);
    buffer_free(&reply.body);
    return code;
}

// ---- subscriptions ----

static void change_wish(struct server *server, struct session *session, json_t *request)
{
    const char *type = json_string_value(json_object_get(request, "type"));
    const char *name = json_string_value(json_object_get(request, "symbol"));
    const size_t count = server->settings->feed.market.symbol_count;
    if (type == NULL || name == NULL)
        return;
    const size_t symbol = symbol_of(server, name);
    if (symbol < count)
        session->wanted[symbol] = strcmp(type, "subscribe") == 0;
}

static void on_message(struct server *server, struct lws *wsi, struct session *session,
                       const char *data, size_t size)
{
    json_t *request = json_loadb(data, size, 0, NULL);
    change_wish(server, session, request);
    json_decref(request);
    if (!session->is_begun)
        lws_set_timer_usecs(wsi, SERVER_SETTLE_MICROSECONDS);
}

static int on_established(struct server *server, struct session *session)
{
    const struct market_settings *market = &server->settings->feed.market;
    session->is_socket = true;
    session->wanted = calloc(market->symbol_count, sizeof *session->wanted);
    return session->wanted != NULL ? feed_open(&session->feed, &server->settings->feed, NULL) : -1;
}

static void on_closed(struct server *server, struct session *session)
{
    if (session->is_joined)
        stream_leave(&server->stream, &session->feed);
    if (session->is_socket)
        feed_close(&session->feed);
    free(session->wanted);
    buffer_free(&session->reply.body);
    *session = (struct session){0};
}

// ---- trades ----

static int begin_message(struct buffer *message, struct err *err)
{
    message->size = 0;
    if (buffer_reserve(message, LWS_PRE, err) == NULL)
        return err_code(err, EX_OSERR);
    message->size = LWS_PRE;
    return message_begin(message, err);
}

// All that is due and wanted. A trade that comes again is in a message after that of the first.
static size_t gather(struct server *server, struct session *session, double *wait, struct err *err)
{
    const struct market_settings *market = &server->settings->feed.market;
    const struct feed_tick *next;
    size_t count = 0;
    *wait = -1;
    while (count < SERVER_MESSAGE_TRADES && (next = feed_peek(&session->feed)) != NULL) {
        *wait = stream_wait(&server->stream, &next->tick);
        if (*wait > 0 || (next->is_again && count != 0))
            break;
        if (session->wanted[next->tick.symbol]) {
            if (message_trade(&server->message, market->symbols[next->tick.symbol], &next->tick,
                              err) != 0)
                break;
            count++;
        }
        feed_take(&session->feed);
        stream_mark(&server->stream, &session->feed);
    }
    return count;
}

static int send_text(struct lws *wsi, struct buffer *message, bool in_pieces)
{
    unsigned char *text = (unsigned char *)message->data + LWS_PRE;
    const size_t size = message->size - LWS_PRE, half = in_pieces ? size / 2 : 0;
    unsigned char rest[LWS_PRE + 64 * 1024];
    if (half == 0 || size - half > sizeof rest - LWS_PRE)
        return lws_write(wsi, text, size, LWS_WRITE_TEXT) < (int)size ? -1 : 0;
    memcpy(rest + LWS_PRE, text + half, size - half); // a write uses what lies before its text
    if (lws_write(wsi, text, half, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN) < 0)
        return -1;
    return lws_write(wsi, rest + LWS_PRE, size - half, LWS_WRITE_CONTINUATION) < 0 ? -1 : 0;
}

static int make_fault(struct buffer *message, enum fault_kind fault, struct err *err)
{
    const char *text = NULL;
    message->size = LWS_PRE;
    switch (fault) {
    case FAULT_GARBAGE:
        text = "{\"data\":[{\"p\":1,\"s\":\"AAPL\"";
        break;
    case FAULT_UTF8:
        text = "{\"type\":\"\xff\xfe\"}";
        break;
    case FAULT_ERROR:
        text = "{\"type\":\"error\",\"msg\":\"Subscribing to too many symbols\"}";
        break;
    case FAULT_PING:
        text = "{\"type\":\"ping\"}";
        break;
    default:
        text = "{\"data\":[null,{\"p\":\"1\",\"s\":\"ODD\",\"t\":1709303400000,\"v\":1},"
               "{\"p\":1,\"s\":\"ODD\",\"t\":0,\"v\":1},{\"p\":1,\"s\":\"ODD\",\"v\":1},"
               "{\"p\":1.5,\"s\":\"ODD\",\"t\":1709303400000,\"v\":2e2}],\"type\":\"trade\"}";
    }
    if (fault != FAULT_OVERSIZE)
        return buffer_append(message, text, strlen(text), err);
    char *room = buffer_reserve(message, SERVER_OVERSIZE_BYTES, err);
    if (room == NULL)
        return err_code(err, EX_OSERR);
    memset(room, ' ', SERVER_OVERSIZE_BYTES);
    message->size += SERVER_OVERSIZE_BYTES;
    return 0;
}

// What a fault does to a connection: true where the message is still to be sent as it is.
static bool meet_fault(struct lws *wsi, struct session *session, enum fault_kind fault)
{
    switch (fault) {
    case FAULT_CLOSE1006:
    case FAULT_CLOSE1001:
        session->is_broken = true;
        session->fault = fault;
        return true;
    case FAULT_NO_PONG:
        session->is_silent = true;
        (void)lws_rx_flow_control(wsi, 0);
        return false;
    case FAULT_NONE:
    case FAULT_FRAGMENTS:
        return true;
    default:
        return false;
    }
}

static int close_session(struct lws *wsi, enum lws_close_status status)
{
    lws_close_reason(wsi, status, NULL, 0);
    return -1;
}

static int send_trades(struct server *server, struct lws *wsi, struct session *session)
{
    struct err err = {0};
    double wait;
    if (session->is_silent)
        return 0;
    if (session->is_broken)
        return session->fault == FAULT_CLOSE1006 ? -1
                                                 : close_session(wsi, LWS_CLOSE_STATUS_GOINGAWAY);
    if (!session->is_joined)
        stream_join(&server->stream, &session->feed);
    session->is_joined = session->is_begun = true;
    TRY(begin_message(&server->message, &err));
    if (gather(server, session, &wait, &err) == 0) {
        if (feed_peek(&session->feed) == NULL)
            return close_session(wsi, LWS_CLOSE_STATUS_NORMAL);
        lws_set_timer_usecs(wsi, 1 + (lws_usec_t)(wait * 1e6));
        return 0;
    }
    TRY(message_end(&server->message, &err));
    const enum fault_kind fault = faults_of_message(server->settings->faults);
    const bool is_meant = meet_fault(wsi, session, fault);
    if (session->is_silent)
        return 0;
    if (is_meant)
        TRY(send_text(wsi, &server->message, fault == FAULT_FRAGMENTS));
    if (!is_meant) {
        struct buffer spoilt;
        buffer_init(&spoilt, SERVER_MESSAGE_BYTES);
        int code = begin_message(&spoilt, &err);
        if (code == 0)
            code = make_fault(&spoilt, fault, &err);
        if (code == 0)
            code = send_text(wsi, &spoilt, false);
        buffer_free(&spoilt);
        TRY(code);
        TRY(send_text(wsi, &server->message, false));
    }
    (void)lws_callback_on_writable(wsi);
    return 0;
}

// ---- the server ----

static int on_upgrade(struct server *server, struct lws *wsi)
{
    const enum fault_kind fault = faults_of_handshake(server->settings->faults);
    if (fault == FAULT_NONE && has_key(wsi))
        return 0;
    (void)lws_return_http_status(wsi, fault == FAULT_BUSY ? 429 : 401, NULL);
    return 1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data,
                    size_t size)
{
    struct server *server = lws_context_user(lws_get_context(wsi));
    struct session *session = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return strcmp(data, "websocket") == 0 ? on_upgrade(server, wsi) : 0;
    case LWS_CALLBACK_HTTP:
        return on_request(server, wsi, session, data);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return session->is_reply ? send_reply(wsi, session) : 0;
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(server, session);
    case LWS_CALLBACK_RECEIVE:
        on_message(server, wsi, session, data, size);
        return 0;
    case LWS_CALLBACK_TIMER:
        (void)lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_trades(server, wsi, session);
    case LWS_CALLBACK_CLOSED:
        on_closed(server, session);
        return 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        buffer_free(&session->reply.body);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"finnhub", on_event, sizeof(struct session), SERVER_REQUEST_BYTES, 0, NULL, 0},
    {0},
};

static void on_tick(lws_sorted_usec_list_t *ticker)
{
    struct server *server = lws_container_of(ticker, struct server, ticker);
    server->is_stopped = stop_check(NULL) != 0;
    lws_sul_schedule(server->context, 0, ticker, on_tick, SERVER_TICK_MICROSECONDS);
}

static int listen_here(struct server *server, struct err *err)
{
    const struct server_settings *settings = server->settings;
    const bool is_secure = settings->certificate != NULL;
    const struct lws_context_creation_info info = {
        .iface = "127.0.0.1",
        .port = (int)settings->port,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   (is_secure ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .ssl_cert_filepath = settings->certificate,
        .ssl_private_key_filepath = settings->key,
        .user = server,
        .gid = -1,
        .uid = -1,
    };
    lws_set_log_level(0, NULL);
    server->context = lws_create_context(&info);
    struct lws_vhost *host =
        server->context != NULL ? lws_create_vhost(server->context, &info) : NULL;
    if (host == NULL || lws_get_vhost_listen_port(host) <= 0)
        return err_set(err, EX_UNAVAILABLE,
                       "cannot listen on 127.0.0.1:%lld; is the port taken, or the certificate "
                       "not readable? --port 0 takes a free one",
                       (long long)settings->port);
    const int port = lws_get_vhost_listen_port(host);
    (void)printf("mock: http%s://127.0.0.1:%d/api/v1 ws%s://127.0.0.1:%d\n", is_secure ? "s" : "",
                 port, is_secure ? "s" : "", port);
    return fflush(stdout) == 0 ? 0 : err_set(err, EX_IOERR, "stdout cannot be written");
}

static int open_server(struct server *server, struct err *err)
{
    const struct server_settings *settings = server->settings;
    const struct market_settings *market = &settings->feed.market;
    server->latest = calloc(market->symbol_count, sizeof *server->latest);
    if (server->latest == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu symbols", market->symbol_count);
    TRY(market_open(&server->quotes, market, err));
    TRY(stream_open(&server->stream, &settings->feed, settings->speed, settings->replay_seconds,
                    err));
    return listen_here(server, err);
}

int server_run(struct server_settings *settings, struct err *err)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    server->settings = settings;
    buffer_init(&server->message, SERVER_MESSAGE_BYTES);
    const int code = open_server(server, err);
    if (code == 0)
        on_tick(&server->ticker);
    while (code == 0 && !server->is_stopped && lws_service(server->context, 0) >= 0)
        ;
    if (server->context != NULL)
        lws_context_destroy(server->context);
    stream_close(&server->stream);
    market_close(&server->quotes);
    buffer_free(&server->message);
    free(server->latest);
    free(server);
    return code;
}
