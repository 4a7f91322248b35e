// SPDX-License-Identifier: Apache-2.0
// The deadline that the pages of a block share.
#include "html/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct view page = {"<title>News</title>", 19};

static void test_late_page(void **state)
{
    struct arena arena;
    char out[32];
    (void)state;
    assert_int_equal(arena_open(&arena, 64 << 20, NULL), 0);
    assert_int_equal(html_write_text(page, html_block_deadline(), &arena, out), 4);
    assert_memory_equal(out, "News", 4);
    assert_int_equal(html_write_text(page, clock(), &arena, out), 0);
    arena_close(&arena);
}

// A page that needs more than is left ends when the block does.
static void test_last_page(void **state)
{
    enum { BYTES = 1 << 16 };
    struct arena arena;
    char *lines = malloc(BYTES), *out = malloc(BYTES);
    (void)state;
    assert_int_equal(arena_open(&arena, LIMIT_ARENA_BYTES, NULL), 0);
    assert_true(lines != NULL && out != NULL);
    for (size_t i = 0; i < BYTES; i++)
        lines[i] = "<p>x"[i % 4];
    const struct view long_page = {lines, BYTES};
    assert_int_not_equal(html_write_text(long_page, html_block_deadline(), &arena, out), 0);
    assert_int_equal(html_write_text(long_page, clock() + 1, &arena, out), 0);
    arena_close(&arena);
    free(lines);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_late_page),
                                       cmocka_unit_test(test_last_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
