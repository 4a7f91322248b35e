// SPDX-License-Identifier: Apache-2.0
// The models folder: NAME/VERSION.safetensors, versions counted from 1, and aliases beside them.
// An alias is a small file NAME/ALIAS with a version, and for a canary the share of keys that it
// gets: "7" or "7 0.1". Everything that changes is written beside and renamed, so a reader sees
// the old or the new and never a part.
//
// A reference is NAME@ALIAS, NAME@VERSION, or NAME, which means NAME@production, and the newest
// version while nothing is in production.
#ifndef TICKHOUSE_NN_FOLDER_H
#define TICKHOUSE_NN_FOLDER_H

#include "base/arena.h"
#include "base/buffer.h"

#include <limits.h>
#include <stdint.h>

enum { FOLDER_MAX_NAME = 64 };

struct model_reference {
    char name[FOLDER_MAX_NAME + 1];
    char tag[FOLDER_MAX_NAME + 1]; // alias or version; "" when there is none
};

// Names: letters, digits, '_', '-' and '.', not beginning with a '.' or '-'; aliases: the same
// without '.', not beginning with a digit. A tag is an alias or a version.
int reference_parse(const char *text, size_t size, struct model_reference *reference,
                    struct err *err);

// Where it points now. EX_NOINPUT when nothing is there; another code when it cannot be told.
struct model_location {
    char path[PATH_MAX];
    uint32_t version;
    double share; // of an alias; 1 unless it says otherwise
};
int folder_resolve(const char *folder, const struct model_reference *reference,
                   struct model_location *location, struct err *err);

// The newest version of a model, whatever its aliases say.
int folder_newest(const char *folder, const char *name, struct model_location *location,
                  struct err *err);

// Adds a file as the next version of `name`; nothing is overwritten, also not by two at once.
int folder_add(const char *folder, const char *name, const void *bytes, size_t size,
               uint32_t *version, struct err *err);

// Whether it can be an alias, for who must know before there is a version to point at.
int folder_check_alias(const char *alias, struct err *err);

// Points an alias at a version that exists.
int folder_set_alias(const char *folder, const char *name, const char *alias, uint32_t version,
                     double share, struct err *err);
int folder_remove_alias(const char *folder, const char *name, const char *alias, struct err *err);

// What is there, nothing while there is no such folder; sorted by name and version; aliases as
// "production,canary". In the arena.
struct folder_entry {
    const char *name, *aliases, *path;
    uint32_t version;
};
int folder_list(const char *folder, struct arena *arena, struct folder_entry **entries,
                size_t *count, struct err *err);

#endif
