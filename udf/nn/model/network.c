// SPDX-License-Identifier: Apache-2.0
#include "model/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"gru", "lstm", "dense", "dropout"};
static const char *const activation_names[] = {"linear", "relu", "sigmoid", "tanh", "softmax"};

const char *layer_kind_name(enum layer_kind kind)
{
    return kind_names[kind];
}

const char *activation_name(enum activation activation)
{
    return activation_names[activation];
}

static bool find_name(const char *const *names, size_t count, const char *name, unsigned *index)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) {
            *index = (unsigned)i;
            return true;
        }
    return false;
}

bool layer_kind_parse(const char *name, enum layer_kind *kind)
{
    unsigned index = 0;
    const bool found = find_name(kind_names, sizeof kind_names / sizeof *kind_names, name, &index);
    *kind = (enum layer_kind)index;
    return found;
}

bool activation_parse(const char *name, enum activation *activation)
{
    unsigned index = 0;
    const bool found = find_name(activation_names,
                                 sizeof activation_names / sizeof *activation_names, name, &index);
    *activation = (enum activation)index;
    return found;
}

size_t layer_gates(enum layer_kind kind)
{
    static const size_t gates[] = {3, 4, 1, 0};
    return gates[kind];
}

static bool is_recurrent(const struct network_layer *layer)
{
    return layer->kind == LAYER_GRU || layer->kind == LAYER_LSTM;
}

static size_t last_recurrent(const struct network *network)
{
    size_t last = network->layer_count;
    for (size_t i = 0; i < network->layer_count; i++)
        if (is_recurrent(&network->layers[i]))
            last = i;
    return last;
}

static int check_range(const char *what, size_t value, size_t most, struct err *err)
{
    if (value >= 1 && value <= most)
        return 0;
    return err_set(err, EX_DATAERR, "the network has %s %zu; it must be from 1 to %zu", what, value,
                   most);
}

static int check_layer(const struct network *network, size_t index, size_t last, struct err *err)
{
    const struct network_layer *layer = &network->layers[index];
    if ((unsigned)layer->kind > LAYER_DROPOUT || (unsigned)layer->activation > ACTIVATION_SOFTMAX)
        return err_set(err, EX_DATAERR, "layer %zu is of an unknown kind", index);
    if (layer->kind == LAYER_DROPOUT)
        return layer->dropout >= 0 && layer->dropout < 1
                   ? 0
                   : err_set(err, EX_DATAERR,
                             "layer %zu drops %g of its values; it must be from 0 to below 1",
                             index, layer->dropout);
    if (layer->units < 1 || layer->units > NETWORK_MAX_UNITS)
        return err_set(err, EX_DATAERR, "layer %zu has %zu units; it must have 1 to %d", index,
                       layer->units, NETWORK_MAX_UNITS);
    if (layer->kind == LAYER_DENSE && index < last)
        return err_set(err, EX_DATAERR,
                       "layer %zu is dense and stands before a recurrent layer; dense layers come "
                       "after them",
                       index);
    return 0;
}

// Takes `count` parameters of one kind for a direction.
static size_t take(size_t *offset, size_t count)
{
    const size_t at = *offset;
    *offset += count;
    return at;
}

static void lay_out_layer(struct network_layer *layer, size_t *offset)
{
    const size_t width = layer_gates(layer->kind) * layer->units;
    const size_t start = *offset;
    layer->kernel = take(offset, layer->inputs * width);
    layer->recurrent = take(offset, is_recurrent(layer) ? layer->units * width : 0);
    layer->bias = take(offset, width);
    layer->recurrent_bias =
        take(offset, layer->kind == LAYER_GRU && layer->reset_after ? width : 0);
    layer->direction_stride = layer->bidirectional ? *offset - start : 0;
    *offset += layer->direction_stride;
}

int network_lay_out(struct network *network, struct err *err)
{
    TRY(check_range("a look-back of", network->lookback, NETWORK_MAX_LOOKBACK, err));
    TRY(check_range("features:", network->features, NETWORK_MAX_UNITS, err));
    TRY(check_range("layers:", network->layer_count, NETWORK_MAX_LAYERS, err));
    const size_t last = last_recurrent(network);
    if (last == network->layer_count)
        return err_set(err, EX_DATAERR, "the network has no recurrent layer");
    size_t width = network->features, offset = 0;
    for (size_t i = 0; i < network->layer_count; i++) {
        struct network_layer *layer = &network->layers[i];
        TRY(check_layer(network, i, last, err));
        layer->bidirectional = layer->bidirectional && is_recurrent(layer);
        layer->inputs = width;
        layer->sequence = i < last;
        lay_out_layer(layer, &offset);
        if (layer->kind != LAYER_DROPOUT)
            width = layer->units * (layer->bidirectional ? 2 : 1);
        layer->outputs = width;
        if (offset > NETWORK_MAX_WEIGHTS)
            return err_set(err, EX_DATAERR, "the network has more than %llu parameters",
                           NETWORK_MAX_WEIGHTS);
    }
    network->outputs = width;
    network->weight_count = offset;
    return 0;
}

static void add_tensor(struct network_tensor *tensors, size_t *count, size_t layer,
                       const char *direction, const char *what, size_t rows, size_t columns,
                       size_t offset)
{
    struct network_tensor *tensor = &tensors[(*count)++];
    (void)snprintf(tensor->name, sizeof tensor->name, "%zu.%s%s", layer, direction, what);
    tensor->rows = rows;
    tensor->columns = columns;
    tensor->offset = offset;
}

static void add_direction(const struct network_layer *layer, size_t index, const char *direction,
                          size_t shift, struct network_tensor *tensors, size_t *count)
{
    const size_t width = layer_gates(layer->kind) * layer->units;
    add_tensor(tensors, count, index, direction, "kernel", layer->inputs, width,
               layer->kernel + shift);
    if (is_recurrent(layer))
        add_tensor(tensors, count, index, direction, "recurrent", layer->units, width,
                   layer->recurrent + shift);
    add_tensor(tensors, count, index, direction, "bias", 0, width, layer->bias + shift);
    if (layer->kind == LAYER_GRU && layer->reset_after)
        add_tensor(tensors, count, index, direction, "recurrent_bias", 0, width,
                   layer->recurrent_bias + shift);
}

size_t network_tensors(const struct network *network, struct network_tensor *tensors)
{
    size_t count = 0;
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        if (layer->kind == LAYER_DROPOUT)
            continue;
        add_direction(layer, i, "", 0, tensors, &count);
        if (layer->bidirectional)
            add_direction(layer, i, "backward.", layer->direction_stride, tensors, &count);
    }
    return count;
}

static int print_layer(const struct network_layer *layer, char *text, size_t size)
{
    const char *kind = layer_kind_name(layer->kind);
    if (layer->kind == LAYER_DENSE)
        return snprintf(text, size, "%s:%zu:%s", kind, layer->units,
                        activation_name(layer->activation));
    if (layer->kind != LAYER_DROPOUT)
        return snprintf(text, size, "%s:%zu%s%s%s", kind, layer->units,
                        layer->bidirectional ? ":bidirectional" : "",
                        layer->kind == LAYER_GRU && !layer->reset_after ? ":reset_before" : "",
                        layer->bidirectional && layer->last_step && !layer->sequence ? ":last_step"
                                                                                     : "");
    const int used = snprintf(text, size, "%s:%.15g", kind, layer->dropout);
    return strtod(text + strlen(kind) + 1, NULL) == layer->dropout
               ? used
               : snprintf(text, size, "%s:%.17g", kind, layer->dropout);
}

void network_print_layers(const struct network *network, char text[static NETWORK_LAYERS_BYTES])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < network->layer_count; i++) {
        if (i > 0)
            text[used++] = ',';
        used += (size_t)print_layer(&network->layers[i], text + used, NETWORK_LAYERS_BYTES - used);
    }
}

size_t network_first_not_finite(const struct network *network)
{
    size_t i = 0;
    while (i < network->weight_count && isfinite(network->weights[i]))
        i++;
    return i;
}
