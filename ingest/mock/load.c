// SPDX-License-Identifier: Apache-2.0
#include "load.h"
#include "base/file.h"
#include "base/time.h"
#include "net/backoff.h"
#include "spread.h"
#include "stop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_ROWS = 1024 }; // between two looks at the clock and for signals, when in a hurry

static const double save_seconds = 0.5, nap_seconds = 0.05;

struct load {
    struct load_settings *settings;
    struct feed feed;
    struct spread spread;
    struct pump *pump;
    uint64_t skip, rows;   // rows that an earlier run stored, and rows until now with those
    uint64_t earlier;      // rows of the spool that the pump stored before ours
    double started, saved; // clock_seconds(); 0: not yet
    double first_due;      // of the first trade of this run
};

// ---- what is stored ----

static int read_state(struct load *load, struct err *err)
{
    const char *path = load->settings->state;
    int64_t start;
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    if (file == NULL && path != NULL && errno != ENOENT)
        return err_set(err, EX_NOINPUT, "--state: %s cannot be read: %s", path, strerror(errno));
    if (file == NULL)
        return 0;
    const int found = fscanf(file, "%" SCNu64 " %" SCNd64, &load->skip, &start);
    (void)fclose(file);
    if (found != 2)
        return err_set(err, EX_DATAERR,
                       "--state: %s is no state of ingest mock; remove it to begin anew", path);
    load->settings->feed.market.start = start;
    return 0;
}

// The rows are stored in their order, so their number says which.
static int save_state(struct load *load, struct err *err)
{
    struct pump_counts counts;
    char text[64];
    pump_counts(load->pump, &counts);
    const uint64_t stored = load->skip + counts.stored - load->earlier;
    load->saved = clock_seconds();
    if (load->settings->state == NULL)
        return 0;
    const int size = snprintf(text, sizeof text, "%" PRIu64 " %" PRId64 "\n", stored,
                              load->settings->feed.market.start);
    return file_replace(load->settings->state, text, (size_t)size, err);
}

// Else the rows of an earlier run could not be told from ours.
static int wait_for_spool(struct load *load, struct err *err)
{
    struct pump_counts counts;
    for (;;) {
        pump_counts(load->pump, &counts);
        load->earlier = counts.stored;
        if (load->settings->state == NULL || counts.waiting_bytes == 0)
            return 0;
        TRY(stop_check(err));
        (void)backoff_sleep(nap_seconds);
    }
}

// ---- rows ----

static int wait_until_due(struct load *load, const struct market_tick *tick, struct err *err)
{
    const double speed = load->settings->speed;
    if (load->rows == load->skip)
        load->first_due = (double)tick->due;
    while (speed > 0) {
        const double wait =
            load->started + ((double)tick->due - load->first_due) * 1e-6 / speed - clock_seconds();
        if (wait <= 0)
            return 0;
        TRY(stop_check(err));
        (void)backoff_sleep(wait < nap_seconds ? wait : nap_seconds);
    }
    return 0;
}

static size_t print_cents(int64_t cents, char out[static 32])
{
    return (size_t)snprintf(out, 32, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}

static int hand_over(struct load *load, const struct market_tick *from, struct err *err)
{
    const char *symbol = load->settings->feed.market.symbols[from->symbol];
    char price[32], volume[32];
    const struct trade trade = {
        {symbol, strlen(symbol)},
        {price, print_cents(from->cents, price)},
        {volume, (size_t)snprintf(volume, sizeof volume, "%" PRId64, from->volume)},
        from->milliseconds};
    struct tick tick = {trade.symbol, trade.price, trade.volume, 0};
    if (spread_place(&load->spread, &trade, &tick.ts) != SPREAD_NEW)
        return 0; // more than a thousand within a millisecond
    if (load->rows >= load->skip) {
        TRY(wait_until_due(load, from, err));
        TRY(pump_tick(load->pump, &tick, err));
    }
    load->rows++;
    if (load->rows % LOOK_ROWS == 0)
        TRY(stop_check(err));
    if ((load->rows % LOOK_ROWS == 0 || load->settings->speed > 0) &&
        clock_seconds() > load->saved + save_seconds)
        return save_state(load, err);
    return 0;
}

static int hand_over_all(struct load *load, struct err *err)
{
    const struct feed_tick *next;
    while ((next = feed_peek(&load->feed)) != NULL) {
        if (!next->is_again) // the time that it would get is not its first one's
            TRY(hand_over(load, &next->tick, err));
        feed_take(&load->feed);
    }
    return 0;
}

static int run(struct load *load, struct err *err)
{
    TRY(read_state(load, err));
    TRY(feed_open(&load->feed, &load->settings->feed, err));
    TRY(spread_init(&load->spread, SPREAD_TRADES, err));
    TRY(pump_open(&load->pump, load->settings->pump, err));
    TRY(wait_for_spool(load, err));
    TRY(save_state(load, err)); // with the start, before any row has a time by it
    load->started = clock_seconds();
    return hand_over_all(load, err);
}

// The pump is flushed before it is asked for the last time what it stored.
static int finish(struct load *load, struct err *err)
{
    struct pump_counts counts = {0};
    int code;
    do {
        code = pump_flush(load->pump, err); // tells when the sink has failed for good
        (void)backoff_sleep(0.01);
        pump_counts(load->pump, &counts);
    } while (code == 0 && !counts.is_away && stop_check(NULL) == 0 &&
             load->skip + counts.stored - load->earlier < load->rows);
    return code == 0 ? save_state(load, err) : code;
}

int load_run(struct load_settings *settings, struct err *err)
{
    struct load load = {.settings = settings};
    int code = run(&load, err);
    if (load.pump != NULL && (code == 0 || code == EX_TEMPFAIL))
        (void)finish(&load, err);
    const int closed = pump_close(load.pump, err);
    if (!settings->pump->quiet && load.started > 0)
        (void)fprintf(stderr, "mock: %" PRIu64 " trades handed over, %.2f s\n",
                      load.rows > load.skip ? load.rows - load.skip : 0,
                      clock_seconds() - load.started);
    spread_free(&load.spread);
    feed_close(&load.feed);
    return code != 0 ? code : closed;
}
