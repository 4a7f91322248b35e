// SPDX-License-Identifier: Apache-2.0
#include "trades.h"
#include "secret.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAID_BYTES = 300 };

int trades_init(struct trades *trades, const struct symbols *symbols, const char *key, bool quiet,
                struct err *err)
{
    *trades = (struct trades){.symbols = symbols, .key = key, .quiet = quiet};
    trades->newest = calloc(symbols->count + 1, sizeof *trades->newest);
    if (trades->newest == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu symbols", symbols->count);
    TRY(trade_message_init(&trades->message, err));
    return spread_init(&trades->spread, SPREAD_TRADES, err);
}

void trades_free(struct trades *trades)
{
    free(trades->newest);
    spread_free(&trades->spread);
    trade_message_free(&trades->message);
}

void trades_connected(struct trades *trades)
{
    spread_connection(&trades->spread);
}

// The first of them is said; the others are counted.
static void refuse(struct trades *trades, size_t count, const char *why)
{
    trades->refused += count;
    if (!trades->quiet && !trades->has_said_refused)
        (void)fprintf(stderr, "finnhub: passed by: %s\n", why);
    trades->has_said_refused = true;
}

static void note_newest(struct trades *trades, const struct trade *trade)
{
    _Atomic int64_t *newest = &trades->newest[symbols_find(trades->symbols, &trade->symbol)];
    if (trade->milliseconds > atomic_load_explicit(newest, memory_order_relaxed))
        atomic_store_explicit(newest, trade->milliseconds, memory_order_relaxed);
}

static int take_trade(struct trades *trades, const struct trade *trade, struct err *err)
{
    struct tick tick = {trade->symbol, trade->price, trade->volume, 0};
    struct err problem = {0};
    switch (spread_place(&trades->spread, trade, &tick.ts)) {
    case SPREAD_DUPLICATE:
        trades->duplicates++;
        return 0;
    case SPREAD_CROWDED:
        refuse(trades, 1, "a symbol had a thousand trades within a millisecond");
        return 0;
    case SPREAD_NEW:
        break;
    }
    note_newest(trades, trade);
    if (pump_tick(trades->pump, &tick, &problem) == 0) {
        trades->count++;
        return 0;
    }
    if (problem.code != EX_DATAERR)
        return err_set(err, problem.code, "%s", problem.text);
    refuse(trades, 1, problem.text);
    return 0;
}

static void say_error(const struct trades *trades, const struct csv_view *says)
{
    char text[SAID_BYTES];
    (void)snprintf(text, sizeof text, "%.*s",
                   (int)(says->size < sizeof text ? says->size : sizeof text), says->data);
    secret_hide(text, trades->key);
    (void)fprintf(stderr, "finnhub: the server says: %s\n", text);
}

int trades_take(struct trades *trades, const char *data, size_t size, struct err *err)
{
    struct trade_message *message = &trades->message;
    struct err problem = {0};
    if (trade_message_parse(message, data, size, &problem) != 0) {
        refuse(trades, 1, problem.text);
        return 0;
    }
    if (message->refused != 0)
        refuse(trades, message->refused, message->why);
    if (message->kind == MESSAGE_ERROR)
        say_error(trades, &message->text);
    spread_message(&trades->spread);
    for (size_t i = 0; i < message->count; i++)
        TRY(take_trade(trades, &message->trades[i], err));
    return 0;
}
