// SPDX-License-Identifier: Apache-2.0
// PyTorch's own training in double, step for step: the gradients of the first step, 20 losses, and
// the weights after 1 and 20 steps, for Adam, SGD with momentum, and Adam with clipped gradients.
// Usage: test_nn_train_torch FOLDER, of train_gru8.npz and train_lstm8.npz.
#include "npz.h"
#include "values.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOKBACK = 10, FEATURES = 4, UNITS = 8, SAMPLES = 6, STEPS = 20, LARGEST = 1024 };

// A training of one kind: ours of the core's type, theirs in the file.
struct training {
    const struct fit_core *core;
    enum layer_kind kind;
    struct network network;
    struct npz *npz;
    double tolerance;
    size_t parameters; // with PyTorch's second bias of an LSTM at the end
    int failures;
};

static const char *const names[] = {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0",
                                    "rnn.bias_hh_l0",   "dense.weight",     "dense.bias"};

static struct network lay_out(enum layer_kind kind)
{
    struct network network = {
        .lookback = LOOKBACK,
        .features = FEATURES,
        .layer_count = 2,
        .layers = {{.kind = kind, .units = UNITS, .reset_after = true},
                   {.kind = LAYER_DENSE, .units = 1, .activation = ACTIVATION_LINEAR}}};
    if (network_lay_out(&network, NULL) != 0)
        exit(1);
    return network;
}

// PyTorch has gates reset, update, new where we have update, reset, candidate; an LSTM's agree.
static size_t their_gate(enum layer_kind kind, size_t gate)
{
    static const size_t gru[] = {1, 0, 2};
    return kind == LAYER_GRU ? gru[gate] : gate;
}

// Element (row, column) of a matrix whose columns are gates x units; PyTorch has it transposed.
static double their_value(const struct training *t, const double *theirs, size_t rows, size_t row,
                          size_t column)
{
    const size_t gate = their_gate(t->kind, column / UNITS);
    return theirs[(gate * UNITS + column % UNITS) * rows + row];
}

static void take_matrix(const struct training *t, const double *theirs, size_t rows, double *ours)
{
    const size_t width = layer_gates(t->kind) * UNITS;
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < width; column++)
            ours[row * width + column] = their_value(t, theirs, rows, row, column);
}

// Their parameters in our layout: `prefix` is "w0.", "grad.", "adam.w1.", ...
static void take_parameters(struct training *t, const char *prefix, double *ours)
{
    const struct network_layer *layer = &t->network.layers[0], *dense = &t->network.layers[1];
    const size_t second_bias =
        t->kind == LAYER_GRU ? layer->recurrent_bias : t->network.weight_count;
    const size_t offsets[] = {layer->kernel, layer->recurrent, layer->bias,
                              second_bias,   dense->kernel,    dense->bias};
    const size_t rows[] = {FEATURES, UNITS, 1, 1};
    for (size_t i = 0; i < 6; i++) {
        char name[64];
        size_t count;
        (void)snprintf(name, sizeof name, "%s%s", prefix, names[i]);
        const double *theirs = npz_array(t->npz, name, &count);
        if (i < 4)
            take_matrix(t, theirs, rows[i], ours + offsets[i]);
        else
            memcpy(ours + offsets[i], theirs, count * sizeof *ours);
    }
}

static void expect(struct training *t, const char *what, size_t index, double got, double wanted)
{
    if (fabs(got - wanted) <= t->tolerance)
        return;
    if (t->failures++ < 10)
        (void)fprintf(stderr, "%s %s: %s %zu is %.15g, PyTorch's %.15g\n", layer_kind_name(t->kind),
                      t->core->name, what, index, got, wanted);
}

static void expect_parameters(struct training *t, const char *prefix, const void *ours)
{
    double theirs[LARGEST] = {0};
    take_parameters(t, prefix, theirs);
    for (size_t i = 0; i < t->parameters; i++)
        expect(t, prefix, i, value_get(t->core, ours, i), theirs[i]);
}

static struct problem take_problem(const struct training *t)
{
    size_t rows, targets;
    const double *x = npz_array(t->npz, "x", &rows), *y = npz_array(t->npz, "y", &targets);
    struct problem p = {.rows = values_new(rows),
                        .targets = values_new(targets),
                        .ends = calloc(SAMPLES, sizeof *p.ends)};
    for (size_t i = 0; i < rows; i++)
        value_set(t->core, p.rows, i, x[i]);
    for (size_t i = 0; i < targets; i++)
        value_set(t->core, p.targets, i, y[i]);
    for (uint32_t i = 0; i < SAMPLES; i++)
        p.ends[i] = i * LOOKBACK + LOOKBACK - 1;
    p.set = (struct fit_set){p.rows, FEATURES, p.ends, p.targets, SAMPLES};
    return p;
}

// Our network has the sum of an LSTM's two biases; each of them has the sum's gradient.
static void load(const struct training *t, struct fit_pass *pass, const void *parameters)
{
    double sums[LARGEST];
    const size_t count = t->network.weight_count, bias = t->network.layers[0].bias;
    memcpy(sums, parameters, count * t->core->real_size);
    for (size_t i = count; i < t->parameters; i++)
        value_set(t->core, sums, bias + i - count,
                  value_get(t->core, sums, bias + i - count) + value_get(t->core, parameters, i));
    t->core->load(pass, sums);
}

static void spread_gradient(const struct training *t, void *gradient)
{
    const size_t count = t->network.weight_count, bias = t->network.layers[0].bias;
    for (size_t i = count; i < t->parameters; i++)
        value_set(t->core, gradient, i, value_get(t->core, gradient, bias + i - count));
}

struct optimizer {
    const char *name;
    enum fit_optimizer kind;
    double momentum, clip_norm;
};

static void step(struct training *t, const struct optimizer *optimizer, uint64_t counter,
                 void *gradient, void *parameters, void *first, void *second)
{
    double sum[LARGEST];
    size_t count;
    spread_gradient(t, gradient);
    const double norm = sqrt(t->core->reduce(gradient, 1, 0, 0, t->parameters, sum));
    const double scale = optimizer->clip_norm / (norm + 1e-6);
    if (optimizer->clip_norm > 0)
        expect(t, "norm before step", counter, norm,
               npz_array(t->npz, "clip_norms", &count)[counter - 1]);
    const struct fit_step values = {.optimizer = optimizer->kind,
                                    .learning_rate = 1e-2,
                                    .momentum = optimizer->momentum,
                                    .beta1 = 0.9,
                                    .beta2 = 0.999,
                                    .epsilon = 1e-8,
                                    .scale = optimizer->clip_norm > 0 && scale < 1 ? scale : 1,
                                    .counter = counter};
    t->core->update(&values, gradient, parameters, first, second, 0, t->parameters);
}

static void train(struct training *t, const struct optimizer *optimizer, struct fit_pass *pass,
                  const struct problem *p)
{
    void *parameters = values_new(LARGEST), *gradient = values_new(LARGEST);
    void *first = values_new(LARGEST), *second = values_new(LARGEST);
    double start[LARGEST];
    char name[64];
    size_t count;
    (void)snprintf(name, sizeof name, "%s.loss", optimizer->name);
    const double *losses = npz_array(t->npz, name, &count);
    take_parameters(t, "w0.", start);
    for (size_t i = 0; i < t->parameters; i++)
        value_set(t->core, parameters, i, start[i]);
    for (size_t i = 0; i < STEPS; i++) {
        const struct fit_shard shard = {
            .set = &p->set, .count = SAMPLES, .batch = SAMPLES, .training = true};
        load(t, pass, parameters);
        const double loss = t->core->run(pass, &shard, gradient, NULL) / SAMPLES;
        expect(t, name, i, loss, losses[i]);
        spread_gradient(t, gradient);
        if (i == 0)
            expect_parameters(t, "grad.", gradient);
        step(t, optimizer, i + 1, gradient, parameters, first, second);
        (void)snprintf(name, sizeof name, "%s.w%zu.", optimizer->name, i + 1);
        if (i == 0 || i + 1 == STEPS)
            expect_parameters(t, name, parameters);
        (void)snprintf(name, sizeof name, "%s.loss", optimizer->name);
    }
    free(parameters);
    free(gradient);
    free(first);
    free(second);
}

static int compare(const struct fit_core *core, enum layer_kind kind, struct npz *npz)
{
    static const struct optimizer optimizers[] = {
        {"adam", FIT_ADAM, 0, 0}, {"sgdm", FIT_SGD, 0.9, 0}, {"adam_clip", FIT_ADAM, 0, 0.1}};
    struct training t = {.core = core, .kind = kind, .npz = npz, .network = lay_out(kind)};
    struct fit_options options;
    struct fit_pass *pass = NULL;
    fit_options_default(&options);
    t.tolerance = core->real_size == sizeof(double) ? 1e-10 : 1e-5;
    t.parameters = t.network.weight_count + (kind == LAYER_LSTM ? 4 * UNITS : 0);
    struct problem p = take_problem(&t);
    if (core->open(&t.network, SAMPLES, &options, &pass, NULL) != 0)
        return 1;
    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++)
        train(&t, &optimizers[i], pass, &p);
    core->close(pass);
    problem_free(&p);
    (void)printf("%s in %s: %s\n", layer_kind_name(kind), core->name,
                 t.failures == 0 ? "as PyTorch" : "differs");
    return t.failures;
}

static int compare_file(const char *folder, const char *file, enum layer_kind kind)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    struct npz *npz = npz_open(path);
    if (npz == NULL) {
        (void)fprintf(stderr, "skipped: there is no %s\n", path);
        exit(77);
    }
    int failures = compare(&fit_core_double, kind, npz);
    for (size_t i = 0; i < fit_core_count(); i++)
        failures += compare(fit_core_at(i), kind, npz);
    npz_close(npz);
    return failures;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    const int failures = compare_file(argv[1], "train_gru8.npz", LAYER_GRU) +
                         compare_file(argv[1], "train_lstm8.npz", LAYER_LSTM);
    return failures > 0;
}
