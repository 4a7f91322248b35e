// SPDX-License-Identifier: Apache-2.0
// number_parse gives strtod's double, bit for bit, and refuses what is no number.
#include "base/number.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 0x853c49e6748fea9bULL;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void check_same(const char *text)
{
    double found = 0;
    const double wanted = strtod(text, NULL);
    if (!number_parse(text, strlen(text), &found) || memcmp(&found, &wanted, sizeof found) != 0)
        fail_msg("'%s' gives %.17g, strtod %.17g", text, found, wanted);
}

static void random_digits(char **at, size_t most)
{
    for (size_t count = random_bits() % (most + 1); count != 0; count--)
        *(*at)++ = (char)('0' + random_bits() % 10);
}

// Plain decimals of every length, some with sign and exponent, none that overflows.
static void write_random(char *text)
{
    char *at = text;
    if (random_bits() % 8 == 0)
        *at++ = random_bits() % 2 ? '-' : '+';
    *at++ = (char)('0' + random_bits() % 10);
    random_digits(&at, random_bits() % 4 == 0 ? 30 : 9);
    if (random_bits() % 4 != 0) {
        *at++ = '.';
        random_digits(&at, random_bits() % 4 == 0 ? 30 : 10);
    }
    if (random_bits() % 8 == 0)
        at += sprintf(at, "e%d", (int)(random_bits() % 500) - 250);
    *at = '\0';
}

static void test_random_decimals(void **state)
{
    char text[128];
    (void)state;
    for (int i = 0; i < 3000000; i++) {
        write_random(text);
        check_same(text);
    }
}

// Any finite double, printed with all its digits, comes back.
static void test_random_doubles(void **state)
{
    char text[64];
    (void)state;
    for (int i = 0; i < 500000; i++) {
        const uint64_t bits = random_bits();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        (void)snprintf(text, sizeof text, "%.17g", value);
        check_same(text);
    }
}

static void test_borders(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        ".5",
                                        "5.",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740994",
                                        "9999999999999999999",
                                        "18446744073709551616",
                                        "0.0000000000000000001",
                                        "1e22",
                                        "1e23",
                                        "8.5e-324",
                                        "2.2250738585072011e-308",
                                        "1.7976931348623157e308",
                                        "24002107.696069",
                                        "0.30000000000000004",
                                        "179769313486231570000000000000000000000"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_same(texts[i]);
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",   " ",    ".",   "-",   "+.",    "1 ",  " 1",  "1,5", "1..2",  "1e",    "1e+",
        "e5", "0x10", "nan", "inf", "1e999", "--1", "1-2", "1_0", "1.2.3", "1e5.0", "1d5"};
    char huge[2000];
    double value;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (number_parse(texts[i], strlen(texts[i]), &value))
            fail_msg("'%s' was taken for %.17g", texts[i], value);
    memset(huge, '1', sizeof huge);
    assert_false(number_parse(huge, sizeof huge, &value));
    assert_false(number_parse("1\0002", 3, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_decimals),
        cmocka_unit_test(test_random_doubles),
        cmocka_unit_test(test_borders),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
