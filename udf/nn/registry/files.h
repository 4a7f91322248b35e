// SPDX-License-Identifier: Apache-2.0
// Folders as the registry moves them: copied whole.
#ifndef TICKHOUSE_NN_REGISTRY_FILES_H
#define TICKHOUSE_NN_REGISTRY_FILES_H

#include "base/buffer.h"
#include "base/file.h"

#include <stdbool.h>

// Calls `visit` with every file below `folder`, by its path from there, in an order that is always
// the same. Hidden files, links and what is too deep are passed over. No folder is no files.
int folder_walk(const char *folder, int (*visit)(void *context, const char *name, struct err *err),
                void *context, struct err *err);

// Copies the files of one folder into a new one of the name `to`, which appears whole; where it is
// there already, nothing happens.
int folder_copy(const char *from, const char *to, struct err *err);

#endif
