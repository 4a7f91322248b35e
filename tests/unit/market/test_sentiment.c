// SPDX-License-Identifier: Apache-2.0
// Lexicons and the rules of sentiment, by hand-made numbers; tests/parity/sentiment.sh has VADER's.
#include "market/sentiment.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char words[] =
    "# a comment\ngood\t2\nbad\t-2\t0.5\tmore\r\n\nno\t-1\ngood\t3\n:)\t2.5\n";
static const char emojis[] = "\xF0\x9F\x98\x81\tgood face\n";

static struct arena kept, scratch;
static struct lexicon lexicon;

static int open_all(void **state)
{
    (void)state;
    return arena_open(&kept, 1 << 22, NULL) || arena_open(&scratch, 1 << 28, NULL) ||
           lexicon_read(&lexicon, &kept, words, sizeof words - 1, NULL) ||
           lexicon_read_emojis(&lexicon, &kept, emojis, sizeof emojis - 1, NULL);
}

static int close_all(void **state)
{
    (void)state;
    arena_close(&kept);
    arena_close(&scratch);
    return 0;
}

static struct sentiment score_sized(const char *text, size_t size)
{
    struct sentiment found;
    struct err err = {0};
    if (sentiment_score(&lexicon, text, size, &scratch, &found, &err) != 0)
        fail_msg("%s", err.text);
    arena_reset(&scratch);
    return found;
}

static double compound(const char *text)
{
    return score_sized(text, strlen(text)).compound;
}

static double of_sum(double sum)
{
    return rint(sum / sqrt(sum * sum + 15) * 10000) / 10000;
}

static void a_lexicon_is_read(void **state)
{
    (void)state;
    assert_true(lexicon_find(&lexicon.words, "good", 4)->score == 3); // the later line wins
    assert_true(lexicon_find(&lexicon.words, "bad", 3)->score == -2);
    assert_null(lexicon_find(&lexicon.words, "goo", 3));
    assert_false(lexicon_find(&lexicon.words, "very", 4)->is_scored);
    assert_int_equal(lexicon_find(&lexicon.emojis, "\xF0\x9F\x98\x81", 4)->text_size, 9);
}

static void bad_lines_are_named(void **state)
{
    static const char *const texts[] = {"good\t2\nnothing\n", "good\t2\nnothing\tmuch\n",
                                        "# x\nnothing\t\n", "# x\nnothing\t1e3\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lexicon other;
        struct err err = {0};
        assert_int_equal(lexicon_read(&other, &scratch, texts[i], strlen(texts[i]), &err),
                         EX_DATAERR);
        assert_string_equal(err.text,
                            "line 2: 'nothing' has no score from -100 to 100; a line is the word, "
                            "a tab, the score from -100 to 100");
        arena_reset(&scratch);
    }
}

static void rules_change_scores(void **state)
{
    static const struct {
        const char *text;
        double sum;
    } cases[] = {
        {"shares look good", 3},
        {"(good)", 3},
        {":)", 2.5},
        {"not good", 3 * -0.74},
        {"didn't look good", 3 * -0.74},
        {"very good", 3.293},
        {"slightly good", 2.707},
        {"very much good", 3 + 0.293 * 0.95},
        {"slightly bad", -2 + 0.293},
        {"GOOD news", 3.733},
        {"GOOD NEWS", 3}, // all in capitals says nothing
        {"no good", 3 * -0.74},
        {"never so good", 3.293 * 1.25},
        {"bad but good", -1 + 4.5},
        {"good!", 3.292},
        {"good!!!!!!", 3 + 4 * 0.292},
        {"good?", 3},
        {"good??", 3.36},
        {"good????", 3.96},
        {"least good", 3 * -0.74},
        {"at least good", 3},
        {"this is kind of good", 3 - 0.293},
        {"\xF0\x9F\x98\x81", 3},
        {"nothing new", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (compound(cases[i].text) != of_sum(cases[i].sum))
            fail_msg("%s: wanted %g, found %g", cases[i].text, of_sum(cases[i].sum),
                     compound(cases[i].text));
}

static void no_words_no_score(void **state)
{
    static const struct sentiment zero;
    static const char *const texts[] = {"", " ", "\n\t ", "\xC2\xA0", "\xE3\x80\x80"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct sentiment found = score_sized(texts[i], strlen(texts[i]));
        assert_memory_equal(&found, &zero, sizeof zero);
    }
}

// 16,384 words count, and 1 MiB; what is longer ends soon, also where every word is a "but".
static void a_long_text_is_cut(void **state)
{
    const size_t size = 100 << 20;
    char *text = malloc(size);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = "good but "[i % 9];
    assert_true(score_sized(text, size).compound > 0.99);
    memset(text, 'x', size);
    memcpy(text + size - 5, " good", 5);
    assert_true(score_sized(text, size).compound == 0);
    memset(text, ' ', size);
    assert_true(score_sized(text, size).neutral == 0);
    free(text);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t n = 1;; n++) {
        struct lexicon other = {0};
        struct sentiment found;
        struct err err = {0};
        arena_fail_after(n);
        int code = lexicon_read(&other, &scratch, words, sizeof words - 1, &err);
        code = code ? code : lexicon_read_emojis(&other, &scratch, emojis, sizeof emojis - 1, &err);
        code =
            code ? code : sentiment_score(&other, "a \xF0\x9F\x98\x81", 6, &scratch, &found, &err);
        arena_fail_after(0);
        arena_reset(&scratch);
        if (code == 0) {
            assert_true(n > 5);
            return;
        }
        assert_true(err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lexicon_is_read),   cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(rules_change_scores), cmocka_unit_test(no_words_no_score),
        cmocka_unit_test(a_long_text_is_cut),  cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
