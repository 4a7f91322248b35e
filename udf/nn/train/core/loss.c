// SPDX-License-Identifier: Apache-2.0
// Losses, and their gradients with respect to the outputs. Cross-entropy's is with respect to what
// the softmax or the sigmoid is of: p - y, which never divides by a probability.
#include "core/pass.h"

#include <float.h>

// Of one error e = output - target.
static double error_loss(const struct fit_options *options, double e, double *slope)
{
    const double delta = options->huber_delta;
    if (options->loss == FIT_MSE) {
        *slope = 2 * e;
        return e * e;
    }
    if (fabs(e) <= delta) {
        *slope = e;
        return e * e / 2;
    }
    *slope = copysign(delta, e);
    return delta * (fabs(e) - delta / 2);
}

static double regression_row(const struct fit_options *options, const real *output,
                             const real *target, size_t size, double weight, real *gradient)
{
    double sum = 0, slope;
    for (size_t i = 0; i < size; i++) {
        sum += error_loss(options, (double)output[i] - (double)target[i], &slope);
        gradient[i] = (real)(slope * weight / (double)size);
    }
    return sum / (double)size;
}

static double surprise(double probability)
{
    return -log(probability > (double)FLT_MIN ? probability : (double)FLT_MIN);
}

static double class_row(const real *output, size_t class_number, size_t size, double weight,
                        real *gradient)
{
    if (size == 1) { // one sigmoid: the probability of class 1
        const double p = (double)output[0];
        gradient[0] = (real)((p - (double)class_number) * weight);
        return surprise(class_number == 1 ? p : 1 - p);
    }
    for (size_t i = 0; i < size; i++)
        gradient[i] = (real)(((double)output[i] - (i == class_number)) * weight);
    return surprise((double)output[class_number]);
}

double loss_run(struct stage *last, const struct fit_options *options,
                const struct fit_shard *shard, size_t rows)
{
    const struct sequence *out = &last->out;
    const size_t size = last->layer->outputs;
    const real *targets = (const void *)shard->set->targets;
    const double weight = 1 / (double)shard->batch;
    double sum = 0;
    memset(out->gradient, 0, rows * out->stride * sizeof(real));
    for (size_t i = 0; i < shard->count; i++) {
        const real *output = out->value + i * out->stride;
        real *gradient = out->gradient + i * out->stride;
        const size_t sample = fit_shard_sample(shard, i);
        sum +=
            options->loss == FIT_CROSS_ENTROPY
                ? class_row(output, (size_t)targets[sample], size, weight, gradient)
                : regression_row(options, output, targets + sample * size, size, weight, gradient);
    }
    return sum;
}
