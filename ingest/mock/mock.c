// SPDX-License-Identifier: Apache-2.0
// `ingest mock`: the options, and which way the market takes: over a socket or into a sink.
#include "base/options.h"
#include "base/time.h"
#include "load.h"
#include "server.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mock_options {
    struct pump_options pump;
    const char *symbols, *start, *fault, *certificate, *key, *state;
    int64_t symbol_count, seed, ticks, port;
    double rate, speed, disorder, duplicates, halts, replay_seconds;
    bool numbered, always_open;
};

#define OFFSET(field) offsetof(struct mock_options, field)
#define PUMP(field) offsetof(struct mock_options, pump.field)

static const struct option option_list[] = {
    {"port", OPTION_INTEGER, OFFSET(port), "PORT", "of 127.0.0.1; 0 (default): a free one", 0,
     65535},
    {"symbols", OPTION_TEXT, OFFSET(symbols), "LIST", "separated by commas (ten known ones)", 0, 0},
    {"symbol-count", OPTION_INTEGER, OFFSET(symbol_count), "N",
     "instead: so many, called S000, S001, ...", 1, MARKET_SYMBOLS},
    {"seed", OPTION_INTEGER, OFFSET(seed), "N", "the same seed gives the same trades (1)", 0,
     INT64_MAX},
    {"start", OPTION_TEXT, OFFSET(start), "WHEN",
     "day of the first trade (2024-03-01), or now; outside of sessions the next one", 0, 0},
    {"always-open", OPTION_FLAG, OFFSET(always_open), NULL,
     "trade by night and on weekends too; numbered trades always do", 0, 0},
    {"rate", OPTION_NUMBER, OFFSET(rate), "N", "trades a second of the market's time (100)", 0, 0},
    {"speed", OPTION_NUMBER, OFFSET(speed), "N",
     "times as fast as the real time (1); 0: as fast as it goes", 0, 0},
    {"ticks", OPTION_INTEGER, OFFSET(ticks), "N", "trades in all, then connections are closed", 0,
     INT64_MAX},
    {"numbered", OPTION_FLAG, OFFSET(numbered), NULL,
     "trades for checkers: symbols S000, ..., the volume counts 1, 2, 3, ... in each", 0, 0},
    {"disorder", OPTION_NUMBER, OFFSET(disorder), "SHARE", "of the trades come late (0)", 0, 0},
    {"duplicates", OPTION_NUMBER, OFFSET(duplicates), "SHARE", "come twice (0); not with --sink", 0,
     0},
    {"halts", OPTION_NUMBER, OFFSET(halts), "SHARE",
     "of each symbol's five minutes are without trades (0.002)", 0, 0},
    {"replay-seconds", OPTION_NUMBER, OFFSET(replay_seconds), "N",
     "who connects again gets the trades of the last N seconds again (0)", 0, 0},
    {"fault", OPTION_TEXT, OFFSET(fault), "KIND[@N],...",
     "spoil the N-th reply or message, or each; see below; not with --sink", 0, 0},
    {"tls-cert", OPTION_TEXT, OFFSET(certificate), "FILE", "serve https and wss with it (PEM)", 0,
     0},
    {"tls-key", OPTION_TEXT, OFFSET(key), "FILE", "its key (PEM)", 0, 0},
    {"state", OPTION_TEXT, OFFSET(state), "FILE",
     "with --sink: where the number of stored rows is kept, to go on after it", 0, 0},
    PUMP_OPTION_LIST(PUMP),
    {0},
};

static const struct command command = {
    "ingest mock",
    "serve a market from a seed as Finnhub serves the real one, on 127.0.0.1",
    "ingest mock [--port PORT] [options]\n"
    "       ingest mock --sink NAME [--ticks N] [options]",
    option_list,
    "With --sink no server is started: the trades go straight into the sink. Else it\n"
    "prints the addresses that TICKHOUSE_FINNHUB_URL and TICKHOUSE_FINNHUB_SOCKET_URL take.\n"
    "The clock runs while somebody listens. Any key is taken.\n"
    "\n"
    "faults of replies: 401 403 404 429 429-long 500 html truncated broken empty types\n"
    "zeros slow\n"
    "faults of the socket: handshake busy close1006 close1001 no-pong garbage utf8 oversize\n"
    "fragments error ping oddities\n",
};

struct mock {
    struct mock_options options;
    struct calendar calendar;
    struct faults faults;
    const char *symbols[MARKET_SYMBOLS];
    char names[MARKET_SYMBOLS][MARKET_SYMBOL_BYTES];
    struct server_settings server;
};

static const char known_symbols[] = "AAPL,AMZN,GOOGL,JPM,META,MSFT,NVDA,TSLA,V,XOM";

static bool is_symbol(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == '"' || text[i] == '\\' || text[i] == '\x7f')
            return false;
    return size != 0 && size < MARKET_SYMBOL_BYTES;
}

static int read_symbols(struct mock *mock, const char *list, struct err *err)
{
    size_t count = 0;
    while (*list != '\0') {
        const char *comma = strchrnul(list, ',');
        if (!is_symbol(list, (size_t)(comma - list)) || count == MARKET_SYMBOLS)
            return err_set(err, EX_USAGE, "--symbols: '%.*s' is none; write for example AAPL,MSFT",
                           (int)(comma - list), list);
        (void)snprintf(mock->names[count], sizeof *mock->names, "%.*s", (int)(comma - list), list);
        mock->symbols[count] = mock->names[count];
        count++;
        list = *comma != '\0' ? comma + 1 : comma;
    }
    mock->server.feed.market.symbol_count = count;
    return count != 0 ? 0 : err_set(err, EX_USAGE, "--symbols is empty");
}

static void number_symbols(struct mock *mock, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(mock->names[i], sizeof *mock->names, "S%03zu", i);
        mock->symbols[i] = mock->names[i];
    }
    mock->server.feed.market.symbol_count = count;
}

static int choose_symbols(struct mock *mock, struct err *err)
{
    const struct mock_options *options = &mock->options;
    if (options->symbols != NULL)
        return read_symbols(mock, options->symbols, err);
    if (!options->numbered && options->symbol_count == 0)
        return read_symbols(mock, known_symbols, err);
    number_symbols(mock, options->symbol_count != 0 ? (size_t)options->symbol_count : 10);
    return 0;
}

// The first session on or after the day; numbered trades need none.
static int choose_start(struct mock *mock, struct err *err)
{
    struct market_settings *market = &mock->server.feed.market;
    const char *text = mock->options.start;
    int32_t date;
    if (strcmp(text, "now") == 0) {
        market->start = clock_microseconds() / 1000;
        return 0;
    }
    if (!date_parse(text, strlen(text), &date) || calendar_day(&mock->calendar, date) == NULL)
        return err_set(err, EX_USAGE,
                       "--start wants a day from 1990 to 2035 as YYYY-MM-DD, or now, not '%s'",
                       text);
    if (!calendar_is_open(&mock->calendar, date))
        date = calendar_next(&mock->calendar, date);
    market->start =
        calendar_instant(&mock->calendar, date, calendar_day(&mock->calendar, date)->open) * 1000;
    return 0;
}

static int check_numbers(const struct mock_options *options, struct err *err)
{
    const struct {
        const char *name;
        double value, most;
    } list[] = {
        {"rate", options->rate, 1e7},
        {"speed", options->speed, 1e9},
        {"replay-seconds", options->replay_seconds, 1e9},
        {"disorder", options->disorder, 1},
        {"duplicates", options->duplicates, 1},
        {"halts", options->halts, 0.5},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (list[i].value < 0 || list[i].value > list[i].most)
            return err_set(err, EX_USAGE, "--%s wants a number from 0 to %g, not %g", list[i].name,
                           list[i].most, list[i].value);
    if (options->state != NULL && options->pump.sink == NULL)
        return err_set(err, EX_USAGE, "--state goes with --sink NAME");
    if (options->pump.sink != NULL && (options->fault != NULL || options->duplicates > 0))
        return err_set(err, EX_USAGE,
                       "--%s does not go with --sink: it is of what the server sends; leave --sink "
                       "out and let 'ingest finnhub' read it",
                       options->fault != NULL ? "fault" : "duplicates");
    if ((options->certificate == NULL) != (options->key == NULL))
        return err_set(err, EX_USAGE, "--tls-cert and --tls-key go together");
    return 0;
}

static int set_up(struct mock *mock, struct err *err)
{
    const struct mock_options *options = &mock->options;
    struct server_settings *server = &mock->server;
    TRY(check_numbers(options, err));
    TRY(choose_symbols(mock, err));
    calendar_build(&mock->calendar, XNAS);
    TRY(choose_start(mock, err));
    TRY(faults_parse(&mock->faults, options->fault, err));
    struct market_settings *market = &server->feed.market;
    market->seed = (uint64_t)options->seed;
    market->symbols = mock->symbols;
    market->rate = options->rate;
    market->ticks = (uint64_t)options->ticks;
    market->is_numbered = options->numbered;
    market->is_always_open = options->always_open;
    market->halts = options->halts;
    market->calendar = &mock->calendar;
    server->feed.disorder = options->disorder;
    server->feed.duplicates = options->duplicates;
    server->speed = options->speed;
    server->replay_seconds = options->replay_seconds;
    server->port = options->port;
    server->certificate = options->certificate;
    server->key = options->key;
    server->faults = &mock->faults;
    return 0;
}

static int run_load(struct mock *mock, struct err *err)
{
    struct load_settings load = {.feed = mock->server.feed,
                                 .speed = mock->options.speed,
                                 .state = mock->options.state,
                                 .pump = &mock->options.pump};
    return load_run(&load, err);
}

static int run(struct mock *mock, int argc, char **argv, struct err *err)
{
    enum options_result result;
    mock->options = (struct mock_options){
        .start = "2024-03-01", .seed = 1, .rate = 100, .speed = 1, .halts = 0.002};
    pump_options_init(&mock->options.pump, "mock");
    mock->options.pump.sink = NULL;
    TRY(options_parse(&command, &argc, argv, &mock->options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is no option; 'ingest mock --help' lists them",
                       argv[1]);
    TRY(set_up(mock, err));
    return mock->options.pump.sink != NULL ? run_load(mock, err) : server_run(&mock->server, err);
}

int mock_run(int argc, char **argv, struct err *err)
{
    struct mock *mock = calloc(1, sizeof *mock);
    if (mock == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    const int code = run(mock, argc, argv, err);
    free(mock);
    return code;
}
