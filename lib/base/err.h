// SPDX-License-Identifier: Apache-2.0
// Errors are values: a function that can fail returns 0 or an exit code of sysexits.h and fills the
// caller's struct err.
#ifndef TICKHOUSE_BASE_ERR_H
#define TICKHOUSE_BASE_ERR_H

#include "base/limits.h"
#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

struct err {
    int code; // 0, or the exit code that main should return: 64 usage, 65 bad data, 69 unavailable,
              // 75 try again
    bool retriable; // the same call may succeed later
    char text[LIMIT_ERROR_TEXT];
};

// Records the first error and returns its code; later ones change nothing. `err` may be NULL.
// `code` is never 0.
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same, marked as worth another try.
int err_set_retriable(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "context: " before the text that is already there, so that the sentence names where it
// happened. Returns its code.
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The code that `err` holds, or `otherwise` where err is NULL or empty.
static inline int err_code(const struct err *err, int otherwise)
{
    return err != NULL && err->code != 0 ? err->code : otherwise;
}

// Forwards a failure, so that functions stay linear.
#define TRY(expression)                                                                            \
    do {                                                                                           \
        const int try_code_ = (expression);                                                        \
        if (try_code_ != 0)                                                                        \
            return try_code_;                                                                      \
    } while (0)

#endif
