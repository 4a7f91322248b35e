// SPDX-License-Identifier: Apache-2.0
// Inputs as texts in memory: a file, every *.csv, *.txt and *.zip below a folder in the order of
// their names, the members of a zip archive, or stdin. Files are read, not mapped: a file that
// shrinks meanwhile must not end the program.
#ifndef TICKHOUSE_INGEST_INPUT_H
#define TICKHOUSE_INGEST_INPUT_H

#include "base/buffer.h"
#include "base/err.h"
#include <stdint.h>

// Called once a text. `name` is the path as it was given and found, archive.zip:member in archives.
typedef int input_visit(void *context, const char *name, const char *data, size_t size,
                        struct err *err);

struct input {
    input_visit *visit;
    void *context;
    struct buffer text;  // of the file under way
    bool whole_zips;     // an archive is visited as it is, not member by member
    bool ended;          // the error is the visitor's or a signal's: nothing more is read
    uint64_t unreadable; // files that could not be read; each is named on stderr
};

void input_init(struct input *input, input_visit *visit, void *context);
void input_free(struct input *input);

// Visits all of `path` ("-" is stdin). Only a path that is itself unreadable, or a visit that
// fails, is an error; what cannot be read further below is counted, and the rest goes on.
int input_walk(struct input *input, const char *path, struct err *err);

// Visits `first`, unless it is NULL, and then each of `words`, which end with NULL. One that cannot
// be read is said and counted, and the others go on.
int input_walk_each(struct input *input, const char *first, char **words, struct err *err);

#endif
