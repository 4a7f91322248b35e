// SPDX-License-Identifier: Apache-2.0
// Training with a given core, whose type the weights and the sets' rows and targets have; fit_run
// is this with the core for the CPU, after checks.
#ifndef TICKHOUSE_NN_TRAIN_TRAIN_H
#define TICKHOUSE_NN_TRAIN_TRAIN_H

#include "core/core.h"
#include "train/pool.h"

struct checkpoint_state {
    uint64_t epoch, best_epoch, steps;
    double best_loss, train_loss, validation_loss; // of the best epoch
    double seconds;
};

// Where a training stands.
struct trainer {
    const struct fit_core *core;
    const struct network *network;
    const struct fit_options *options;
    struct pool *pool;
    size_t threads, shard_rows, max_shards;
    struct fit_pass **passes; // of each thread
    uint64_t *loaded;         // the step whose weights a pass has, plus 1
    void *weights;            // the caller's
    void *best, *first, *second, *gradient, *parts;
    double *losses;  // of shards
    double *squares; // of blocks of the gradient
    uint32_t *order;
    struct checkpoint_state state;
};

// For sets of at most `samples`.
int trainer_open(struct trainer *trainer, const struct fit_core *core,
                 const struct network *network, const struct fit_options *options, size_t samples,
                 void *weights, struct err *err);
void trainer_close(struct trainer *trainer);

// One epoch over the set in the order of the epoch; non-zero *stopped when the tick said so.
double train_epoch(struct trainer *trainer, const struct fit_set *set, double learning_rate,
                   void *user, bool *stopped);

// The mean loss over a set, without dropout; outputs (count, outputs) may be NULL.
double train_evaluate(struct trainer *trainer, const struct fit_set *set, void *outputs);

int train_run(const struct fit_core *core, const struct network *network, void *weights,
              const struct fit_options *options, const struct fit_set *train,
              const struct fit_set *validation, const char *checkpoint,
              int (*progress)(void *, const struct fit_progress *), void *user,
              struct fit_result *result, struct err *err);

// Options that mean nothing, sets that do not fit the network, values that are not finite.
int check_options(const struct network *network, const struct fit_options *options,
                  struct err *err);
int check_set(const struct network *network, const struct fit_options *options, const char *name,
              const struct fit_set *set, struct err *err);

#endif
