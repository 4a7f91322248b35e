// SPDX-License-Identifier: Apache-2.0
// The parts of pgcdc that need no server: positions, COPY's rows, the state of polling.
#include "pgcdc/copy_row.h"
#include "pgcdc/lsn.h"
#include "pgcdc/poll_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void lsn_is_read_and_written(void **state)
{
    (void)state;
    char text[LSN_BYTES];
    uint64_t lsn = 0;
    assert_true(lsn_parse("16/B374D848", &lsn));
    assert_int_equal(lsn, 0x16B374D848);
    lsn_format(lsn, text);
    assert_string_equal(text, "16/B374D848");
    lsn_format(UINT64_MAX, text);
    assert_string_equal(text, "FFFFFFFF/FFFFFFFF");
    static const char *const wrong[] = {"",     "16",   "16/",    "/16",        "1/2/3",
                                        "1/ 2", "-1/2", "0x1/2x", "1/123456789"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(lsn_parse(wrong[i], &lsn));
}

// Splits a row in memory of exactly its size, for the sanitizers.
static int split(const char *text, const char **values, size_t *sizes, size_t count, char **kept)
{
    const size_t size = strlen(text);
    char *row = malloc(size + 1);
    assert_non_null(row);
    memcpy(row, text, size + 1);
    *kept = row;
    return copy_row_split(row, size, values, sizes, count, NULL);
}

static void copy_row_is_split(void **state)
{
    (void)state;
    const char *values[4];
    size_t sizes[4];
    char *row;
    assert_int_equal(split("a\t\\N\t\tb\\tc\\\\N\n", values, sizes, 4, &row), 0);
    assert_string_equal(values[0], "a");
    assert_null(values[1]);
    assert_string_equal(values[2], "");
    assert_string_equal(values[3], "b\tc\\N");
    assert_int_equal(sizes[3], 5);
    free(row);
    assert_int_equal(split("\\\\N\t\\n\\r\\b\\f\\v\n", values, sizes, 2, &row), 0);
    assert_string_equal(values[0], "\\N");
    assert_string_equal(values[1], "\n\r\b\f\v");
    free(row);
}

static void copy_row_of_other_columns_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "a\n", "a\tb\tc\n", "a", "\\", "a\t\\"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *values[2];
        size_t sizes[2];
        char *row;
        const int code = split(rows[i], values, sizes, 2, &row);
        assert_true(code == EX_PROTOCOL || i == 5);
        free(row);
    }
}

static void poll_state_is_kept(void **state)
{
    (void)state;
    char path[] = "/tmp/tickhouse-poll.XXXXXX";
    struct poll_state poll;
    struct err err = {0};
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(poll_state_open(&poll, path, "timestamp - ts", &err), 0);
    struct poll_place *place = poll_state_find(&poll, "public.a", &err);
    assert_non_null(place);
    (void)snprintf(place->timestamp, sizeof place->timestamp, "2024-03-01 14:30:00+00");
    assert_ptr_equal(poll_state_find(&poll, "public.a", &err), place);
    assert_non_null(poll_state_find(&poll, "public.b", &err));
    assert_int_equal(poll_state_save(&poll, &err), 0);
    poll_state_close(&poll);

    assert_int_equal(poll_state_open(&poll, path, "timestamp - ts", &err), 0);
    assert_int_equal(poll.count, 2);
    assert_string_equal(poll_state_find(&poll, "public.a", &err)->timestamp,
                        "2024-03-01 14:30:00+00");
    assert_string_equal(poll_state_find(&poll, "public.b", &err)->timestamp, "");
    poll_state_close(&poll);
    assert_int_equal(poll_state_open(&poll, path, "incrementing id -", &err), EX_CONFIG);
    poll_state_close(&poll);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lsn_is_read_and_written),
        cmocka_unit_test(copy_row_is_split),
        cmocka_unit_test(copy_row_of_other_columns_is_refused),
        cmocka_unit_test(poll_state_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
