// SPDX-License-Identifier: Apache-2.0
// Symbols in a title, in the forms that nothing else has: $AAPL, (NASDAQ: AAPL), (AAPL.US). GDELT
// sets punctuation apart ("( NASDAQ : AAPL )"), so spaces may lie between.
#include "link.h"

#include <string.h>

enum { SYMBOL_MAX = 6 };

static size_t skip_spaces(const struct link_segment *s, size_t at)
{
    while (at < s->size && s->text[at] == ' ')
        at++;
    return at;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_capital((char)(c & ~0x20)) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

// 1 to 6 capitals, perhaps with a class behind a dot (BRK.B), with no letter behind them. Writes
// the key ("$brk.b") and returns the bytes of the symbol, 0 if there is none.
static size_t read_symbol(const struct link_segment *s, size_t at, char *key, size_t *key_size)
{
    size_t end = at;
    while (end < s->size && is_capital(s->text[end]))
        end++;
    if (end == at || end - at > SYMBOL_MAX)
        return 0;
    if (end + 1 < s->size && (s->text[end] == '.' || s->text[end] == '-') &&
        is_capital(s->text[end + 1]) && (end + 2 == s->size || !is_letter(s->text[end + 2])))
        end += 2;
    if (end < s->size && is_letter(s->text[end]))
        return 0;
    *key_size = 0;
    key[(*key_size)++] = '$';
    for (size_t i = at; i < end; i++)
        key[(*key_size)++] = (char)(is_capital(s->text[i]) ? s->text[i] + 32
                                    : s->text[i] == '-'    ? '.'
                                                           : s->text[i]);
    return end - at;
}

static bool word_is(const struct link_segment *s, const struct word *word, const char *text)
{
    const size_t size = strlen(text);
    return word->to - word->from == size && memcmp(s->text + word->from, text, size) == 0;
}

// Where a symbol may begin: behind "$", or behind "NASDAQ :" and its like.
static size_t symbol_after(const struct link_segment *s, const struct word *word)
{
    static const char *const exchanges[] = {"NASDAQ",   "Nasdaq",   "NYSE", "NasdaqGS",
                                            "NASDAQGS", "NYSEARCA", "AMEX", "OTCMKTS",
                                            "OTC",      "NasdaqGM"};
    for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
        if (!word_is(s, word, exchanges[i]))
            continue;
        const size_t colon = skip_spaces(s, word->to);
        return colon < s->size && s->text[colon] == ':' ? skip_spaces(s, colon + 1) : 0;
    }
    return 0;
}

// "$" stands before the word; one space may lie between, but before a single letter, which is an
// article or a currency more often than a symbol.
static bool behind_dollar(const struct link_segment *s, const struct word *word)
{
    size_t at = word->from;
    if (at > 1 && s->text[at - 1] == ' ' && word->to - word->from > 1)
        at--;
    return at > 0 && s->text[at - 1] == '$' && (at == 1 || !is_letter(s->text[at - 2]));
}

// "( AAPL . US )": a symbol with its country.
static bool before_country(const struct link_segment *s, const struct word *word)
{
    size_t at = skip_spaces(s, word->to);
    if (at == s->size || s->text[at] != '.')
        return false;
    at = skip_spaces(s, at + 1);
    return s->size - at >= 2 && memcmp(s->text + at, "US", 2) == 0 &&
           (s->size - at == 2 || !is_letter(s->text[at + 2]));
}

static void add_symbol(struct link_work *w, const struct link_segment *s, size_t at)
{
    char key[SYMBOL_MAX + 4];
    size_t key_size;
    const size_t size = read_symbol(s, at, key, &key_size);
    const struct alias *alias = size != 0 ? alias_find_key(w->table, key, key_size) : NULL;
    if (alias == NULL || w->candidate_count == LINK_MAX_CANDIDATES)
        return;
    w->candidates[w->candidate_count++] = (struct link_candidate){.alias = alias,
                                                                  .segment = s,
                                                                  .from = (uint32_t)at,
                                                                  .to = (uint32_t)(at + size),
                                                                  .symbol = true};
}

size_t link_symbols(struct link_work *w, const struct link_segment *s)
{
    const size_t before = w->candidate_count;
    if (memchr(s->text, '$', s->size) == NULL && memchr(s->text, ':', s->size) == NULL &&
        memchr(s->text, '.', s->size) == NULL)
        return 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct word *word = &w->words[s->first + i];
        if ((word->flags & WORD_ALL_UPPER) == 0 && !word_is(s, word, "Nasdaq") &&
            !word_is(s, word, "NasdaqGS"))
            continue;
        const size_t at = symbol_after(s, word);
        if (at != 0 && at < s->size)
            add_symbol(w, s, at);
        else if (behind_dollar(s, word) || before_country(s, word))
            add_symbol(w, s, word->from);
    }
    return w->candidate_count - before;
}
