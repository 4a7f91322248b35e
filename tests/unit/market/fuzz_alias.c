// SPDX-License-Identifier: Apache-2.0
// The input is an alias file; then it is also a text, searched with the table made of it. Whatever
// is found must lie in the text and fold to its alias.
#include "market/alias_scan.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 4096, MATCHES = 256 };

static void check_match(const struct alias_table *table, const char *text, const struct word *words,
                        const struct alias_match *match, uint32_t behind)
{
    char key[ALIAS_MAX_BYTES + 2];
    const struct word *first = &words[match->from], *last = &words[match->to - 1];
    assert(match->from >= behind && match->to > match->from);
    const size_t length = words_fold(text + first->from, last->to - first->from, key, sizeof key);
    assert(length == (size_t)match->alias->key_size + match->stem);
    assert(memcmp(key, table->text + match->alias->key, match->alias->key_size) == 0);
    (void)length;
    (void)table;
}

static void search(const struct alias_table *table, const char *text, size_t size)
{
    static struct word words[WORDS];
    static uint16_t classes[WORDS];
    struct alias_match matches[MATCHES];
    uint32_t behind = 0;
    for (size_t at = 0; at < size;) {
        const size_t count = words_split(text, size, &at, words, WORDS);
        const size_t found =
            alias_scan(table, text, words, count, count % 2 == 0, classes, matches, MATCHES);
        behind = 0;
        for (size_t i = 0; i < found; behind = matches[i++].to)
            check_match(table, text, words, &matches[i], behind);
        if (count == 0)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct alias_build *build;
    struct alias_table table;
    struct err err = {0};
    if (alias_build_open(&build, &err) != 0)
        return 0;
    int code = alias_build_file(build, "fuzz.tsv", (const char *)data, size, &err);
    assert(code == 0 || err.text[0] != '\0');
    if (code == 0)
        code = alias_build_done(build, &table, &err);
    alias_build_close(build);
    if (code != 0)
        return 0;
    search(&table, (const char *)data, size);
    alias_table_close(&table);
    return 0;
}
