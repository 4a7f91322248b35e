// SPDX-License-Identifier: Apache-2.0
#include "market/alias_scan.h"

#include <string.h>

// Two phrases may share a hash: the text decides. Only what has been found comes here.
static bool same_text(const struct alias_table *table, const struct alias *alias, const char *text,
                      const struct word *first, const struct word *last, bool stem)
{
    char key[ALIAS_MAX_BYTES + 1 + WORD_BYTES]; // a space and a word may follow what fits
    size_t size = 0;
    for (const struct word *word = first; word <= last && size <= alias->key_size; word++) {
        if (word != first)
            key[size++] = ' ';
        size += word_fold(text, word, key + size);
    }
    size -= stem && size != 0;
    return size == alias->key_size && memcmp(key, table->text + alias->key, size) == 0;
}

static const struct alias *find_stem(const struct alias_table *table, const char *text,
                                     uint64_t before, const struct word *last)
{
    const char end = text[last->to - 1];
    if (end != 's' && end != 'S')
        return NULL;
    const uint64_t stem = word_stem_hash(text, last);
    return stem != 0 ? alias_find(table, word_join(before, stem)) : NULL;
}

// Marks that end a phrase: a comma, a colon, a bracket, a quotation mark, a dash.
static bool is_mark(const char *text, uint32_t at, uint32_t end)
{
    static const uint64_t marks[2] = {1ULL << '"' | 1ULL << '(' | 1ULL << ')' | 1ULL << ',' |
                                          1ULL << ':' | 1ULL << ';' | 1ULL << '<' | 1ULL << '>' |
                                          1ULL << '?',
                                      1ULL << ('[' - 64) | 1ULL << (']' - 64) | 1ULL << ('{' - 64) |
                                          1ULL << ('|' - 64) | 1ULL << ('}' - 64)};
    const unsigned char c = (unsigned char)text[at];
    if (c < 0x80)
        return alias_bit(marks, c);
    return c == 0xe2 && at + 2 < end && (unsigned char)text[at + 1] == 0x80 &&
           (unsigned char)text[at + 2] >= 0x93 && (unsigned char)text[at + 2] != 0x99;
}

// Whether words are one phrase: no mark between them.
static bool one_phrase(const char *text, const struct word *first, const struct word *last)
{
    for (; first < last; first++)
        for (uint32_t i = first->to; i < first[1].from; i++)
            if (is_mark(text, i, first[1].from))
                return false;
    return true;
}

// Capitals, or the "com" of Amazon.com.
static bool ends_as_name(const char *text, const struct word *last)
{
    return (last->flags & WORD_UPPER) != 0 || text[last->from - 1] == '.';
}

bool alias_match_at(const struct alias_table *table, const char *text, const struct word *words,
                    size_t from, size_t count, const struct alias_head *head, bool capitals,
                    struct alias_match *match)
{
    uint64_t phrases[ALIAS_MAX_WORDS + 1] = {0};
    const size_t longest = 32 - (size_t)__builtin_clz(head->lengths);
    size_t room = count - from < longest ? count - from : longest;
    if (room > 1 &&
        !alias_may_go_on(table, word_join(word_join(0, words[from].hash), words[from + 1].hash)))
        room = 1;
    if ((head->lengths & ((1U << room) - 1)) == 0)
        return false;
    for (size_t n = 0; n < room; n++)
        phrases[n + 1] = word_join(phrases[n], words[from + n].hash);
    for (size_t n = room; n > 0; n--) {
        if ((head->lengths >> (n - 1) & 1) == 0)
            continue;
        const struct word *last = &words[from + n - 1];
        const struct alias *alias = alias_find(table, phrases[n]);
        bool stem = false;
        if (alias == NULL) {
            alias = find_stem(table, text, phrases[n - 1], last);
            stem = alias != NULL;
        }
        if (alias == NULL || !one_phrase(text, &words[from], last) ||
            !same_text(table, alias, text, &words[from], last, stem))
            continue;
        if (capitals && n > 1 && alias->kind != ALIAS_not && !ends_as_name(text, last))
            continue;
        *match = (struct alias_match){alias, (uint32_t)from, (uint32_t)(from + n), stem};
        return true;
    }
    return false;
}

// A single word that is a company's name with an s behind it has no head of its own.
static const struct alias_head *stem_head(const struct alias_table *table, const char *text,
                                          const struct word *word)
{
    const char end = text[word->to - 1];
    if ((end != 's' && end != 'S') || (word->flags & WORD_UPPER) == 0)
        return NULL;
    const uint64_t stem = word_stem_hash(text, word);
    const struct alias_head *head = stem != 0 ? alias_head(table, stem) : NULL;
    return head != NULL && (head->lengths & 1) != 0 ? head : NULL;
}

static bool match_stem(const struct alias_table *table, const char *text, const struct word *words,
                       size_t at, struct alias_match *match)
{
    const struct alias_head *head = stem_head(table, text, &words[at]);
    if (head == NULL)
        return false;
    const struct alias *alias = find_stem(table, text, 0, &words[at]);
    if (alias == NULL || !same_text(table, alias, text, &words[at], &words[at], true))
        return false;
    *match = (struct alias_match){alias, (uint32_t)at, (uint32_t)(at + 1), true};
    return true;
}

// Which of up to 64 words may begin a phrase, bit i for word i: without a branch, for no branch
// could be foreseen here.
static uint64_t beginnings(const struct alias_table *table, const struct word *words, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= (uint64_t)alias_may_begin(table, words[i].hash) << i;
    return bits;
}

size_t alias_scan(const struct alias_table *table, const char *text, const struct word *words,
                  size_t count, bool capitals, uint16_t *classes, struct alias_match *matches,
                  size_t room)
{
    size_t found = 0, behind = 0; // behind: the end of the last match
    memset(classes, 0, count * sizeof *classes);
    for (size_t block = 0; block < count; block += 64) {
        const size_t size = count - block < 64 ? count - block : 64;
        for (uint64_t bits = beginnings(table, words + block, size); bits != 0; bits &= bits - 1) {
            const size_t i = block + (size_t)__builtin_ctzll(bits);
            const struct alias_head *head = alias_head(table, words[i].hash);
            classes[i] = head != NULL ? head->classes : 0;
            if (i < behind || found == room)
                continue;
            const bool match =
                (head != NULL && head->lengths != 0 &&
                 alias_match_at(table, text, words, i, count, head, capitals, &matches[found])) ||
                match_stem(table, text, words, i, &matches[found]);
            if (match)
                behind = matches[found++].to;
        }
    }
    return found;
}
