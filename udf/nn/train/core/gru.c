// SPDX-License-Identifier: Apache-2.0
// A step of a GRU, z the update gate, r the reset gate, c the candidate:
//   h' = z h + (1 - z) c
//   c = tanh(x Wc + bc + r (h Uc + bhc))    with reset_after (Keras 2 and later, PyTorch, cuDNN)
//   c = tanh(x Wc + bc + (r h) Uc)          without
#include "core/pass.h"

// The blocks of a row of gates, u units each.
#define CANDIDATE(g, u) (g)
#define UPDATE(g, u) ((g) + (u))
#define RESET(g, u) ((g) + 2 * (u))
#define STATE_PART(g, u) ((g) + 3 * (u)) // h Uc + bhc, of reset_after

static void after_row(size_t u, real *restrict g, const real *restrict h, real *restrict next)
{
    real *restrict candidate = CANDIDATE(g, u), *restrict update = UPDATE(g, u);
    real *restrict reset = RESET(g, u), *restrict part = STATE_PART(g, u);
    for (size_t i = 0; i < u; i++) {
        const real z = real_sigmoid(update[i]), r = real_sigmoid(reset[i]);
        const real c = real_tanh(candidate[i] + r * part[i]);
        update[i] = z;
        reset[i] = r;
        candidate[i] = c;
        next[i] = c + z * (h[i] - c);
    }
}

static void after_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride;
    real *g = d->gates + step * rows * stride;
    const real *h = d->states + step * rows * u;
    struct product both = {rows,
                           2 * u,
                           u,
                           h,
                           u,
                           1,
                           d->recurrent.values,
                           d->recurrent.stride,
                           UPDATE(g, u),
                           stride,
                           UPDATE(g, u),
                           stride};
    multiply(&both);
    struct product part = both;
    part.columns = u;
    part.b = d->recurrent.values + 2 * u;
    part.start = STATE_PART(d->start, u);
    part.start_row = 0;
    part.c = STATE_PART(g, u);
    multiply(&part);
    for (size_t i = 0; i < rows; i++)
        after_row(u, g + i * stride, h + i * u, d->states + (step + 1) * rows * u + i * u);
}

static void before_gates_row(size_t u, real *restrict g, const real *restrict h,
                             real *restrict reset_state)
{
    real *restrict update = UPDATE(g, u), *restrict reset = RESET(g, u);
    for (size_t i = 0; i < u; i++) {
        update[i] = real_sigmoid(update[i]);
        reset[i] = real_sigmoid(reset[i]);
        reset_state[i] = reset[i] * h[i];
    }
}

static void before_state_row(size_t u, real *restrict g, const real *restrict h,
                             real *restrict next)
{
    real *restrict candidate = CANDIDATE(g, u), *restrict update = UPDATE(g, u);
    for (size_t i = 0; i < u; i++) {
        const real c = candidate[i] = real_tanh(candidate[i]);
        next[i] = c + update[i] * (h[i] - c);
    }
}

static void before_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride;
    real *g = d->gates + step * rows * stride;
    const real *h = d->states + step * rows * u;
    real *reset_state = d->reset_states + step * rows * u;
    struct product both = {rows,
                           2 * u,
                           u,
                           h,
                           u,
                           1,
                           d->recurrent.values,
                           d->recurrent.stride,
                           UPDATE(g, u),
                           stride,
                           UPDATE(g, u),
                           stride};
    multiply(&both);
    for (size_t i = 0; i < rows; i++)
        before_gates_row(u, g + i * stride, h + i * u, reset_state + i * u);
    struct product part = {rows,
                           u,
                           u,
                           reset_state,
                           u,
                           1,
                           d->recurrent.values + 2 * u,
                           d->recurrent.stride,
                           CANDIDATE(g, u),
                           stride,
                           CANDIDATE(g, u),
                           stride};
    multiply(&part);
    for (size_t i = 0; i < rows; i++)
        before_state_row(u, g + i * stride, h + i * u, d->states + (step + 1) * rows * u + i * u);
}

void gru_forward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    if (stage->layer->reset_after)
        after_forward(stage, d, step, rows);
    else
        before_forward(stage, d, step, rows);
}

static void after_gradient_row(size_t u, real *restrict g, const real *restrict h,
                               real *restrict dh)
{
    real *restrict candidate = CANDIDATE(g, u), *restrict update = UPDATE(g, u);
    real *restrict reset = RESET(g, u), *restrict part = STATE_PART(g, u);
    for (size_t i = 0; i < u; i++) {
        const real z = update[i], r = reset[i], c = candidate[i];
        const real dc = dh[i] * (1 - z) * (1 - c * c);
        update[i] = dh[i] * (h[i] - c) * z * (1 - z);
        reset[i] = dc * part[i] * r * (1 - r);
        candidate[i] = dc;
        part[i] = dc * r;
        dh[i] *= z;
    }
}

static void after_backward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride;
    real *g = d->gates + step * rows * stride;
    const real *h = d->states + step * rows * u;
    for (size_t i = 0; i < rows; i++)
        after_gradient_row(u, g + i * stride, h + i * u, d->state_gradient + i * u);
    multiply(&(struct product){rows, u, 3 * u, UPDATE(g, u), stride, 1, d->recurrent.transposed,
                               d->recurrent.transposed_stride, d->state_gradient, u,
                               d->state_gradient, u});
}

static void before_candidate_row(size_t u, real *restrict g, const real *restrict h,
                                 real *restrict dh)
{
    real *restrict candidate = CANDIDATE(g, u), *restrict update = UPDATE(g, u);
    for (size_t i = 0; i < u; i++) {
        const real z = update[i], c = candidate[i];
        candidate[i] = dh[i] * (1 - z) * (1 - c * c);
        update[i] = dh[i] * (h[i] - c) * z * (1 - z);
        dh[i] *= z;
    }
}

// d_reset: the gradient of r h.
static void before_reset_row(size_t u, real *restrict g, const real *restrict h, real *restrict dh,
                             const real *restrict d_reset)
{
    real *restrict reset = RESET(g, u);
    for (size_t i = 0; i < u; i++) {
        const real r = reset[i];
        dh[i] += d_reset[i] * r;
        reset[i] = d_reset[i] * h[i] * r * (1 - r);
    }
}

static void before_backward(const struct stage *stage, struct direction *d, size_t step,
                            size_t rows)
{
    const size_t u = stage->units, stride = stage->gate_stride;
    real *g = d->gates + step * rows * stride;
    const real *h = d->states + step * rows * u;
    for (size_t i = 0; i < rows; i++)
        before_candidate_row(u, g + i * stride, h + i * u, d->state_gradient + i * u);
    memset(d->other_gradient, 0, rows * u * sizeof(real));
    struct product product = {rows,
                              u,
                              u,
                              CANDIDATE(g, u),
                              stride,
                              1,
                              d->recurrent.transposed + 2 * u * d->recurrent.transposed_stride,
                              d->recurrent.transposed_stride,
                              d->other_gradient,
                              u,
                              d->other_gradient,
                              u};
    multiply(&product);
    for (size_t i = 0; i < rows; i++)
        before_reset_row(u, g + i * stride, h + i * u, d->state_gradient + i * u,
                         d->other_gradient + i * u);
    product.depth = 2 * u;
    product.a = UPDATE(g, u);
    product.b = d->recurrent.transposed;
    product.start = product.c = d->state_gradient;
    multiply(&product);
}

void gru_backward(const struct stage *stage, struct direction *d, size_t step, size_t rows)
{
    if (stage->layer->reset_after)
        after_backward(stage, d, step, rows);
    else
        before_backward(stage, d, step, rows);
}
