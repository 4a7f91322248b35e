// SPDX-License-Identifier: Apache-2.0
// What is refused before training begins.
#include "train/train.h"

#include <math.h>
#include <stdlib.h>

// A number that has to lie in [low, high].
struct bound {
    const char *name;
    double value, low, high;
};

int check_options(const struct network *network, const struct fit_options *o, struct err *err)
{
    const struct bound bounds[] = {
        {"learning rate", o->learning_rate, 1e-12, 1e3},
        {"momentum", o->momentum, 0, 1},
        {"beta1", o->beta1, 0, 1 - 1e-9},
        {"beta2", o->beta2, 0, 1 - 1e-9},
        {"epsilon", o->epsilon, 0, 1},
        {"weight decay", o->weight_decay, 0, 1e3},
        {"clipping norm", o->clip_norm, 0, 1e30},
        {"step factor", o->step_factor, 0, 1e3},
        {"batch", (double)o->batch, 1, 1 << 20},
        {"number of epochs", (double)o->epochs, 1, 1e9},
        {"Huber delta", o->huber_delta, 1e-12, 1e30},
        {"number of threads", (double)o->threads, 0, POOL_MAX_THREADS},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (!(bounds[i].value >= bounds[i].low && bounds[i].value <= bounds[i].high))
            return err_set(err, EX_USAGE, "the %s is %g; it must be from %g to %g", bounds[i].name,
                           bounds[i].value, bounds[i].low, bounds[i].high);
    const struct network_layer *last = &network->layers[network->layer_count - 1];
    const bool softmax = last->kind == LAYER_DENSE && last->activation == ACTIVATION_SOFTMAX;
    const bool sigmoid = last->kind == LAYER_DENSE && last->activation == ACTIVATION_SIGMOID;
    if (o->loss == FIT_CROSS_ENTROPY && !(softmax && network->outputs > 1) &&
        !(sigmoid && network->outputs == 1))
        return err_set(err, EX_USAGE,
                       "cross-entropy needs a last layer that is dense with softmax, or with "
                       "sigmoid and 1 unit; this network ends otherwise");
    return 0;
}

static int check_target(const struct network *network, const struct fit_options *options,
                        const char *name, const struct fit_set *set, size_t sample, struct err *err)
{
    if (options->loss == FIT_CROSS_ENTROPY) {
        const size_t classes = network->outputs == 1 ? 2 : network->outputs;
        const double number = (double)set->targets[sample];
        if (number >= 0 && number < (double)classes && number == floor(number))
            return 0;
        return err_set(err, EX_DATAERR,
                       "the target of sample %zu of the %s set is %g; classes are 0 to %zu", sample,
                       name, number, classes - 1);
    }
    for (size_t i = 0; i < network->outputs; i++)
        if (!isfinite(set->targets[sample * network->outputs + i]))
            return err_set(err, EX_DATAERR,
                           "the target of sample %zu of the %s set is not finite; leave it out",
                           sample, name);
    return 0;
}

// Windows overlap, so each row is looked at once: since[i] is how many rows up to row i are finite
// in a row.
static int check_rows(const struct network *network, const char *name, const struct fit_set *set,
                      struct err *err)
{
    uint32_t last = 0;
    for (size_t i = 0; i < set->count; i++)
        last = set->ends[i] > last ? set->ends[i] : last;
    uint32_t *since = malloc(((size_t)last + 1) * sizeof *since);
    if (since == NULL)
        return err_set(err, EX_OSERR, "out of memory for checking the %s set", name);
    for (size_t row = 0; row <= last; row++) {
        bool finite = true;
        for (size_t k = 0; k < set->features; k++)
            finite = finite && isfinite(set->rows[row * set->features + k]);
        since[row] = !finite ? 0 : row == 0 ? 1 : since[row - 1] + 1;
    }
    int code = 0;
    for (size_t i = 0; i < set->count && code == 0; i++)
        if (since[set->ends[i]] < network->lookback)
            code = err_set(err, EX_DATAERR,
                           "sample %zu of the %s set, which ends at row %u, has a value that is "
                           "not finite, or begins before the first row; leave it out",
                           i, name, set->ends[i]);
    free(since);
    return code;
}

int check_set(const struct network *network, const struct fit_options *options, const char *name,
              const struct fit_set *set, struct err *err)
{
    if (set->features != network->features)
        return err_set(err, EX_DATAERR, "the %s set has %zu features, the network %zu", name,
                       set->features, network->features);
    if (set->count == 0 || set->count > UINT32_MAX)
        return err_set(err, EX_DATAERR, "the %s set has %zu samples; it needs 1 to %u", name,
                       set->count, UINT32_MAX);
    TRY(check_rows(network, name, set, err));
    for (size_t i = 0; i < set->count; i++)
        TRY(check_target(network, options, name, set, i, err));
    return 0;
}
