// SPDX-License-Identifier: Apache-2.0
// A name that is being trained: nobody else trains it meanwhile, and the disk keeps room for what
// will come of it, so that hours of training are not lost to a disk that filled up. Both are one
// hidden file in the model's folder, locked and as large as the model.
#ifndef TICKHOUSE_NN_HOLD_H
#define TICKHOUSE_NN_HOLD_H

#include "base/err.h"

#include <limits.h>

struct hold {
    char path[PATH_MAX];
    int fd;
    bool held;
};

// Makes the models folder and the model's in it where they are not there.
int hold_open(struct hold *hold, const char *models, const char *name, struct err *err);

// Keeps room for so many bytes.
int hold_reserve(struct hold *hold, size_t bytes, struct err *err);

// Gives the room back, for the model itself.
void hold_release(struct hold *hold);
void hold_close(struct hold *hold);

#endif
