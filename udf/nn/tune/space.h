// SPDX-License-Identifier: Apache-2.0
// What is searched: named dimensions, and the map between their values and [0,1], where the search
// runs.
//
// A value is what its text says: floats are kept to six significant digits, so that a value read
// back from the trials file is the value that was tried, and equal trials are told by equal values.
#ifndef TICKHOUSE_NN_SPACE_H
#define TICKHOUSE_NN_SPACE_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    SPACE_MAX_DIMENSIONS = 20,
    SPACE_MAX_CHOICES = 16,
    SPACE_MAX_NAME = 31,
    SPACE_MAX_TEXT = 32, // of a value, with its NUL
};

enum dimension_kind {
    DIMENSION_FLOAT,
    DIMENSION_INTEGER,
    DIMENSION_LEVELS, // numbers that are listed: ordered, the value is the index
    DIMENSION_CHOICE, // words: without an order, the value is the index
};

struct dimension {
    char name[SPACE_MAX_NAME + 1];
    enum dimension_kind kind;
    bool log;         // spread evenly over magnitudes; low is above 0
    double low, high; // both can be taken
    size_t choice_count;
    char choices[SPACE_MAX_CHOICES][SPACE_MAX_TEXT];
};

struct space {
    size_t count;
    struct dimension dimensions[SPACE_MAX_DIMENSIONS];
};

// One dimension in words: 1e-4..1e-2:log, 16..128, 16..128:log, 0..0.5, adam,rmsprop, 16,32,64, or
// a single value. A range between two whole numbers is of whole numbers, unless :float follows.
int dimension_parse(struct dimension *dimension, const char *name, const char *text,
                    struct err *err);

// Puts a dimension in the place of the one of its name, or adds it.
int space_set(struct space *space, const char *name, const char *text, struct err *err);

// Reads lines NAME = RANGE; '#' begins a comment.
int space_read(struct space *space, const char *path, struct err *err);

const struct dimension *space_find(const struct space *space, const char *name);

// u: in [0,1]. Values of one dimension that are equally likely have equal shares of it.
double dimension_decode(const struct dimension *dimension, double u);
double dimension_encode(const struct dimension *dimension, double value);

// Different values it can take; 0 for a float.
size_t dimension_size(const struct dimension *dimension);

void dimension_format(const struct dimension *dimension, double value, char out[SPACE_MAX_TEXT]);

// False for text that is no value of it.
bool dimension_read(const struct dimension *dimension, const char *text, double *value);

#endif
