// SPDX-License-Identifier: Apache-2.0
// Tickers as they are written, and what rows of Stooq become.
#include "base/time.h"
#include "market/stooq.h"
#include "market/ticker.h"
#include "market/ticker_set.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const char csv_header[] = "Date,Open,High,Low,Close,Volume";
static const char bulk_header[] =
    "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>";

static void test_ticker(void **state)
{
    static const char *const pairs[][2] = {
        {"nvda.us", "NVDA"}, {"NVDA", "NVDA"},      {"cdr.pl", "CDR.PL"}, {"^spx", "^SPX"},
        {"spx", "SPX"},      {"brk-b.us", "BRK-B"}, {"cl.f", "CL.F"},     {"eurusd", "EURUSD"},
        {"us", "US"},        {"x.us", "X"},
    };
    struct ticker ticker;
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(ticker_parse(pairs[i][0], strlen(pairs[i][0]), &ticker));
        assert_string_equal(ticker.text, pairs[i][1]);
        assert_int_equal(ticker.size, strlen(pairs[i][1]));
    }
    assert_false(ticker_parse("", 0, &ticker));
    assert_false(ticker_parse("NV DA", 5, &ticker));
    assert_false(ticker_parse("NV\0A", 4, &ticker));
    assert_false(ticker_parse("a23456789012345678901234567890123", 33, &ticker));
}

static void test_file_name(void **state)
{
    static const char *const names[][3] = {
        {"nvda_us_d.csv", "NVDA", "D"},
        {"data/^spx_d.csv", "^SPX", "D"},
        {"spx_d.csv", "SPX", "D"},
        {"bulk/nvda.us.txt", "NVDA", "D"},
        {"d_us_txt.zip:data/daily/us/aapl.us.txt", "AAPL", "D"},
        {"a.zip:nvda_us_d.csv", "NVDA", "D"},
        {"data/a.zip:nvda_us_w.csv", "NVDA", "W"},
        {"brk-b.us.txt", "BRK-B", "D"},
        {"cdr_pl_d.csv", "CDR.PL", "D"},
        {"nvda.csv", "NVDA", "D"},
        {"NVDA_US_W.CSV", "NVDA", "W"},
        {"nvda_us_m.csv", "NVDA", "M"},
        {"v_us_d.csv", "V", "D"},
        {"my_prices_d.csv", "MY_PRICES", "D"},
        {"d.csv", "D", "D"},
    };
    struct ticker ticker;
    char period;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(ticker_of_file(names[i][0], &ticker, &period));
        assert_string_equal(ticker.text, names[i][1]);
        assert_int_equal(period, names[i][2][0]);
    }
    assert_false(ticker_of_file("trading results S&P500.txt", &ticker, &period));
    assert_false(ticker_of_file("", &ticker, &period));
    assert_false(ticker_of_file("folder/", &ticker, &period));
    assert_false(ticker_of_file("a.zip:", &ticker, &period));
}

static void test_ticker_set(void **state)
{
    struct arena arena;
    struct ticker_set set;
    struct ticker ticker;
    struct ticker_entry *entries[5000];
    char text[16];
    (void)state;
    assert_int_equal(arena_open(&arena, 16 << 20, NULL), 0);
    assert_int_equal(ticker_set_init(&set, &arena, NULL), 0);
    for (int i = 0; i < 5000; i++) {
        (void)ticker_parse(text, (size_t)sprintf(text, "T%d", i), &ticker);
        assert_null(ticker_set_find(&set, &ticker));
        entries[i] = ticker_set_add(&set, &ticker, NULL);
        assert_non_null(entries[i]);
    }
    for (int i = 0; i < 5000; i++) {
        (void)ticker_parse(text, (size_t)sprintf(text, "t%d.us", i), &ticker);
        assert_ptr_equal(ticker_set_add(&set, &ticker, NULL), entries[i]);
    }
    assert_int_equal(set.count, 5000);
    arena_close(&arena);
}

static enum stooq_kind kind_of(const char *text)
{
    return stooq_recognise(text, strlen(text)).kind;
}

static void test_recognise(void **state)
{
    (void)state;
    assert_int_equal(kind_of("Date,Open,High,Low,Close,Volume\n"), STOOQ_CSV);
    assert_int_equal(kind_of("Date,Open,High,Low,Close\r\n"), STOOQ_CSV);
    assert_int_equal(kind_of("Date,Open,High,Low,Close,Volume,OpenInt\n"), STOOQ_CSV);
    assert_int_equal(kind_of("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n"), STOOQ_CSV);
    assert_int_equal(kind_of("\n\nDate,Open,High,Low,Close,Volume\n"), STOOQ_CSV);
    assert_int_equal(kind_of(bulk_header), STOOQ_BULK);
    assert_int_equal(kind_of("<!DOCTYPE html>\n<html>"), STOOQ_HTML);
    assert_int_equal(kind_of("\n  <html><head>"), STOOQ_HTML);
    assert_int_equal(kind_of("Exceeded the daily hits limit"), STOOQ_LIMIT);
    assert_int_equal(kind_of("No data"), STOOQ_NO_DATA);
    assert_int_equal(kind_of("Brak danych"), STOOQ_NO_DATA);
    assert_int_equal(kind_of(""), STOOQ_EMPTY);
    assert_int_equal(kind_of("\n \n"), STOOQ_EMPTY);
    assert_int_equal(kind_of("Date,High,Open,Low,Close,Volume\n"), STOOQ_UNKNOWN);
    assert_int_equal(kind_of("Date,Open,High,Low\n"), STOOQ_UNKNOWN);
    assert_int_equal(kind_of("19980102 00:00,136300,162500,135000,162500,6315000\n"),
                     STOOQ_UNKNOWN);
}

static bool read_row(const char *header, const char *row, size_t size, struct bar *bar,
                     struct csv_view *ticker, char *reason)
{
    const struct stooq_layout layout = stooq_recognise(header, strlen(header));
    *bar = (struct bar){0};
    reason[0] = '\0';
    return stooq_row(&layout, (struct csv_view){row, size}, bar, ticker, reason);
}

static void test_good_rows(void **state)
{
    char reason[BAR_REASON_BYTES];
    struct bar bar;
    struct csv_view ticker;
    const char csv[] = "2020-01-07,54.6957,54.7152,53.881,53.9181,24002107.696069";
    const char no_volume[] = "1970-01-01,1,2,1,2,";
    const char bulk[] = "BRK-B.US,D,20260220,000000,186.57,190.33,185.9378,189.82,178422337,0";
    (void)state;
    assert_true(read_row(csv_header, csv, strlen(csv), &bar, &ticker, reason));
    assert_int_equal(bar.date, date_from_civil(2020, 1, 7));
    assert_true(bar.open == 54.6957 && bar.high == 54.7152 && bar.low == 53.881);
    assert_true(bar.close == 53.9181 && bar.volume == 24002107.696069);
    assert_true(read_row(csv_header, no_volume, strlen(no_volume), &bar, &ticker, reason));
    assert_true(bar.date == 0 && bar.volume == 0);
    assert_true(
        read_row("Date,Open,High,Low,Close", "2020-01-07,1,2,1,2", 18, &bar, &ticker, reason));
    assert_true(read_row(bulk_header, bulk, strlen(bulk), &bar, &ticker, reason));
    assert_int_equal(bar.date, date_from_civil(2026, 2, 20));
    assert_memory_equal(ticker.data, "BRK-B.US", ticker.size);
}

// row, what the reason must say
static const char *const bad_csv[][2] = {
    {"2020-01-02,-1,2,1,2,5", "open is -1; a price is above 0"},
    {"2020-01-02,0,2,0,2,5", "open is 0; a price is above 0"},
    {"2020-01-02,1,1,2,1,5", "high 1 is below low 2"},
    {"2020-01-02,3,2,1,2,5", "open 3 is outside low 1 to high 2"},
    {"2020-01-02,1,2,1,0.5,5", "close 0.5 is outside low 1 to high 2"},
    {"2020-01-02,1,2,1,2,-5", "volume is -5; it cannot be negative"},
    {"2020-01-02,1,x,1,2,5", "high 'x' is not a number"},
    {"2020-01-02,nan,2,1,2,5", "open 'nan' is not a number"},
    {"2020-01-02,1,1e999,1,2,5", "high '1e999' is not a number"},
    {"2020-01-02,1,2,1,,5", "close '' is not a number"},
    {"2020-01-02,1,2,1,2,many", "volume 'many' is not a number"},
    {"2020-02-30,1,2,1,2,5", "date '2020-02-30' is not a day of the calendar"},
    {"02.01.2020,1,2,1,2,5", "date '02.01.2020' is not a day of the calendar"},
    {"1969-12-31,1,2,1,2,5",
     "date 1969-12-31 is outside 1970-01-01 to 2149-06-06, which Date can hold"},
    {"2149-06-07,1,2,1,2,5",
     "date 2149-06-07 is outside 1970-01-01 to 2149-06-06, which Date can hold"},
    {"2020-01-02,1,2,1,2", "5 columns where the header has 6"},
    {"2020-01-02,1,2,1,2,5,6", "7 columns where the header has 6"},
    {"garbage", "1 columns where the header has 6"},
    {"2020-01-02,1,\xff,1,2,5", "the line is not valid UTF-8"},
};

static void test_bad_rows(void **state)
{
    char reason[BAR_REASON_BYTES];
    struct bar bar;
    struct csv_view ticker;
    const char weekly[] = "NVDA.US,W,20260220,000000,186.57,190.33,185.9378,189.82,178422337,0";
    (void)state;
    for (size_t i = 0; i < sizeof bad_csv / sizeof *bad_csv; i++) {
        assert_false(
            read_row(csv_header, bad_csv[i][0], strlen(bad_csv[i][0]), &bar, &ticker, reason));
        assert_string_equal(reason, bad_csv[i][1]);
    }
    assert_false(read_row(csv_header, "2020-01-02,1\0,2,1,2,5", 21, &bar, &ticker, reason));
    assert_string_equal(reason, "the line holds a NUL byte");
    assert_false(read_row(bulk_header, weekly, strlen(weekly), &bar, &ticker, reason));
    assert_string_equal(reason, "period 'W' is not D: only daily bars are loaded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticker),     cmocka_unit_test(test_file_name),
        cmocka_unit_test(test_ticker_set), cmocka_unit_test(test_recognise),
        cmocka_unit_test(test_good_rows),  cmocka_unit_test(test_bad_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
