// SPDX-License-Identifier: Apache-2.0
#include "import/drawing.h"

#include <math.h>
#include <string.h>

struct drawn_layer *drawing_add(struct drawing *drawing, enum layer_kind kind, const char *name,
                                struct err *err)
{
    if (drawing->layer_count == NETWORK_MAX_LAYERS) {
        (void)err_set(err, EX_DATAERR, "it has more than %d layers", NETWORK_MAX_LAYERS);
        return NULL;
    }
    struct drawn_layer *layer = &drawing->layers[drawing->layer_count++];
    memset(layer, 0, sizeof *layer);
    layer->layer.kind = kind;
    layer->name = name;
    return layer;
}

// Where gate g of ours stands in the file.
static size_t gate_place(const struct drawn_layer *drawn, size_t gate)
{
    static const unsigned char torch_gru[] = {1, 0, 2}, onnx_lstm[] = {0, 2, 3, 1};
    if (drawn->order == GATES_TORCH && drawn->layer.kind == LAYER_GRU)
        return torch_gru[gate];
    if (drawn->order == GATES_ONNX && drawn->layer.kind == LAYER_LSTM)
        return onnx_lstm[gate];
    return gate;
}

static int check_shape(const struct drawn_layer *drawn, const struct tensor *tensor, size_t rows,
                       size_t columns, struct err *err)
{
    const size_t wanted[2] = {drawn->transposed ? columns : rows,
                              drawn->transposed ? rows : columns};
    if (rows == 0)
        return tensor->rank == 1 && tensor->shape[0] == columns
                   ? 0
                   : err_set(err, EX_DATAERR,
                             "tensor '%s' has %zu values in %zu dimensions; layer '%s' wants %zu "
                             "values in one",
                             tensor->name, tensor->elements, tensor->rank, drawn->name, columns);
    if (tensor->rank == 2 && tensor->shape[0] == wanted[0] && tensor->shape[1] == wanted[1])
        return 0;
    return err_set(err, EX_DATAERR,
                   "tensor '%s' has %zu values in %zu dimensions, beginning with %zu; layer '%s' "
                   "wants %zu x %zu",
                   tensor->name, tensor->elements, tensor->rank,
                   tensor->rank > 0 ? tensor->shape[0] : 0, drawn->name, wanted[0], wanted[1]);
}

// Adds tensor to the weights at `to`, (rows, gates x units), row-major; rows is 0 for a bias.
static int add_weights(const struct drawn_layer *drawn, const struct tensor *tensor, size_t rows,
                       float *to, struct err *err)
{
    const size_t units = drawn->layer.units, gates = layer_gates(drawn->layer.kind),
                 columns = gates * units;
    if (tensor == NULL)
        return 0;
    TRY(check_shape(drawn, tensor, rows, columns, err));
    for (size_t row = 0; row < (rows == 0 ? 1 : rows); row++)
        for (size_t column = 0; column < columns; column++) {
            const size_t from = gate_place(drawn, column / units) * units + column % units,
                         at = drawn->transposed && rows != 0 ? from * rows + row
                                                             : row * columns + from;
            float *value = &to[row * columns + column];
            *value = (float)((double)*value + tensor->values[at]);
            if (!isfinite(*value))
                return err_set(err, EX_DATAERR,
                               "value %zu of tensor '%s' is not a finite float; the training that "
                               "made it diverged, or the file is damaged",
                               at, tensor->name);
        }
    return 0;
}

static int copy_direction(const struct drawn_layer *drawn, const struct network_layer *layer,
                          const struct drawn_direction *from, float *weights, struct err *err)
{
    const bool two = layer->kind == LAYER_GRU && layer->reset_after;
    TRY(add_weights(drawn, from->kernel, layer->inputs, weights + layer->kernel, err));
    TRY(add_weights(drawn, from->recurrent, layer->units, weights + layer->recurrent, err));
    TRY(add_weights(drawn, from->bias, 0, weights + layer->bias, err));
    return add_weights(drawn, from->recurrent_bias, 0,
                       weights + (two ? layer->recurrent_bias : layer->bias), err);
}

int drawing_build(const struct drawing *drawing, struct arena *arena, struct model *model,
                  struct err *err)
{
    struct network layout = {.lookback = drawing->lookback,
                             .features = drawing->features,
                             .layer_count = drawing->layer_count};
    for (size_t i = 0; i < drawing->layer_count; i++)
        layout.layers[i] = drawing->layers[i].layer;
    TRY(model_new(model, &layout, arena, err));
    for (size_t i = 0; i < drawing->layer_count; i++) {
        const struct network_layer *layer = &model->network.layers[i];
        const struct drawn_layer *drawn = &drawing->layers[i];
        for (size_t d = 0; d < (layer->bidirectional ? 2 : 1); d++)
            TRY(copy_direction(drawn, layer, &drawn->directions[d],
                               model->network.weights + d * layer->direction_stride, err));
    }
    return 0;
}
