// SPDX-License-Identifier: Apache-2.0
// The search for the smallest score: Sobol points first, then where a Gaussian process over the
// trials so far expects the most improvement, but for every tenth, which is a Sobol point again.
//
// A proposal is a function of the space, the seed and the trials told before, and of nothing else:
// a search that was stopped and is told its trials again goes on as if it never stopped.
#ifndef TICKHOUSE_NN_SEARCH_H
#define TICKHOUSE_NN_SEARCH_H

#include "tune/space.h"

#include <stdint.h>

enum { SEARCH_MAX_TRIALS = 2000 };

struct trial {
    double values[SPACE_MAX_DIMENSIONS];
    double score; // small is good; NaN: it failed or diverged, and counts as the worst seen
    double seconds;
};

struct search {
    const struct space *space;
    uint64_t seed;
    size_t starts; // trials before the first that is modelled
    size_t count;
    struct trial *trials;
    // Called again and again while a proposal is worked out; not 0 gives it up. May be NULL.
    int (*tick)(void *user);
    void *user;
};

// starts: 0 for as many as suit the space.
int search_new(struct search *search, const struct space *space, uint64_t seed, size_t starts,
               struct err *err);
void search_free(struct search *search);

// What to try next: never what was tried. *exhausted where the space has nothing else. Fails with
// EX_TEMPFAIL where the tick gave it up.
int search_propose(const struct search *search, double *values, bool *exhausted, struct err *err);

int search_tell(struct search *search, const struct trial *trial, struct err *err);

// The trial with the smallest score, the first of equals; NULL while all have failed.
const struct trial *search_best(const struct search *search);

// What the scores become for the process, (count): ranks kept, about unit variance, tails drawn in.
void search_standardize(const struct search *search, double *scores);

#endif
