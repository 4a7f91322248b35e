// SPDX-License-Identifier: Apache-2.0
// Whole files: read at once; written beside, flushed to disk, then named, so that they are there as
// a whole or not at all.
#ifndef TICKHOUSE_BASE_FILE_H
#define TICKHOUSE_BASE_FILE_H

#include "base/buffer.h"
#include "base/err.h"
#include <stddef.h>

// All of a file, into `out`, whose ceiling bounds it. A file that is not there is EX_NOINPUT.
int file_read(const char *path, struct buffer *out, struct err *err);

// Writes the file, in the place of one that is there.
int file_replace(const char *path, const void *bytes, size_t size, struct err *err);

// The same where nothing may be there yet; EX_TEMPFAIL when something is.
int file_create(const char *path, const void *bytes, size_t size, struct err *err);

// Makes a folder, unless it is there.
int folder_make(const char *path, struct err *err);

#endif
