// SPDX-License-Identifier: Apache-2.0
// A sentiment lexicon: words and emoticons with a score, as a rule from -4 (very bad) to 4
// (very good).
//
// Its text is VADER's format: a line a word, "word TAB score" and whatever follows another tab; the
// later of two lines wins. Empty lines and lines that begin with "# " are skipped. Words are looked
// up in lower case, so a capital in the file never matches.
#ifndef TICKHOUSE_MARKET_LEXICON_H
#define TICKHOUSE_MARKET_LEXICON_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct lexicon_entry {
    const char *key; // NULL: free
    size_t size;
    bool is_scored; // a word of the file
    bool negates;   // "not", "without"
    int8_t degree;  // 1: strengthens what follows ("very"); -1: weakens it ("slightly")
    union {
        double score;
        struct {
            const char *text;
            size_t text_size;
        };
    };
};

struct lexicon_table {
    struct lexicon_entry *slots; // open addressing
    size_t capacity, count;
};

struct lexicon {
    struct lexicon_table words;  // score
    struct lexicon_table emojis; // one character: the words that it stands for; may be empty
};

// Both copy what they keep into the arena.
int lexicon_read(struct lexicon *lexicon, struct arena *arena, const char *text, size_t size,
                 struct err *err);
// Lines of "emoji TAB description"; descriptions are scored in the emoji's place.
int lexicon_read_emojis(struct lexicon *lexicon, struct arena *arena, const char *text, size_t size,
                        struct err *err);

// NULL when the table has no such key.
const struct lexicon_entry *lexicon_find(const struct lexicon_table *table, const char *key,
                                         size_t size);

#endif
