// SPDX-License-Identifier: Apache-2.0
// The losses of a training, epoch by epoch, for its record.
#ifndef TICKHOUSE_NN_HISTORY_H
#define TICKHOUSE_NN_HISTORY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "train/fit.h"

struct history {
    struct buffer text; // a header and a line an epoch, separated by tabs
    double *epochs, *train_losses, *validation_losses;
    size_t count, capacity;
};

// Room for so many epochs, in the arena but for the text.
int history_open(struct history *history, size_t epochs, struct arena *arena, struct err *err);
void history_close(struct history *history);
int history_add(struct history *history, const struct fit_progress *progress, struct err *err);

// Both losses as SVG.
int history_draw(const struct history *history, struct buffer *svg, struct err *err);

#endif
