// SPDX-License-Identifier: Apache-2.0
// TA-Lib's C library as a peer: loaded at run time from the file inside the `ta-lib` wheel, never
// linked.
#ifndef TICKHOUSE_TESTS_PARITY_TALIB_H
#define TICKHOUSE_TESTS_PARITY_TALIB_H

#include "ta/ta.h"

// Loads the library and prepares it; 0, or -1 with a sentence on stderr.
int talib_open(const char *path);
const char *talib_version(void);

// Whether TA-Lib has the function of ta.def of that name with the same meaning.
bool talib_has(const char *name);

// Calls it with our shape of arguments: out[k][lookback ..] are its results, what is before is not
// written. Returns how many values TA-Lib says it wrote, or -1 when it refused or its first result
// is not at `lookback`.
long talib_call(const struct ta_function *function, const double *const *in, size_t size,
                const double *param, double *const *out);

#endif
