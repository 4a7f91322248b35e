// SPDX-License-Identifier: Apache-2.0
// A network as numbers: what a model file holds, import makes, training changes and prediction
// reads. All of its parameters are one vector; a layer's are slices of it.
//
// Layouts are Keras': row-major, with the gates of a recurrent layer side by side in the order
// update, reset, candidate (GRU) or input, forget, cell, output (LSTM):
//   kernel          (inputs, gates x units)
//   recurrent       (units, gates x units)
//   bias            (gates x units)
//   recurrent_bias  (gates x units), of a GRU with reset_after only; an LSTM and the other GRU have
//                   one bias
// A bidirectional layer has these four twice, forward before backward; its outputs are forward's
// before backward's. A dense layer has kernel (inputs, units) and bias (units). Dropout has none.
//
// A recurrent layer that another recurrent one follows (dropout between them does not count) hands
// on its whole sequence, (lookback, outputs); the last recurrent one hands on its final state, and
// what follows is dense.
#ifndef TICKHOUSE_NN_NETWORK_H
#define TICKHOUSE_NN_NETWORK_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    NETWORK_MAX_LAYERS = 16,
    NETWORK_MAX_UNITS = 4096,    // of a layer, and features of a network
    NETWORK_MAX_LOOKBACK = 4096, // steps of a sequence
    NETWORK_MAX_TENSORS = NETWORK_MAX_LAYERS * 8
};
#define NETWORK_MAX_WEIGHTS (1ULL << 26) // parameters, 256 MiB

enum layer_kind { LAYER_GRU, LAYER_LSTM, LAYER_DENSE, LAYER_DROPOUT };
enum activation {
    ACTIVATION_LINEAR,
    ACTIVATION_RELU,
    ACTIVATION_SIGMOID,
    ACTIVATION_TANH,
    ACTIVATION_SOFTMAX
};

struct network_layer {
    enum layer_kind kind;
    size_t units;               // of one direction; 0 for dropout
    enum activation activation; // of a dense layer; gates are sigmoid, candidates and states tanh
    bool reset_after;           // of a GRU: the reset gate is applied after the recurrent product
    bool bidirectional;
    bool last_step; // of the last recurrent layer where it is bidirectional: hands on the output at
                    // the last step, where backward has seen one step only, as torch's out[:, -1]
    double dropout; // the share of values dropped in training, of a dropout layer
    // filled by network_lay_out:
    size_t inputs, outputs; // width of a step
    bool sequence;          // hands on its whole sequence
    size_t kernel, recurrent, bias,
        recurrent_bias;      // offsets into `weights`, of the first direction
    size_t direction_stride; // from there to the second direction's
};

struct network {
    size_t lookback, features;
    size_t layer_count;
    struct network_layer layers[NETWORK_MAX_LAYERS];
    // filled by network_lay_out:
    size_t outputs, weight_count;
    float *weights; // weight_count of them, aligned to 64; whose they are is the holder's business
};

// One tensor of the network, as files name it: "0.kernel", "0.backward.recurrent_bias".
struct network_tensor {
    char name[48];
    size_t rows, columns; // rows is 0 for a vector
    size_t offset;        // into weights
};

// Checks what describes the network (lookback, features, kinds, units, the order of layers), and
// computes widths and offsets. `weights` is left alone.
int network_lay_out(struct network *network, struct err *err);

// The tensors in the order of their offsets, at most NETWORK_MAX_TENSORS; returns how many.
size_t network_tensors(const struct network *network, struct network_tensor *tensors);

// 3 for a GRU, 4 for an LSTM, 1 for a dense layer, 0 for dropout.
size_t layer_gates(enum layer_kind kind);
const char *layer_kind_name(enum layer_kind kind);
const char *activation_name(enum activation activation);
bool layer_kind_parse(const char *name, enum layer_kind *kind);
bool activation_parse(const char *name, enum activation *activation);

// The layers as `nn train --layers` reads them: "gru:64:bidirectional,dropout:0.2,dense:1:linear".
enum { NETWORK_LAYERS_BYTES = NETWORK_MAX_LAYERS * 64 };
void network_print_layers(const struct network *network, char text[static NETWORK_LAYERS_BYTES]);

// The first parameter that is not finite; weight_count when all are.
size_t network_first_not_finite(const struct network *network);

#endif
