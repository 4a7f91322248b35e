// SPDX-License-Identifier: Apache-2.0
// A shard through the network and back.
#include "core/pass.h"
#include "base/random.h"

#include <stdlib.h>

struct fit_pass {
    struct network network; // its layout
    struct fit_options options;
    size_t rows;
    struct arena arena;
    struct sequence input;
    size_t stage_count;
    struct stage stages[NETWORK_MAX_LAYERS];
};

static void dropout_open(struct stage *stage, size_t rows, struct room *room)
{
    const size_t count = stage->in.steps * rows * stage->in.stride;
    stage->out = stage->in;
    stage->out.value = room_take(room, count);
    if (stage->in.gradient != NULL || room->base == NULL)
        stage->out.gradient = room_take(room, count);
}

static void open_stage(struct fit_pass *pass, struct stage *stage, struct room *room)
{
    if (stage->layer->kind == LAYER_DROPOUT)
        dropout_open(stage, pass->rows, room);
    else if (stage->layer->kind == LAYER_DENSE)
        dense_open(stage, pass->rows, room);
    else
        recurrent_open(stage, pass->network.lookback, pass->rows, room);
}

// Hands out the memory of all stages, or only counts it.
static void lay_out(struct fit_pass *pass, struct room *room)
{
    struct sequence *input = &pass->input;
    input->steps = pass->network.lookback;
    input->stride = padded(pass->network.features);
    input->value = room_take(room, input->steps * pass->rows * input->stride);
    struct sequence below = *input;
    for (size_t i = 0; i < pass->stage_count; i++) {
        struct stage *stage = &pass->stages[i];
        *stage = (struct stage){.layer = &pass->network.layers[i], .in = below};
        open_stage(pass, stage, room);
        below = stage->out;
    }
    pass->stages[pass->stage_count - 1].loss_gives_delta = pass->options.loss == FIT_CROSS_ENTROPY;
}

static void pass_close(struct fit_pass *pass)
{
    if (pass == NULL)
        return;
    arena_close(&pass->arena);
    free(pass);
}

static int pass_open(const struct network *network, size_t rows, const struct fit_options *options,
                     struct fit_pass **out, struct err *err)
{
    struct fit_pass *pass = calloc(1, sizeof *pass);
    *out = pass;
    if (pass == NULL)
        return err_set(err, EX_OSERR, "out of memory for training");
    pass->network = *network;
    pass->options = *options;
    pass->rows = padded_rows(rows);
    pass->stage_count = network->layer_count;
    struct room room = {0};
    lay_out(pass, &room);
    const size_t bytes = room.used;
    TRY(arena_open(&pass->arena, bytes + 64, err));
    room.used = 0;
    room.base = arena_alloc(&pass->arena, bytes, 1, err); // fresh pages: zeros
    if (room.base == NULL)
        return err_code(err, EX_OSERR);
    lay_out(pass, &room);
    return 0;
}

static void pass_load(struct fit_pass *pass, const void *weights)
{
    for (size_t i = 0; i < pass->stage_count; i++) {
        struct stage *stage = &pass->stages[i];
        if (stage->layer->kind == LAYER_DENSE)
            dense_load(stage, weights);
        else if (stage->layer->kind != LAYER_DROPOUT)
            recurrent_load(stage, weights);
    }
}

// The windows of the shard's samples, time-major; zeros in rows beyond them.
static void gather(struct fit_pass *pass, const struct fit_shard *shard, size_t rows)
{
    const struct fit_set *set = shard->set;
    const real *values = (const void *)set->rows;
    const size_t steps = pass->input.steps, stride = pass->input.stride, width = set->features;
    for (size_t i = 0; i < rows; i++) {
        real *to = pass->input.value + i * stride;
        const size_t end = i < shard->count ? set->ends[fit_shard_sample(shard, i)] : 0;
        for (size_t step = 0; step < steps; step++, to += rows * stride)
            if (i < shard->count)
                memcpy(to, values + (end + 1 + step - steps) * width, width * sizeof(real));
            else
                memset(to, 0, width * sizeof(real));
    }
}

// So that no layer and no batch repeats another's pattern.
static uint64_t stage_key(uint64_t key, size_t stage)
{
    return random_mix(key + (stage + 1) * RANDOM_STEP);
}

static void forward(struct fit_pass *pass, const struct fit_shard *shard, size_t rows)
{
    for (size_t i = 0; i < pass->stage_count; i++) {
        struct stage *stage = &pass->stages[i];
        stage->dropout_key = stage_key(shard->dropout_key, i);
        if (stage->layer->kind == LAYER_DROPOUT)
            dropout_forward(stage, rows, shard->first, shard->training);
        else if (stage->layer->kind == LAYER_DENSE)
            dense_forward(stage, rows);
        else
            recurrent_forward(stage, rows);
    }
}

static void backward(struct fit_pass *pass, const struct fit_shard *shard, size_t rows,
                     real *gradient)
{
    for (size_t i = pass->stage_count; i-- > 0;) {
        struct stage *stage = &pass->stages[i];
        if (stage->layer->kind == LAYER_DROPOUT) {
            dropout_backward(stage, rows, shard->first, shard->training);
        } else if (stage->layer->kind == LAYER_DENSE) {
            dense_backward(stage, rows);
            dense_gradient(stage, gradient);
        } else {
            recurrent_backward(stage, rows);
            recurrent_gradient(stage, gradient);
        }
    }
}

static double pass_run(struct fit_pass *pass, const struct fit_shard *shard, void *gradient,
                       void *outputs)
{
    const size_t rows = padded_rows(shard->count), width = pass->network.outputs;
    struct stage *last = &pass->stages[pass->stage_count - 1];
    gather(pass, shard, rows);
    forward(pass, shard, rows);
    for (size_t i = 0; outputs != NULL && i < shard->count; i++)
        memcpy((real *)outputs + i * width, last->out.value + i * last->out.stride,
               width * sizeof(real));
    const double loss = loss_run(last, &pass->options, shard, rows);
    if (gradient != NULL)
        backward(pass, shard, rows, gradient);
    return loss;
}

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
const struct fit_core FIT_NAME(fit_core) = {TEXT(FIT_VARIANT), sizeof(real),  pass_open,
                                            pass_close,        pass_load,     pass_run,
                                            reduce_parts,      update_weights};
