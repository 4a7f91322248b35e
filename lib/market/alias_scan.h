// SPDX-License-Identifier: Apache-2.0
// Finds aliases in free text: at word boundaries, the longest of those that begin at a word, none
// inside another. One pass over the words; what each word is (its classes) is noted on the way.
#ifndef TICKHOUSE_MARKET_ALIAS_SCAN_H
#define TICKHOUSE_MARKET_ALIAS_SCAN_H

#include "market/alias.h"

struct alias_match {
    const struct alias *alias; // the first of its key
    uint32_t from, to;         // words
    bool stem;                 // found when an s was taken off its last word
};

// Finds the longest alias that begins at word `from` of `count`; false when there is none. With
// `capitals` its last word must be written as a name: "Google ads" names Google, not Google Ads.
bool alias_match_at(const struct alias_table *table, const char *text, const struct word *words,
                    size_t from, size_t count, const struct alias_head *head, bool capitals,
                    struct alias_match *match);

// Finds all in `words`; writes at most `room` matches and each word's classes.
size_t alias_scan(const struct alias_table *table, const char *text, const struct word *words,
                  size_t count, bool capitals, uint16_t *classes, struct alias_match *matches,
                  size_t room);

#endif
