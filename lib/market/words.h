// SPDX-License-Identifier: Apache-2.0
// Text as words, folded so that one name has one form: case and Latin diacritics go, "&" is the
// word "and", an apostrophe inside a word goes ("McDonald's" is mcdonalds, and knows its stem
// mcdonald). Each character of the scripts that write no spaces (Chinese, Japanese, Korean) is a
// word.
#ifndef TICKHOUSE_MARKET_WORDS_H
#define TICKHOUSE_MARKET_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORD_BYTES = 48 }; // longer words are none: no name has them

enum word_flag {
    WORD_UPPER = 1,      // has a capital or a digit, or is of a script without case
    WORD_POSSESSIVE = 2, // ended in 's
    WORD_ALL_UPPER = 4,  // only capitals and digits
};

struct word {
    uint64_t hash;
    uint32_t from, to; // bytes of the text
    uint32_t flags;
};

// Splits `text` into at most `room` words and returns how many; *at, from which it starts, is moved
// behind the last of them.
size_t words_split(const char *text, size_t size, size_t *at, struct word *words, size_t room);

// The same without the short way, for tests to compare with.
size_t words_split_plain(const char *text, size_t size, size_t *at, struct word *words,
                         size_t room);

// The words of `text` folded and with one space between, without NUL: at most `room` bytes. Returns
// the length, or 0 when there is no word or not enough room.
size_t words_fold(const char *text, size_t size, char *out, size_t room);

// One word folded; 0 when it is too long to be one.
size_t word_fold(const char *text, const struct word *word, char out[static WORD_BYTES]);

// Of a word that is folded already.
uint64_t word_hash(const char *folded, size_t size);

// The hash of a phrase: 0 joined with the hash of its first word, joined with the next ones'.
static inline uint64_t word_join(uint64_t phrase, uint64_t word)
{
    const uint64_t mixed = (phrase ^ word) * 0x9fb21c651e98df25ULL;
    return mixed ^ (mixed >> 32);
}

// The hash of a word without its last s ("googles" is how GDELT writes "Google's").
uint64_t word_stem_hash(const char *text, const struct word *word);

#endif
