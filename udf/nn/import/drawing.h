// SPDX-License-Identifier: Apache-2.0
// What a reader understood of a file: layers, and which of the file's tensors their weights are. It
// is the same for every format; drawing_build makes the model of it.
#ifndef TICKHOUSE_NN_IMPORT_DRAWING_H
#define TICKHOUSE_NN_IMPORT_DRAWING_H

#include "import/tensor.h"
#include "model/model.h"

// In which order the gates of a recurrent layer stand side by side.
enum gate_order {
    GATES_KERAS, // GRU: update, reset, candidate. LSTM: input, forget, cell, output
    GATES_TORCH, // GRU: reset, update, candidate. LSTM: as Keras
    GATES_ONNX,  // GRU: as Keras. LSTM: input, output, forget, cell
};

// The weights of one direction; NULL for what there is not, which means zeros. Where the layer has
// one bias and the file two, their sum is taken.
struct drawn_direction {
    const struct tensor *kernel, *recurrent, *bias, *recurrent_bias;
};

struct drawn_layer {
    struct network_layer layer; // all but what network_lay_out fills
    const char *name;           // as the file has it
    enum gate_order order;
    bool transposed; // kernels are (gates x units, inputs)
    struct drawn_direction directions[2];
};

struct drawing {
    size_t lookback; // 0 when the file does not say
    size_t features;
    size_t layer_count;
    struct drawn_layer layers[NETWORK_MAX_LAYERS];
    const char *format; // "PyTorch state_dict"
    // Two modules of a state_dict that fit the same place, the one taken first; NULL: no such.
    const char *alike[2];
};

// The next layer, cleared; NULL with `err` set when there are too many.
struct drawn_layer *drawing_add(struct drawing *drawing, enum layer_kind kind, const char *name,
                                struct err *err);

// The model: laid out, with weights in their places. Shapes and values are checked; what is wrong
// is said with the tensor's name.
int drawing_build(const struct drawing *drawing, struct arena *arena, struct model *model,
                  struct err *err);

#endif
