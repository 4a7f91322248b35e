// SPDX-License-Identifier: Apache-2.0
// `ingest finnhub`: the options, what runs beside what, and the summary.
#include "base/options.h"
#include "live/pump.h"
#include "socket.h"
#include "source.h"
#include "spread.h"
#include "stop.h"
#include "symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finnhub_options {
    struct pump_options pump;
    const char *symbols, *symbols_file;
    int64_t ping_seconds, hangup_seconds;
    bool trades, once;
};

#define OFFSET(field) offsetof(struct finnhub_options, field)
#define PUMP(field) offsetof(struct finnhub_options, pump.field)

static const struct option option_list[] = {
    {"symbols", OPTION_TEXT, OFFSET(symbols), "LIST", "separated by commas (AAPL,MSFT)", 0, 0},
    {"symbols-file", OPTION_TEXT, OFFSET(symbols_file), "FILE",
     "a symbol a line; empty lines and what follows # are passed by", 0, 0},
    {"trades", OPTION_FLAG, OFFSET(trades), NULL, "trades as they happen, over the WebSocket", 0,
     0},
    {"once", OPTION_FLAG, OFFSET(once), NULL,
     "ask once; trades until the server closes the connection", 0, 0},
    {"ping-seconds", OPTION_INTEGER, OFFSET(ping_seconds), "N",
     "silence of the WebSocket before a ping (20)", 1, 3600},
    {"hangup-seconds", OPTION_INTEGER, OFFSET(hangup_seconds), "N",
     "silence before the connection is given up (30)", 2, 7200},
    PUMP_OPTION_LIST(PUMP),
    {0},
};

static const struct command command = {
    "ingest finnhub",
    "bring in Finnhub's quotes, trades and news",
    "ingest finnhub --symbols AAPL,MSFT --trades --sink NAME [options]",
    option_list,
    NULL,
};

struct finnhub {
    struct finnhub_options options;
    const char *key;
    struct symbols symbols;
    struct pump *pump;
    struct trade_message message;
    struct spread spread;
    struct socket_counts socket;
    uint64_t trades, duplicates, refused;
};

static int take_trade(struct finnhub *finnhub, const struct trade *trade, struct err *err)
{
    struct tick tick = {trade->symbol, trade->price, trade->volume, 0};
    switch (spread_place(&finnhub->spread, trade, &tick.ts)) {
    case SPREAD_DUPLICATE:
        finnhub->duplicates++;
        return 0;
    case SPREAD_CROWDED:
        finnhub->refused++;
        return 0;
    case SPREAD_NEW:
        break;
    }
    finnhub->trades++;
    return pump_tick(finnhub->pump, &tick, err);
}

static void say_refused(struct finnhub *finnhub, const char *why)
{
    if (!finnhub->options.pump.quiet)
        (void)fprintf(stderr, "finnhub: passed by: %s\n", why);
}

static int take_message(void *context, const char *data, size_t size, struct err *err)
{
    struct finnhub *finnhub = context;
    struct trade_message *message = &finnhub->message;
    struct err problem = {0};
    if (trade_message_parse(message, data, size, &problem) != 0) {
        finnhub->refused++;
        say_refused(finnhub, problem.text);
        return 0;
    }
    finnhub->refused += message->refused;
    if (message->refused != 0)
        say_refused(finnhub, message->why);
    if (message->kind == MESSAGE_ERROR)
        (void)fprintf(stderr, "finnhub: the server says: %.*s\n", (int)message->text.size,
                      message->text.data);
    spread_message(&finnhub->spread);
    for (size_t i = 0; i < message->count; i++)
        TRY(take_trade(finnhub, &message->trades[i], err));
    return 0;
}

static void on_connected(void *context)
{
    struct finnhub *finnhub = context;
    spread_connection(&finnhub->spread);
}

static int on_tick(void *context, struct err *err)
{
    (void)context;
    return stop_check(err);
}

static int run_trades(struct finnhub *finnhub, struct err *err)
{
    const struct finnhub_options *options = &finnhub->options;
    const char *url = getenv("TICKHOUSE_FINNHUB_SOCKET_URL");
    const struct socket_settings settings = {
        .url = url != NULL ? url : "wss://ws.finnhub.io",
        .token = finnhub->key,
        .symbols = finnhub->symbols.list,
        .symbol_count = finnhub->symbols.count,
        .ping_seconds = options->ping_seconds,
        .hangup_seconds = options->hangup_seconds,
        .quiet = options->pump.quiet,
        .once = options->once,
        .take = take_message,
        .connected = on_connected,
        .tick = on_tick,
        .context = finnhub,
    };
    return socket_run(&settings, &finnhub->socket, err);
}

static int run(struct finnhub *finnhub, struct err *err)
{
    const struct finnhub_options *options = &finnhub->options;
    TRY(symbols_read(&finnhub->symbols, options->symbols, options->symbols_file, err));
    TRY(trade_message_init(&finnhub->message, err));
    TRY(spread_init(&finnhub->spread, SPREAD_TRADES, err));
    TRY(pump_open(&finnhub->pump, &options->pump, err));
    return run_trades(finnhub, err);
}

static int close_run(struct finnhub *finnhub, struct err *err)
{
    const int code = finnhub->pump != NULL ? pump_close(finnhub->pump, err) : 0;
    if (!finnhub->options.pump.quiet && finnhub->socket.connections != 0)
        (void)fprintf(stderr,
                      "finnhub: %llu trades in %llu messages, %llu duplicates, %llu passed by, "
                      "%llu connections\n",
                      (unsigned long long)finnhub->trades,
                      (unsigned long long)finnhub->socket.messages,
                      (unsigned long long)finnhub->duplicates, (unsigned long long)finnhub->refused,
                      (unsigned long long)finnhub->socket.connections);
    spread_free(&finnhub->spread);
    trade_message_free(&finnhub->message);
    symbols_free(&finnhub->symbols);
    return code;
}

int finnhub_run(int argc, char **argv, struct err *err)
{
    struct finnhub finnhub = {.options.ping_seconds = 20,
                              .options.hangup_seconds = 30,
                              .key = getenv("TICKHOUSE_FINNHUB_KEY")};

    enum options_result result;
    pump_options_init(&finnhub.options.pump, "finnhub");
    TRY(options_parse(&command, &argc, argv, &finnhub.options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (finnhub.key == NULL || *finnhub.key == '\0')
        return err_set(err, EX_NOPERM,
                       "no key: finnhub.io/register gives one free of charge, put it into the "
                       "environment as TICKHOUSE_FINNHUB_KEY; 'ingest mock' is a market that needs "
                       "none");
    const int code = run(&finnhub, err);
    const int closed = close_run(&finnhub, err);
    return code != 0 ? code : closed;
}
