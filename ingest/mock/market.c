// SPDX-License-Identifier: Apache-2.0
#include "market.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HALT_MILLISECONDS = 300000, PRICE_FIRST = 20, PRICE_SPREAD = 480, PRICE_MOST = 100000 };

static const double year_microseconds = 252 * 6.5 * 3600e6; // of open market
static const double volatility = 0.35;                      // a year
static const double jumps = 500;                            // a year and symbol
static const double jump_deviation = 0.01;
static const double sweeps = 0.05; // share of the orders that are filled in several pieces

// Nearly normal, by the sum of twelve (Irwin-Hall): no logarithm, so the same everywhere.
static double random_normal(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += random_unit(state);
    return sum;
}

// The start of the next session, unless one is on; in milliseconds.
static int64_t next_open(const struct market *market, int64_t now, int64_t *until)
{
    const struct calendar *calendar = market->settings->calendar;
    const int32_t date = calendar_effective_date(calendar, now / 1000);
    const struct calendar_day *day = calendar_day(calendar, date);
    *until = INT64_MAX;
    if (market->settings->is_always_open || date == CALENDAR_NO_DATE || day == NULL)
        return now;
    const int64_t open = calendar_instant(calendar, date, day->open) * 1000;
    *until = calendar_instant(calendar, date, day->close) * 1000;
    return now < open ? open : now;
}

int market_open(struct market *market, const struct market_settings *settings, struct err *err)
{
    const size_t count = settings->symbol_count;
    *market = (struct market){.settings = settings, .random = settings->seed};
    market->symbols = calloc(count, sizeof *market->symbols);
    if (market->symbols == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu symbols", count);
    for (size_t i = 0; i < count; i++)
        market->symbols[i].price = PRICE_FIRST + PRICE_SPREAD * random_unit(&market->random);
    return 0;
}

void market_close(struct market *market)
{
    free(market->symbols);
    market->symbols = NULL;
}

void market_copy(struct market *to, const struct market *from)
{
    struct market_symbol *symbols = to->symbols;
    memcpy(symbols, from->symbols, from->settings->symbol_count * sizeof *symbols);
    *to = *from;
    to->symbols = symbols;
}

// ---- numbered trades ----

static void next_numbered(struct market *market, struct market_tick *tick)
{
    const struct market_settings *settings = market->settings;
    const uint64_t index = market->number - 1, sequence = index / settings->symbol_count;
    tick->symbol = (uint32_t)(index % settings->symbol_count);
    tick->due = settings->rate > 0 ? (int64_t)((double)index * 1e6 / settings->rate) : 0;
    const int64_t milliseconds = tick->due / 1000;
    tick->milliseconds =
        settings->start + (milliseconds > (int64_t)sequence ? milliseconds : (int64_t)sequence);
    if (settings->rate > 0 && settings->rate > 1000 * (double)settings->symbol_count)
        tick->milliseconds = settings->start + (int64_t)sequence;
    tick->volume = (int64_t)sequence + 1;
    tick->cents = 10000 + tick->volume % 1000;
}

// ---- trades as they might be ----

static bool is_halted(const struct market *market, uint32_t symbol, int64_t milliseconds)
{
    const uint64_t span = (uint64_t)(milliseconds / HALT_MILLISECONDS);
    const uint64_t bits = random_mix(random_mix(market->settings->seed ^ span) + symbol);
    return random_share(bits) < market->settings->halts;
}

static int64_t market_time(const struct market *market)
{
    return market->settings->start + market->closed + (int64_t)(market->due / 1000);
}

// Moves on to the next order: when it comes, and for which symbol.
static void next_order(struct market *market)
{
    const struct market_settings *settings = market->settings;
    const double rate = settings->rate > 0 ? settings->rate : 1000 * (double)settings->symbol_count;
    for (;;) {
        market->due += 1e6 / rate * (random_unit(&market->random) + random_unit(&market->random));
        const int64_t now = market_time(market);
        if (now >= market->opened_until || market->number == 1)
            market->closed += next_open(market, now, &market->opened_until) - now;
        market->symbol = (uint32_t)(random_unit(&market->random) * (double)settings->symbol_count);
        if (!is_halted(market, market->symbol, market_time(market)))
            break;
    }
    if (random_unit(&market->random) < sweeps)
        market->pieces = 1 + (uint32_t)(random_unit(&market->random) * 4);
}

static void move_price(struct market *market, struct market_symbol *symbol)
{
    const double years = (market->due - (double)symbol->due) / year_microseconds;
    double change = volatility * sqrt(years) * random_normal(&market->random);
    if (random_unit(&market->random) < jumps * years)
        change += jump_deviation * random_normal(&market->random);
    symbol->price *= 1 + (change < -0.5 ? -0.5 : change);
    if (symbol->price < 1)
        symbol->price = 1;
    if (symbol->price > PRICE_MOST)
        symbol->price = PRICE_MOST;
    symbol->due = (int64_t)market->due;
}

// A third are odd lots, the others hundreds.
static int64_t random_volume(uint64_t *random)
{
    const double size = random_unit(random);
    const bool is_odd = random_unit(random) < 1 / 3.0;
    return is_odd ? 1 + (int64_t)(size * 99) : 100 * (1 + (int64_t)(size * size * size * 20));
}

static void next_random(struct market *market, struct market_tick *tick)
{
    if (market->pieces != 0)
        market->pieces--;
    else
        next_order(market);
    struct market_symbol *symbol = &market->symbols[market->symbol];
    move_price(market, symbol);
    tick->symbol = market->symbol;
    tick->due = (int64_t)market->due;
    tick->milliseconds = market_time(market);
    tick->cents = (int64_t)(symbol->price * 100 + 0.5);
    tick->volume = random_volume(&market->random);
}

bool market_next(struct market *market, struct market_tick *tick)
{
    const struct market_settings *settings = market->settings;
    if (settings->ticks != 0 && market->number == settings->ticks)
        return false;
    tick->number = ++market->number;
    if (settings->is_numbered)
        next_numbered(market, tick);
    else
        next_random(market, tick);
    return true;
}
