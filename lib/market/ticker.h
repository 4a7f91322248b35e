// SPDX-License-Identifier: Apache-2.0
// How tickers are written: upper case, and a US share without its market: nvda.us is NVDA,
// cdr.pl is CDR.PL, ^spx is ^SPX, brk-b.us is BRK-B.
#ifndef TICKHOUSE_MARKET_TICKER_H
#define TICKHOUSE_MARKET_TICKER_H

#include <stdbool.h>
#include <stddef.h>

enum { TICKER_BYTES = 32 }; // of the longest ticker, with its NUL

struct ticker {
    char text[TICKER_BYTES];
    size_t size;
};

// False when the text is empty, too long, or holds anything but letters, digits and ^ . - _ & = + !
bool ticker_parse(const char *text, size_t size, struct ticker *ticker);

// The ticker that a Stooq file is named after: nvda_us_d.csv, nvda.us.txt and nvda.csv are NVDA,
// and so is a member of an archive, us.zip:nvda_us_d.csv. *period is the letter of a name like
// nvda_us_w.csv in upper case, else D. False as above.
bool ticker_of_file(const char *path, struct ticker *ticker, char *period);

#endif
