// SPDX-License-Identifier: Apache-2.0
// finnhub_bench make TRADES MESSAGES: messages of the socket as the mock makes them, a line each.
// finnhub_bench read FILE ROUNDS: reads them all again and again on one core; prints what was in
// them, then one line a way: name, milliseconds (best), milliseconds (median).
#include "base/time.h"
#include "reply.h"
#include "spread.h"
#include "trade_message.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 1000, FILE_BYTES = 1 << 30 };

// Sums, so that nothing is left out and the ways can be compared.
struct found {
    uint64_t trades, milliseconds, bytes;
};

struct bench {
    struct buffer text; // each message ends with a NUL
    struct trade_message message;
    struct spread spread;
    bool spreads;
    struct found found;
};

static int make(size_t trades, size_t messages, struct err *err)
{
    static struct calendar calendar;
    const char *const symbols[] = {"AAPL", "AMZN", "GOOGL", "JPM", "META",
                                   "MSFT", "NVDA", "TSLA",  "V",   "XOM"};
    const struct market_settings settings = {.seed = 1,
                                             .symbols = symbols,
                                             .symbol_count = 10,
                                             .rate = 10000,
                                             .start = 1709303400000,
                                             .calendar = &calendar};
    struct market market;
    struct market_tick tick;
    struct buffer message;
    buffer_init(&message, 1 << 20);
    calendar_build(&calendar, XNAS);
    TRY(market_open(&market, &settings, err));
    for (size_t i = 0; i < messages; i++) {
        message.size = 0;
        TRY(message_begin(&message, err));
        for (size_t k = 0; k < trades && market_next(&market, &tick); k++)
            TRY(message_trade(&message, symbols[tick.symbol], &tick, err));
        TRY(message_end(&message, err));
        (void)printf("%.*s\n", (int)message.size, message.data);
    }
    buffer_free(&message);
    market_close(&market);
    return 0;
}

static int read_file(const char *path, struct buffer *out, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "cannot open %s", path);
    int code = 0;
    for (size_t got = 1; got != 0 && code == 0;) {
        char *to = buffer_reserve(out, 1 << 20, err);
        got = to != NULL ? fread(to, 1, 1 << 20, file) : 0;
        out->size += got;
        code = to != NULL ? 0 : err_code(err, EX_OSERR);
    }
    (void)fclose(file);
    for (size_t i = 0; i < out->size; i++)
        if (out->data[i] == '\n')
            out->data[i] = '\0';
    return code;
}

static void add(struct found *found, int64_t milliseconds, size_t bytes)
{
    found->trades++;
    found->milliseconds += (uint64_t)milliseconds;
    found->bytes += bytes;
}

static int by_ours(struct bench *bench, const char *data, size_t size, struct err *err)
{
    int64_t ts = 0;
    TRY(trade_message_parse(&bench->message, data, size, err));
    if (bench->spreads)
        spread_message(&bench->spread);
    for (size_t i = 0; i < bench->message.count; i++) {
        const struct trade *trade = &bench->message.trades[i];
        if (bench->spreads)
            (void)spread_place(&bench->spread, trade, &ts);
        add(&bench->found, trade->milliseconds, trade->symbol.size);
    }
    return 0;
}

static int by_jansson(struct bench *bench, const char *data, size_t size, struct err *err)
{
    size_t index;
    json_t *trade, *message = json_loadb(data, size, 0, NULL);
    double sum = 0;
    if (message == NULL)
        return err_set(err, EX_DATAERR, "no JSON");
    json_array_foreach(json_object_get(message, "data"), index, trade)
    {
        sum += json_number_value(json_object_get(trade, "p"));
        sum += json_number_value(json_object_get(trade, "v"));
        add(&bench->found, json_integer_value(json_object_get(trade, "t")),
            json_string_length(json_object_get(trade, "s")));
    }
    json_decref(message);
    return sum < 0;
}

typedef int way(struct bench *bench, const char *data, size_t size, struct err *err);

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(struct bench *bench, const char *name, way *read, int rounds, struct err *err)
{
    double times[MAX_ROUNDS];
    struct found first = {0};
    for (int round = 0; round < rounds; round++) {
        const double begun = clock_seconds();
        bench->found = (struct found){0};
        for (size_t at = 0; at < bench->text.size;) {
            const size_t size = strlen(bench->text.data + at);
            TRY(read(bench, bench->text.data + at, size, err));
            at += size + 1;
        }
        times[round] = (clock_seconds() - begun) * 1e3;
        if (round == 0)
            first = bench->found;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare);
    if (strcmp(name, "ours") == 0)
        (void)printf("found\t%llu\t%llu\t%llu\n", (unsigned long long)first.trades,
                     (unsigned long long)first.milliseconds, (unsigned long long)first.bytes);
    (void)printf("%s\t%.3f\t%.3f\n", name, times[0], times[rounds / 2]);
    return 0;
}

static int read_all(const char *path, int rounds, struct err *err)
{
    struct bench bench = {0};
    buffer_init(&bench.text, FILE_BYTES);
    TRY(read_file(path, &bench.text, err));
    TRY(trade_message_init(&bench.message, err));
    TRY(spread_init(&bench.spread, SPREAD_TRADES, err));
    TRY(measure(&bench, "ours", by_ours, rounds, err));
    const struct found ours = bench.found;
    TRY(measure(&bench, "jansson", by_jansson, rounds, err));
    if (memcmp(&ours, &bench.found, sizeof ours) != 0)
        return err_set(err, EX_SOFTWARE, "jansson finds other trades");
    bench.spreads = true;
    TRY(measure(&bench, "ours and a microsecond for each trade", by_ours, rounds, err));
    trade_message_free(&bench.message);
    spread_free(&bench.spread);
    buffer_free(&bench.text);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int code = EX_USAGE;
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        code = make((size_t)atoi(argv[2]), (size_t)atoi(argv[3]), &err);
    else if (argc == 4 && strcmp(argv[1], "read") == 0 && atoi(argv[3]) <= MAX_ROUNDS)
        code = read_all(argv[2], atoi(argv[3]), &err);
    if (code != 0)
        (void)fprintf(stderr, "finnhub_bench: %s\n", err.code != 0 ? err.text : "see its source");
    return code;
}
