// SPDX-License-Identifier: Apache-2.0
// A recurrent layer over its steps, forward and back, in one or two directions. What GRU and LSTM
// do within a step is in their own files.
#include "core/pass.h"

// Weight gradients are added over blocks of steps, so that the product is deep enough to keep its
// tiles in registers for a while, and the gates it reads are still in the cache.
enum { BLOCK_ROWS = 128 };

static bool is_lstm(const struct stage *stage)
{
    return stage->layer->kind == LAYER_LSTM;
}

// Of the gates, in blocks of units: how many the input's product writes, where the state's begin.
static size_t input_blocks(const struct stage *stage)
{
    return is_lstm(stage) ? 4 : 3;
}

static size_t state_offset(const struct stage *stage)
{
    return is_lstm(stage) ? 0 : stage->units;
}

// Keras' number of the gate that is in a block of the kernel, and of the recurrent kernel.
static size_t kernel_gate(const struct stage *stage, size_t block)
{
    return is_lstm(stage) ? block : (block + 2) % 3;
}

static void open_direction(struct stage *stage, struct direction *d, size_t lookback, size_t rows,
                           struct room *room)
{
    const struct network_layer *layer = stage->layer;
    const size_t u = stage->units, blocks = input_blocks(stage);
    const bool last_only = d->reversed && !layer->sequence && layer->last_step;
    d->offset = d->reversed ? layer->units : 0;
    d->steps = last_only ? 1 : lookback;
    room_take_weights(room, &d->kernel, layer->inputs, blocks * u);
    room_take_weights(room, &d->recurrent, u, blocks * u);
    d->start = room_take(room, stage->gate_stride);
    d->start_gradient = room_take(room, stage->gate_stride);
    d->gates = room_take(room, lookback * rows * stage->gate_stride);
    d->states = room_take(room, (lookback + 1) * rows * u);
    if (is_lstm(stage)) {
        d->cells = room_take(room, (lookback + 1) * rows * u);
        d->cell_tanh = room_take(room, lookback * rows * u);
    } else if (!layer->reset_after)
        d->reset_states = room_take(room, lookback * rows * u);
    d->state_gradient = room_take(room, rows * u);
    d->other_gradient = room_take(room, rows * u);
}

void recurrent_open(struct stage *stage, size_t lookback, size_t rows, struct room *room)
{
    const struct network_layer *layer = stage->layer;
    stage->units = padded(layer->units);
    stage->gate_stride = odd_stride(4 * stage->units);
    for (size_t k = 0; k < (layer->bidirectional ? 2 : 1); k++) {
        stage->directions[k].reversed = k == 1;
        open_direction(stage, &stage->directions[k], lookback, rows, room);
    }
    stage->out.steps = layer->sequence ? lookback : 1;
    stage->out.stride = padded(layer->outputs);
    stage->out.value = room_take(room, stage->out.steps * rows * stage->out.stride);
    stage->out.gradient = room_take(room, stage->out.steps * rows * stage->out.stride);
}

// The biases of all gates, as the products find them.
static void load_start(const struct stage *stage, struct direction *d, const real *bias,
                       const real *recurrent_bias)
{
    const size_t units = stage->layer->units, u = stage->units;
    for (size_t block = 0; block < input_blocks(stage); block++)
        memcpy(d->start + block * u, bias + kernel_gate(stage, block) * units,
               units * sizeof(real));
    if (recurrent_bias == NULL)
        return;
    for (size_t i = 0; i < units; i++) {
        d->start[u + i] += recurrent_bias[i];
        d->start[2 * u + i] += recurrent_bias[units + i];
        d->start[3 * u + i] = recurrent_bias[2 * units + i];
    }
}

static bool has_recurrent_bias(const struct network_layer *layer)
{
    return layer->kind == LAYER_GRU && layer->reset_after;
}

static void load_direction(const struct stage *stage, struct direction *d, const real *weights)
{
    const struct network_layer *layer = stage->layer;
    const size_t blocks = input_blocks(stage), width = blocks * layer->units;
    for (size_t block = 0; block < blocks; block++) {
        pack(weights + layer->kernel, width, kernel_gate(stage, block) * layer->units, layer->units,
             block * stage->units, &d->kernel);
        struct weights recurrent = d->recurrent;
        recurrent.inputs = layer->units;
        pack(weights + layer->recurrent, width, block * layer->units, layer->units,
             block * stage->units, &recurrent);
    }
    pack_transposed(&d->kernel);
    pack_transposed(&d->recurrent);
    load_start(stage, d, weights + layer->bias,
               has_recurrent_bias(layer) ? weights + layer->recurrent_bias : NULL);
}

void recurrent_load(struct stage *stage, const real *weights)
{
    for (size_t k = 0; k < (stage->layer->bidirectional ? 2 : 1); k++)
        load_direction(stage, &stage->directions[k], weights + k * stage->layer->direction_stride);
}

// Where the input of a step lies.
static size_t time_of(const struct stage *stage, const struct direction *d, size_t step)
{
    return d->reversed ? stage->in.steps - 1 - step : step;
}

static void copy_units(const struct stage *stage, const real *from, size_t from_stride, real *to,
                       size_t to_stride, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(to + i * to_stride, from + i * from_stride, stage->layer->units * sizeof(real));
}

// Hands on the state after a step.
static void hand_on(struct stage *stage, const struct direction *d, size_t step, size_t rows)
{
    struct sequence *out = &stage->out;
    const size_t to = stage->layer->sequence ? time_of(stage, d, step) : 0;
    copy_units(stage, d->states + (step + 1) * rows * stage->units, stage->units,
               out->value + to * rows * out->stride + d->offset, out->stride, rows);
}

static void forward_direction(struct stage *stage, struct direction *d, size_t rows)
{
    const struct sequence *in = &stage->in;
    memset(d->states, 0, rows * stage->units * sizeof(real));
    if (is_lstm(stage))
        memset(d->cells, 0, rows * stage->units * sizeof(real));
    for (size_t step = 0; step < d->steps; step++) {
        real *g = d->gates + step * rows * stage->gate_stride;
        multiply(&(struct product){rows, d->kernel.columns, d->kernel.inputs,
                                   in->value + time_of(stage, d, step) * rows * in->stride,
                                   in->stride, 1, d->kernel.values, d->kernel.stride, d->start, 0,
                                   g, stage->gate_stride});
        if (is_lstm(stage))
            lstm_forward(stage, d, step, rows);
        else
            gru_forward(stage, d, step, rows);
        if (stage->layer->sequence || step + 1 == d->steps)
            hand_on(stage, d, step, rows);
    }
}

void recurrent_forward(struct stage *stage, size_t rows)
{
    for (size_t k = 0; k < (stage->layer->bidirectional ? 2 : 1); k++)
        forward_direction(stage, &stage->directions[k], rows);
}

// Takes in the gradient of what was handed on after a step.
static void take_in(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const struct sequence *out = &stage->out;
    const size_t from = stage->layer->sequence ? time_of(stage, d, step) : 0;
    for (size_t i = 0; i < rows; i++) {
        const real *gradient = out->gradient + (from * rows + i) * out->stride + d->offset;
        real *dh = d->state_gradient + i * stage->units;
        for (size_t k = 0; k < stage->layer->units; k++)
            dh[k] += gradient[k];
    }
}

// gradient += a' gates over the rows of `steps` steps.
static void add_product(const real *a, size_t a_stride, const real *gates, size_t gate_stride,
                        size_t rows, size_t from, size_t columns, struct weights *weights)
{
    multiply(&(struct product){padded_rows(weights->inputs), columns, rows, a, 1, a_stride, gates,
                               gate_stride, weights->gradient + from, weights->stride,
                               weights->gradient + from, weights->stride});
}

static void add_recurrent_gradient(const struct stage *stage, struct direction *d, size_t step,
                                   size_t count, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride, deep = count * rows;
    const real *g = d->gates + step * rows * stride;
    const real *h = d->states + step * rows * u;
    if (d->reset_states == NULL) {
        add_product(h, u, g + state_offset(stage), stride, deep, 0, input_blocks(stage) * u,
                    &d->recurrent);
        return;
    }
    add_product(h, u, g + u, stride, deep, 0, 2 * u, &d->recurrent);
    add_product(d->reset_states + step * rows * u, u, g, stride, deep, 2 * u, u, &d->recurrent);
}

// The gradients of the weights and of the input, over `count` steps whose gates hold gradients.
static void finish_steps(struct stage *stage, struct direction *d, size_t step, size_t count,
                         size_t rows)
{
    const struct sequence *in = &stage->in;
    const size_t stride = stage->gate_stride, at = time_of(stage, d, step) * rows * in->stride;
    const real *g = d->gates + step * rows * stride;
    add_recurrent_gradient(stage, d, step, count, rows);
    add_product(in->value + at, in->stride, g, stride, count * rows, 0, d->kernel.columns,
                &d->kernel);
    add_rows(g, count * rows, stride, 4 * stage->units, d->start_gradient);
    if (in->gradient == NULL)
        return;
    real *gradient = in->gradient + at;
    if (!d->reversed)
        memset(gradient, 0, count * rows * in->stride * sizeof(real));
    multiply(&(struct product){count * rows, in->stride, d->kernel.columns, g, stride, 1,
                               d->kernel.transposed, d->kernel.transposed_stride, gradient,
                               in->stride, gradient, in->stride});
}

static void clear_gradients(const struct stage *stage, struct direction *d, size_t rows)
{
    const size_t inputs = padded(d->kernel.inputs), units = stage->units;
    memset(d->kernel.gradient, 0, inputs * d->kernel.stride * sizeof(real));
    memset(d->recurrent.gradient, 0, units * d->recurrent.stride * sizeof(real));
    memset(d->start_gradient, 0, stage->gate_stride * sizeof(real));
    memset(d->state_gradient, 0, rows * units * sizeof(real));
    memset(d->other_gradient, 0, rows * units * sizeof(real));
}

static void backward_direction(struct stage *stage, struct direction *d, size_t rows)
{
    const size_t block = d->reversed || rows >= BLOCK_ROWS ? 1 : BLOCK_ROWS / rows;
    size_t end = d->steps; // of the steps that wait for finish_steps
    clear_gradients(stage, d, rows);
    for (size_t step = d->steps; step-- > 0;) {
        if (stage->layer->sequence || step + 1 == d->steps)
            take_in(stage, d, step, rows);
        if (is_lstm(stage))
            lstm_backward(stage, d, step, rows);
        else
            gru_backward(stage, d, step, rows);
        if (step % block == 0) {
            finish_steps(stage, d, step, end - step, rows);
            end = step;
        }
    }
}

void recurrent_backward(struct stage *stage, size_t rows)
{
    for (size_t k = 0; k < (stage->layer->bidirectional ? 2 : 1); k++)
        backward_direction(stage, &stage->directions[k], rows);
}

static void direction_gradient(const struct stage *stage, const struct direction *d, real *gradient)
{
    const struct network_layer *layer = stage->layer;
    const size_t blocks = input_blocks(stage), units = layer->units, u = stage->units;
    struct weights recurrent = d->recurrent;
    recurrent.inputs = units;
    for (size_t block = 0; block < blocks; block++) {
        const size_t gate = kernel_gate(stage, block);
        unpack(&d->kernel, block * u, units, gradient + layer->kernel, blocks * units,
               gate * units);
        unpack(&recurrent, block * u, units, gradient + layer->recurrent, blocks * units,
               block * units);
        memcpy(gradient + layer->bias + gate * units, d->start_gradient + block * u,
               units * sizeof(real));
        if (has_recurrent_bias(layer))
            memcpy(gradient + layer->recurrent_bias + block * units,
                   d->start_gradient + (block + 1) * u, units * sizeof(real));
    }
}

void recurrent_gradient(const struct stage *stage, real *gradient)
{
    for (size_t k = 0; k < (stage->layer->bidirectional ? 2 : 1); k++)
        direction_gradient(stage, &stage->directions[k],
                           gradient + k * stage->layer->direction_stride);
}
