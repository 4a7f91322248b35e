// SPDX-License-Identifier: Apache-2.0
// Gradients of every kind of layer, loss and activation: in double against differences of the loss,
// and in float, for each instruction set, against the double ones.
#include "values.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

// 17 units and 3 features: neither fills a vector. 9 samples do not fill a tile of rows.
enum { SAMPLES = 9, UNITS = 17 };

#define GRU(n)                                                                                     \
    {                                                                                              \
        .kind = LAYER_GRU, .units = (n), .reset_after = true                                       \
    }
#define GRU_BEFORE(n)                                                                              \
    {                                                                                              \
        .kind = LAYER_GRU, .units = (n)                                                            \
    }
#define LSTM(n)                                                                                    \
    {                                                                                              \
        .kind = LAYER_LSTM, .units = (n)                                                           \
    }
#define DENSE(n, name)                                                                             \
    {                                                                                              \
        .kind = LAYER_DENSE, .units = (n), .activation = ACTIVATION_##name                         \
    }
#define DROPOUT(share)                                                                             \
    {                                                                                              \
        .kind = LAYER_DROPOUT, .dropout = (share)                                                  \
    }

static const struct net {
    const char *name;
    enum fit_loss loss;
    struct network_layer layers[7];
} nets[] = {
    {"a GRU alone", FIT_MSE, {GRU(3)}},
    {"a GRU", FIT_MSE, {GRU(UNITS), DENSE(2, LINEAR)}},
    {"a GRU, reset before", FIT_MSE, {GRU_BEFORE(UNITS), DENSE(1, LINEAR)}},
    {"an LSTM", FIT_MSE, {LSTM(UNITS), DENSE(1, LINEAR)}},
    {"stacked GRUs", FIT_HUBER, {GRU(5), GRU_BEFORE(17), GRU(3), DENSE(1, LINEAR)}},
    {"stacked LSTMs", FIT_HUBER, {LSTM(17), LSTM(4), DENSE(2, LINEAR)}},
    {"both ways",
     FIT_MSE,
     {{.kind = LAYER_GRU, .units = 5, .reset_after = true, .bidirectional = true},
      {.kind = LAYER_LSTM, .units = 17, .bidirectional = true},
      DENSE(1, LINEAR)}},
    {"both ways, before",
     FIT_MSE,
     {{.kind = LAYER_GRU, .units = 5, .bidirectional = true}, DENSE(1, LINEAR)}},
    {"both ways, last step",
     FIT_MSE,
     {{.kind = LAYER_LSTM, .units = 6, .bidirectional = true, .last_step = true},
      DENSE(1, LINEAR)}},
    {"relu", FIT_MSE, {GRU(4), DENSE(19, RELU), DENSE(1, LINEAR)}},
    {"tanh", FIT_MSE, {GRU(4), DENSE(5, TANH), DENSE(1, TANH)}},
    {"sigmoid", FIT_HUBER, {GRU(4), DENSE(5, SIGMOID), DENSE(2, SIGMOID)}},
    {"softmax inside", FIT_MSE, {LSTM(4), DENSE(5, SOFTMAX), DENSE(2, SOFTMAX)}},
    {"cross-entropy of a softmax", FIT_CROSS_ENTROPY, {GRU(4), DENSE(3, SOFTMAX)}},
    {"cross-entropy of a sigmoid", FIT_CROSS_ENTROPY, {LSTM(4), DENSE(1, SIGMOID)}},
    {"dropout between",
     FIT_MSE,
     {GRU(6), DROPOUT(0.3), LSTM(5), DROPOUT(0.5), DENSE(4, RELU), DROPOUT(0.1), DENSE(1, LINEAR)}},
    {"dropout of the input", FIT_MSE, {DROPOUT(0.4), GRU(5), DENSE(1, LINEAR)}},
};

static struct network lay_out(const struct net *net)
{
    struct network network = {.lookback = 4, .features = 3};
    struct err err = {0};
    while (network.layer_count < 7 && (net->layers[network.layer_count].units > 0 ||
                                       net->layers[network.layer_count].kind == LAYER_DROPOUT)) {
        network.layers[network.layer_count] = net->layers[network.layer_count];
        network.layer_count++;
    }
    if (network_lay_out(&network, &err) != 0)
        fail_msg("%s: %s", net->name, err.text);
    return network;
}

static struct fit_options options_of(const struct net *net)
{
    struct fit_options options;
    fit_options_default(&options);
    options.loss = net->loss;
    options.huber_delta = 0.3; // both of its branches are taken
    return options;
}

static size_t classes_of(const struct net *net, const struct network *network)
{
    if (net->loss != FIT_CROSS_ENTROPY)
        return 0;
    return network->outputs == 1 ? 2 : network->outputs;
}

// The mean loss, in training with one pattern of dropout.
static double run(const struct fit_core *core, struct fit_pass *pass, const struct problem *p,
                  const void *weights, void *gradient)
{
    const struct fit_shard shard = {
        .set = &p->set, .count = SAMPLES, .batch = SAMPLES, .training = true, .dropout_key = 42};
    core->load(pass, weights);
    return core->run(pass, &shard, gradient, NULL) / SAMPLES;
}

static void fill_weights(const struct fit_core *core, void *weights, size_t count)
{
    uint64_t state = 7;
    for (size_t i = 0; i < count; i++)
        value_set(core, weights, i, (double)(float)(random_unit(&state) - 0.5));
}

// The gradient of a core, as doubles.
static double *gradient_of(const struct fit_core *core, const struct net *net)
{
    const struct network network = lay_out(net);
    const struct fit_options options = options_of(net);
    struct problem p = problem_new(core, &network, SAMPLES, classes_of(net, &network), 3);
    void *weights = values_new(network.weight_count), *gradient = values_new(network.weight_count);
    double *out = values_new(network.weight_count);
    struct fit_pass *pass = NULL;
    assert_int_equal(core->open(&network, FIT_SHARD_ROWS, &options, &pass, NULL), 0);
    fill_weights(core, weights, network.weight_count);
    run(core, pass, &p, weights, gradient);
    for (size_t i = 0; i < network.weight_count; i++)
        out[i] = value_get(core, gradient, i);
    core->close(pass);
    problem_free(&p);
    free(weights);
    free(gradient);
    return out;
}

// (loss(w + h) - loss(w - h)) / 2h is the slope to h^2, and to what is left of 16 digits.
static void check_differences(const struct net *net)
{
    const struct fit_core *core = &fit_core_double;
    const struct network network = lay_out(net);
    const struct fit_options options = options_of(net);
    struct problem p = problem_new(core, &network, SAMPLES, classes_of(net, &network), 3);
    double *weights = values_new(network.weight_count), *gradient = gradient_of(core, net);
    const double h = 1e-5;
    struct fit_pass *pass = NULL;
    assert_int_equal(core->open(&network, FIT_SHARD_ROWS, &options, &pass, NULL), 0);
    fill_weights(core, weights, network.weight_count);
    for (size_t i = 0; i < network.weight_count; i++) {
        const double w = weights[i];
        weights[i] = w + h;
        const double above = run(core, pass, &p, weights, NULL);
        weights[i] = w - h;
        const double below = run(core, pass, &p, weights, NULL);
        weights[i] = w;
        const double slope = (above - below) / (2 * h);
        if (!(fabs(slope - gradient[i]) <= 1e-8))
            fail_msg("%s: parameter %zu of %zu: gradient %.12g, difference %.12g", net->name, i,
                     network.weight_count, gradient[i], slope);
    }
    core->close(pass);
    problem_free(&p);
    free(weights);
    free(gradient);
}

static void test_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        check_differences(&nets[i]);
}

static void test_float(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        const struct network network = lay_out(&nets[i]);
        double *wanted = gradient_of(&fit_core_double, &nets[i]);
        for (size_t k = 0; k < fit_core_count(); k++) {
            double *got = gradient_of(fit_core_at(k), &nets[i]);
            for (size_t j = 0; j < network.weight_count; j++)
                if (!(fabs(got[j] - wanted[j]) <= 1e-6))
                    fail_msg("%s, %s: parameter %zu: %.9g, in double %.9g", nets[i].name,
                             fit_core_at(k)->name, j, got[j], wanted[j]);
            free(got);
        }
        free(wanted);
    }
}

// The gradients are not all zero, or no test above could fail; and dropout drops.
static void test_alive(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        const struct network network = lay_out(&nets[i]);
        double *gradient = gradient_of(&fit_core_double, &nets[i]);
        size_t nonzero = 0;
        for (size_t j = 0; j < network.weight_count; j++)
            nonzero += gradient[j] != 0;
        if (nonzero < network.weight_count / 2)
            fail_msg("%s: %zu of %zu gradients are not 0", nets[i].name, nonzero,
                     network.weight_count);
        free(gradient);
    }
}

// A shard of few samples after one of many: nothing of the larger one shows.
static void test_shard_sizes(void **state)
{
    (void)state;
    const struct net *net = &nets[5];
    const struct network network = lay_out(net);
    const struct fit_options options = options_of(net);
    const struct fit_core *core = &fit_core_double;
    struct problem p = problem_new(core, &network, 40, 0, 3);
    void *weights = values_new(network.weight_count);
    double *before = values_new(network.weight_count), *after = values_new(network.weight_count);
    struct fit_pass *pass = NULL;
    assert_int_equal(core->open(&network, 40, &options, &pass, NULL), 0);
    fill_weights(core, weights, network.weight_count);
    run(core, pass, &p, weights, before);
    const struct fit_shard all = {.set = &p.set, .count = 40, .batch = 40};
    core->run(pass, &all, after, NULL);
    run(core, pass, &p, weights, after);
    assert_memory_equal(before, after, network.weight_count * sizeof *before);
    core->close(pass);
    problem_free(&p);
    free(weights);
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_alive),
        cmocka_unit_test(test_shard_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
