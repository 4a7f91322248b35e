// SPDX-License-Identifier: Apache-2.0
// The trials of a search in a file, a line each, so that a search that was killed goes on.
//
// Tab-separated: trial, the dimensions by name, score, seconds, state ("done" or "failed"). The
// first line says by a hash which search it is, and the second has the names. A line is on disk
// before the next trial begins; one that was cut off by a kill is written again.
#ifndef TICKHOUSE_NN_TRIALS_H
#define TICKHOUSE_NN_TRIALS_H

#include "tune/search.h"

#include <stdio.h>

struct trials {
    FILE *file;
    const char *path;
    bool maximize; // scores are good when large; the search gets them negated
};

// Opens or creates the file, locks it, and tells the search what it holds. `identity` is whatever
// the scores depend on beside the trial: a file of another identity, space or seed is refused,
// unless `fresh` says to forget what it holds. A file that holds no trials is never touched.
int trials_open(struct trials *trials, const char *path, const char *identity, bool maximize,
                bool fresh, struct search *search, struct err *err);

// Adds the search's last trial.
int trials_add(struct trials *trials, const struct search *search, struct err *err);

void trials_close(struct trials *trials);

#endif
