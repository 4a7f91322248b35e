// SPDX-License-Identifier: Apache-2.0
#include "oracle.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct trade_message message;

static int open_message(void **state)
{
    (void)state;
    return trade_message_init(&message, NULL);
}

static int close_message(void **state)
{
    (void)state;
    trade_message_free(&message);
    return 0;
}

static int parse(const char *text, struct err *err)
{
    compare_message(&message, text, strlen(text));
    return trade_message_parse(&message, text, strlen(text), err);
}

static void expect_view(struct csv_view view, const char *text)
{
    if (view.size != strlen(text) || memcmp(view.data, text, view.size) != 0)
        fail_msg("found '%.*s', wanted '%s'", (int)view.size, view.data, text);
}

// The price of a trade whose price is written so; NULL: refused.
static void expect_price(const char *written, const char *wanted)
{
    char text[512];
    (void)snprintf(text, sizeof text,
                   "{\"data\":[{\"p\":%s,\"s\":\"A\",\"t\":1,\"v\":1}],\"type\":\"trade\"}",
                   written);
    assert_int_equal(parse(text, NULL), 0);
    assert_int_equal(message.count, wanted != NULL);
    if (wanted != NULL)
        expect_view(message.trades[0].price, wanted);
}

static void test_documented(void **state)
{
    (void)state;
    assert_int_equal(
        parse("{\"data\":[{\"c\":[\"1\",\"12\"],\"p\":7296.89,\"s\":\"BINANCE:BTCUSDT\","
              "\"t\":1575526691134,\"v\":0.011467},{\"c\":null,\"p\":179.660,\"s\":\"AAPL\","
              "\"t\":1575526691135,\"v\":100}],\"type\":\"trade\"}",
              NULL),
        0);
    assert_int_equal(message.kind, MESSAGE_TRADES);
    assert_int_equal(message.count, 2);
    expect_view(message.trades[0].symbol, "BINANCE:BTCUSDT");
    expect_view(message.trades[0].price, "7296.89");
    expect_view(message.trades[0].volume, "0.011467");
    assert_int_equal(message.trades[0].milliseconds, 1575526691134);
    expect_view(message.trades[1].price, "179.660");
}

static void test_any_order(void **state)
{
    (void)state;
    assert_int_equal(
        parse(" { \"type\" : \"trade\" ,\t\"x\" : {\"data\":[1]} , \"data\" : [ {\"v\":2 , "
              "\"t\":3,\"s\":\"\\u0041\\/\\ud83d\\ude00\",\"p\":1.0,\"y\":[{},[],true]} ] }\n",
              NULL),
        0);
    assert_int_equal(message.count, 1);
    expect_view(message.trades[0].symbol, "A/\xf0\x9f\x98\x80");
    expect_view(message.trades[0].price, "1.0");
}

static void test_other_kinds(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"type\":\"ping\"}", NULL), 0);
    assert_int_equal(message.kind, MESSAGE_PING);
    assert_int_equal(parse("{\"type\":\"error\",\"msg\":\"Too many \\\"symbols\\\"\"}", NULL), 0);
    assert_int_equal(message.kind, MESSAGE_ERROR);
    expect_view(message.text, "Too many \"symbols\"");
    assert_int_equal(
        parse("{\"type\":\"news\",\"data\":[{\"p\":1,\"s\":\"A\",\"t\":1,\"v\":1}]}", NULL), 0);
    assert_int_equal(message.kind, MESSAGE_OTHER);
    assert_int_equal(message.count, 0);
    assert_int_equal(parse("{}", NULL), 0);
    assert_int_equal(message.kind, MESSAGE_OTHER);
}

static void test_prices(void **state)
{
    (void)state;
    expect_price("0", "0");
    expect_price("-37.63", "-37.63");
    expect_price("1e2", "100");
    expect_price("1.25e-3", "0.00125");
    expect_price("1.25E+1", "12.5");
    expect_price("-12345.678e-2", "-123.45678");
    expect_price("1e-05", "0.00001");
    expect_price("0.1000000000000000055511151231257827021181583404541015625",
                 "0.1000000000000000055511151231257827021181583404541015625");
    expect_price("1e60", "1000000000000000000000000000000000000000000000000000000000000");
    expect_price("1e99", NULL);
    expect_price("1e-99", NULL);
    expect_price("\"1\"", NULL);
    expect_price("null", NULL);
}

// The good part of a message stays.
static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(
        parse("{\"data\":[null,7,{},{\"p\":1,\"s\":\"\",\"t\":1,\"v\":1},{\"p\":1,\"s\":\"A\","
              "\"t\":1.5,"
              "\"v\":1},{\"p\":1,\"s\":\"A\",\"t\":7258118400000,\"v\":1},{\"p\":1,\"s\":\"A\","
              "\"t\":-1,"
              "\"v\":1},{\"p\":1,\"s\":\"A\",\"t\":1,\"v\":-1},{\"p\":1,\"s\":\"A\",\"t\":1},"
              "{\"p\":5,\"s\":\"GOOD\",\"t\":1,\"v\":0}],\"type\":\"trade\"}",
              NULL),
        0);
    assert_int_equal(message.count, 1);
    assert_int_equal(message.refused, 9);
    assert_string_equal(message.why, "it is no object");
    expect_view(message.trades[0].symbol, "GOOD");
}

static void test_broken(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "[]",
        "1",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":nul}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":1e999}",
        "{\"a\":99999999999999999999}",
        "{\"data\":[{\"p\":1}",
        "{\"data\":[}]}",
        "{\"data\":[1,]}",
        "{\"type\":\"trade\"",
        "{\"a\":\"\\\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = {0};
        if (parse(texts[i], &err) != EX_DATAERR)
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(err.code, EX_DATAERR);
    }
}

static void test_depth(void **state)
{
    char text[512] = "{\"a\":";
    (void)state;
    memset(text + 5, '[', 200);
    memset(text + 205, ']', 200);
    text[405] = '}';
    text[406] = '\0';
    assert_int_equal(parse(text, NULL), EX_DATAERR);
}

// Every beginning of a message is none, and no byte behind it is read.
static void test_truncated(void **state)
{
    static const char text[] =
        "{\"data\":[{\"c\":[\"1\",{\"x\":null}],\"p\":1.5e1,\"s\":\"A\\n\",\"t\":1,"
        "\"v\":1}],\"type\":\"trade\"}";
    (void)state;
    for (size_t size = 0; size < sizeof text - 1; size++) {
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, text, size);
        copy[size] = '\0';
        assert_int_equal(parse(copy, NULL), EX_DATAERR);
        free(copy);
    }
    assert_int_equal(parse(text, NULL), 0);
    assert_int_equal(message.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented),  cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_other_kinds), cmocka_unit_test(test_prices),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_broken),
        cmocka_unit_test(test_depth),       cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, open_message, close_message);
}
