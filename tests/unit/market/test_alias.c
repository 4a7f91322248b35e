// SPDX-License-Identifier: Apache-2.0
// Words, alias files, look-ups and the search in free text.
#include "base/buffer.h"
#include "market/alias_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- words
// ---------------------------------------------------------------------------------------

static void folds_to(const char *text, const char *wanted)
{
    char out[256];
    const size_t size = words_fold(text, strlen(text), out, sizeof out - 1);
    out[size] = '\0';
    assert_string_equal(out, wanted);
}

static void test_fold(void **state)
{
    (void)state;
    folds_to("AT&T", "at and t");
    folds_to("McDonald's  Corp.", "mcdonalds corp");
    folds_to("L\u2019Or\u00e9al", "loreal");
    folds_to("Nestl\u00e9 S.A.", "nestle s a");
    folds_to("Stra\u00dfe \u0141\u00f3d\u017a", "strasse lodz");
    folds_to("\u8c37\u6b4c\u76f4\u9762", "\u8c37 \u6b4c \u76f4 \u9762");
    folds_to("\u0413\u0410\u0417\u041f\u0420\u041e\u041c",
             "\u0433\u0430\u0437\u043f\u0440\u043e\u043c");
    folds_to("a\xff"
             "b \xc3(",
             "a b");
    folds_to(" -- ", "");
}

static void same_words(const struct word *words, const struct word *others, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(words[i].hash, others[i].hash);
        assert_int_equal(words[i].from, others[i].from);
        assert_int_equal(words[i].to, others[i].to);
        assert_int_equal(words[i].flags, others[i].flags);
    }
}

// The short way and the long way must see the same words, wherever a word lies in its text.
static void compare_ways(const char *text, size_t size)
{
    struct word words[256], plain[256];
    size_t at = 0;
    const size_t count = words_split(text, size, &at, words, 256);
    for (size_t i = 0; i < count; i++) {
        char folded[WORD_BYTES + 4];
        const size_t length =
            words_fold(text + words[i].from, words[i].to - words[i].from, folded, WORD_BYTES);
        if (words[i].hash != 0 && length != 0)
            assert_int_equal(words[i].hash, word_hash(folded, length));
        assert_true(words[i].to > words[i].from && words[i].to <= size);
        assert_true(i == 0 || words[i].from >= words[i - 1].to);
    }
    at = 0;
    assert_int_equal(words_split_plain(text, size, &at, plain, 256), count);
    same_words(words, plain, count);
    size_t part = 0; // in small parts, too
    at = 0;
    for (size_t more = 1; more != 0; part += more)
        more = words_split(text, size, &at, plain + part, count - part < 3 ? count - part : 3);
    assert_int_equal(part, count);
    same_words(words, plain, count);
    char all[1024];
    const size_t length = words_fold(text, size, all, sizeof all);
    size_t words_of_all = length != 0;
    for (size_t i = 0; i < length; i++)
        words_of_all += all[i] == ' ';
    assert_true(length == 0 || words_of_all == count);
}

static void test_two_ways(void **state)
{
    (void)state;
    static const char *const pieces[] = {"Apple",
                                         "a",
                                         "'",
                                         "\u2019s",
                                         "&",
                                         " ",
                                         "-",
                                         "\u00e9",
                                         "2024",
                                         "internationalisation",
                                         "\u8c37",
                                         "\xff",
                                         ".",
                                         "'s",
                                         "\t",
                                         "Ab3",
                                         "x`",
                                         "\u2026",
                                         "\u00ad",
                                         "\u0418\u043c\u044f",
                                         "\u0915\u093f",
                                         "\U0001f600",
                                         "\u0301",
                                         "sixteenletterssx",
                                         "seventeenlettersx",
                                         "\uff21\u3000",
                                         "\xe8\xb0"};
    srand(1);
    for (int round = 0; round < 20000; round++) {
        char text[160] = "";
        size_t size = 0;
        const size_t longest = 1 + (size_t)rand() % 120;
        while (size < longest) {
            const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
            while (*piece != '\0')
                text[size++] = *piece++;
        }
        assert_true(size > 0);
        char *exact = malloc(size + (size == 0)); // so that a byte too far is seen
        assert_non_null(exact);
        memcpy(exact, text, size);
        compare_ways(exact, size);
        free(exact);
    }
}

// ---- files
// ---------------------------------------------------------------------------------------

static int build_table(const char *file, struct alias_table *table, struct err *err)
{
    struct alias_build *build;
    int code = alias_build_open(&build, err);
    if (code == 0)
        code = alias_build_file(build, "a.tsv", file, strlen(file), err);
    if (code == 0)
        code = alias_build_done(build, table, err);
    alias_build_close(build);
    return code;
}

static void refuses(const char *file, const char *wanted)
{
    struct alias_table table = {0};
    struct err err = {0};
    assert_int_equal(build_table(file, &table, &err), EX_DATAERR);
    assert_string_equal(err.text, wanted);
}

static void test_errors(void **state)
{
    (void)state;
    refuses("# note\n\nAAPL\tApple\tname\t\t\n",
            "a.tsv, line 3: fewer than the 6 columns ticker, alias, kind, valid_from, valid_to, "
            "needs; they are separated by tabs");
    refuses("AAPL\tApple\tname\t\t\t\t\n",
            "a.tsv, line 1: more than the 6 columns ticker, alias, "
            "kind, valid_from, valid_to, needs; they are separated by tabs");
    refuses("aapl\tApple\tname\t\t\t\n",
            "a.tsv, line 1, column 'ticker': 'aapl' is not a ticker: 1 to 12 of A-Z 0-9 . -");
    refuses("AAPL\t\tname\t\t\t\n",
            "a.tsv, line 1, column 'alias': '' is not a name of 1 to 120 bytes");
    refuses("AAPL\tApple\tnmae\t\t\t\n",
            "a.tsv, line 1, column 'kind': 'nmae' is not a kind: legal, name, brand, subsidiary, "
            "former, ticker, listed or not");
    refuses("AAPL\tApple\tname\t2015-02-30\t\t\n",
            "a.tsv, line 1, column 'valid_from': '2015-02-30' is not a date between 1970-01-01 and "
            "2149-06-05 (YYYY-MM-DD)");
    refuses("AAPL\tApple\tname\t2015-02-03\t2015-02-02\t\n",
            "a.tsv, line 1, column 'valid_to': '2015-02-02' is not on or behind valid_from");
    refuses("AAPL\tApple\tname\t\t\tluck\n",
            "a.tsv, line 1, column 'needs': 'luck' is not 'evidence', 'proof' or empty");
    refuses("GOOGL\tGOOGLGOOGLGOOGL\tticker\t\t\t\n",
            "a.tsv, line 1, column 'alias': 'GOOGLGOOGLGOOGL' is not a symbol: 1 to 12 of A-Z 0-9 "
            ". -");
}

// 40,000 lines of one name took 2.3 seconds to refuse nothing.
static void test_one_name(void **state)
{
    struct buffer file;
    struct alias_table table = {0};
    struct err err = {0};
    (void)state;
    buffer_init(&file, 1 << 22);
    for (int i = 0; i < 256; i++)
        assert_int_equal(buffer_printf(&file, &err, "T%d\tZorp\tname\t\t\t\n", i), 0);
    assert_int_equal(buffer_append(&file, "", 1, &err), 0);
    assert_int_equal(build_table(file.data, &table, &err), 0);
    alias_table_close(&table);
    file.size--;
    assert_int_equal(buffer_printf(&file, &err, "T\tZorp\tname\t\t\t\n"), 0);
    assert_int_equal(buffer_append(&file, "", 1, &err), 0);
    refuses(file.data,
            "the alias 'zorp' stands for more than 256 tickers or spans of days; no text "
            "could say which: remove lines of it");
    buffer_free(&file);
}

// A ticker's aliases are cut to its days of listing, whatever the order and number of lines.
static void test_listed(void **state)
{
    struct alias_table table = {0};
    struct err err = {0};
    (void)state;
    assert_int_equal(build_table("B\tZorp\tname\t\t\t\n"
                                 "A\tFlob\tname\t\t\t\n"
                                 "B\tB\tlisted\t1970-01-11\t\t\n"
                                 "C\tC\tlisted\t\t\t\n"
                                 "A\tA\tlisted\t1970-01-02\t1970-01-21\t\n"
                                 "B\tB\tlisted\t\t1970-01-31\t\n",
                                 &table, &err),
                     0);
    const struct alias *zorp = alias_find_key(&table, "zorp", 4);
    const struct alias *flob = alias_find_key(&table, "flob", 4);
    assert_non_null(zorp);
    assert_non_null(flob);
    assert_int_equal(zorp->from, 10);
    assert_int_equal(zorp->to, 30);
    assert_int_equal(flob->from, 1);
    assert_int_equal(flob->to, 20);
    alias_table_close(&table);
}

// ---- look-ups
// ------------------------------------------------------------------------------------

static const char *ticker_of(const struct alias_table *table, const char *key)
{
    const struct alias *alias = alias_find_key(table, key, strlen(key));
    return alias != NULL ? table->text + alias->ticker : "";
}

static void test_look_up(void **state)
{
    struct alias_table table = {0};
    (void)state;
    assert_int_equal(build_table("ticker\talias\tkind\tvalid_from\tvalid_to\tneeds\r\n"
                                 "GS\tGOLDMAN SACHS GROUP INC\tlegal\t\t\t\n"
                                 "JNJ\tJohnson & Johnson\tname\t\t\t\n"
                                 "ASML\tASML Holding N.V.\tlegal\t\t\t\n"
                                 "GOOGL\tGOOG\tticker\t\t\t\n"
                                 "UBER\tUBER\tlisted\t2019-05-10\t\t\n"
                                 "UBER\tUber\tname\t\t\t",
                                 &table, NULL),
                     0);
    assert_string_equal(ticker_of(&table, "goldman sachs group"), "GS");
    assert_string_equal(ticker_of(&table, "johnson and johnson"), "JNJ");
    assert_string_equal(ticker_of(&table, "johnson johnson"), "JNJ");
    assert_string_equal(ticker_of(&table, "asml holding"), "ASML");
    assert_string_equal(ticker_of(&table, "$goog"), "GOOGL");
    assert_string_equal(ticker_of(&table, "goldman"), "");
    assert_int_equal(alias_find_key(&table, "uber", 4)->from, 18026); // 2019-05-10
    alias_table_close(&table);
}

static void finds(const struct alias_table *table, const char *text, const char *wanted)
{
    struct word words[64];
    uint16_t classes[64];
    struct alias_match matches[16] = {{0}};
    char found[256] = "";
    size_t at = 0, used = 0;
    const size_t count = words_split(text, strlen(text), &at, words, 64);
    const size_t n = alias_scan(table, text, words, count, true, classes, matches, 16);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", i != 0 ? " " : "",
                                 table->text + matches[i].alias->ticker);
    assert_string_equal(found, wanted);
}

static void test_scan(void **state)
{
    struct alias_table table = {0};
    (void)state;
    assert_int_equal(
        build_table("A\tGoogle\tname\t\t\t\nB\tGoogle Ads\tbrand\t\t\t\n"
                    "C\tBank of America\tname\t\t\t\nD\tAmerica Movil\tname\t\t\t\n"
                    "E\tMcDonald's\tname\t\t\t\nF\tMeta Data\tname\t\t\t\nG\tMeta\tname\t\t\t\n"
                    "H\tSalesforce.com\tname\t\t\t\n",
                    &table, NULL),
        0);
    finds(&table, "Google Ads and Google ads", "B A");          // the longest; not in small letters
    finds(&table, "Bank of America Movil", "C");                // none inside another
    finds(&table, "Googles McDonald's Googled", "A E");         // a lost apostrophe; whole words
    finds(&table, "tells Meta ; Data rules, Meta Data", "G F"); // no phrase over punctuation
    finds(&table, "Salesforce.com grows", "H");
    finds(&table, "", "");
    alias_table_close(&table);
}

// As many aliases as the largest file should have, so many of a ticker, in 16 MB, each found again.
static void check_size(unsigned each)
{
    enum { ALIASES = 100000 };
    struct buffer file;
    struct alias_table table = {0};
    buffer_init(&file, 64 << 20);
    for (unsigned i = 0; i < ALIASES; i++)
        assert_int_equal(buffer_printf(&file, NULL, "T%u\tCompany %x of number %u\tname\t\t\t\n",
                                       i / each, i * 2654435761U, i),
                         0);
    assert_int_equal(buffer_append(&file, "", 1, NULL), 0);
    assert_int_equal(build_table(file.data, &table, NULL), 0);
    assert_in_range(table.bytes, 0, 16000000);
    for (unsigned i = 0; i < ALIASES; i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "company %x of number %u", i * 2654435761U, i);
        assert_non_null(alias_find_key(&table, key, strlen(key)));
    }
    alias_table_close(&table);
    buffer_free(&file);
}

static void test_size(void **state)
{
    (void)state;
    check_size(10);
    check_size(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),     cmocka_unit_test(test_two_ways),
        cmocka_unit_test(test_errors),   cmocka_unit_test(test_look_up),
        cmocka_unit_test(test_one_name), cmocka_unit_test(test_listed),
        cmocka_unit_test(test_scan),     cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
