// SPDX-License-Identifier: Apache-2.0
// What a family of functions tells the worker: its functions, and the commands that its executable
// has besides.
#ifndef TICKHOUSE_UDF_UDF_H
#define TICKHOUSE_UDF_UDF_H

#include "native/native.h"
#include <stdio.h>

enum { UDF_MAX_ARGUMENTS = 8 };

// One block of a function call.
struct udf_call {
    const struct native_column *arguments[UDF_MAX_ARGUMENTS]; // of the declared types
    size_t rows;
    struct native_column *result; // of the declared return type, `rows` rows; the function fills it
    struct arena *arena;          // for the result and whatever else the call needs
};

struct udf_argument {
    const char *name, *type;
};

struct udf_function {
    const char *name; // as SQL calls it
    struct udf_argument arguments[UDF_MAX_ARGUMENTS];
    size_t argument_count;
    const char *return_type;
    int (*run)(const struct udf_function *function, struct udf_call *call, struct err *err);
    size_t index;                  // for the family's own use
    bool reads_files;              // answers change when the family's files do
    const char *summary, *details; // its page in docs/functions.md
    void (*document)(const struct udf_function *function, FILE *out); // NULL: details are all
};

struct udf_family {
    const char *name, *summary;
    const struct udf_function *(*functions)(size_t *count);
    // Reads what it needs of the environment, which the worker drops afterwards. NULL: nothing.
    int (*setup)(struct err *err);
    void (*document)(FILE *out); // what its part of docs/functions.md begins with; NULL: nothing
    // Commands beyond the worker's own; argv[0] is the command's name. -1: there is no such
    // command. NULL: it has none.
    int (*command)(int argc, char **argv, struct err *err);
    const char *usage;           // of those commands, for --help; NULL: none
    void (*complete)(FILE *out); // their names, one a line; NULL: none
};

// For whatever ClickHouse starts: the server's descriptors, environment and privileges are none of
// its business; pipes are made large. Standard input, output and error stay.
void udf_isolate(void);

// For a table command that has written its error: ends the output, and reads what is left of the
// input, since a server that could not write it all would tell of its broken pipe and not of the
// error.
void udf_drain(void);

// Each executable is linked with one family.
extern const struct udf_family udf_family;

#endif
