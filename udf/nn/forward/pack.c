// SPDX-License-Identifier: Apache-2.0
#include "pack.h"

#include <stdint.h>
#include <string.h>

static const struct {
    size_t gates, biases;
    size_t first; // gate of the layer
} shapes[PANEL_KINDS] = {
    [PANEL_GRU] = {3, 4, 0},  [PANEL_RESET] = {2, 2, 0}, [PANEL_CANDIDATE] = {1, 1, 2},
    [PANEL_LSTM] = {4, 4, 0}, [PANEL_DENSE] = {1, 1, 0},
};

size_t panel_gates(enum panel_kind kind)
{
    return shapes[kind].gates;
}

static size_t divide_up(size_t count, size_t by)
{
    return (count + by - 1) / by;
}

struct panels pack_plan(const struct kernels *kernels, enum panel_kind kind,
                        const struct network_layer *layer)
{
    struct panels p = {.kind = kind,
                       .inputs = layer->inputs,
                       .units = kind == PANEL_DENSE ? 0 : layer->units,
                       .count = divide_up(layer->units, kernels->lanes),
                       .activation = layer->activation};
    const size_t elements =
        divide_up(p.inputs, kernels->packed) + divide_up(p.units, kernels->packed);
    p.size = (shapes[kind].biases + elements * shapes[kind].gates) * kernels->lanes;
    return p;
}

// To the nearest, ties to even; weights are finite.
static uint32_t to_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

// One element: a weight, or two that follow each other among the inputs.
static float element(const struct kernels *kernels, const float *column, size_t width, size_t k,
                     size_t inputs)
{
    if (kernels->packed == 1)
        return column[k * width];
    const uint32_t low = to_bf16(column[2 * k * width]);
    const uint32_t high = 2 * k + 1 < inputs ? to_bf16(column[(2 * k + 1) * width]) : 0;
    const uint32_t both = low | high << 16;
    float out;
    memcpy(&out, &both, sizeof out);
    return out;
}

struct layer_matrix {
    const float *weights;
    size_t inputs;
};

// (inputs, gates x units) as (elements, gates, lanes) of one panel.
static float *pack_matrix(const struct kernels *kernels, const struct network_layer *layer,
                          const struct panels *panels, size_t panel, struct layer_matrix matrix,
                          float *out)
{
    const size_t gates = shapes[panels->kind].gates, first = shapes[panels->kind].first,
                 width = layer_gates(layer->kind) * layer->units, lanes = kernels->lanes;
    for (size_t k = 0; k < divide_up(matrix.inputs, kernels->packed); k++)
        for (size_t g = 0; g < gates; g++)
            for (size_t l = 0; l < lanes; l++) {
                const size_t unit = panel * lanes + l;
                *out++ = unit < layer->units
                             ? element(kernels, matrix.weights + (first + g) * layer->units + unit,
                                       width, k, matrix.inputs)
                             : 0;
            }
    return out;
}

// The bias of a sum. Both of a GRU's go into update and reset; the candidate has them apart, the
// recurrent one fourth.
static float bias_of(const struct network_layer *layer, const struct panels *panels,
                     const float *weights, size_t bias, size_t unit)
{
    const size_t gate = shapes[panels->kind].first + bias;
    const float *recurrent = weights + layer->recurrent_bias;
    if (panels->kind != PANEL_GRU)
        return weights[layer->bias + gate * layer->units + unit];
    if (bias == 3)
        return recurrent[2 * layer->units + unit];
    return weights[layer->bias + gate * layer->units + unit] +
           (bias < 2 ? recurrent[gate * layer->units + unit] : 0);
}

void pack_panels(const struct kernels *kernels, const struct network_layer *layer,
                 const float *weights, struct panels *panels, float *data)
{
    const struct layer_matrix kernel = {weights + layer->kernel, panels->inputs},
                              recurrent = {weights + layer->recurrent, panels->units};
    panels->data = data;
    for (size_t panel = 0; panel < panels->count; panel++) {
        for (size_t b = 0; b < shapes[panels->kind].biases; b++)
            for (size_t l = 0; l < kernels->lanes; l++) {
                const size_t unit = panel * kernels->lanes + l;
                *data++ = unit < layer->units ? bias_of(layer, panels, weights, b, unit) : 0;
            }
        data = pack_matrix(kernels, layer, panels, panel, kernel, data);
        data = pack_matrix(kernels, layer, panels, panel, recurrent, data);
    }
}
