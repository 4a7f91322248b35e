// SPDX-License-Identifier: Apache-2.0
// How good or bad a short text sounds, by a lexicon and the rules of VADER (Hutto and Gilbert,
// "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", 2014), as
// its release 3.3.2 applies them: given its lexicon, the results are the same numbers.
//
// Text is split at white space and punctuation around a word goes. A word of the lexicon has its
// score; the three words before it change that: boosters ("very", "slightly") by 0.293, the farther
// the less, negations ("not", "without") by a factor of -0.74, a few idioms by a score of their
// own. CAPITALS in a text that has other words too add 0.733. "But" halves what comes before and
// raises what follows by half. Exclamation and question marks strengthen the sum s, and the
// compound score is s / sqrt(s^2 + 15).
#ifndef TICKHOUSE_MARKET_SENTIMENT_H
#define TICKHOUSE_MARKET_SENTIMENT_H

#include "market/lexicon.h"

enum {
    SENTIMENT_MAX_BYTES = 1 << 20,  // of a text; what comes after does not count
    SENTIMENT_MAX_WORDS = 16 * 1024 // likewise
};

// Shares of negative, neutral and positive words, rounded to 3 digits, and the compound score from
// -1 to 1, rounded to 4. All 0 for a text without words.
struct sentiment {
    double negative, neutral, positive, compound;
};

// `arena` is for what is needed meanwhile; the caller takes it back.
int sentiment_score(const struct lexicon *lexicon, const char *text, size_t size,
                    struct arena *arena, struct sentiment *sentiment, struct err *err);

#endif
