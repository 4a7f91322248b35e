// SPDX-License-Identifier: Apache-2.0
// Epochs: the schedule, early stopping, the best weights, checkpoints.
#include "train/fit.h"
#include "base/time.h"
#include "train/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fit_options_default(struct fit_options *options)
{
    *options = (struct fit_options){.loss = FIT_MSE,
                                    .huber_delta = 1,
                                    .optimizer = FIT_ADAM,
                                    .learning_rate = 1e-3,
                                    .momentum = 0,
                                    .beta1 = 0.9,
                                    .beta2 = 0.999,
                                    .epsilon = 1e-8,
                                    .schedule = FIT_CONSTANT,
                                    .step_epochs = 10,
                                    .step_factor = 0.5,
                                    .batch = 64,
                                    .epochs = 100,
                                    .threads = 1,
                                    .seed = 1};
}

// epoch counts from 0.
static double rate_at(const struct fit_options *o, size_t epoch)
{
    const size_t steps = epoch / (o->step_epochs > 0 ? o->step_epochs : 1);
    switch (o->schedule) {
    case FIT_COSINE:
        return o->learning_rate * (1 + cos(M_PI * (double)epoch / (double)o->epochs)) / 2;
    case FIT_STEP:
        return o->learning_rate * pow(o->step_factor, (double)steps);
    case FIT_CONSTANT:
        break;
    }
    return o->learning_rate;
}

// A training and what it reports to.
struct run {
    struct trainer trainer;
    const struct fit_set *train, *validation;
    const char *checkpoint;
    struct hash identity;
    bool complained; // that the checkpoint cannot be written; once is enough
    double began;    // as if it had not been interrupted
    int (*progress)(void *, const struct fit_progress *);
    void *user;
    struct fit_result *result;
};

static size_t weight_bytes(const struct trainer *trainer)
{
    return trainer->network->weight_count * trainer->core->real_size;
}

static bool out_of_patience(const struct trainer *trainer)
{
    const struct checkpoint_state *state = &trainer->state;
    return trainer->options->patience > 0 &&
           state->epoch - state->best_epoch >= trainer->options->patience;
}

// How good the weights are now: the loss of the validation set, or without one of the training set,
// since the epoch's mean is that of weights that have changed since.
static double evaluate(struct run *run)
{
    return train_evaluate(&run->trainer, run->validation != NULL ? run->validation : run->train,
                          NULL);
}

static void keep_best(struct trainer *trainer, double watched, double train_loss,
                      double validation_loss)
{
    struct checkpoint_state *state = &trainer->state;
    state->best_epoch = state->epoch;
    state->best_loss = watched;
    state->train_loss = train_loss;
    state->validation_loss = validation_loss;
    memcpy(trainer->best, trainer->weights, weight_bytes(trainer));
}

static void save(struct run *run)
{
    struct err err = {0};
    if (run->checkpoint == NULL ||
        checkpoint_write(run->checkpoint, &run->trainer, &run->identity, &err) == 0)
        return;
    if (!run->complained)
        (void)fprintf(stderr, "%s; training goes on, and tries again after each epoch\n", err.text);
    run->complained = true;
}

// Closes an epoch: the best weights, the checkpoint, the report.
static void end_epoch(struct run *run, double epoch_loss, double learning_rate)
{
    struct trainer *trainer = &run->trainer;
    struct checkpoint_state *state = &trainer->state;
    const double watched = evaluate(run);
    const double train_loss = run->validation != NULL ? epoch_loss : watched;
    const double validation_loss = run->validation != NULL ? watched : NAN;
    state->epoch++;
    run->result->diverged = !isfinite(watched) || !isfinite(epoch_loss);
    const bool improved =
        !run->result->diverged && (state->best_epoch == 0 || watched < state->best_loss);
    if (improved)
        keep_best(trainer, watched, train_loss, validation_loss);
    state->seconds = clock_seconds() - run->began;
    if (!run->result->diverged)
        save(run);
    const struct fit_progress progress = {.epoch = (size_t)state->epoch,
                                          .epochs = trainer->options->epochs,
                                          .train_loss = train_loss,
                                          .validation_loss = validation_loss,
                                          .best_loss = state->best_loss,
                                          .learning_rate = learning_rate,
                                          .seconds = state->seconds,
                                          .improved = improved};
    if (run->progress != NULL && run->progress(run->user, &progress) != 0)
        run->result->stopped = true;
}

static void run_epochs(struct run *run)
{
    struct trainer *trainer = &run->trainer;
    const struct fit_options *o = trainer->options;
    struct fit_result *result = run->result;
    while (!result->stopped && !result->diverged && trainer->state.epoch < o->epochs &&
           !out_of_patience(trainer)) {
        const double rate = rate_at(o, (size_t)trainer->state.epoch);
        const double loss = train_epoch(trainer, run->train, rate, run->user, &result->stopped);
        if (!result->stopped)
            end_epoch(run, loss, rate);
    }
}

// Fetches the checkpoint, if there is one.
static int resume(struct run *run, struct err *err)
{
    bool found = false;
    run->began = clock_seconds();
    if (run->checkpoint == NULL)
        return 0;
    run->identity = checkpoint_identity(&run->trainer, run->train, run->validation);
    TRY(checkpoint_read(run->checkpoint, &run->trainer, &run->identity, &found, err));
    run->began -= run->trainer.state.seconds;
    return 0;
}

static int finish(struct run *run, struct err *err)
{
    struct trainer *trainer = &run->trainer;
    const struct checkpoint_state *state = &trainer->state;
    struct fit_result *result = run->result;
    memcpy(trainer->weights, trainer->best, weight_bytes(trainer));
    result->epochs = (size_t)state->epoch;
    result->best_epoch = (size_t)state->best_epoch;
    result->train_loss = state->best_epoch > 0 ? state->train_loss : NAN;
    result->validation_loss =
        state->best_epoch > 0 && run->validation != NULL ? state->validation_loss : NAN;
    result->seconds = clock_seconds() - run->began;
    if (run->checkpoint != NULL && !result->stopped)
        (void)unlink(run->checkpoint);
    if (result->diverged && state->best_epoch == 0)
        return err_set(err, EX_DATAERR,
                       "the loss is not finite after the first epoch; lower the learning rate (it "
                       "is %g), clip gradients, or look for huge values in the data",
                       trainer->options->learning_rate);
    return 0;
}

static int run_open(struct run *run, const struct fit_core *core, const struct network *network,
                    void *weights, const struct fit_options *options, struct err *err)
{
    const size_t more = run->validation != NULL ? run->validation->count : 0;
    const size_t samples = run->train->count > more ? run->train->count : more;
    TRY(trainer_open(&run->trainer, core, network, options, samples, weights, err));
    memcpy(run->trainer.best, weights, weight_bytes(&run->trainer));
    run->trainer.state.best_loss = NAN;
    return resume(run, err);
}

int train_run(const struct fit_core *core, const struct network *network, void *weights,
              const struct fit_options *options, const struct fit_set *train,
              const struct fit_set *validation, const char *checkpoint,
              int (*progress)(void *, const struct fit_progress *), void *user,
              struct fit_result *result, struct err *err)
{
    *result = (struct fit_result){.train_loss = NAN, .validation_loss = NAN};
    struct run run = {.train = train,
                      .validation = validation,
                      .checkpoint = checkpoint,
                      .progress = progress,
                      .user = user,
                      .result = result};
    int code = run_open(&run, core, network, weights, options, err);
    if (code == 0) {
        run_epochs(&run);
        code = finish(&run, err);
    }
    trainer_close(&run.trainer);
    return code;
}

int fit_run(struct network *network, const struct fit_options *options, const struct fit_set *train,
            const struct fit_set *validation, const char *checkpoint,
            int (*progress)(void *, const struct fit_progress *), void *user,
            struct fit_result *result, struct err *err)
{
    *result = (struct fit_result){.train_loss = NAN, .validation_loss = NAN};
    TRY(check_options(network, options, err));
    TRY(check_set(network, options, "training", train, err));
    if (validation != NULL)
        TRY(check_set(network, options, "validation", validation, err));
    const struct fit_core *core;
    TRY(fit_core_select(&core, err));
    return train_run(core, network, network->weights, options, train, validation, checkpoint,
                     progress, user, result, err);
}

int fit_evaluate(const struct network *network, const struct fit_options *options,
                 const struct fit_set *set, double *loss, float *outputs, struct err *err)
{
    struct trainer trainer;
    const struct fit_core *core;
    TRY(check_options(network, options, err));
    TRY(check_set(network, options, "evaluated", set, err));
    TRY(fit_core_select(&core, err));
    int code = trainer_open(&trainer, core, network, options, set->count, network->weights, err);
    if (code == 0) {
        const double mean = train_evaluate(&trainer, set, outputs);
        if (loss != NULL)
            *loss = mean;
    }
    trainer_close(&trainer);
    return code;
}
