// SPDX-License-Identifier: Apache-2.0
// The losses of a training, epoch by epoch, for its record. A file beside the checkpoint keeps
// them, so that a training that goes on after a kill has those of its first part too.
#ifndef TICKHOUSE_NN_HISTORY_H
#define TICKHOUSE_NN_HISTORY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "train/fit.h"

struct history {
    struct buffer text; // a header and a line an epoch, separated by tabs
    double *epochs, *train_losses, *validation_losses;
    size_t *ends; // of the text before each
    size_t count, capacity;
    const char *path; // of the file beside the checkpoint; NULL: none
};

// Room for so many epochs, in the arena but for the text. What the file at `path` has of an earlier
// part is taken over; NULL: there is no file.
int history_open(struct history *history, size_t epochs, const char *path, struct arena *arena,
                 struct err *err);
void history_close(struct history *history);

// Adds an epoch, in place of what was known of it and of later ones, and writes the file.
int history_add(struct history *history, const struct fit_progress *progress, struct err *err);

// Removes the file.
void history_forget(const struct history *history);

// Both losses as SVG.
int history_draw(const struct history *history, struct buffer *svg, struct err *err);

#endif
