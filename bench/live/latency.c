// SPDX-License-Identifier: Apache-2.0
// How long a tick takes from PostgreSQL to a candle: ticks are inserted at a rate in an open loop,
// and a second connection asks the hub some twenty times a second how many trades its candles
// count. The wait between two questions is part of what is measured.
//
// Tick i is due at start + i / rate, whether or not those before it are through; what is due
// together is committed together. Its age when the answer that counts it has arrived is its
// latency: from the moment it was due (so that a stall is charged to every tick that it delayed),
// and from its commit. All ticks go through one partition, so they become visible in their order.
#include "base/options.h"
#include "base/time.h"
#include "net/http.h"
#include "net/postgres.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TICKS_MOST = 10 << 20, TOGETHER_MOST = 4096, SYMBOLS = 10, SQL_BYTES = 1 << 20 };

#define PAUSE_SECONDS 0.025 // between two questions, which share the cores with what is measured

struct latency_options {
    const char *postgres, *url, *name, *prefix, *table;
    int64_t rate, seconds, patience;
};

struct run {
    struct latency_options options;
    size_t ticks;
    double started;            // monotonic
    int64_t started_at;        // the same instant in microseconds since 1970
    double *committed, *shown; // of each tick, seconds since `started`
    atomic_bool failed;
};

#define OFFSET(field) offsetof(struct latency_options, field)

static const struct option option_list[] = {
    {"postgres", OPTION_TEXT, OFFSET(postgres), "URI", "where the ticks are inserted", 0, 0},
    {"url", OPTION_TEXT, OFFSET(url), "URL", "the hub's HTTP port", 0, 0},
    {"rate", OPTION_INTEGER, OFFSET(rate), "N", "ticks a second (1000)", 1, 1000000},
    {"seconds", OPTION_INTEGER, OFFSET(seconds), "N", "how long (20)", 1, 3600},
    {"patience", OPTION_INTEGER, OFFSET(patience), "N", "seconds to wait for the last tick (30)", 1,
     3600},
    {"name", OPTION_TEXT, OFFSET(name), "TEXT", "the first column of the row that is printed", 0,
     0},
    {"symbols", OPTION_TEXT, OFFSET(prefix), "TEXT", "what the symbols begin with (LAT)", 0, 0},
    {"table", OPTION_TEXT, OFFSET(table), "NAME", "table of the ticks (finnhub_stocks)", 0, 0},
    {0},
};

static const struct command command = {
    "latency", "measure the way of a tick from PostgreSQL to a candle",
    "latency --postgres URI --url URL [--rate N] [--seconds N]", option_list, NULL};

static double now(const struct run *run)
{
    return clock_seconds() - run->started;
}

static void sleep_until(const struct run *run, double at)
{
    const double left = at - now(run);
    if (left > 0)
        (void)nanosleep(
            &(struct timespec){(time_t)left, (long)((left - (double)(time_t)left) * 1e9)}, NULL);
}

static double due(const struct run *run, size_t tick)
{
    return (double)tick / (double)run->options.rate;
}

// One statement for the ticks that are due together.
static int write_statement(const struct run *run, size_t from, size_t to, struct buffer *sql,
                           struct err *err)
{
    sql->size = 0;
    TRY(buffer_printf(sql, err, "INSERT INTO %s (symbol, price, volume, ts) VALUES ",
                      run->options.table));
    for (size_t i = from; i < to; i++) {
        const int64_t at = run->started_at + (int64_t)(due(run, i) * 1e6);
        TRY(buffer_printf(sql, err,
                          "%s('%s%zu', %zu.%02zu, 1, to_timestamp(%" PRId64 ") + interval '%" PRId64
                          " us')",
                          i == from ? "" : ", ", run->options.prefix, i % SYMBOLS, 100 + i % 7,
                          i % 100, at / 1000000, at % 1000000));
    }
    return buffer_append(sql, "", 1, err);
}

static int insert_ticks(struct run *run, PGconn *connection, struct buffer *sql, struct err *err)
{
    size_t tick = 0;
    while (tick < run->ticks && !run->failed) {
        size_t end = tick;
        sleep_until(run, due(run, tick));
        const double at = now(run);
        while (end < run->ticks && end - tick < TOGETHER_MOST && due(run, end) <= at)
            end++;
        if (end == tick)
            continue;
        TRY(write_statement(run, tick, end, sql, err));
        TRY(postgres_run(connection, sql->data, err));
        const double committed = now(run);
        for (; tick < end; tick++)
            run->committed[tick] = committed;
    }
    return 0;
}

static void *write_ticks(void *context)
{
    struct run *run = context;
    struct err err = {0};
    PGconn *connection = NULL;
    struct buffer sql;
    const struct postgres_settings settings = {.uri = run->options.postgres};
    buffer_init(&sql, SQL_BYTES);
    if (postgres_open(&connection, &settings, &err) != 0 ||
        insert_ticks(run, connection, &sql, &err) != 0) {
        (void)fprintf(stderr, "latency: %s\n", err.text);
        run->failed = true;
    }
    PQfinish(connection);
    buffer_free(&sql);
    return NULL;
}

static int ask(struct http_client *http, const struct http_request *request,
               struct http_reply *reply, size_t *count, struct err *err)
{
    TRY(http_send(http, request, reply, err));
    TRY(buffer_append(&reply->body, "", 1, err));
    if (reply->status != 200)
        return err_set(err, EX_UNAVAILABLE, "the hub answers: %s", reply->body.data);
    *count = (size_t)strtoull(reply->body.data, NULL, 10);
    return 0;
}

static void make_query(const struct run *run, char *sql, size_t size)
{
    (void)snprintf(sql, size,
                   "SELECT sum(trades) FROM warehouse.ohlc_1m WHERE symbol IN ("
                   "SELECT '%s' || toString(number) FROM numbers(%d)) AND ts >= "
                   "toStartOfMinute(fromUnixTimestamp64Micro(%" PRId64 "))",
                   run->options.prefix, SYMBOLS, run->started_at);
}

static int watch_candles(struct run *run, struct http_client *http, struct http_reply *reply,
                         struct err *err)
{
    char sql[512];
    size_t shown = 0;
    double last = now(run);
    make_query(run, sql, sizeof sql);
    const struct http_request request = {
        .url = run->options.url, .body = sql, .body_size = strlen(sql)};
    while (shown < run->ticks && !run->failed) {
        size_t count = 0;
        TRY(ask(http, &request, reply, &count, err));
        const double at = now(run);
        if (count > run->ticks)
            return err_set(err, EX_DATAERR, "the candles count %zu trades of %zu: some came twice",
                           count, run->ticks);
        if (count > shown || at < due(run, run->ticks))
            last = at;
        if (at - last > (double)run->options.patience)
            return err_set(err, EX_TEMPFAIL, "%zu of %zu ticks are not in the candles after %.0f s",
                           run->ticks - count, run->ticks, at - last);
        for (; shown < count; shown++)
            run->shown[shown] = at;
        sleep_until(run, at + PAUSE_SECONDS);
    }
    return 0;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print_quantiles(double *values, size_t count)
{
    static const double shares[] = {0.5, 0.99, 0.999, 1};
    qsort(values, count, sizeof *values, compare);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        const size_t rank = (size_t)(shares[i] * (double)count);
        (void)printf(" %.0f |", values[rank < count ? rank : count - 1] * 1e3);
    }
}

// | name | rate | due -> visible: p50, p99, p99.9, worst | commit -> visible: the same |
static void print_row(struct run *run, double *values)
{
    (void)printf("| %s | %" PRId64 " |", run->options.name, run->options.rate);
    for (size_t i = 0; i < run->ticks; i++)
        values[i] = run->shown[i] - due(run, i);
    print_quantiles(values, run->ticks);
    for (size_t i = 0; i < run->ticks; i++)
        values[i] = run->shown[i] - run->committed[i];
    print_quantiles(values, run->ticks);
    (void)printf("\n");
}

static int measure(struct run *run, struct err *err)
{
    struct http_client *http = NULL;
    struct http_reply reply = {0};
    pthread_t writer;
    TRY(http_open(&http, err));
    buffer_init(&reply.body, SQL_BYTES);
    run->started = clock_seconds() + 0.2;
    run->started_at = clock_microseconds() + 200000;
    if (pthread_create(&writer, NULL, write_ticks, run) != 0)
        return err_set(err, EX_OSERR, "cannot start a thread: %m");
    const int code = watch_candles(run, http, &reply, err);
    run->failed = run->failed || code != 0;
    (void)pthread_join(writer, NULL);
    buffer_free(&reply.body);
    http_close(http);
    return code;
}

static int run_all(struct run *run, struct err *err)
{
    run->ticks = (size_t)(run->options.rate * run->options.seconds);
    if (run->ticks > TICKS_MOST)
        return err_set(err, EX_USAGE, "--rate times --seconds is more than %d ticks", TICKS_MOST);
    run->committed = calloc(run->ticks, sizeof *run->committed);
    run->shown = calloc(run->ticks, sizeof *run->shown);
    double *values = calloc(run->ticks, sizeof *values);
    if (run->committed == NULL || run->shown == NULL || values == NULL)
        return err_set(err, EX_OSERR, "no memory for %zu ticks", run->ticks);
    TRY(measure(run, err));
    if (run->failed)
        return EX_UNAVAILABLE;
    print_row(run, values);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    enum options_result result;
    struct run run = {.options = {.rate = 1000,
                                  .seconds = 20,
                                  .patience = 30,
                                  .name = "",
                                  .prefix = "LAT",
                                  .table = "finnhub_stocks",
                                  .url = "http://127.0.0.1:8123"}};
    int code = options_parse(&command, &argc, argv, &run.options, &result, &err);
    if (code == 0 && result == OPTIONS_RUN)
        code = run_all(&run, &err);
    if (err.code != 0)
        (void)fprintf(stderr, "latency: %s\n", err.text);
    return code;
}
