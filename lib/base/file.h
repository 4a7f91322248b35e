// SPDX-License-Identifier: Apache-2.0
// Files that are there as a whole or not at all: written beside, flushed to disk, then named.
#ifndef TICKHOUSE_BASE_FILE_H
#define TICKHOUSE_BASE_FILE_H

#include "base/err.h"
#include <stddef.h>

// Writes the file, in the place of one that is there.
int file_replace(const char *path, const void *bytes, size_t size, struct err *err);

// The same where nothing may be there yet; EX_TEMPFAIL when something is.
int file_create(const char *path, const void *bytes, size_t size, struct err *err);

// Makes a folder, unless it is there.
int folder_make(const char *path, struct err *err);

#endif
