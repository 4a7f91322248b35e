// SPDX-License-Identifier: Apache-2.0
// From a text to the sink: duplicates, filters, batches, and an allocation that fails at every
// possible place.
#include "base/limits.h"
#include "base/time.h"
#include "fake_sink.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define CSV_HEADER "Date,Open,High,Low,Close,Volume\n"
#define BULK_HEADER "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n"

static void load(struct bench *bench, const char *name, const char *data)
{
    struct err err = {0};
    assert_int_equal(bench_load(bench, name, data, strlen(data), &err), 0);
}

static void test_duplicates(void **state)
{
    struct bench bench;
    struct err err = {0};
    const char csv[] = CSV_HEADER "2020-01-03,1,2,1,2,5\n"
                                  "2020-01-02,1,2,1,2,5\n"
                                  "2020-01-03,1,2,1,2,6\n";
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    load(&bench, "nvda_us_d.csv", csv);
    assert_int_equal(bench.fake.bars, 2);
    assert_int_equal(bench.fake.bad, 1);
    assert_int_equal(bench.fake.last_line, 4);
    assert_string_equal(bench.fake.last_reason,
                        "a second row of 2020-01-03 for NVDA in this file; the first is kept");
    load(&bench, "nvda_us_d.csv", csv); // another file may have the same dates
    assert_int_equal(bench.fake.bars, 4);
    bench_close(&bench);
}

static void test_bulk_of_many_tickers(void **state)
{
    struct bench bench;
    struct err err = {0};
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    load(&bench, "stdin",
         BULK_HEADER "NVDA.US,D,20200102,000000,1,2,1,2,5,0\r\n"
                     "CDR.PL,D,20200102,000000,1,2,1,2,5,0\r\n"
                     "NVDA.US,D,20200103,000000,1,2,1,2,5,0\r\n"
                     ",D,20200103,000000,1,2,1,2,5,0\r\n"
                     "NVDA.US,D,20200102,000000,1,2,1,2,5,0\r\n"
                     "cdr.pl,D,20200103,000000,1,2,1,2,7,0\r\n");
    assert_int_equal(bench.fake.bars, 4);
    assert_int_equal(bench.fake.bad, 2);
    assert_string_equal(bench.fake.last_ticker, "CDR.PL");
    assert_true(bench.fake.last.volume == 7);
    bench_close(&bench);
}

static void test_filters(void **state)
{
    struct bench bench;
    struct err err = {0};
    struct ticker_set wanted;
    struct ticker msft;
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    bench.text.from = date_from_civil(2020, 1, 2);
    bench.text.to = date_from_civil(2020, 1, 3);
    load(&bench, "nvda_us_d.csv",
         CSV_HEADER "1900-01-02,1,2,1,2,5\n2020-01-01,1,2,1,2,5\n2020-01-02,1,2,1,2,5\n"
                    "2020-01-03,1,2,1,2,5\n2020-01-04,0,0,0,0,5\n");
    assert_int_equal(bench.fake.bars, 2);
    assert_int_equal(bench.fake.bad, 0); // rows outside the dates asked for are nobody's concern
    assert_int_equal(ticker_set_init(&wanted, &bench.arena, &err), 0);
    assert_true(ticker_parse("msft.us", 7, &msft));
    assert_non_null(ticker_set_add(&wanted, &msft, &err));
    bench.text.wanted = &wanted;
    load(&bench, "nvda_us_d.csv", CSV_HEADER "2020-01-02,1,2,1,2,5\n");
    assert_int_equal(bench.fake.bars, 2);
    load(&bench, "msft_us_d.csv", CSV_HEADER "2020-01-02,1,2,1,2,5\n");
    assert_int_equal(bench.fake.bars, 3);
    bench_close(&bench);
}

// A bulk file with two tickers, of which the other one's rows are bad.
static void test_unwanted_bad_rows(void **state)
{
    static const char bulk[] = BULK_HEADER "XX.US,D,20200102,000000,-1,2,1,2,5,0\r\n"
                                           "XX.US,W,20200102,000000,1,2,1,2,5,0\r\n"
                                           "XX.US,D\r\n"
                                           "YY.US,D,20200102,000000,1,2,1,2,5,0\r\n"
                                           "YY.US,D,20200103,000000,-1,2,1,2,5,0\r\n"
                                           "Y Y,D,20200103,000000,1,2,1,2,5,0\r\n";
    struct bench bench;
    struct err err = {0};
    struct ticker_set wanted;
    struct ticker yy;
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    assert_int_equal(ticker_set_init(&wanted, &bench.arena, &err), 0);
    assert_true(ticker_parse("yy.us", 5, &yy));
    assert_non_null(ticker_set_add(&wanted, &yy, &err));
    bench.text.wanted = &wanted;
    load(&bench, "stdin", bulk);
    assert_int_equal(bench.fake.bars, 1);
    assert_int_equal(bench.fake.bad, 2); // YY's own, and one whose ticker nobody can tell
    assert_int_equal(bench.fake.last_line, 7);
    bench.text.wanted = NULL;
    load(&bench, "stdin", bulk);
    assert_int_equal(bench.fake.bad, 2 + 5);
    bench_close(&bench);
}

static void test_blank_lines(void **state)
{
    struct bench bench;
    struct err err = {0};
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    load(&bench, "nvda_us_d.csv",
         " \t\r\n\n" CSV_HEADER " \n2020-01-02,1,2,1,2,5\n\t\r\n2020-01-03,x,2,1,2,5\n  ");
    assert_int_equal(bench.fake.bars, 1);
    assert_int_equal(bench.fake.bad, 1);
    assert_int_equal(bench.fake.last_line, 7);
    assert_string_equal(bench.fake.last_reason, "open 'x' is not a number");
    bench_close(&bench);
}

static void test_whole_files_set_aside(void **state)
{
    static const char *const files[][3] = {
        {"nvda_us_d.csv", "<html>", "a web page instead of prices"},
        {"nvda_us_d.csv", "", "the text is empty"},
        {"nvda_us_d.csv", "Ticker,Price\nA,1\n", "not a Stooq file"},
        {"nvda_us_w.csv", CSV_HEADER "2020-01-02,1,2,1,2,5\n", "the file name says period W"},
        {"stdin", CSV_HEADER, ""},
        {"two words.csv", CSV_HEADER "2020-01-02,1,2,1,2,5\n", "the file name gives no ticker"},
    };
    struct bench bench;
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(bench_open(&bench, &err), 0);
        load(&bench, files[i][0], files[i][1]);
        assert_int_equal(bench.fake.bars, 0);
        assert_int_equal(bench.fake.bad, files[i][2][0] != '\0');
        assert_int_equal(bench.fake.last_line, 0);
        assert_memory_equal(bench.fake.last_reason, files[i][2], strlen(files[i][2]));
        bench_close(&bench);
    }
}

// A row of `size` bytes, whose last field is too long a word, and a good one below it.
static void load_long(struct bench *bench, size_t size)
{
    static const char before[] = CSV_HEADER "2020-01-02,1,2,1,2,";
    static const char after[] = "\n2020-01-03,1,2,1,2,5\n";
    const size_t field = size - (sizeof before - sizeof CSV_HEADER);
    char text[3 * LIMIT_LINE_BYTES];
    (void)snprintf(text, sizeof text, "%s", before);
    memset(text + sizeof before - 1, 'x', field);
    (void)snprintf(text + sizeof before - 1 + field, sizeof after, "%s", after);
    load(bench, "nvda_us_d.csv", text);
}

static void test_long_line(void **state)
{
    struct bench bench;
    struct err err = {0};
    (void)state;
    assert_int_equal(bench_open(&bench, &err), 0);
    load_long(&bench, LIMIT_LINE_BYTES);
    assert_memory_equal(bench.fake.last_reason, "volume 'xxx", 11);
    load_long(&bench, LIMIT_LINE_BYTES + 1);
    assert_string_equal(bench.fake.last_reason, "the line is longer than 4096 bytes");
    load_long(&bench, (size_t)2 * LIMIT_LINE_BYTES);
    assert_string_equal(bench.fake.last_reason, "the line is longer than 4096 bytes");
    assert_int_equal(bench.fake.bars, 3);
    assert_int_equal(bench.fake.bad, 3);
    bench_close(&bench);
}

// More rows than a batch holds, good and bad ones mixed.
static void test_batches(void **state)
{
    enum { ROWS = 300000 };
    struct bench bench;
    struct err err = {0};
    const size_t capacity = (size_t)ROWS * 64;
    char *text = malloc(capacity), *at = text;
    (void)state;
    assert_non_null(text);
    at += sprintf(at, BULK_HEADER);
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at, "T%d.US,D,%d,000000,1,2,%d,2,5,0\n", i / 20, 20200101 + i % 20,
                      i % 3 == 0 ? 3 : 1);
    assert_int_equal(bench_open(&bench, &err), 0);
    assert_int_equal(bench_load(&bench, "stdin", text, (size_t)(at - text), &err), 0);
    assert_int_equal(bench.fake.bars, ROWS - ROWS / 3);
    assert_int_equal(bench.fake.bad, ROWS / 3);
    assert_int_equal(bench.fake.batches, (ROWS - ROWS / 3 + BARS_CAPACITY - 1) / BARS_CAPACITY);
    assert_string_equal(bench.fake.last_ticker, "T14999");
    bench_close(&bench);
    free(text);
}

static int load_all(struct bench *bench, struct err *err)
{
    static const char csv[] = CSV_HEADER "2020-01-02,1,2,1,2,5\nbad\n2020-01-03,1,2,1,2,5\n";
    static const char bulk[] = BULK_HEADER "NVDA.US,D,20200102,000000,1,2,1,2,5,0\r\n"
                                           "CDR.PL,D,20200102,000000,1,2,1,2,5,0\r\n";
    TRY(bench_open(bench, err));
    TRY(bench_load(bench, "nvda_us_d.csv", csv, sizeof csv - 1, err));
    return bench_load(bench, "stdin", bulk, sizeof bulk - 1, err);
}

// Every allocation fails once: the load ends with an error, never otherwise, and leaks nothing
// (which the sanitizer build sees).
static void fail_each(void (*fail_after)(size_t), size_t least)
{
    for (size_t n = 1;; n++) {
        struct bench bench;
        struct err err = {0};
        fail_after(n);
        const int code = load_all(&bench, &err);
        fail_after(0);
        bench_close(&bench);
        if (code == 0) {
            assert_true(n > least);
            assert_int_equal(bench.fake.bars, 4);
            assert_int_equal(bench.fake.bad, 1);
            return;
        }
        assert_int_equal(code, err.code);
        assert_non_null(strstr(err.text, "out of memory"));
    }
}

static void test_failing_allocations(void **state)
{
    (void)state;
    fail_each(arena_fail_after, 15);
    fail_each(buffer_fail_after, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_bulk_of_many_tickers),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_unwanted_bad_rows),
        cmocka_unit_test(test_blank_lines),
        cmocka_unit_test(test_whole_files_set_aside),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
