// SPDX-License-Identifier: Apache-2.0
// `ingest finnhub`: the options, the socket on this thread beside the questions on another, and the
// summary.
#include "base/options.h"
#include "polling.h"
#include "socket.h"
#include "source.h"
#include "stop.h"
#include "trades.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_MINUTE = 60, PER_SECOND = 30, INTERVAL_SECONDS = 300 };

struct finnhub_options {
    struct pump_options pump;
    const char *symbols, *symbols_file, *state;
    int64_t interval, news_days, per_minute, per_second, ping_seconds, hangup_seconds;
    bool quotes, trades, news, company_news, once;
};

#define OFFSET(field) offsetof(struct finnhub_options, field)
#define PUMP(field) offsetof(struct finnhub_options, pump.field)

static const struct option option_list[] = {
    {"symbols", OPTION_TEXT, OFFSET(symbols), "LIST", "separated by commas (AAPL,MSFT)", 0, 0},
    {"symbols-file", OPTION_TEXT, OFFSET(symbols_file), "FILE",
     "a symbol a line; # begins a comment", 0, 0},
    {"quotes", OPTION_FLAG, OFFSET(quotes), NULL,
     "prices without a volume, every --interval; also when nothing else is asked for", 0, 0},
    {"trades", OPTION_FLAG, OFFSET(trades), NULL, "trades as they happen, over the WebSocket", 0,
     0},
    {"news", OPTION_FLAG, OFFSET(news), NULL, "news of the market, every --interval", 0, 0},
    {"company-news", OPTION_FLAG, OFFSET(company_news), NULL,
     "news of each symbol, every --interval", 0, 0},
    {"news-days", OPTION_INTEGER, OFFSET(news_days), "N",
     "how far back the first round of --company-news goes (1)", 0, 365},
    {"interval", OPTION_INTEGER, OFFSET(interval), "SECONDS",
     "from the beginning of a round to the next (300)", 1, 86400},
    {"once", OPTION_FLAG, OFFSET(once), NULL,
     "one round; trades until the server closes the connection", 0, 0},
    {"state", OPTION_TEXT, OFFSET(state), "DIR",
     "where the times of the last calls are kept (~/.local/state/tickhouse)", 0, 0},
    {"calls-per-minute", OPTION_INTEGER, OFFSET(per_minute), "N", "allowed by your plan (60)", 1,
     RATE_MINUTE_MOST},
    {"calls-per-second", OPTION_INTEGER, OFFSET(per_second), "N", "allowed by Finnhub (30)", 1,
     RATE_MINUTE_MOST},
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
    "ingest finnhub --symbols AAPL,MSFT [--quotes] [--trades] [--news] [--company-news] [options]",
    option_list,
    "environment:\n"
    "  TICKHOUSE_FINNHUB_KEY         your key; finnhub.io/register gives one free of charge\n"
    "  TICKHOUSE_FINNHUB_URL         instead of https://finnhub.io/api/v1\n"
    "  TICKHOUSE_FINNHUB_SOCKET_URL  instead of wss://ws.finnhub.io\n"
    "  TICKHOUSE_URL, TICKHOUSE_PASSWORD, PGHOST, PGPASSWORD, ...   of the sinks\n"
    "'ingest mock' serves a made-up market at addresses that these take.\n"
    "\n"
    "exit codes: 0 all is well; 64 usage; 65 replies were broken; 66 symbols are unknown; 69 no\n"
    "answer; 75 try again: too many calls, or stopped by a signal; 77 the key is missing, "
    "refused,\n"
    "or has no access\n",
};

struct finnhub {
    struct finnhub_options options;
    struct symbols symbols;
    struct pump *pump;
    struct trades trades;
    struct poll poll;
    struct err poll_error;
    int poll_code;
    atomic_bool poll_failed, has_ended;
};

// A feed goes on without us: no later run loads the rest.
static int check_stop(struct err *err)
{
    const char *name = stop_name();
    return name == NULL
               ? 0
               : err_set(err, EX_TEMPFAIL,
                         "stopped by %s; what had come is handed to the sink, and what the "
                         "market does until the next start is missed",
                         name);
}

// Between calls and while waiting, on both threads.
static int check_poll(void *context, struct err *err)
{
    struct finnhub *finnhub = context;
    TRY(check_stop(err));
    return atomic_load(&finnhub->has_ended) ? err_set(err, EX_TEMPFAIL, "the run has ended") : 0;
}

static int check_trades(void *context, struct err *err)
{
    struct finnhub *finnhub = context;
    TRY(check_stop(err));
    return atomic_load(&finnhub->poll_failed)
               ? err_set(err, finnhub->poll_code, "%s", finnhub->poll_error.text)
               : 0;
}

static void *run_poll(void *context)
{
    struct finnhub *finnhub = context;
    finnhub->poll_code = poll_run(&finnhub->poll, &finnhub->poll_error);
    atomic_store(&finnhub->poll_failed, finnhub->poll_code != 0);
    return NULL;
}

static int run_socket(struct finnhub *finnhub, const char *key, struct err *err)
{
    const struct finnhub_options *options = &finnhub->options;
    const char *url = getenv("TICKHOUSE_FINNHUB_SOCKET_URL");
    const struct socket_settings settings = {
        .url = url != NULL ? url : "wss://ws.finnhub.io",
        .token = key,
        .symbols = finnhub->symbols.list,
        .symbol_count = finnhub->symbols.count,
        .ping_seconds = options->ping_seconds,
        .hangup_seconds = options->hangup_seconds,
        .quiet = options->pump.quiet,
        .once = options->once,
        .take = trades_take,
        .connected = trades_connected,
        .trades = &finnhub->trades,
        .tick = check_trades,
        .context = finnhub,
    };
    return socket_run(&settings, &finnhub->trades.socket, err);
}

// Signals are for the thread that waits in the socket's loop.
static int run_both(struct finnhub *finnhub, const char *key, struct err *err)
{
    pthread_t thread;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&thread, NULL, run_poll, finnhub);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return err_set(err, EX_OSERR, "cannot start a thread: %s", strerror(failed));
    const int code = run_socket(finnhub, key, err);
    if (code != 0 || !finnhub->options.once)
        atomic_store(&finnhub->has_ended, true);
    (void)pthread_join(thread, NULL);
    if (code == 0 && finnhub->poll_code != 0)
        return err_set(err, finnhub->poll_code, "%s", finnhub->poll_error.text);
    return code;
}

static int open_poll(struct finnhub *finnhub, const char *key, struct err *err)
{
    const struct finnhub_options *options = &finnhub->options;
    const char *url = getenv("TICKHOUSE_FINNHUB_URL");
    char folder[4096];
    finnhub->poll = (struct poll){
        .rest = {.base = url != NULL ? url : "https://finnhub.io/api/v1",
                 .key = key,
                 .quiet = options->pump.quiet,
                 .check = check_poll,
                 .context = finnhub,
                 .rate = {.fd = -1}},
        .symbols = &finnhub->symbols,
        .pump = finnhub->pump,
        .newest = finnhub->trades.newest,
        .quotes = options->quotes,
        .news = options->news,
        .company_news = options->company_news,
        .once = options->once,
        .quiet = options->pump.quiet,
        .interval = options->interval,
        .news_days = options->news_days,
    };
    rate_folder(folder, sizeof folder);
    TRY(rest_open(&finnhub->poll.rest, err));
    return rate_open(&finnhub->poll.rest.rate, options->state != NULL ? options->state : folder,
                     options->per_minute, options->per_second, err);
}

static int check_options(struct finnhub_options *options, const struct symbols *symbols,
                         struct err *err)
{
    if (!options->trades && !options->news && !options->company_news)
        options->quotes = true;
    if (symbols->count == 0 && (options->quotes || options->trades || options->company_news))
        return err_set(err, EX_USAGE,
                       "no symbols: give --symbols AAPL,MSFT or --symbols-file FILE");
    if (options->hangup_seconds <= options->ping_seconds)
        return err_set(err, EX_USAGE, "--hangup-seconds wants more than --ping-seconds");
    return 0;
}

static int run(struct finnhub *finnhub, const char *key, struct err *err)
{
    struct finnhub_options *options = &finnhub->options;
    TRY(symbols_read(&finnhub->symbols, options->symbols, options->symbols_file, err));
    TRY(check_options(options, &finnhub->symbols, err));
    const bool polls = options->quotes || options->news || options->company_news;
    if (options->trades)
        TRY(trades_init(&finnhub->trades, &finnhub->symbols, key, options->pump.quiet, err));
    TRY(pump_open(&finnhub->pump, &options->pump, err));
    finnhub->trades.pump = finnhub->pump;
    if (polls)
        TRY(open_poll(finnhub, key, err));
    if (polls && options->trades)
        return run_both(finnhub, key, err);
    return polls ? poll_run(&finnhub->poll, err) : run_socket(finnhub, key, err);
}

static void summarize(const struct finnhub *finnhub)
{
    const struct poll *poll = &finnhub->poll;
    const struct trades *trades = &finnhub->trades;
    if (trades->socket.connections != 0)
        (void)fprintf(stderr,
                      "finnhub: %llu trades in %llu messages, %llu duplicates, %llu passed by, "
                      "%llu connections\n",
                      (unsigned long long)trades->count,
                      (unsigned long long)trades->socket.messages,
                      (unsigned long long)trades->duplicates, (unsigned long long)trades->refused,
                      (unsigned long long)trades->socket.connections);
    if (poll->rounds != 0)
        (void)fprintf(stderr,
                      "finnhub: %llu quotes and %llu articles in %llu rounds, %llu articles passed "
                      "by, %llu symbols unknown\n",
                      (unsigned long long)poll->quote_count,
                      (unsigned long long)poll->article_count, (unsigned long long)poll->rounds,
                      (unsigned long long)poll->refused, (unsigned long long)poll->unknown);
}

int finnhub_run(int argc, char **argv, struct err *err)
{
    struct finnhub finnhub = {.options.interval = INTERVAL_SECONDS,
                              .options.news_days = 1,
                              .options.per_minute = PER_MINUTE,
                              .options.per_second = PER_SECOND,
                              .options.ping_seconds = 20,
                              .options.hangup_seconds = 30};
    const char *key = getenv("TICKHOUSE_FINNHUB_KEY");
    enum options_result result;
    pump_options_init(&finnhub.options.pump, "finnhub");
    TRY(options_parse(&command, &argc, argv, &finnhub.options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is no option; 'ingest finnhub --help' lists them",
                       argv[1]);
    if (key == NULL || *key == '\0')
        return err_set(err, EX_NOPERM,
                       "no key: finnhub.io/register gives one free of charge, put it into the "
                       "environment as TICKHOUSE_FINNHUB_KEY; 'ingest mock' is a market that "
                       "needs none");
    const int code = run(&finnhub, key, err);
    const int closed = pump_close(finnhub.pump, err);
    if (!finnhub.options.pump.quiet)
        summarize(&finnhub);
    if (finnhub.poll.rest.http != NULL)
        rest_close(&finnhub.poll.rest);
    trades_free(&finnhub.trades);
    symbols_free(&finnhub.symbols);
    return code != 0 ? code : closed != 0 ? closed : finnhub.poll.worst;
}
