// SPDX-License-Identifier: Apache-2.0
// Command-line options from one table: it gives parsing, range checks, --help, and the words for
// shell completion.
#ifndef TICKHOUSE_BASE_OPTIONS_H
#define TICKHOUSE_BASE_OPTIONS_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_FLAG,    // bool, no value
    OPTION_TEXT,    // const char *
    OPTION_INTEGER, // int64_t between min and max
    OPTION_NUMBER,  // double
    OPTION_DATE,    // int32_t, days since 1970-01-01, written YYYY-MM-DD
    OPTION_TEXTS,   // struct option_texts; may be given several times
};

enum { OPTION_TEXTS_MOST = 64 };

// Ended by NULL.
struct option_texts {
    size_t count;
    const char *texts[OPTION_TEXTS_MOST + 1];
};

struct option {
    const char *name; // without the dashes; the table ends with a NULL name. One of a single letter
                      // is written with one dash: -X
    enum option_kind kind;
    size_t offset; // of the field in the caller's struct, which holds the default before parsing
    const char *value; // the value's name in the help, for example DIR
    const char *doc;
    int64_t min, max; // of OPTION_INTEGER
};

// A command: its name as typed, what it does in one sentence, how it is called, its options.
struct command {
    const char *name, *summary, *usage;
    const struct option *options;
    const char *notes; // printed at the end of --help; may be NULL
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE
}; // DONE: --help, --version or --complete was answered on stdout

// Reads argv[1..]; words that are no options stay in argv[1 .. *argc - 1] in their order, after
// "--" all of them. `values` is the struct that the offsets point into. Returns 0 or EX_USAGE;
// *result says whether there is anything left to do.
int options_parse(const struct command *command, int *argc, char **argv, void *values,
                  enum options_result *result, struct err *err);

void options_help(const struct command *command, FILE *out);

#endif
