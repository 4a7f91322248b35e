// SPDX-License-Identifier: Apache-2.0
// The forward pass as the formulas have it, in double: the oracle of tests.
#include "forward/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

// out[c] = bias[c] + sum over i of x[i] kernel[i][c], for columns [from, from + count) of `width`.
static void project(const double *x, size_t inputs, const float *kernel, const float *bias,
                    size_t width, size_t from, size_t count, double *out)
{
    for (size_t c = 0; c < count; c++) {
        out[c] = bias == NULL ? 0 : (double)bias[from + c];
        for (size_t i = 0; i < inputs; i++)
            out[c] += x[i] * (double)kernel[i * width + from + c];
    }
}

struct direction {
    const float *kernel, *recurrent, *bias, *recurrent_bias;
};

// Keras: z update, r reset, h candidate; h' = z h + (1 - z) candidate.
static void step_gru(const struct network_layer *layer, const struct direction *d, const double *x,
                     double *h, double *work)
{
    const size_t n = layer->units, width = 3 * n;
    double *in = work, *rec = work + width, *reset_h = rec + width;
    project(x, layer->inputs, d->kernel, d->bias, width, 0, width, in);
    project(h, n, d->recurrent, d->recurrent_bias, width, 0, width, rec);
    for (size_t j = 0; j < n; j++)
        reset_h[j] = sigmoid(in[n + j] + rec[n + j]) * h[j];
    if (!layer->reset_after)
        project(reset_h, n, d->recurrent, NULL, width, 2 * n, n, rec + 2 * n);
    for (size_t j = 0; j < n; j++) {
        const double z = sigmoid(in[j] + rec[j]), r = sigmoid(in[n + j] + rec[n + j]);
        const double candidate =
            tanh(in[2 * n + j] + (layer->reset_after ? r : 1) * rec[2 * n + j]);
        h[j] = z * h[j] + (1 - z) * candidate;
    }
}

// i input, f forget, g cell, o output.
static void step_lstm(const struct network_layer *layer, const struct direction *d, const double *x,
                      double *h, double *c, double *work)
{
    const size_t n = layer->units, width = 4 * n;
    double *in = work, *rec = work + width;
    project(x, layer->inputs, d->kernel, d->bias, width, 0, width, in);
    project(h, n, d->recurrent, NULL, width, 0, width, rec);
    for (size_t j = 0; j < width; j++)
        in[j] += rec[j];
    for (size_t j = 0; j < n; j++) {
        c[j] = sigmoid(in[n + j]) * c[j] + sigmoid(in[j]) * tanh(in[2 * n + j]);
        h[j] = sigmoid(in[3 * n + j]) * tanh(c[j]);
    }
}

// One direction over a sequence: x (steps, inputs), out (steps, outputs) at column `shift`.
static void run_direction(const struct network_layer *layer, const float *weights, bool backward,
                          const double *x, size_t steps, double *out, size_t shift, double *work)
{
    const size_t stride = backward ? layer->direction_stride : 0, n = layer->units;
    const struct direction d = {weights + layer->kernel + stride,
                                weights + layer->recurrent + stride, weights + layer->bias + stride,
                                layer->kind == LAYER_GRU && layer->reset_after
                                    ? weights + layer->recurrent_bias + stride
                                    : NULL};
    double *h = work, *c = work + n, *rest = work + 2 * n;
    memset(work, 0, 2 * n * sizeof *work);
    for (size_t s = 0; s < steps; s++) {
        const size_t step = backward ? steps - 1 - s : s;
        if (layer->kind == LAYER_GRU)
            step_gru(layer, &d, x + step * layer->inputs, h, rest);
        else
            step_lstm(layer, &d, x + step * layer->inputs, h, c, rest);
        memcpy(out + step * layer->outputs + shift, h, n * sizeof *h);
    }
}

// What the last recurrent layer hands on, moved to the start of its sequence.
static void keep_state(const struct network_layer *layer, size_t steps, double *out)
{
    const double *last = out + (steps - 1) * layer->outputs;
    const size_t n = layer->units;
    if (layer->bidirectional && !layer->last_step) {
        memmove(out, last, n * sizeof *out); // backward's final state stands at the first step
        return;
    }
    memmove(out, last, layer->outputs * sizeof *out);
}

static void activate(enum activation activation, double *x, size_t n)
{
    double most = x[0], sum = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, x[i]);
    for (size_t i = 0; i < n; i++)
        switch (activation) {
        case ACTIVATION_RELU:
            x[i] = x[i] < 0 ? 0 : x[i]; // NaN stays
            break;
        case ACTIVATION_SIGMOID:
            x[i] = sigmoid(x[i]);
            break;
        case ACTIVATION_TANH:
            x[i] = tanh(x[i]);
            break;
        case ACTIVATION_SOFTMAX:
            sum += x[i] = exp(x[i] - most);
            break;
        case ACTIVATION_LINEAR:
            break;
        }
    for (size_t i = 0; activation == ACTIVATION_SOFTMAX && i < n; i++)
        x[i] /= sum;
}

static void run_layer(const struct network_layer *layer, const float *weights, size_t steps,
                      const double *in, double *out, double *work)
{
    if (layer->kind == LAYER_DENSE) {
        project(in, layer->inputs, weights + layer->kernel, weights + layer->bias, layer->units, 0,
                layer->units, out);
        activate(layer->activation, out, layer->units);
        return;
    }
    run_direction(layer, weights, false, in, steps, out, 0, work);
    if (layer->bidirectional)
        run_direction(layer, weights, true, in, steps, out, layer->units, work);
    if (!layer->sequence)
        keep_state(layer, steps, out);
}

static size_t widest(const struct network *network)
{
    size_t width = network->features;
    for (size_t i = 0; i < network->layer_count; i++)
        width = network->layers[i].outputs > width ? network->layers[i].outputs : width;
    return width;
}

static void run_sequence(const struct network *network, const float *x, double *in, double *out,
                         double *work, double *y)
{
    bool finite = true;
    for (size_t i = 0; i < network->lookback * network->features; i++) {
        in[i] = (double)x[i];
        finite = finite && isfinite(in[i]);
    }
    for (size_t i = 0; i < network->layer_count; i++) {
        if (network->layers[i].kind == LAYER_DROPOUT)
            continue;
        run_layer(&network->layers[i], network->weights, network->lookback, in, out, work);
        double *swap = in;
        in = out;
        out = swap;
    }
    for (size_t i = 0; i < network->outputs; i++)
        y[i] = finite ? in[i] : NAN;
}

int forward_reference(const struct network *network, const float *x, size_t batch, double *y,
                      struct err *err)
{
    const size_t width = widest(network), sequence = network->lookback * width;
    double *room = malloc((2 * sequence + 12 * width) * sizeof *room);
    if (room == NULL)
        return err_set(err, EX_OSERR, "no memory for a sequence of %zu values", sequence);
    for (size_t i = 0; i < batch; i++)
        run_sequence(network, x + i * network->lookback * network->features, room, room + sequence,
                     room + 2 * sequence, y + i * network->outputs);
    free(room);
    return 0;
}
