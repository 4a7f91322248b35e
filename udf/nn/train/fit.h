// SPDX-License-Identifier: Apache-2.0
// Training: back-propagation through time, optimisers, early stopping, checkpoints.
//
// The same seed, data and options give the same weights to the bit, whatever the number of threads:
// a batch is cut into shards by its size alone, and their gradients are added in the shards' order.
// AVX2 and AVX-512 agree too; a CPU without fused multiply-add rounds otherwise.
#ifndef TICKHOUSE_NN_FIT_H
#define TICKHOUSE_NN_FIT_H

#include "model/network.h"

#include <stdint.h>

enum fit_loss {
    FIT_MSE,          // the mean over samples and outputs
    FIT_HUBER,        // e^2 / 2 up to delta, then delta (|e| - delta / 2); the mean as well
    FIT_CROSS_ENTROPY // of a softmax, or of one sigmoid output; the mean over samples
};

// The formulas are PyTorch's. weight_decay is L2 added to the gradient, but AdamW's is decoupled.
enum fit_optimizer {
    FIT_SGD,    // momentum
    FIT_ADAM,   // beta1, beta2, epsilon
    FIT_ADAMW,  // beta1, beta2, epsilon
    FIT_RMSPROP // beta2 is the decay of the mean square (PyTorch's alpha), epsilon, momentum
};

enum fit_schedule {
    FIT_CONSTANT,
    FIT_COSINE, // from learning_rate down to 0 over `epochs`, by epoch
    FIT_STEP    // times step_factor after each step_epochs
};

// Windows over rows: sample i is rows[ends[i] - lookback + 1 .. ends[i]], each `features` values,
// scaled; so windows that overlap cost nothing.
struct fit_set {
    const float *rows; // (rows, features)
    size_t features;
    const uint32_t *ends; // (count)
    const float *targets; // (count, outputs); (count) class numbers for cross-entropy
    size_t count;
};

struct fit_options {
    enum fit_loss loss;
    double huber_delta;
    enum fit_optimizer optimizer;
    double learning_rate, momentum, beta1, beta2, epsilon, weight_decay;
    double clip_norm; // gradients are scaled down to this norm over all parameters; 0: never
    enum fit_schedule schedule;
    size_t step_epochs; // of FIT_STEP
    double step_factor;
    size_t batch, epochs;
    size_t patience; // stops after so many epochs that improved nothing; 0: never
    size_t threads;  // 0: as many as the machine has cores
    uint64_t seed;   // of shuffling and dropout
    // Called within an epoch, between batches, about five times a second, with the share of the
    // epoch that is done; non-zero stops training there. NULL: never called.
    int (*tick)(void *user, size_t epoch, double share);
};

struct fit_progress {
    size_t epoch, epochs; // this one, counted from 1, of so many
    // The mean over the epoch's batches, as they were seen, with dropout; without a validation set
    // that of the weights at the epoch's end.
    double train_loss;
    double validation_loss; // NaN without a validation set
    double best_loss;       // of validation_loss, or of train_loss without a validation set
    double learning_rate;
    double seconds; // since the training began, over all its runs
    bool improved;
};

struct fit_result {
    size_t epochs, best_epoch;          // done, and the one whose weights were kept
    double train_loss, validation_loss; // of the best epoch; NaN: not known
    double seconds;
    bool stopped;  // by the progress or the tick
    bool diverged; // the loss of the last epoch was not finite: the best one before it was kept
};

// MSE, Adam at 0.001 with 0.9, 0.999 and 1e-8, batches of 64, 100 epochs, one thread.
void fit_options_default(struct fit_options *options);

// Keras' defaults: kernels Glorot uniform, recurrent ones orthogonal, biases 0 but 1 for an LSTM's
// forget gate.
int fit_initialize(struct network *network, uint64_t seed, struct err *err);

// Trains network->weights in place; at the end they are those of the epoch with the least
// validation loss (train loss without a validation set). `progress` is called after each epoch and
// returns non-zero to stop; it may be NULL.
//
// checkpoint names a file, or is NULL: it is written after each epoch by rename and removed at the
// end; a stopped or killed training goes on from there, to the same weights to the bit. One that
// belongs to other options, data or start weights is refused. What cannot be written is said on
// standard error, and training goes on.
//
// EX_DATAERR for a value that is not finite and a class that does not exist, and when the loss is
// not finite from the first epoch on; then the weights are as they were.
int fit_run(struct network *network, const struct fit_options *options, const struct fit_set *train,
            const struct fit_set *validation, const char *checkpoint,
            int (*progress)(void *, const struct fit_progress *), void *user,
            struct fit_result *result, struct err *err);

// The mean loss and the outputs (count, outputs) for a set, computed as training does; either may
// be NULL.
int fit_evaluate(const struct network *network, const struct fit_options *options,
                 const struct fit_set *set, double *loss, float *outputs, struct err *err);

#endif
