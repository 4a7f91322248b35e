// SPDX-License-Identifier: Apache-2.0
// UTF-8 against the examples of the Unicode standard, names of files, lines of lists.
#include "base/utf8.h"
#include "gdelt_feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// Unicode 15, tables 3-8 to 3-11: what becomes of ill-formed sequences. R stands for U+FFFD.
static void mends_as_unicode_says(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"plain", "plain"},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "RRRRRRRR\x41"}, // overlong
        {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "RRRRRRRR\x41"}, // surrogates
        {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "RRRRR\x41RR\x42"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "RRRR\x41"}, // cut off
        {"\xF0\x9F\x98", "R"},
        {"a\xE2\x82\tb", "aR\tb"}, // a tab is never eaten
        {"0123456789012345678901234567890\xFF", "0123456789012345678901234567890R"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        char shown[64];
        size_t replaced, used = 0, wanted = 0;
        buffer_init(&out, 1 << 16);
        assert_int_equal(utf8_mend(cases[i].text, strlen(cases[i].text), &out, &replaced, NULL), 0);
        for (size_t at = 0; at < out.size; used++)
            if (out.size - at >= 3 && memcmp(out.data + at, "\xEF\xBF\xBD", 3) == 0) {
                shown[used] = 'R';
                at += 3;
            } else
                shown[used] = out.data[at++];
        shown[used] = '\0';
        assert_string_equal(shown, cases[i].wanted);
        for (const char *c = cases[i].wanted; *c != '\0'; c++)
            wanted += *c == 'R';
        assert_int_equal(replaced, wanted);
        buffer_free(&out);
    }
}

static void reads_names(void **state)
{
    static const struct {
        const char *name, *feed, *again;
    } cases[] = {
        {"20150218230000.gkg.csv.zip", "gkg", "20150218230000.gkg.csv.zip"},
        {"a/b/20150218230000.translation.gkg.csv", "gkg_translingual",
         "20150218230000.translation.gkg.csv.zip"},
        {"20240229234500.mentions.CSV.zip", "mentions", "20240229234500.mentions.CSV.zip"},
        {"20240229234500.EXPORT.csv.ZIP", "events", "20240229234500.export.CSV.zip"},
        {"20230229234500.gkg.csv.zip", NULL, NULL}, // no such day
        {"20240229244500.gkg.csv.zip", NULL, NULL}, // no such hour
        {"2024022923450.gkg.csv.zip", NULL, NULL},
        {"x20240229234500.gkg.csv.zip", NULL, NULL},
        {"20240229234500.gkgcounts.csv.zip", NULL, NULL},
        {"19691231234500.gkg.csv", NULL, NULL}, // before 1970
        {".gkg.csv", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gdelt_slot slot;
        char name[GDELT_NAME_BYTES];
        const bool known = gdelt_name_parse(cases[i].name, strlen(cases[i].name), &slot);
        assert_int_equal(known, cases[i].feed != NULL);
        if (!known)
            continue;
        gdelt_name_format(&slot, name);
        assert_string_equal(gdelt_feed_name(slot.feed), cases[i].feed);
        assert_string_equal(name, cases[i].again);
    }
}

static void reads_lines_of_lists(void **state)
{
    static const char good[] = "318084 6FA8CBF4F1E1F5A1DE8D1D0D8C0E6A5B "
                               "http://data.gdeltproject.org/gdeltv2/20150218230000.gkg.csv.zip\r";
    static const char *const bad[] = {
        "",
        "318084",
        "318084 6fa8 http://x/20150218230000.gkg.csv.zip",
        "-1 6fa8cbf4f1e1f5a1de8d1d0d8c0e6a5b http://x/20150218230000.gkg.csv.zip",
        "1234567890123456 6fa8cbf4f1e1f5a1de8d1d0d8c0e6a5b x/20150218230000.gkg.csv.zip",
        "318084 6fa8cbf4f1e1f5a1de8d1d0d8c0e6a5g http://x/20150218230000.gkg.csv.zip",
        "318084 6fa8cbf4f1e1f5a1de8d1d0d8c0e6a5b http://x/20150218230000.csv.zip",
    };
    struct gdelt_listed listed;
    (void)state;
    assert_true(gdelt_list_line(good, strlen(good), &listed));
    assert_int_equal(listed.size, 318084);
    assert_string_equal(listed.md5, "6fa8cbf4f1e1f5a1de8d1d0d8c0e6a5b");
    assert_int_equal(listed.slot.time, 1424300400);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(gdelt_list_line(bad[i], strlen(bad[i]), &listed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mends_as_unicode_says),
        cmocka_unit_test(reads_names),
        cmocka_unit_test(reads_lines_of_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
