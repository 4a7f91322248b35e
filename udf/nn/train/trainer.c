// SPDX-License-Identifier: Apache-2.0
// Batches: each is cut into shards by its size alone, threads take the shards in turn, and the
// shards' gradients are added in order; so the number of threads changes no bit.
#include "base/time.h"
#include "train/random.h"
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_SHARDS = 16,     // of a batch
    BLOCK_WEIGHTS = 4096 // parameters that are added up and updated as one task
};
#define TICK_SECONDS 0.2

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static size_t block_count(const struct trainer *trainer)
{
    return divide_up(trainer->network->weight_count, BLOCK_WEIGHTS);
}

// Values of the core's type, zero and aligned.
static int take_values(const struct trainer *trainer, size_t count, void **out, struct err *err)
{
    const size_t bytes = divide_up(count * trainer->core->real_size, 64) * 64;
    *out = aligned_alloc(64, bytes);
    if (*out == NULL)
        return err_set(err, EX_OSERR, "out of memory for %zu parameters", count);
    memset(*out, 0, bytes);
    return 0;
}

static int open_arrays(struct trainer *trainer, size_t samples, struct err *err)
{
    const size_t count = trainer->network->weight_count;
    const size_t shards = divide_up(samples, trainer->shard_rows) + trainer->max_shards;
    TRY(take_values(trainer, count, &trainer->best, err));
    TRY(take_values(trainer, count, &trainer->first, err));
    TRY(take_values(trainer, count, &trainer->second, err));
    TRY(take_values(trainer, count, &trainer->gradient, err));
    TRY(take_values(trainer, count * trainer->max_shards, &trainer->parts, err));
    trainer->losses = calloc(shards, sizeof *trainer->losses);
    trainer->squares = calloc(block_count(trainer), sizeof *trainer->squares);
    trainer->order = malloc(samples * sizeof *trainer->order);
    trainer->passes = calloc(trainer->threads, sizeof(struct fit_pass *));
    trainer->loaded = calloc(trainer->threads, sizeof *trainer->loaded);
    if (trainer->losses == NULL || trainer->squares == NULL || trainer->order == NULL ||
        trainer->passes == NULL || trainer->loaded == NULL)
        return err_set(err, EX_OSERR, "out of memory for training");
    return 0;
}

static size_t choose_threads(size_t wanted)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t count = wanted > 0 ? wanted : cores > 0 ? (size_t)cores : 1;
    return count < POOL_MAX_THREADS ? count : POOL_MAX_THREADS;
}

int trainer_open(struct trainer *trainer, const struct fit_core *core,
                 const struct network *network, const struct fit_options *options, size_t samples,
                 void *weights, struct err *err)
{
    *trainer =
        (struct trainer){.core = core, .network = network, .options = options, .weights = weights};
    trainer->threads = choose_threads(options->threads);
    const size_t rows = divide_up(divide_up(options->batch, MAX_SHARDS), 8) * 8;
    trainer->shard_rows = rows > FIT_SHARD_ROWS ? rows : FIT_SHARD_ROWS;
    trainer->max_shards = divide_up(options->batch, trainer->shard_rows);
    TRY(open_arrays(trainer, samples, err));
    for (size_t i = 0; i < trainer->threads; i++)
        TRY(core->open(network, trainer->shard_rows, options, &trainer->passes[i], err));
    return pool_open(trainer->threads, &trainer->pool, err);
}

void trainer_close(struct trainer *trainer)
{
    pool_close(trainer->pool);
    for (size_t i = 0; trainer->passes != NULL && i < trainer->threads; i++)
        trainer->core->close(trainer->passes[i]);
    free(trainer->passes);
    free(trainer->loaded);
    free(trainer->losses);
    free(trainer->squares);
    free(trainer->order);
    free(trainer->best);
    free(trainer->first);
    free(trainer->second);
    free(trainer->gradient);
    free(trainer->parts);
}

// What the tasks of a batch, or of an evaluation, need.
struct round {
    struct trainer *trainer;
    const struct fit_set *set;
    const uint32_t *order;
    size_t count;
    uint64_t dropout_key;
    struct fit_step step;
    char *outputs;
    size_t shards;
};

static struct fit_pass *loaded_pass(struct trainer *trainer, size_t worker)
{
    if (trainer->loaded[worker] != trainer->state.steps + 1) {
        trainer->core->load(trainer->passes[worker], trainer->weights);
        trainer->loaded[worker] = trainer->state.steps + 1;
    }
    return trainer->passes[worker];
}

static struct fit_shard shard_of(const struct round *round, size_t task)
{
    const size_t rows = round->trainer->shard_rows, first = task * rows;
    const size_t left = round->count - first;
    return (struct fit_shard){.set = round->set,
                              .order = round->order == NULL ? NULL : round->order + first,
                              .count = left < rows ? left : rows,
                              .batch = round->count,
                              .first = first};
}

static char *value_at(const struct trainer *trainer, void *values, size_t index)
{
    return (char *)values + index * trainer->core->real_size;
}

static void run_shard(void *user, size_t task, size_t worker)
{
    struct round *round = user;
    struct trainer *trainer = round->trainer;
    struct fit_shard shard = shard_of(round, task);
    shard.training = true;
    shard.dropout_key = round->dropout_key;
    void *gradient = value_at(trainer, trainer->parts, task * trainer->network->weight_count);
    trainer->losses[task] =
        trainer->core->run(loaded_pass(trainer, worker), &shard, gradient, NULL);
}

static void block_range(const struct trainer *trainer, size_t task, size_t *from, size_t *to)
{
    const size_t count = trainer->network->weight_count;
    *from = task * BLOCK_WEIGHTS;
    *to = count - *from < BLOCK_WEIGHTS ? count : *from + BLOCK_WEIGHTS;
}

static void reduce_block(void *user, size_t task, size_t worker)
{
    const struct round *round = user;
    struct trainer *trainer = round->trainer;
    size_t from, to;
    (void)worker;
    block_range(trainer, task, &from, &to);
    trainer->squares[task] = trainer->core->reduce(
        trainer->parts, round->shards, trainer->network->weight_count, from, to, trainer->gradient);
}

static void update_block(void *user, size_t task, size_t worker)
{
    const struct round *round = user;
    struct trainer *trainer = round->trainer;
    size_t from, to;
    (void)worker;
    block_range(trainer, task, &from, &to);
    trainer->core->update(&round->step, trainer->gradient, trainer->weights, trainer->first,
                          trainer->second, from, to);
}

static double sum(const double *values, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

// PyTorch's clip_grad_norm_.
static double clip_scale(const struct trainer *trainer)
{
    const double most = trainer->options->clip_norm;
    if (most == 0)
        return 1;
    const double norm = sqrt(sum(trainer->squares, block_count(trainer)));
    const double scale = most / (norm + 1e-6);
    return scale < 1 ? scale : 1;
}

// Returns the sum of the losses.
static double train_batch(struct round *round, double learning_rate)
{
    struct trainer *trainer = round->trainer;
    const struct fit_options *o = trainer->options;
    round->shards = divide_up(round->count, trainer->shard_rows);
    pool_run(trainer->pool, round->shards, run_shard, round);
    const double loss = sum(trainer->losses, round->shards);
    pool_run(trainer->pool, block_count(trainer), reduce_block, round);
    trainer->state.steps++;
    round->step = (struct fit_step){.optimizer = o->optimizer,
                                    .learning_rate = learning_rate,
                                    .momentum = o->momentum,
                                    .beta1 = o->beta1,
                                    .beta2 = o->beta2,
                                    .epsilon = o->epsilon,
                                    .weight_decay = o->weight_decay,
                                    .scale = clip_scale(trainer),
                                    .counter = trainer->state.steps};
    pool_run(trainer->pool, block_count(trainer), update_block, round);
    return loss;
}

// Fisher and Yates. The order follows from the seed and the epoch alone, so a resumed training
// needs nothing else.
static void shuffle(uint32_t *order, size_t count, uint64_t seed, uint64_t epoch)
{
    uint64_t state = random_stream(seed, epoch);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = (uint32_t)count; i > 1; i--) {
        const uint32_t k = random_below(&state, i), value = order[i - 1];
        order[i - 1] = order[k];
        order[k] = value;
    }
}

static bool tick(const struct trainer *trainer, void *user, double share, double *next)
{
    if (trainer->options->tick == NULL || clock_seconds() < *next)
        return false;
    *next = clock_seconds() + TICK_SECONDS;
    return trainer->options->tick(user, (size_t)trainer->state.epoch + 1, share) != 0;
}

double train_epoch(struct trainer *trainer, const struct fit_set *set, double learning_rate,
                   void *user, bool *stopped)
{
    const struct fit_options *o = trainer->options;
    double loss = 0, next_tick = clock_seconds() + TICK_SECONDS;
    shuffle(trainer->order, set->count, o->seed, trainer->state.epoch);
    for (size_t at = 0; at < set->count; at += o->batch) {
        *stopped = tick(trainer, user, (double)at / (double)set->count, &next_tick);
        if (*stopped)
            return NAN;
        struct round round = {.trainer = trainer, .set = set, .order = trainer->order + at};
        round.count = set->count - at < o->batch ? set->count - at : o->batch;
        round.dropout_key = random_stream(o->seed ^ 0x5bf03635, trainer->state.steps);
        loss += train_batch(&round, learning_rate);
    }
    return loss / (double)set->count;
}

static void evaluate_shard(void *user, size_t task, size_t worker)
{
    struct round *round = user;
    struct trainer *trainer = round->trainer;
    const struct fit_shard shard = shard_of(round, task);
    char *outputs = round->outputs;
    if (outputs != NULL)
        outputs = value_at(trainer, outputs, shard.first * trainer->network->outputs);
    trainer->losses[task] = trainer->core->run(loaded_pass(trainer, worker), &shard, NULL, outputs);
}

double train_evaluate(struct trainer *trainer, const struct fit_set *set, void *outputs)
{
    const size_t shards = divide_up(set->count, trainer->shard_rows);
    struct round round = {.trainer = trainer, .set = set, .count = set->count, .outputs = outputs};
    pool_run(trainer->pool, shards, evaluate_shard, &round);
    return sum(trainer->losses, shards) / (double)set->count;
}
