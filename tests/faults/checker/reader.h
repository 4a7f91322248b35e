// SPDX-License-Identifier: Apache-2.0
// What the checker reads, a line at a time.
#ifndef TICKHOUSE_FAULTS_READER_H
#define TICKHOUSE_FAULTS_READER_H

#include "ledger.h"

// symbol <TAB> how many were sent
int reader_expected(struct ledger *ledger, FILE *in, struct err *err);

// What was found in one place. `form` is
//   rows    symbol <TAB> number [<TAB> price]: a table, ours or another's
//   totals  symbol <TAB> trades <TAB> volume, the sum of the numbers: candles
//   kafka   one change event a line, as kcat -f '%s\n' prints them; deletes, truncations and
//           tombstones are no ticks
int reader_found(struct ledger *ledger, const char *form, FILE *in, struct err *err);

// The price of a numbered tick in hundredths.
uint64_t numbered_price(uint64_t number);

#endif
