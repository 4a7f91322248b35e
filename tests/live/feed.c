// SPDX-License-Identifier: Apache-2.0
// Numbered ticks through a pump, for tests and measurements: symbols S000, S001, ... in turn, each
// with volumes 1, 2, 3, ...; the same options give the same ticks.
#include "base/time.h"
#include "live/pump.h"
#include "stop.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct feed_options {
    struct pump_options pump;
    int64_t ticks, from, symbols, rate, articles;
    bool report, quotes, seconds;
};

#define OFFSET(field) offsetof(struct feed_options, field)
#define PUMP(field) offsetof(struct feed_options, pump.field)

static const struct option option_list[] = {
    {"ticks", OPTION_INTEGER, OFFSET(ticks), "N", "how many", 0, INT64_MAX},
    {"from", OPTION_INTEGER, OFFSET(from), "N", "leave out so many at first", 0, INT64_MAX},
    {"symbols", OPTION_INTEGER, OFFSET(symbols), "N", "of so many symbols", 1, 1000},
    {"rate", OPTION_INTEGER, OFFSET(rate), "N", "ticks a second; 0: as fast as it goes", 0,
     INT64_MAX},
    {"articles", OPTION_INTEGER, OFFSET(articles), "N", "and so many news", 0, INT64_MAX},
    {"quotes", OPTION_FLAG, OFFSET(quotes), NULL, "without volumes, at half the price", 0, 0},
    {"report", OPTION_FLAG, OFFSET(report), NULL, "print the number of each row once it is taken",
     0, 0},
    {"report-seconds", OPTION_FLAG, OFFSET(seconds), NULL, "print rows a second at the end", 0, 0},
    PUMP_OPTION_LIST(PUMP),
    {0},
};

static const struct command command = {"feed", "numbered ticks through a pump", "feed [options]",
                                       option_list, NULL};

static struct csv_view view(const char *text)
{
    return (struct csv_view){text, strlen(text)};
}

static int feed_tick(struct pump *pump, const struct feed_options *options, int64_t i,
                     struct err *err)
{
    char symbol[16], price[32], volume[32];
    const int64_t number = i / options->symbols + 1;
    (void)snprintf(symbol, sizeof symbol, "S%03d", (int)(i % options->symbols));
    (void)snprintf(price, sizeof price, "%d.%02d", 100 + (int)(number % 7), (int)(number % 100));
    (void)snprintf(volume, sizeof volume, "%lld", (long long)number);
    if (options->quotes)
        volume[0] = '\0';
    const struct tick tick = {view(symbol), view(options->quotes ? "50" : price), view(volume),
                              1709303400000000 + number * 1000};
    TRY(pump_tick(pump, &tick, err));
    if (options->report)
        (void)printf("%lld\n", (long long)i + 1);
    return 0;
}

static int feed_article(struct pump *pump, int64_t i, struct err *err)
{
    const struct article article = {.id = (uint64_t)i + 1,
                                    .ts = 1709303400000000 + i,
                                    .category = view("company"),
                                    .headline = view("A \"headline\"\twith a \\ and \n in it"),
                                    .related = view("AAPL"),
                                    .source = view("Test"),
                                    .summary = view("Summary, {braces}, NULL, \xE2\x82\xAC"),
                                    .url = view("https://example.com/1")};
    return pump_article(pump, &article, err);
}

static int feed_all(struct pump *pump, const struct feed_options *options, struct err *err)
{
    const double started = clock_seconds();
    for (int64_t i = options->from; i < options->ticks; i++) {
        while (options->rate != 0 &&
               clock_seconds() < started + (double)(i - options->from) / (double)options->rate) {
            const struct timespec wait = {0, 200000};
            (void)nanosleep(&wait, NULL);
        }
        TRY(feed_tick(pump, options, i, err));
        if (options->rate != 0 || (i & 1023) == 0)
            TRY(stop_check(err));
    }
    for (int64_t i = 0; i < options->articles; i++)
        TRY(feed_article(pump, i, err));
    return 0;
}

static int feed(struct feed_options *options, struct err *err)
{
    struct pump *pump;
    struct pump_counts counts;
    const double started = clock_seconds();
    TRY(pump_open(&pump, &options->pump, err));
    const int code = feed_all(pump, options, err);
    pump_counts(pump, &counts);
    const int closed = pump_close(pump, code == 0 ? err : NULL);
    if (!options->pump.quiet)
        (void)fprintf(stderr, "%llu rows in %.3f s\n", (unsigned long long)counts.rows,
                      clock_seconds() - started);
    if (options->seconds)
        (void)printf("%.0f\n", (double)counts.rows / (clock_seconds() - started));
    return code != 0 ? code : closed;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    enum options_result result;
    struct feed_options options = {.ticks = 1000, .symbols = 10};
    stop_install();
    (void)setvbuf(stdout, NULL, _IOLBF, 0); // what --report says must not wait
    pump_options_init(&options.pump, "feed");
    options.pump.sink = "text";
    int code = options_parse(&command, &argc, argv, &options, &result, &err);
    if (code == 0 && result == OPTIONS_RUN)
        code = feed(&options, &err);
    if (err.code != 0)
        (void)fprintf(stderr, "feed: %s\n", err.text);
    return code;
}
