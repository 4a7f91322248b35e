// SPDX-License-Identifier: Apache-2.0
// The text that Stooq gives: daily CSV with English or Polish headers, and the bulk text with a
// ticker in every row. Pure: text in, bars out.
#ifndef TICKHOUSE_MARKET_STOOQ_H
#define TICKHOUSE_MARKET_STOOQ_H

#include "base/csv.h"
#include "market/bar.h"

enum stooq_kind {
    STOOQ_CSV,     // Date,Open,High,Low,Close[,Volume[,OpenInt]]: one ticker, which the text lacks
    STOOQ_BULK,    // <TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
    STOOQ_HTML,    // a web page, which the endpoint sends with status 200 where it wants a key
    STOOQ_LIMIT,   // "Exceeded the daily hits limit"
    STOOQ_NO_DATA, // "No data" or "Brak danych"
    STOOQ_EMPTY,
    STOOQ_UNKNOWN,
};

struct stooq_layout {
    enum stooq_kind kind;
    size_t columns; // of every row
};

// Tells by the first line that is not blank what a text is.
struct stooq_layout stooq_recognise(const char *data, size_t size);

// What a text that holds no bars is, and what to do about it; NULL for STOOQ_CSV and STOOQ_BULK.
const char *stooq_advice(enum stooq_kind kind);

// Reads and checks one row below the header. `ticker` is set for STOOQ_BULK only. False with
// `reason` set when the row is bad. A missing volume is 0, as Stooq's bulk text has it.
bool stooq_row(const struct stooq_layout *layout, struct csv_view line, struct bar *bar,
               struct csv_view *ticker, char reason[static BAR_REASON_BYTES]);

#endif
