// SPDX-License-Identifier: Apache-2.0
// Two batches: the source fills one while a thread stores the other. A row's way:
//
//   the sink answers     filling -> storing -> sink
//   the sink is away     filling -> spool, and later spool -> storing -> sink
//   every row on disk    spool and filling -> (sealed) spool -> storing -> sink
//
// Order: as long as a batch is in the spool, every newer one goes there too; a batch that the sink
// did not take is put into the spool before any newer one, or stays in `storing` while the spool
// has no room, and then the source waits.
#include "pump.h"
#include "base/time.h"
#include "net/backoff.h"
#include "progress.h"
#include "spool.h"
#include "stop.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double linger_default = 0.1;
static const double retry_seconds_most = 2;  // between two tries while the sink is away
static const double stop_look_seconds = 0.1; // how soon a waiting source sees a signal
static const double room_look_seconds = 0.1; // how soon a batch for a full spool is tried again
static const double progress_seconds = 0.5;  // between two looks of the thread
static const double close_grace = 2;         // for a try under way when everything can be spooled
static const double patience_default = 10;   // when something would be lost otherwise

struct pump {
    struct pump_options options;
    struct live_sink *sink;
    struct spool *spool; // NULL: none
    pthread_t thread;
    pthread_mutex_t lock; // of everything below, but `storing` while is_storing
    pthread_cond_t work;  // for the thread
    pthread_cond_t room;  // for the source
    struct live_batch filling, storing;
    double filling_since;
    size_t spooled_ticks, spooled_articles; // of `filling` that are in the spool: every_row
    bool is_storing;                        // the sink works on `storing`
    bool is_holding;                        // `storing` is neither stored nor in the spool
    bool from_spool;                        // `storing` has been read from the spool
    bool wants_flush, is_closing, is_away, said_full;
    double closing_since, away_since, next_try;
    uint64_t number; // of the newest batch
    uint64_t rows, stored, spooled;
    struct backoff backoff;
    struct err failed; // lasting
    struct progress progress;
};

static void say(struct pump *pump, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct pump *pump, const char *format, ...)
{
    va_list arguments;
    if (pump->options.quiet)
        return;
    progress_end(&pump->progress);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
}

// Where the next batch goes.
static bool uses_spool(const struct pump *pump)
{
    return pump->spool != NULL && !pump->is_holding &&
           (pump->options.every_row || pump->is_away || spool_has_batch(pump->spool));
}

static bool is_due(const struct pump *pump, double now)
{
    return live_batch_rows(&pump->filling) != 0 &&
           (live_batch_is_full(&pump->filling) || pump->wants_flush || pump->is_closing ||
            now >= pump->filling_since + pump->options.linger);
}

static void clear_filling(struct pump *pump)
{
    live_batch_clear(&pump->filling);
    pump->spooled_ticks = pump->spooled_articles = 0;
    pump->wants_flush = false;
}

static int add_to_spool(struct pump *pump, const struct live_batch *batch, size_t tick,
                        size_t article, struct err *err)
{
    TRY(spool_add(pump->spool, batch, tick, article, err));
    pump->spooled += live_batch_rows(batch) - tick - article;
    return 0;
}

// Full is no error of the pump: whoever asked waits and tries again.
static bool is_full(struct pump *pump, const struct err *problem)
{
    if (problem->code == 0)
        return false;
    if (!problem->retriable)
        (void)err_set(&pump->failed, problem->code, "%s", problem->text);
    else if (!pump->said_full)
        say(pump, "%s; the source waits", problem->text);
    pump->said_full = problem->retriable;
    return true;
}

// Ends the batch being filled, in the spool.
static bool seal_filling(struct pump *pump)
{
    struct err problem = {0};
    if (pump->spooled_ticks != pump->filling.tick_count ||
        pump->spooled_articles != pump->filling.article_count) {
        pump->filling.number = pump->number + 1;
        if (add_to_spool(pump, &pump->filling, pump->spooled_ticks, pump->spooled_articles,
                         &problem) == 0) {
            pump->spooled_ticks = pump->filling.tick_count;
            pump->spooled_articles = pump->filling.article_count;
        }
    }
    if (problem.code == 0)
        (void)spool_seal(pump->spool, &problem);
    if (is_full(pump, &problem))
        return false;
    pump->said_full = false;
    pump->number++;
    clear_filling(pump);
    return true;
}

// The batch that the sink did not take.
static void put_aside(struct pump *pump)
{
    struct err problem = {0};
    pump->is_holding = true;
    if (pump->spool == NULL)
        return;
    (void)add_to_spool(pump, &pump->storing, 0, 0, &problem);
    if (problem.code == 0)
        (void)spool_seal(pump->spool, &problem);
    if (!is_full(pump, &problem))
        pump->is_holding = pump->said_full = false;
}

static void note_stored(struct pump *pump)
{
    struct err problem = {0};
    pump->stored += live_batch_rows(&pump->storing);
    pump->is_holding = false;
    if (pump->from_spool && spool_release(pump->spool, &problem) != 0)
        (void)err_set(&pump->failed, problem.code, "%s", problem.text);
    if (pump->is_away) {
        say(pump, "%s is back after %.0f s", pump->sink->name, clock_seconds() - pump->away_since);
        backoff_init(&pump->backoff, INT_MAX);
        pump->backoff.seconds_most = retry_seconds_most;
    }
    pump->is_away = false;
    pump->next_try = 0;
    (void)pthread_cond_broadcast(&pump->room);
}

static void note_away(struct pump *pump, const struct err *problem)
{
    double seconds = retry_seconds_most;
    (void)backoff_next(&pump->backoff, &seconds);
    pump->next_try = clock_seconds() + seconds;
    if (pump->is_away)
        return;
    pump->is_away = true;
    pump->away_since = clock_seconds();
    say(pump, "%s is away: %s; %s%s", pump->sink->name, problem->text,
        pump->spool != NULL ? "rows wait in " : "the source waits",
        pump->spool != NULL ? pump->options.spool : "");
}

// Chooses the oldest batch there is; false when it cannot be read, and that ends the run.
static bool load_storing(struct pump *pump)
{
    struct err problem = {0};
    if (pump->is_holding)
        return true;
    pump->from_spool = pump->spool != NULL && spool_has_batch(pump->spool);
    if (!pump->from_spool) {
        const struct live_batch taken = pump->storing;
        pump->filling.number = ++pump->number;
        pump->storing = pump->filling;
        pump->filling = taken;
        clear_filling(pump);
        (void)pthread_cond_broadcast(&pump->room);
        return true;
    }
    if (spool_read(pump->spool, &pump->storing, &problem) == 0)
        return true;
    (void)err_set(&pump->failed, problem.code, "%s", problem.text);
    return false;
}

static void try_once(struct pump *pump)
{
    struct err problem = {0};
    if (!load_storing(pump))
        return;
    pump->is_storing = true;
    (void)pthread_mutex_unlock(&pump->lock);
    const int code = pump->sink->store(pump->sink, &pump->storing, &problem);
    (void)pthread_mutex_lock(&pump->lock);
    pump->is_storing = false;
    if (code == 0) {
        note_stored(pump);
        return;
    }
    if (!pump->from_spool)
        put_aside(pump);
    if (problem.retriable)
        note_away(pump, &problem);
    else
        (void)err_set(&pump->failed, problem.code, "%s", problem.text);
}

static bool has_work(const struct pump *pump, double now)
{
    if (pump->is_holding || (pump->spool != NULL && spool_has_batch(pump->spool)))
        return true;
    return is_due(pump, now) && !uses_spool(pump);
}

static bool is_done(const struct pump *pump, double now)
{
    if (pump->failed.code != 0)
        return true;
    if (!pump->is_closing)
        return false;
    const bool all_spooled = live_batch_rows(&pump->filling) == 0 && !pump->is_holding;
    if (all_spooled && (pump->spool == NULL || !spool_has_batch(pump->spool)))
        return true;
    if (all_spooled && (pump->is_away || stop_check(NULL) != 0))
        return true;
    return pump->is_away && now > pump->closing_since + pump->options.patience;
}

// Until there may be something to do. What could be done at once has been done: a batch that is due
// but still there waits for the next try, or for room in the spool.
static void wait_for_work(struct pump *pump, double now)
{
    double until = INFINITY;
    if (has_work(pump, now) || pump->is_closing)
        until = fmin(fmax(pump->next_try, now + 0.01), now + progress_seconds);
    if (live_batch_rows(&pump->filling) != 0 && !is_due(pump, now))
        until = fmin(until, pump->filling_since + pump->options.linger);
    if (pump->spool != NULL && (pump->is_holding || is_due(pump, now)))
        until = fmin(until, now + room_look_seconds);
    if (pump->progress.shown_here)
        until = fmin(until, now + progress_seconds);
    if (isinf(until)) {
        (void)pthread_cond_wait(&pump->work, &pump->lock);
        return;
    }
    const struct timespec end = {(time_t)until, (long)((until - floor(until)) * 1e9)};
    (void)pthread_cond_timedwait(&pump->work, &pump->lock, &end);
}

static void show_progress(struct pump *pump)
{
    struct spool_counts counts = {0};
    const double now = clock_seconds(), seconds = now - pump->progress.started;
    if (!pump->progress.shown_here)
        return;
    if (pump->spool != NULL)
        spool_count(pump->spool, &counts);
    if (pump->is_away)
        progress_say(&pump->progress,
                     "%llu rows, %.0f rows/s; %s is away since %.0f s, %llu rows (%.1f MB) wait",
                     (unsigned long long)pump->rows, (double)pump->rows / seconds, pump->sink->name,
                     now - pump->away_since,
                     (unsigned long long)(counts.rows + live_batch_rows(&pump->filling)),
                     (double)counts.bytes * 1e-6);
    else
        progress_say(&pump->progress, "%llu rows, %.0f rows/s; %llu stored, %.1f MB wait",
                     (unsigned long long)pump->rows, (double)pump->rows / seconds,
                     (unsigned long long)pump->stored, (double)counts.bytes * 1e-6);
}

static void *run(void *context)
{
    struct pump *pump = context;
    (void)pthread_mutex_lock(&pump->lock);
    for (;;) {
        const double now = clock_seconds();
        show_progress(pump);
        if (is_done(pump, now))
            break;
        if (pump->is_holding && pump->spool != NULL && pump->is_away)
            put_aside(pump); // there may be room by now
        if (is_due(pump, now) && uses_spool(pump) && seal_filling(pump)) {
            (void)pthread_cond_broadcast(&pump->room);
            continue;
        }
        if (has_work(pump, now) && now >= pump->next_try)
            try_once(pump);
        else
            wait_for_work(pump, now);
    }
    (void)pthread_cond_broadcast(&pump->room);
    (void)pthread_mutex_unlock(&pump->lock);
    return NULL;
}

// Whether a try that goes on for long should end.
static bool gives_up(void *context)
{
    struct pump *pump = context;
    (void)pthread_mutex_lock(&pump->lock);
    const double grace = pump->spool != NULL ? close_grace : pump->options.patience;
    const bool over = pump->is_closing && clock_seconds() > pump->closing_since + grace;
    (void)pthread_mutex_unlock(&pump->lock);
    return over;
}

void pump_options_init(struct pump_options *options, const char *source)
{
    const char *url = getenv("TICKHOUSE_URL");
    *options = (struct pump_options){
        .sink = "clickhouse",
        .sink_options = {.source = source,
                         .url = url != NULL ? url : "http://127.0.0.1:8123",
                         .user = "default",
                         .password = getenv("TICKHOUSE_PASSWORD"),
                         .database = "warehouse",
                         .brokers = "127.0.0.1:9092",
                         .topic = "dbserver1.public.finnhub_stocks"},
        .spool_bytes = 1 << 30,
        .linger = linger_default,
        .patience = patience_default,
    };
}

static int init_parts(struct pump *pump, struct err *err)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pump->lock, NULL);
    (void)pthread_cond_init(&pump->work, &monotonic);
    (void)pthread_cond_init(&pump->room, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    backoff_init(&pump->backoff, INT_MAX);
    pump->backoff.seconds_most = retry_seconds_most;
    TRY(live_batch_init(&pump->filling, err));
    return live_batch_init(&pump->storing, err);
}

// Signals are for the thread that reads the source.
static int start_thread(struct pump *pump, struct err *err)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&pump->thread, NULL, run, pump);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? 0 : err_set(err, EX_OSERR, "cannot start a thread: %s", strerror(failed));
}

static int open_spool(struct pump *pump, struct err *err)
{
    const struct pump_options *options = &pump->options;
    if (options->spool == NULL && options->every_row)
        return err_set(err, EX_USAGE, "--every-row wants --spool DIR, where the rows are kept");
    if (options->spool == NULL)
        return 0;
    TRY(spool_open(&pump->spool, options->spool, (uint64_t)options->spool_bytes, options->quiet,
                   err));
    pump->number = spool_newest(pump->spool);
    return 0;
}

static int open_parts(struct pump *pump, struct err *err)
{
    struct live_sink_options *sink_options = &pump->options.sink_options;
    if (pump->options.properties.count != 0)
        sink_options->properties = pump->options.properties.texts;
    sink_options->quiet |= pump->options.quiet;
    sink_options->give_up = gives_up;
    sink_options->give_up_context = pump;
    TRY(init_parts(pump, err));
    TRY(open_spool(pump, err));
    TRY(live_sink_open(&pump->sink, pump->options.sink, sink_options, err));
    progress_start(&pump->progress, pump->options.quiet);
    return start_thread(pump, err);
}

static void free_pump(struct pump *pump)
{
    if (pump->sink != NULL)
        pump->sink->close(pump->sink);
    spool_close(pump->spool);
    live_batch_free(&pump->filling);
    live_batch_free(&pump->storing);
    (void)pthread_cond_destroy(&pump->work);
    (void)pthread_cond_destroy(&pump->room);
    (void)pthread_mutex_destroy(&pump->lock);
    free(pump);
}

int pump_open(struct pump **pump, const struct pump_options *options, struct err *err)
{
    struct pump *opened = calloc(1, sizeof *opened);
    *pump = NULL;
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    opened->options = *options;
    const int code = open_parts(opened, err);
    if (code != 0)
        free_pump(opened);
    else
        *pump = opened;
    return code;
}

static int check_failed(const struct pump *pump, struct err *err)
{
    if (pump->failed.code == 0)
        return 0;
    return err_set(err, pump->failed.code, "%s", pump->failed.text);
}

static int wait_for_room(struct pump *pump, struct err *err)
{
    const double until = clock_seconds() + stop_look_seconds;
    const struct timespec end = {(time_t)until, (long)((until - floor(until)) * 1e9)};
    (void)pthread_cond_signal(&pump->work);
    (void)pthread_cond_timedwait(&pump->room, &pump->lock, &end);
    TRY(check_failed(pump, err));
    return stop_check(err);
}

// Room for one more row in the batch being filled.
static int make_room(struct pump *pump, struct err *err)
{
    TRY(check_failed(pump, err));
    while (live_batch_is_full(&pump->filling))
        if (!uses_spool(pump) || !seal_filling(pump))
            TRY(wait_for_room(pump, err));
    return 0;
}

// A row has been added to `filling`.
static int note_row(struct pump *pump, struct err *err)
{
    if (live_batch_rows(&pump->filling) == 1)
        pump->filling_since = clock_seconds();
    pump->rows++;
    if (live_batch_rows(&pump->filling) == 1 || live_batch_is_full(&pump->filling))
        (void)pthread_cond_signal(&pump->work);
    (void)err;
    return 0;
}

// With every_row: the row that was just added, onto the disk. The batch may be sealed while this
// waits, so the row is taken back first.
static int spool_row(struct pump *pump, struct err *err)
{
    struct err problem = {0};
    pump->filling.number = pump->number + 1;
    if (add_to_spool(pump, &pump->filling, pump->spooled_ticks, pump->spooled_articles, &problem) ==
        0) {
        pump->spooled_ticks = pump->filling.tick_count;
        pump->spooled_articles = pump->filling.article_count;
        pump->said_full = false;
        return 0;
    }
    (void)is_full(pump, &problem);
    return problem.retriable ? EX_TEMPFAIL : err_set(err, problem.code, "%s", problem.text);
}

static int take_tick(struct pump *pump, const struct tick *tick, struct err *err)
{
    for (;;) {
        TRY(make_room(pump, err));
        TRY(live_batch_add_tick(&pump->filling, tick, err));
        const int code = pump->options.every_row ? spool_row(pump, err) : 0;
        if (code == 0)
            return note_row(pump, err);
        live_batch_drop_tick(&pump->filling);
        if (code != EX_TEMPFAIL)
            return code;
        TRY(wait_for_room(pump, err));
    }
}

static int take_article(struct pump *pump, const struct article *article, struct err *err)
{
    for (;;) {
        TRY(make_room(pump, err));
        TRY(live_batch_add_article(&pump->filling, article, err));
        const int code = pump->options.every_row ? spool_row(pump, err) : 0;
        if (code == 0)
            return note_row(pump, err);
        live_batch_drop_article(&pump->filling);
        if (code != EX_TEMPFAIL)
            return code;
        TRY(wait_for_room(pump, err));
    }
}

int pump_tick(struct pump *pump, const struct tick *tick, struct err *err)
{
    (void)pthread_mutex_lock(&pump->lock);
    const int code = take_tick(pump, tick, err);
    (void)pthread_mutex_unlock(&pump->lock);
    return code;
}

int pump_article(struct pump *pump, const struct article *article, struct err *err)
{
    (void)pthread_mutex_lock(&pump->lock);
    const int code = take_article(pump, article, err);
    (void)pthread_mutex_unlock(&pump->lock);
    return code;
}

int pump_flush(struct pump *pump, struct err *err)
{
    (void)pthread_mutex_lock(&pump->lock);
    pump->wants_flush = live_batch_rows(&pump->filling) != 0;
    (void)pthread_cond_signal(&pump->work);
    const int code = check_failed(pump, err);
    (void)pthread_mutex_unlock(&pump->lock);
    return code;
}

void pump_counts(struct pump *pump, struct pump_counts *counts)
{
    struct spool_counts waiting = {0};
    (void)pthread_mutex_lock(&pump->lock);
    if (pump->spool != NULL)
        spool_count(pump->spool, &waiting);
    *counts =
        (struct pump_counts){pump->rows, pump->stored, pump->spooled, waiting.bytes, pump->is_away};
    (void)pthread_mutex_unlock(&pump->lock);
}

// After the thread has ended: what is left in memory, into the spool. Returns how many rows have no
// place at all.
static uint64_t save_rest(struct pump *pump)
{
    if (pump->spool != NULL && pump->is_holding)
        put_aside(pump);
    if (pump->spool != NULL && !pump->is_holding && live_batch_rows(&pump->filling) != 0)
        (void)seal_filling(pump);
    return (pump->is_holding ? live_batch_rows(&pump->storing) : 0) +
           (live_batch_rows(&pump->filling) - pump->spooled_ticks - pump->spooled_articles);
}

// Said even where another error came first, and to those who want quiet; the reason once.
static int report_lost(struct pump *pump, uint64_t lost, struct err *err)
{
    struct err problem = {0};
    (void)err_set(&problem, EX_TEMPFAIL, "%llu rows are not stored: %s%s", (unsigned long long)lost,
                  pump->failed.code != 0 ? pump->failed.text : pump->sink->name,
                  pump->failed.code != 0 ? ""
                  : pump->spool == NULL  ? " is away; with --spool DIR they would wait on disk"
                                         : " is away, and the spool is full");
    if (err != NULL && err->code != 0 && strcmp(err->text, pump->failed.text) == 0)
        (void)fprintf(stderr, "%llu rows are not stored\n", (unsigned long long)lost);
    else if (err == NULL || err->code != 0)
        (void)fprintf(stderr, "%s\n", problem.text);
    return err_set(err, pump->failed.code != 0 ? pump->failed.code : problem.code, "%s",
                   problem.text);
}

static int report(struct pump *pump, uint64_t lost, struct err *err)
{
    struct spool_counts waiting = {0};
    if (pump->spool != NULL)
        spool_count(pump->spool, &waiting);
    progress_end(&pump->progress);
    if (waiting.rows != 0)
        say(pump, "%llu rows wait in %s; the next run stores them first",
            (unsigned long long)waiting.rows, pump->options.spool);
    if (lost != 0)
        return report_lost(pump, lost, err);
    return check_failed(pump, err);
}

int pump_finish(struct pump *pump, struct pump_counts *counts, struct err *err)
{
    (void)pthread_mutex_lock(&pump->lock);
    pump->is_closing = true;
    pump->closing_since = clock_seconds();
    (void)pthread_cond_signal(&pump->work);
    (void)pthread_mutex_unlock(&pump->lock);
    (void)pthread_join(pump->thread, NULL);
    const uint64_t lost = save_rest(pump);
    pump_counts(pump, counts);
    const int code = report(pump, lost, err);
    free_pump(pump);
    return code;
}

int pump_close(struct pump *pump, struct err *err)
{
    struct pump_counts counts;
    return pump != NULL ? pump_finish(pump, &counts, err) : 0;
}
