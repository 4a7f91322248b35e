// SPDX-License-Identifier: Apache-2.0
// For tests of nn import: whole files, and lists of numbers out of JSON as one vector.
#ifndef TICKHOUSE_TESTS_IMPORT_ORACLE_H
#define TICKHOUSE_TESTS_IMPORT_ORACLE_H

#include "import/import.h"

#include <jansson.h>

// The file's bytes in the arena; NULL when it cannot be read.
unsigned char *oracle_file(const char *path, struct arena *arena, size_t *size);

// The numbers of nested lists, in their order; NULL and 0 when there are none.
double *oracle_numbers(const json_t *lists, struct arena *arena, size_t *count);

// Imports; returns the code and leaves the sentence in err.
int oracle_import(const unsigned char *bytes, size_t size, const struct import_options *options,
                  struct arena *arena, struct model *model, struct err *err);

#endif
