// SPDX-License-Identifier: Apache-2.0
// Which numbered ticks have been seen: a bitmap for each symbol, so that 100 million ticks take
// 12.5 MB. Ticks of a symbol are numbered 1, 2, 3, ... without holes; the number travels as the
// tick's volume.
#ifndef TICKHOUSE_FAULTS_LEDGER_H
#define TICKHOUSE_FAULTS_LEDGER_H

#include "base/err.h"

#include <stdint.h>
#include <stdio.h>

enum { LEDGER_SYMBOL_BYTES = 64, LEDGER_EXAMPLES = 10 };

#define LEDGER_SYMBOLS (1U << 20) // symbols of one ledger at most
#define LEDGER_TICKS (1ULL << 36) // ticks of one symbol at most: a bitmap of 8 GiB

struct ledger_symbol {
    char name[LEDGER_SYMBOL_BYTES + 1];
    uint64_t expected; // numbers 1..expected were sent
    uint64_t *seen;    // bit n - 1 is number n
    uint64_t found;    // different numbers
    uint64_t last;     // the number that came last
};

struct ledger {
    struct ledger_symbol *symbols;
    size_t count, capacity;
    uint32_t *slots; // symbol number + 1 by hash; 0 is empty
    size_t slot_count;
    uint64_t expected, rows, lost, duplicated, never_sent, disordered, wrong, unreadable;
    unsigned examples; // printed so far
    const char *name;  // of what is checked, in examples
    FILE *log;         // where examples go; NULL: nowhere
};

int ledger_init(struct ledger *ledger, const char *name, FILE *log, struct err *err);
void ledger_free(struct ledger *ledger);

// Says that numbers 1..ticks of a symbol were sent. A symbol may be named once.
int ledger_expect(struct ledger *ledger, const char *symbol, size_t size, uint64_t ticks,
                  struct err *err);

struct ledger_symbol *ledger_find(const struct ledger *ledger, const char *symbol, size_t size);

// One tick that arrived. A number that came before is duplicated, one that nobody sent never_sent,
// a lower one than the last of its symbol disordered.
void ledger_see(struct ledger *ledger, const char *symbol, size_t size, uint64_t number);

// How many ticks of a symbol arrived and the sum of their numbers, where rows are no longer told
// apart (candles): too few are lost, too many duplicated; the right count with another sum is one
// of each at least.
void ledger_see_total(struct ledger *ledger, const char *symbol, size_t size, uint64_t ticks,
                      uint64_t sum);

// A row that cannot be read, or whose price is not that of its number.
void ledger_see_unreadable(struct ledger *ledger, uint64_t line, const char *why);
void ledger_see_wrong(struct ledger *ledger, const char *symbol, size_t size, uint64_t number,
                      const char *price);

// Counts what is missing. To be called once, when every row has been seen.
void ledger_close_rows(struct ledger *ledger);
void ledger_close_totals(struct ledger *ledger);

#endif
