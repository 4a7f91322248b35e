// SPDX-License-Identifier: Apache-2.0
// The alias files of a folder, loaded into a table, and loaded again when they are replaced.
#ifndef TICKHOUSE_UDF_GDELT_ALIASES_H
#define TICKHOUSE_UDF_GDELT_ALIASES_H

#include "market/alias.h"

// Finds the folder: TICKHOUSE_ALIASES, else `aliases` beside the executable. To be called before
// the worker drops its environment.
int aliases_setup(struct err *err);

struct aliases {
    struct alias_table table;
    uint64_t version; // of the folder's files: their names, sizes, times and places on disk
};

int aliases_open(struct aliases *aliases, struct err *err);
void aliases_close(struct aliases *aliases);

// Loads the files again when they are not those of the last time. Where that fails the old table
// stays, and standard error says why, once for each version of the files.
void aliases_refresh(struct aliases *aliases);

// Calls `use` with each *.tsv of the folder in order of their names.
int aliases_each_file(int (*use)(void *state, const char *path, const char *text, size_t size,
                                 struct err *err),
                      void *state, struct err *err);

#endif
