// SPDX-License-Identifier: Apache-2.0
// The arithmetic of training, compiled once per instruction set in float, and once in double as the
// oracle of tests. What is `void *` here points to values of the core's own type.
#ifndef TICKHOUSE_NN_TRAIN_CORE_H
#define TICKHOUSE_NN_TRAIN_CORE_H

#include "train/fit.h"

enum { FIT_SHARD_ROWS = 32 }; // samples that are computed side by side, unless batches are large

// Part of a batch.
struct fit_shard {
    const struct fit_set *set; // its rows and targets are of the core's type
    const uint32_t *order;     // (count) numbers of samples; NULL: first, first + 1, ...
    size_t count;
    size_t batch; // samples of the whole batch, over which the loss is the mean
    bool training;
    uint64_t dropout_key; // of the batch; with `first` it gives each sample its own pattern
    size_t first;         // where the shard begins in the batch
};

// One step of an optimiser over parameters from..to.
struct fit_step {
    enum fit_optimizer optimizer;
    double learning_rate, momentum, beta1, beta2, epsilon, weight_decay;
    double scale;     // of the gradient: clipping
    uint64_t counter; // steps, this one included
};

static inline size_t fit_shard_sample(const struct fit_shard *shard, size_t i)
{
    return shard->order == NULL ? shard->first + i : shard->order[i];
}

struct fit_pass; // what one thread works in: packed weights, states of all steps, gradients

struct fit_core {
    const char *name;
    size_t real_size;
    // For shards of at most `rows` samples.
    int (*open)(const struct network *network, size_t rows, const struct fit_options *options,
                struct fit_pass **pass, struct err *err);
    void (*close)(struct fit_pass *pass);
    // Takes over parameters in the network's layout.
    void (*load)(struct fit_pass *pass, const void *weights);
    // Returns the sum of the samples' losses. gradient: of the batch's mean loss, this shard's
    // part, in the network's layout; outputs: (count, outputs). Either may be NULL.
    double (*run)(struct fit_pass *pass, const struct fit_shard *shard, void *gradient,
                  void *outputs);
    // out[i] = the sum of parts[..][i], in their order, for from <= i < to; returns the sum of the
    // squares. parts: (count, stride).
    double (*reduce)(const void *parts, size_t count, size_t stride, size_t from, size_t to,
                     void *out);
    // first, second: what the optimiser remembers (momentum; mean and mean square).
    void (*update)(const struct fit_step *step, const void *gradient, void *weights, void *first,
                   void *second, size_t from, size_t to);
};

// The best that this CPU runs, or what TICKHOUSE_CPU names; EX_USAGE where it cannot run that.
int fit_core_select(const struct fit_core **core, struct err *err);

// All that this CPU runs; the last is the best. `double` is not among them.
size_t fit_core_count(void);
const struct fit_core *fit_core_at(size_t index);
extern const struct fit_core fit_core_double;

#endif
