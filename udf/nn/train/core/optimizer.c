// SPDX-License-Identifier: Apache-2.0
// PyTorch's SGD, Adam, AdamW and RMSprop over a range of parameters, and the sum of the shards'
// gradients before.
#include "core/pass.h"

double reduce_parts(const void *parts, size_t count, size_t stride, size_t from, size_t to,
                    void *out)
{
    const real *part = parts;
    real *sum = out;
    memcpy(sum + from, part + from, (to - from) * sizeof(real));
    for (size_t k = 1; k < count; k++)
        for (size_t i = from; i < to; i++)
            sum[i] += part[k * stride + i];
    double squares[8] = {0}; // lanes that no instruction set has to agree on
    for (size_t i = from; i < to; i++)
        squares[(i - from) % 8] += (double)sum[i] * (double)sum[i];
    return ((squares[0] + squares[1]) + (squares[2] + squares[3])) +
           ((squares[4] + squares[5]) + (squares[6] + squares[7]));
}

struct range {
    size_t from, to;
    const real *restrict gradient;
    real *restrict weights, *restrict first, *restrict second;
};

// v = momentum v + g; w -= rate v
static void sgd(const struct fit_step *step, const struct range *r)
{
    const real scale = (real)step->scale, decay = (real)step->weight_decay;
    const real rate = (real)step->learning_rate, momentum = (real)step->momentum;
    const real *restrict gradient = r->gradient;
    real *restrict weights = r->weights, *restrict velocity = r->first;
    for (size_t i = r->from; i < r->to; i++) {
        const real g = gradient[i] * scale + decay * weights[i];
        velocity[i] = momentum * velocity[i] + g;
        weights[i] -= rate * velocity[i];
    }
}

// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2
// w -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
static void adam(const struct fit_step *step, const struct range *r)
{
    const bool decoupled = step->optimizer == FIT_ADAMW;
    const double t = (double)step->counter;
    const real scale = (real)step->scale, epsilon = (real)step->epsilon;
    const real decay = decoupled ? 0 : (real)step->weight_decay;
    const real shrink = decoupled ? (real)(1 - step->learning_rate * step->weight_decay) : 1;
    const real beta1 = (real)step->beta1, beta2 = (real)step->beta2;
    const real rest1 = (real)(1 - step->beta1), rest2 = (real)(1 - step->beta2);
    const real rate = (real)(step->learning_rate / (1 - pow(step->beta1, t)));
    const real root = (real)sqrt(1 - pow(step->beta2, t));
    const real *restrict gradient = r->gradient;
    real *restrict weights = r->weights, *restrict mean = r->first, *restrict square = r->second;
    for (size_t i = r->from; i < r->to; i++) {
        const real w = weights[i] * shrink, g = gradient[i] * scale + decay * w;
        mean[i] = beta1 * mean[i] + rest1 * g;
        square[i] = beta2 * square[i] + rest2 * g * g;
        weights[i] = w - rate * mean[i] / (real_sqrt(square[i]) / root + epsilon);
    }
}

// v = beta2 v + (1 - beta2) g^2; m = momentum m + g / (sqrt(v) + epsilon); w -= rate m
static void rmsprop(const struct fit_step *step, const struct range *r)
{
    const real scale = (real)step->scale, decay = (real)step->weight_decay;
    const real epsilon = (real)step->epsilon, rate = (real)step->learning_rate;
    const real beta2 = (real)step->beta2, rest2 = (real)(1 - step->beta2);
    const real momentum = (real)step->momentum;
    const real *restrict gradient = r->gradient;
    real *restrict weights = r->weights, *restrict velocity = r->first;
    real *restrict square = r->second;
    for (size_t i = r->from; i < r->to; i++) {
        const real g = gradient[i] * scale + decay * weights[i];
        square[i] = beta2 * square[i] + rest2 * g * g;
        velocity[i] = momentum * velocity[i] + g / (real_sqrt(square[i]) + epsilon);
        weights[i] -= rate * velocity[i];
    }
}

void update_weights(const struct fit_step *step, const void *gradient, void *weights, void *first,
                    void *second, size_t from, size_t to)
{
    const struct range range = {from, to, gradient, weights, first, second};
    switch (step->optimizer) {
    case FIT_SGD:
        sgd(step, &range);
        return;
    case FIT_ADAM:
    case FIT_ADAMW:
        adam(step, &range);
        return;
    case FIT_RMSPROP:
        rmsprop(step, &range);
        return;
    }
}
