// SPDX-License-Identifier: Apache-2.0
// A step of an LSTM: c' = f c + i g, h' = o tanh(c'), with the gates i, f, o and the candidate g.
#include "core/pass.h"

static void forward_row(size_t u, real *restrict gates, const real *restrict cell,
                        real *restrict next_cell, real *restrict cell_tanh, real *restrict next)
{
    real *restrict input = gates, *restrict forget = gates + u;
    real *restrict candidate = gates + 2 * u, *restrict output = gates + 3 * u;
    for (size_t k = 0; k < u; k++) {
        const real i = real_sigmoid(input[k]), f = real_sigmoid(forget[k]);
        const real g = real_tanh(candidate[k]), o = real_sigmoid(output[k]);
        input[k] = i;
        forget[k] = f;
        candidate[k] = g;
        output[k] = o;
        next_cell[k] = f * cell[k] + i * g;
        cell_tanh[k] = real_tanh(next_cell[k]);
        next[k] = o * cell_tanh[k];
    }
}

void lstm_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride;
    const size_t now = step * rows * u, next = now + rows * u;
    real *g = d->gates + step * rows * stride;
    multiply(&(struct product){rows, 4 * u, u, d->states + now, u, 1, d->recurrent.values,
                               d->recurrent.stride, g, stride, g, stride});
    for (size_t i = 0; i < rows; i++)
        forward_row(u, g + i * stride, d->cells + now + i * u, d->cells + next + i * u,
                    d->cell_tanh + now + i * u, d->states + next + i * u);
}

static void backward_row(size_t u, real *restrict gates, const real *restrict cell,
                         const real *restrict cell_tanh, const real *restrict dh, real *restrict dc)
{
    real *restrict input = gates, *restrict forget = gates + u;
    real *restrict candidate = gates + 2 * u, *restrict output = gates + 3 * u;
    for (size_t k = 0; k < u; k++) {
        const real i = input[k], f = forget[k], g = candidate[k], o = output[k], t = cell_tanh[k];
        const real d = dc[k] + dh[k] * o * (1 - t * t);
        output[k] = dh[k] * t * o * (1 - o);
        input[k] = d * g * i * (1 - i);
        forget[k] = d * cell[k] * f * (1 - f);
        candidate[k] = d * i * (1 - g * g);
        dc[k] = d * f;
    }
}

void lstm_backward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride, now = step * rows * u;
    real *g = d->gates + step * rows * stride;
    for (size_t i = 0; i < rows; i++)
        backward_row(u, g + i * stride, d->cells + now + i * u, d->cell_tanh + now + i * u,
                     d->state_gradient + i * u, d->other_gradient + i * u);
    memset(d->state_gradient, 0, rows * u * sizeof(real));
    multiply(&(struct product){rows, u, 4 * u, g, stride, 1, d->recurrent.transposed,
                               d->recurrent.transposed_stride, d->state_gradient, u,
                               d->state_gradient, u});
}
