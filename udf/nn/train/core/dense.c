// SPDX-License-Identifier: Apache-2.0
// A dense layer: activation(x W + b) of one step.
#include "core/pass.h"

void dense_open(struct stage *stage, size_t rows, struct room *room)
{
    stage->units = padded(stage->layer->units);
    room_take_weights(room, &stage->kernel, stage->layer->inputs, stage->units);
    stage->bias = room_take(room, stage->units);
    stage->bias_gradient = room_take(room, stage->units);
    stage->out.steps = 1;
    stage->out.stride = stage->units;
    stage->out.value = room_take(room, rows * stage->units);
    stage->out.gradient = room_take(room, rows * stage->units);
}

void dense_load(struct stage *stage, const real *weights)
{
    const struct network_layer *layer = stage->layer;
    pack(weights + layer->kernel, layer->units, 0, layer->units, 0, &stage->kernel);
    pack_transposed(&stage->kernel);
    memcpy(stage->bias, weights + layer->bias, layer->units * sizeof(real));
}

static void softmax(real *x, size_t size)
{
    real most = x[0], sum = 0;
    for (size_t i = 1; i < size; i++)
        most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < size; i++)
        sum += x[i] = real_exp(x[i] - most);
    for (size_t i = 0; i < size; i++)
        x[i] /= sum;
}

static void activate(enum activation activation, real *x, size_t size)
{
    switch (activation) {
    case ACTIVATION_LINEAR:
        return;
    case ACTIVATION_RELU:
        for (size_t i = 0; i < size; i++)
            x[i] = x[i] < 0 ? 0 : x[i]; // NaN stays, so that the loss shows it
        return;
    case ACTIVATION_SIGMOID:
        for (size_t i = 0; i < size; i++)
            x[i] = real_sigmoid(x[i]);
        return;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < size; i++)
            x[i] = real_tanh(x[i]);
        return;
    case ACTIVATION_SOFTMAX:
        softmax(x, size);
        return;
    }
}

// From the gradient of y = activation(x) to that of x.
static void differentiate(enum activation activation, const real *y, real *gradient, size_t size)
{
    real dot = 0;
    switch (activation) {
    case ACTIVATION_LINEAR:
        return;
    case ACTIVATION_RELU:
        for (size_t i = 0; i < size; i++)
            gradient[i] = y[i] > 0 ? gradient[i] : 0;
        return;
    case ACTIVATION_SIGMOID:
        for (size_t i = 0; i < size; i++)
            gradient[i] *= y[i] * (1 - y[i]);
        return;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < size; i++)
            gradient[i] *= 1 - y[i] * y[i];
        return;
    case ACTIVATION_SOFTMAX:
        for (size_t i = 0; i < size; i++)
            dot += gradient[i] * y[i];
        for (size_t i = 0; i < size; i++)
            gradient[i] = y[i] * (gradient[i] - dot);
        return;
    }
}

void dense_forward(struct stage *stage, size_t rows)
{
    const struct sequence *in = &stage->in, *out = &stage->out;
    multiply(&(struct product){rows, stage->units, stage->kernel.inputs, in->value, in->stride, 1,
                               stage->kernel.values, stage->kernel.stride, stage->bias, 0,
                               out->value, out->stride});
    for (size_t i = 0; i < rows; i++)
        activate(stage->layer->activation, out->value + i * out->stride, stage->layer->units);
}

void dense_backward(struct stage *stage, size_t rows)
{
    const struct sequence *in = &stage->in, *out = &stage->out;
    struct weights *kernel = &stage->kernel;
    if (!stage->loss_gives_delta)
        for (size_t i = 0; i < rows; i++)
            differentiate(stage->layer->activation, out->value + i * out->stride,
                          out->gradient + i * out->stride, stage->layer->units);
    memset(kernel->gradient, 0, padded(kernel->inputs) * kernel->stride * sizeof(real));
    memset(stage->bias_gradient, 0, stage->units * sizeof(real));
    multiply(&(struct product){padded_rows(kernel->inputs), stage->units, rows, in->value, 1,
                               in->stride, out->gradient, out->stride, kernel->gradient,
                               kernel->stride, kernel->gradient, kernel->stride});
    add_rows(out->gradient, rows, out->stride, stage->units, stage->bias_gradient);
    if (in->gradient == NULL)
        return;
    memset(in->gradient, 0, rows * in->stride * sizeof(real));
    multiply(&(struct product){rows, in->stride, stage->units, out->gradient, out->stride, 1,
                               kernel->transposed, kernel->transposed_stride, in->gradient,
                               in->stride, in->gradient, in->stride});
}

void dense_gradient(const struct stage *stage, real *gradient)
{
    const struct network_layer *layer = stage->layer;
    unpack(&stage->kernel, 0, layer->units, gradient + layer->kernel, layer->units, 0);
    memcpy(gradient + layer->bias, stage->bias_gradient, layer->units * sizeof(real));
}
