// SPDX-License-Identifier: Apache-2.0
// A network laid out for training: each layer is a stage with packed weights, the values of all
// steps, and their gradients.
//
// Everything is time-major, (steps, rows, stride), where rows are the samples of a shard padded to
// PAD_ROWS. Padded rows and columns hold what does not matter in values, and zeros in gradients, so
// no loop has to know about them.
//
// The gates of a recurrent layer lie in blocks of padded units, in an order in which the columns
// that a product touches are neighbours:
//   GRU   candidate (from the input), update, reset, candidate (from the state)
//         the input's product writes blocks 0 to 2, the state's 1 to 3
//   LSTM  input, forget, candidate, output
// Forward leaves the gates there after their activation; backward puts their gradients in place.
#ifndef TICKHOUSE_NN_TRAIN_PASS_H
#define TICKHOUSE_NN_TRAIN_PASS_H

#include "base/arena.h"
#include "core/matrix.h"

#define recurrent_open FIT_NAME(recurrent_open)
#define recurrent_load FIT_NAME(recurrent_load)
#define recurrent_forward FIT_NAME(recurrent_forward)
#define recurrent_backward FIT_NAME(recurrent_backward)
#define recurrent_gradient FIT_NAME(recurrent_gradient)
#define gru_forward FIT_NAME(gru_forward)
#define gru_backward FIT_NAME(gru_backward)
#define lstm_forward FIT_NAME(lstm_forward)
#define lstm_backward FIT_NAME(lstm_backward)
#define dense_open FIT_NAME(dense_open)
#define dense_load FIT_NAME(dense_load)
#define dense_forward FIT_NAME(dense_forward)
#define dense_backward FIT_NAME(dense_backward)
#define dense_gradient FIT_NAME(dense_gradient)
#define dropout_forward FIT_NAME(dropout_forward)
#define dropout_backward FIT_NAME(dropout_backward)
#define loss_run FIT_NAME(loss_run)
#define reduce_parts FIT_NAME(reduce_parts)
#define update_weights FIT_NAME(update_weights)
#define pack FIT_NAME(pack)
#define pack_transposed FIT_NAME(pack_transposed)
#define unpack FIT_NAME(unpack)

struct sequence {
    real *value, *gradient; // gradient is NULL where nothing below is trained
    size_t steps, stride;
};

// A weight matrix three times: as it is, transposed, and its gradient.
struct weights {
    real *values;     // (inputs, stride)
    real *transposed; // (columns, transposed_stride)
    real *gradient;   // (inputs padded to rows, stride)
    size_t inputs, columns, stride, transposed_stride;
};

// One direction of a recurrent layer. `step` counts in its own order, from the first it sees.
struct direction {
    bool reversed;
    size_t offset; // of its units in the layer's outputs
    size_t steps;  // how many it takes: the one after them would change nothing
    struct weights kernel, recurrent;
    real *start, *start_gradient; // (gate_stride): what the gates are before the products: biases
    real *gates;                  // (lookback, rows, gate_stride)
    real *states;                 // (lookback + 1, rows, units); the first is zero
    real *cells, *cell_tanh;      // LSTM: as states; tanh of each new one
    real *reset_states;           // GRU without reset_after: reset gate x state
    real *state_gradient;         // (rows, units): carried from step to step
    real *other_gradient;         // the same: of an LSTM's cell, of a GRU's reset state
};

struct stage {
    const struct network_layer *layer;
    size_t units;       // padded, of one direction
    size_t gate_stride; // of recurrent layers
    struct sequence in, out;
    struct direction directions[2];
    struct weights kernel; // of a dense layer
    real *bias, *bias_gradient;
    bool loss_gives_delta; // the loss already differentiated through the activation
    uint64_t dropout_key;
};

// Memory for a pass: counted first, then handed out.
struct room {
    char *base; // NULL while counting
    size_t used;
};

static inline real *room_take(struct room *room, size_t count)
{
    const size_t bytes = (count * sizeof(real) + 63) / 64 * 64;
    real *at = room->base == NULL ? NULL : (real *)(void *)(room->base + room->used);
    room->used += bytes;
    return at;
}

static inline void room_take_weights(struct room *room, struct weights *weights, size_t inputs,
                                     size_t columns)
{
    weights->inputs = inputs;
    weights->columns = columns;
    weights->stride = odd_stride(columns);
    weights->transposed_stride = odd_stride(inputs);
    weights->values = room_take(room, padded(inputs) * weights->stride);
    weights->transposed = room_take(room, columns * weights->transposed_stride);
    weights->gradient = room_take(room, padded(inputs) * weights->stride);
}

// Moves a block of `units` columns between the network's layout (rows of `width`, from column
// `from`) and a packed matrix, from its column `to`.
void pack(const real *matrix, size_t width, size_t from, size_t units, size_t to,
          struct weights *weights);
void unpack(const struct weights *weights, size_t from, size_t units, real *matrix, size_t width,
            size_t to);
void pack_transposed(struct weights *weights);

void recurrent_open(struct stage *stage, size_t lookback, size_t rows, struct room *room);
void recurrent_load(struct stage *stage, const real *weights);
void recurrent_forward(struct stage *stage, size_t rows);
void recurrent_backward(struct stage *stage, size_t rows);
void recurrent_gradient(const struct stage *stage, real *gradient);

// One step of one direction: gates after both products and activations, and the next state.
void gru_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows);
void lstm_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows);
// From state_gradient at the end of the step to the gates' gradients, in place of the gates, and
// state_gradient at its beginning.
void gru_backward(const struct stage *stage, struct direction *d, size_t step, size_t rows);
void lstm_backward(const struct stage *stage, struct direction *d, size_t step, size_t rows);

void dense_open(struct stage *stage, size_t rows, struct room *room);
void dense_load(struct stage *stage, const real *weights);
void dense_forward(struct stage *stage, size_t rows);
void dense_backward(struct stage *stage, size_t rows);
void dense_gradient(const struct stage *stage, real *gradient);

void dropout_forward(struct stage *stage, size_t rows, size_t first, bool training);
void dropout_backward(struct stage *stage, size_t rows, size_t first, bool training);

// Fills the last stage's gradient; returns the sum of the samples' losses.
double loss_run(struct stage *last, const struct fit_options *options,
                const struct fit_shard *shard, size_t rows);

double reduce_parts(const void *parts, size_t count, size_t stride, size_t from, size_t to,
                    void *out);
void update_weights(const struct fit_step *step, const void *gradient, void *weights, void *first,
                    void *second, size_t from, size_t to);

#endif
