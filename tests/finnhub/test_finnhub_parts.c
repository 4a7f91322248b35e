// SPDX-License-Identifier: Apache-2.0
// The microseconds of trades, the bucket of calls, the list of symbols, replies.
#include "rate.h"
#include "replies.h"
#include "spread.h"
#include "symbols.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- microseconds ----

static int64_t place(struct spread *spread, const char *symbol, int64_t milliseconds,
                     const char *volume)
{
    const struct trade trade = {
        {symbol, strlen(symbol)}, {"1.5", 3}, {volume, strlen(volume)}, milliseconds};
    int64_t ts = -1;
    const enum spread_result result = spread_place(spread, &trade, &ts);
    assert_true((result == SPREAD_NEW) == (ts >= 0));
    return result == SPREAD_NEW ? ts : -(int64_t)result;
}

static void test_spread(void **state)
{
    struct spread spread;
    (void)state;
    assert_int_equal(spread_init(&spread, 1000, NULL), 0);
    spread_connection(&spread);
    spread_message(&spread);
    assert_int_equal(place(&spread, "A", 7, "1"), 7000);
    assert_int_equal(place(&spread, "A", 7, "2"), 7001);
    assert_int_equal(place(&spread, "A", 7, "1"), 7002); // an equal one
    assert_int_equal(place(&spread, "B", 7, "1"), 7000);
    spread_message(&spread);
    assert_int_equal(place(&spread, "A", 7, "1"), 7003); // the millisecond goes on
    assert_int_equal(place(&spread, "A", 8, "1"), 8000);
    spread_message(&spread);
    assert_int_equal(place(&spread, "A", 7, "2"), -SPREAD_DUPLICATE);
    assert_int_equal(place(&spread, "A", 7, "2"), 7004); // twice in one message: two
    assert_int_equal(place(&spread, "A", 7, "3"), 7005); // late
    spread_connection(&spread); // what is repeated from the start of a millisecond
    spread_message(&spread);
    for (int i = 0; i < 2; i++)
        assert_int_equal(place(&spread, "A", 7, "1"), -SPREAD_DUPLICATE);
    spread_message(&spread);
    assert_int_equal(place(&spread, "A", 7, "1"), -SPREAD_DUPLICATE); // cut elsewhere
    assert_int_equal(place(&spread, "A", 7, "1"), 7006);
    spread_free(&spread);
}

static void test_spread_crowded(void **state)
{
    struct spread spread;
    char volume[16];
    (void)state;
    assert_int_equal(spread_init(&spread, 4000, NULL), 0);
    spread_message(&spread);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(volume, sizeof volume, "%d", i);
        assert_int_equal(place(&spread, "A", 7, volume), 7000 + i);
    }
    assert_int_equal(place(&spread, "A", 7, "x"), -SPREAD_CROWDED);
    assert_int_equal(place(&spread, "A", 8, "x"), 8000);
    spread_free(&spread);
}

// As many as are promised are remembered, and memory does not grow.
static void test_spread_memory(void **state)
{
    enum { TRADES = 1 << 14, ROUNDS = 20 };
    struct spread spread;
    (void)state;
    assert_int_equal(spread_init(&spread, TRADES, NULL), 0);
    for (int64_t i = 0; i < (int64_t)ROUNDS * TRADES; i++) {
        spread_message(&spread);
        assert_int_equal(place(&spread, "A", 1000 + i, "1"), (1000 + i) * 1000);
    }
    spread_connection(&spread);
    for (int64_t i = (int64_t)(ROUNDS - 1) * TRADES; i < (int64_t)ROUNDS * TRADES; i++) {
        spread_message(&spread);
        assert_int_equal(place(&spread, "A", 1000 + i, "1"), -SPREAD_DUPLICATE);
    }
    assert_true(spread.used <= spread.capacity / 2);
    spread_free(&spread);
}

// ---- calls ----

static const int64_t second = 1000000, start = 1700000000000000;

static int64_t wait_at(struct rate *rate, int64_t now)
{
    int64_t wait = -1;
    assert_int_equal(rate_take(rate, now, &wait, NULL), 0);
    return wait;
}

static void with_rate(struct rate *rate, char *folder, int64_t per_minute, int64_t per_second)
{
    assert_int_equal(rate_open(rate, folder, per_minute, per_second, NULL), 0);
}

static char *make_folder(void)
{
    static char folder[] = "/tmp/tickhouse-rate.XXXXXX";
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void remove_folder(const char *folder)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/finnhub-calls", folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void test_rate(void **state)
{
    struct rate rate;
    char *folder = make_folder();
    (void)state;
    with_rate(&rate, folder, 60, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(wait_at(&rate, start), 0);
    assert_int_equal(wait_at(&rate, start), second);
    assert_int_equal(wait_at(&rate, start + second - 1), 1);
    for (int i = 0; i < 30; i++)
        assert_int_equal(wait_at(&rate, start + second), 0);
    assert_int_equal(wait_at(&rate, start + 2 * second), 58 * second);
    rate_close(&rate); // the next process
    with_rate(&rate, folder, 60, 30);
    assert_int_equal(wait_at(&rate, start + 59 * second), second);
    assert_int_equal(wait_at(&rate, start + 60 * second), 0);
    assert_int_equal(rate_defer(&rate, start + 90 * second, NULL), 0);
    rate_close(&rate);
    with_rate(&rate, folder, 60, 30);
    assert_int_equal(wait_at(&rate, start + 70 * second), 20 * second);
    assert_int_equal(wait_at(&rate, start + 90 * second), 0);
    assert_int_equal(rate_defer(&rate, start + 7290 * second, NULL), 0); // two hours, all of them
    assert_int_equal(wait_at(&rate, start + 90 * second), 7200 * second);
    assert_int_equal(wait_at(&rate, start - 90000 * second), 60 * second); // the clock was set back
    rate_close(&rate);
    remove_folder(folder);
}

// In any 60 s there are at most 60 calls, whenever somebody asks.
static void test_rate_any_minute(void **state)
{
    enum { CALLS = 600 };
    int64_t times[CALLS], now = start;
    struct rate rate;
    char *folder = make_folder();
    (void)state;
    with_rate(&rate, folder, 60, 30);
    srand(1);
    for (int count = 0; count < CALLS; now += rand() % 700000) {
        if (wait_at(&rate, now) != 0)
            continue;
        times[count] = now;
        assert_true(count < 60 || now - times[count - 60] >= 60 * second);
        assert_true(count < 30 || now - times[count - 30] >= second);
        count++;
    }
    rate_close(&rate);
    remove_folder(folder);
}

static void test_rate_damaged(void **state)
{
    struct rate rate;
    char *folder = make_folder();
    (void)state;
    with_rate(&rate, folder, 60, 30);
    assert_int_equal(wait_at(&rate, start), 0);
    assert_int_equal(pwrite(rate.fd, "torn", 4, 22), 4);
    assert_int_equal(wait_at(&rate, start), 60 * second); // as if all calls had been made
    rate_close(&rate);
    remove_folder(folder);
}

// A clock that was set back makes nobody wait for longer than a minute.
static void test_rate_clock(void **state)
{
    struct rate rate;
    char *folder = make_folder();
    (void)state;
    with_rate(&rate, folder, 1, 1);
    assert_int_equal(wait_at(&rate, start), 0);
    assert_int_equal(wait_at(&rate, start - 3600 * second), 60 * second);
    rate_close(&rate);
    remove_folder(folder);
}

// ---- symbols ----

static void test_symbols(void **state)
{
    static struct symbols symbols;
    struct err err = {0};
    (void)state;
    assert_int_equal(symbols_read(&symbols, "MSFT,AAPL,BINANCE:BTCUSDT,AAPL", NULL, &err), 0);
    assert_int_equal(symbols.count, 3);
    assert_string_equal(symbols.list[0], "AAPL");
    assert_int_equal(symbols_find(&symbols, &(struct csv_view){"MSFTX", 4}), 2);
    assert_int_equal(symbols_find(&symbols, &(struct csv_view){"MSF", 3}), 3);
    assert_int_equal(symbols_find(&symbols, &(struct csv_view){"ZZ", 2}), 3);
    symbols_free(&symbols);
    assert_int_equal(symbols_read(&symbols, "A,,B", NULL, &err), EX_USAGE);
    symbols_free(&symbols);
    assert_int_equal(symbols_read(&symbols, "A\"B", NULL, NULL), EX_USAGE);
    symbols_free(&symbols);
    assert_int_equal(symbols_read(&symbols, NULL, "/nowhere", NULL), EX_NOINPUT);
    symbols_free(&symbols);
}

// ---- replies ----

static int read_quote(const char *text, struct quote *quote)
{
    static struct arena arena;
    if (arena.base == NULL)
        assert_int_equal(arena_open(&arena, 1 << 20, NULL), 0);
    arena_reset(&arena);
    return quote_read(text, strlen(text), &arena, quote, NULL);
}

static void test_quotes(void **state)
{
    struct quote quote;
    (void)state;
    assert_int_equal(read_quote("{\"c\":308.820,\"d\":3.83,\"dp\":1.2558,\"h\":311.4,\"l\":305.84,"
                                "\"o\":306.12,\"pc\":304.99,\"t\":1779480000}",
                                &quote),
                     0);
    assert_int_equal(quote.seconds, 1779480000);
    assert_int_equal(quote.price.size, 7);
    assert_memory_equal(quote.price.data, "308.820", 7);
    assert_int_equal(read_quote("{\"c\":0,\"d\":null,\"dp\":null,\"t\":0}", &quote), EX_NOINPUT);
    assert_int_equal(read_quote("{\"c\":\"1\",\"t\":1779480000}", &quote), EX_DATAERR);
    assert_int_equal(read_quote("{\"c\":1,\"t\":\"1779480000\"}", &quote), EX_DATAERR);
    assert_int_equal(read_quote("{\"c\":1}", &quote), EX_DATAERR);
    assert_int_equal(read_quote("[]", &quote), EX_DATAERR);
    assert_int_equal(read_quote("{}", &quote), EX_DATAERR);
}

static int count_article(void *context, const struct article *article, struct err *err)
{
    (void)err;
    assert_int_equal(article->ts, 1779554718000000);
    ++*(int *)context;
    return 0;
}

static void test_news(void **state)
{
    static const char text[] =
        "[{\"category\":\"company\",\"datetime\":1779554718,\"headline\":\"H\",\"id\":1,"
        "\"related\":\"AAPL\",\"source\":\"S\",\"summary\":null,\"url\":\"u\"},"
        "{\"datetime\":\"1779554718\",\"headline\":\"H\",\"id\":2},"
        "{\"datetime\":1779554718,\"headline\":\"H\",\"id\":0},"
        "{\"datetime\":1779554718,\"headline\":7,\"id\":3},"
        "{\"datetime\":1779554718,\"headline\":\"\",\"id\":3},3]";
    struct news_counts counts;
    int taken = 0;
    (void)state;
    assert_int_equal(news_read(text, sizeof text - 1, count_article, &taken, &counts, NULL), 0);
    assert_int_equal(taken, 1);
    assert_int_equal(counts.taken, 1);
    assert_int_equal(counts.refused, 5);
    assert_non_null(strstr(counts.why, "article 2: its 'datetime'"));
    assert_int_equal(news_read("{}", 2, count_article, &taken, &counts, NULL), EX_DATAERR);
    assert_int_equal(news_read("[", 1, count_article, &taken, &counts, NULL), EX_DATAERR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),          cmocka_unit_test(test_spread_crowded),
        cmocka_unit_test(test_spread_memory),   cmocka_unit_test(test_rate),
        cmocka_unit_test(test_rate_any_minute), cmocka_unit_test(test_rate_damaged),
        cmocka_unit_test(test_rate_clock),      cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_quotes),          cmocka_unit_test(test_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
