// SPDX-License-Identifier: Apache-2.0
// What a fuzz target says of any input: when it does not hold, the program ends loudly.
#ifndef TICKHOUSE_TESTS_REQUIRE_H
#define TICKHOUSE_TESTS_REQUIRE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

#endif
