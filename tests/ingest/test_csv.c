// SPDX-License-Identifier: Apache-2.0
#include "base/csv.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void expect_view(struct csv_view view, const char *text)
{
    if (view.size != strlen(text) || memcmp(view.data, text, view.size) != 0)
        fail_msg("found '%.*s', wanted '%s'", (int)view.size, view.data, text);
}

static void expect_lines(const char *data, const char *const *lines, size_t count)
{
    struct csv_reader reader;
    struct csv_view line;
    csv_open(&reader, data, strlen(data));
    for (size_t i = 0; i < count; i++) {
        assert_true(csv_next(&reader, &line));
        expect_view(line, lines[i]);
        assert_int_equal(reader.line, i + 1);
    }
    assert_false(csv_next(&reader, &line));
}

static void test_lines(void **state)
{
    (void)state;
    expect_lines("", NULL, 0);
    expect_lines("a", (const char *[]){"a"}, 1);
    expect_lines("a\n", (const char *[]){"a"}, 1);
    expect_lines("a\r\nb\n\nc", (const char *[]){"a", "b", "", "c"}, 4);
    expect_lines("\n\r\n", (const char *[]){"", ""}, 2);
    expect_lines("\xef\xbb\xbf"
                 "Date,Open\n",
                 (const char *[]){"Date,Open"}, 1);
    expect_lines("a\rb\n", (const char *[]){"a\rb"}, 1);
}

static void expect_fields(const char *line, const char *const *fields, size_t count)
{
    struct csv_view found[4];
    assert_int_equal(csv_split((struct csv_view){line, strlen(line)}, found, 4), count);
    for (size_t i = 0; i < count && i < 4; i++)
        expect_view(found[i], fields[i]);
}

static void test_fields(void **state)
{
    (void)state;
    expect_fields("", (const char *[]){""}, 1);
    expect_fields("a,b", (const char *[]){"a", "b"}, 2);
    expect_fields(",,", (const char *[]){"", "", ""}, 3);
    expect_fields("a,b,c,d,e,f", (const char *[]){"a", "b", "c", "d"}, 6);
    expect_fields("\"a,b\",c", (const char *[]){"a,b", "c"}, 2);
    expect_fields("\"a\"\"b\",c", (const char *[]){"a\"\"b", "c"}, 2);
    expect_fields("\"open,c", (const char *[]){"\"open", "c"}, 2);
    expect_fields("\"\"", (const char *[]){""}, 1);
    expect_fields("\"", (const char *[]){"\""}, 1);
}

static bool is_text(const char *bytes, size_t size)
{
    return csv_is_text((struct csv_view){bytes, size});
}

static void test_text(void **state)
{
    (void)state;
    assert_true(is_text("", 0));
    assert_true(is_text("abc", 3));
    assert_true(is_text("z\xc5\x82oty \xe2\x82\xac \xf0\x9f\x93\x88", 15));
    assert_false(is_text("a\0b", 3));
    assert_false(is_text("\xff", 1));
    assert_false(is_text("\xc5", 1));
    assert_false(is_text("\xc0\xaf", 2));         // overlong
    assert_false(is_text("\xe0\x80\xaf", 3));     // overlong
    assert_false(is_text("\xed\xa0\x80", 3));     // surrogate
    assert_false(is_text("\xf4\x90\x80\x80", 4)); // beyond U+10FFFF
    assert_false(is_text("\xe2\x82", 2));
}

static void test_is(void **state)
{
    (void)state;
    assert_true(csv_is((struct csv_view){"dATE", 4}, "Date"));
    assert_false(csv_is((struct csv_view){"Dates", 5}, "Date"));
    assert_false(csv_is((struct csv_view){"Dat", 3}, "Date"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
