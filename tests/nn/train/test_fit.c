// SPDX-License-Identifier: Apache-2.0
// Training as a whole: it learns, the same to the bit however many threads and however often it was
// interrupted; the best epoch is kept; what makes no sense is refused with a sentence.
#include "train/train.h"
#include "values.h"

// cmocka wants these first
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const size_t lookback = 6, features = 3, units = 12, train_count = 300,
                    validation_count = 90;

// Targets that a network can learn: the change of the first feature over the window.
struct material {
    struct network network;
    struct problem train, validation;
    struct fit_options options;
    char checkpoint[64];
};

static void set_targets(struct problem *p)
{
    float *targets = p->targets;
    const float *rows = p->rows;
    for (size_t i = 0; i < p->set.count; i++)
        targets[i] =
            0.5F * (rows[p->ends[i] * features] - rows[(p->ends[i] + 1 - lookback) * features]);
}

static struct material material_new(void)
{
    struct material m = {
        .network = {.lookback = lookback,
                    .features = features,
                    .layer_count = 4,
                    .layers = {{.kind = LAYER_GRU, .units = units, .reset_after = true},
                               {.kind = LAYER_DROPOUT, .dropout = 0.1},
                               {.kind = LAYER_LSTM, .units = units},
                               {.kind = LAYER_DENSE, .units = 1}}}};
    assert_int_equal(network_lay_out(&m.network, NULL), 0);
    m.network.weights = values_new(m.network.weight_count);
    assert_int_equal(fit_initialize(&m.network, 11, NULL), 0);
    m.train = problem_new(fit_core_at(0), &m.network, train_count, 0, 1);
    m.validation = problem_new(fit_core_at(0), &m.network, validation_count, 0, 2);
    set_targets(&m.train);
    set_targets(&m.validation);
    fit_options_default(&m.options);
    m.options.epochs = 6;
    m.options.batch = 100; // shards of 32, 32, 32 and 4
    m.options.learning_rate = 0.01;
    m.options.clip_norm = 1;
    m.options.schedule = FIT_COSINE;
    (void)snprintf(m.checkpoint, sizeof m.checkpoint, "/tmp/tickhouse-fit.%d", (int)getpid());
    (void)unlink(m.checkpoint);
    return m;
}

static void material_free(struct material *m)
{
    free(m->network.weights);
    problem_free(&m->train);
    problem_free(&m->validation);
    (void)unlink(m->checkpoint);
}

static float *copy_weights(const struct network *network)
{
    float *copy = values_new(network->weight_count);
    memcpy(copy, network->weights, network->weight_count * sizeof *copy);
    return copy;
}

// A training from the start weights; returns what became of them.
static float *trained(struct material *m, struct fit_result *result)
{
    struct err err = {0};
    assert_int_equal(fit_initialize(&m->network, 11, NULL), 0);
    if (fit_run(&m->network, &m->options, &m->train.set, &m->validation.set, NULL, NULL, NULL,
                result, &err) != 0)
        fail_msg("%s", err.text);
    return copy_weights(&m->network);
}

static void assert_same(const struct material *m, const float *a, const float *b)
{
    assert_memory_equal(a, b, m->network.weight_count * sizeof *a);
}

static void test_learns(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    double loss, before;
    m.options.epochs = 60;
    assert_int_equal(fit_evaluate(&m.network, &m.options, &m.validation.set, &before, NULL, NULL),
                     0);
    free(trained(&m, &result));
    assert_int_equal(fit_evaluate(&m.network, &m.options, &m.validation.set, &loss, NULL, NULL), 0);
    if (!(loss < 0.05 * before))
        fail_msg("the validation loss went from %g to %g only", before, loss);
    assert_true(loss == result.validation_loss); // the weights are those of the best epoch
    material_free(&m);
}

static void test_threads(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    float *one = trained(&m, &result);
    const double loss = result.validation_loss;
    for (m.options.threads = 2; m.options.threads <= 5; m.options.threads++) {
        float *more = trained(&m, &result);
        assert_same(&m, one, more);
        assert_true(result.validation_loss == loss);
        free(more);
    }
    m.options.threads = 1;
    m.options.seed = 2;
    float *other = trained(&m, &result);
    assert_memory_not_equal(one, other, m.network.weight_count * sizeof *one);
    free(one);
    free(other);
    material_free(&m);
}

static void select_core(const char *name)
{
    const struct fit_core *core;
    assert_int_equal(setenv("TICKHOUSE_CPU", name, 1), 0);
    assert_int_equal(fit_core_select(&core, NULL), 0);
    assert_string_equal(core->name, name);
}

// AVX2 and AVX-512 add the same numbers in the same order.
static void test_instruction_sets(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    if (fit_core_count() < 3)
        skip();
    select_core("avx2");
    float *narrow = trained(&m, &result);
    select_core("avx512");
    float *wide = trained(&m, &result);
    assert_int_equal(unsetenv("TICKHOUSE_CPU"), 0);
    assert_same(&m, narrow, wide);
    free(narrow);
    free(wide);
    material_free(&m);
}

static void test_wrong_instruction_set(void **state)
{
    (void)state;
    struct material m = material_new();
    struct err err = {0};
    struct fit_result result;
    select_core("scalar");
    assert_int_equal(setenv("TICKHOUSE_CPU", "sse9", 1), 0);
    assert_int_equal(
        fit_run(&m.network, &m.options, &m.train.set, NULL, NULL, NULL, NULL, &result, &err),
        EX_USAGE);
    assert_non_null(strstr(err.text, "TICKHOUSE_CPU=sse9 cannot run"));
    assert_int_equal(unsetenv("TICKHOUSE_CPU"), 0);
    material_free(&m);
}

struct watch {
    size_t calls, stop_at, improvements;
    double best;
    size_t best_epoch;
};

static int observe(void *user, const struct fit_progress *progress)
{
    struct watch *watch = user;
    watch->calls++;
    assert_int_equal(progress->epoch, watch->calls);
    if (progress->improved) {
        watch->improvements++;
        watch->best = progress->validation_loss;
        watch->best_epoch = progress->epoch;
    }
    assert_true(progress->best_loss == watch->best);
    return watch->calls == watch->stop_at;
}

// What is validated has nothing to do with what is learned, so it soon gets worse.
static void test_early_stopping(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    struct watch watch = {0};
    double loss;
    for (size_t i = 0; i < validation_count; i++)
        ((float *)m.validation.targets)[i] *= -1;
    m.options.epochs = 200;
    m.options.patience = 4;
    assert_int_equal(fit_run(&m.network, &m.options, &m.train.set, &m.validation.set, NULL, observe,
                             &watch, &result, NULL),
                     0);
    assert_int_equal(result.epochs, result.best_epoch + 4);
    assert_int_equal(result.best_epoch, watch.best_epoch);
    assert_false(result.stopped);
    fit_evaluate(&m.network, &m.options, &m.validation.set, &loss, NULL, NULL);
    assert_true(loss == watch.best);
    material_free(&m);
}

static int expect_no_validation(void *user, const struct fit_progress *progress)
{
    double *best = user;
    assert_true(isnan(progress->validation_loss));
    assert_true(progress->improved == (progress->train_loss < *best));
    *best = fmin(*best, progress->train_loss);
    assert_true(progress->best_loss == *best);
    return 0;
}

// Without a validation set the loss that is recorded is that of the weights that are kept.
static void test_no_validation(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    double best = INFINITY, loss;
    m.options.learning_rate = 0.1; // so that weights change much within an epoch
    m.options.schedule = FIT_CONSTANT;
    m.options.epochs = 30;
    assert_int_equal(fit_run(&m.network, &m.options, &m.train.set, NULL, NULL, expect_no_validation,
                             &best, &result, NULL),
                     0);
    assert_true(isnan(result.validation_loss));
    assert_int_equal(fit_evaluate(&m.network, &m.options, &m.train.set, &loss, NULL, NULL), 0);
    assert_true(loss == result.train_loss);
    assert_true(loss == best);
    material_free(&m);
}

static int run_with_checkpoint(struct material *m, struct watch *watch, struct fit_result *result,
                               struct err *err)
{
    return fit_run(&m->network, &m->options, &m->train.set, &m->validation.set, m->checkpoint,
                   watch == NULL ? NULL : observe, watch, result, err);
}

static void test_resume(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result whole, result;
    float *wanted = trained(&m, &whole);
    m.options.threads = 2; // does not matter
    for (size_t stop = 1; stop < m.options.epochs; stop++) {
        struct watch watch = {.stop_at = stop};
        fit_initialize(&m.network, 11, NULL);
        assert_int_equal(run_with_checkpoint(&m, &watch, &result, NULL), 0);
        assert_true(result.stopped);
        assert_int_equal(result.epochs, stop);
        assert_int_equal(access(m.checkpoint, F_OK), 0);
        fit_initialize(&m.network, 11, NULL);
        assert_int_equal(run_with_checkpoint(&m, NULL, &result, NULL), 0);
        assert_false(result.stopped);
        assert_same(&m, wanted, m.network.weights);
        assert_true(result.validation_loss == whole.validation_loss);
        assert_int_equal(result.best_epoch, whole.best_epoch);
        assert_int_equal(access(m.checkpoint, F_OK), -1);
    }
    free(wanted);
    material_free(&m);
}

static int stop_at_once(void *user, size_t epoch, double share)
{
    (void)user;
    assert_int_equal(epoch, 1);
    assert_true(share > 0 && share < 1);
    return 1;
}

// Stopped within the first epoch, nothing is better than the start.
static void test_tick(void **state)
{
    (void)state;
    struct material m = material_new();
    struct fit_result result;
    float *start = copy_weights(&m.network);
    problem_free(&m.train);
    m.train = problem_new(fit_core_at(0), &m.network, 400000, 0, 1);
    m.options.tick = stop_at_once;
    assert_int_equal(run_with_checkpoint(&m, NULL, &result, NULL), 0);
    assert_true(result.stopped);
    assert_int_equal(result.epochs, 0);
    assert_true(isnan(result.validation_loss));
    assert_same(&m, start, m.network.weights);
    free(start);
    material_free(&m);
}

static void stop_after(struct material *m, size_t epoch)
{
    struct watch watch = {.stop_at = epoch};
    struct fit_result result;
    fit_initialize(&m->network, 11, NULL);
    assert_int_equal(run_with_checkpoint(m, &watch, &result, NULL), 0);
    fit_initialize(&m->network, 11, NULL);
}

static void refused(struct material *m, const char *words)
{
    struct err err = {0};
    struct fit_result result;
    float *before = copy_weights(&m->network);
    assert_int_equal(run_with_checkpoint(m, NULL, &result, &err), EX_DATAERR);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' is not in: %s", words, err.text);
    assert_same(m, before, m->network.weights);
    free(before);
}

static void test_foreign_checkpoint(void **state)
{
    (void)state;
    struct material m = material_new();
    stop_after(&m, 2);
    m.options.seed = 77;
    refused(&m, "of another training");
    m.options.seed = 1;
    ((float *)m.train.rows)[5] += 1e-6F;
    refused(&m, "of another training");
    ((float *)m.train.rows)[5] -= 1e-6F;
    fit_initialize(&m.network, 12, NULL);
    refused(&m, "of another training");
    material_free(&m);
}

static void change_byte(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void test_damaged_checkpoint(void **state)
{
    (void)state;
    struct material m = material_new();
    stop_after(&m, 2);
    change_byte(m.checkpoint, 500);
    refused(&m, "is damaged");
    change_byte(m.checkpoint, 500);
    change_byte(m.checkpoint, 0);
    refused(&m, "is no checkpoint");
    assert_int_equal(truncate(m.checkpoint, 1000), 0);
    change_byte(m.checkpoint, 0);
    refused(&m, "is damaged");
    assert_int_equal(truncate(m.checkpoint, 10), 0);
    refused(&m, "was cut off");
    material_free(&m);
}

// Each has one thing wrong, and a word that its sentence must have.
static void expect_error(struct material *m, int code, const char *words)
{
    struct err err = {0};
    struct fit_result result;
    assert_int_equal(fit_run(&m->network, &m->options, &m->train.set, &m->validation.set, NULL,
                             NULL, NULL, &result, &err),
                     code);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' is not in: %s", words, err.text);
}

static void test_refusals(void **state)
{
    (void)state;
    struct material m = material_new();
    float *rows = m.train.rows, *targets = m.train.targets;
    const float kept = rows[10 * features];
    rows[10 * features] = NAN;
    expect_error(&m, EX_DATAERR, "sample 5 of the training set, which ends at row 10");
    rows[10 * features] = kept;
    m.train.ends[7] = lookback - 2;
    expect_error(&m, EX_DATAERR, "sample 7 of the training set");
    m.train.ends[7] = 7 + lookback - 1;
    targets[3] = INFINITY;
    expect_error(&m, EX_DATAERR, "target of sample 3 of the training set");
    targets[3] = 0;
    m.options.loss = FIT_CROSS_ENTROPY;
    expect_error(&m, EX_USAGE, "softmax");
    m.network.layers[3].activation = ACTIVATION_SIGMOID;
    for (size_t i = 0; i < train_count; i++)
        targets[i] = (float)(i % 2);
    targets[9] = 2;
    expect_error(&m, EX_DATAERR, "target of sample 9 of the training set is 2; classes are 0 to 1");
    m.options.batch = 0;
    expect_error(&m, EX_USAGE, "the batch is 0");
    m.options.batch = 64;
    m.options.learning_rate = NAN;
    expect_error(&m, EX_USAGE, "the learning rate is nan");
    m.options.learning_rate = 0.1;
    m.validation.set.features = 4;
    m.network.layers[3].activation = ACTIVATION_LINEAR;
    m.options.loss = FIT_MSE;
    expect_error(&m, EX_DATAERR, "the validation set has 4 features, the network 3");
    m.validation.set.features = 3;
    m.train.set.count = 0;
    expect_error(&m, EX_DATAERR, "the training set has 0 samples");
    m.train.set.count = train_count;
    material_free(&m);
}

static void test_diverges(void **state)
{
    (void)state;
    struct material m = material_new();
    float *start = copy_weights(&m.network);
    m.options.optimizer = FIT_SGD;
    m.options.clip_norm = 0;
    m.options.learning_rate = 1000;
    m.options.momentum = 0.99;
    for (size_t i = 0; i < train_count; i++)
        ((float *)m.train.targets)[i] = 1e30F;
    expect_error(&m, EX_DATAERR, "lower the learning rate");
    assert_same(&m, start, m.network.weights);
    free(start);
    material_free(&m);
}

// What is NaN below a layer of ReLU is NaN above it too.
static void test_diverges_below_relu(void **state)
{
    (void)state;
    struct material m = material_new();
    struct network net = {
        .lookback = lookback,
        .features = features,
        .layer_count = 3,
        .layers = {{.kind = LAYER_GRU, .units = units, .reset_after = true},
                   {.kind = LAYER_DENSE, .units = units, .activation = ACTIVATION_RELU},
                   {.kind = LAYER_DENSE, .units = 1}}};
    double loss;
    assert_int_equal(network_lay_out(&net, NULL), 0);
    net.weights = values_new(net.weight_count);
    assert_int_equal(fit_initialize(&net, 11, NULL), 0);
    net.weights[net.layers[1].bias + 3] = NAN;
    for (size_t i = 0; i < fit_core_count(); i++) {
        assert_int_equal(setenv("TICKHOUSE_CPU", fit_core_at(i)->name, 1), 0);
        assert_int_equal(fit_evaluate(&net, &m.options, &m.train.set, &loss, NULL, NULL), 0);
        assert_true(isnan(loss));
    }
    assert_int_equal(unsetenv("TICKHOUSE_CPU"), 0);
    free(net.weights);
    material_free(&m);
}

// All optimisers and schedules take the loss down.
static void test_optimizers(void **state)
{
    (void)state;
    static const double rates[] = {0.1, 0.005, 0.005, 0.005};
    struct material m = material_new();
    double before;
    fit_evaluate(&m.network, &m.options, &m.validation.set, &before, NULL, NULL);
    m.options.epochs = 30;
    for (unsigned optimizer = 0; optimizer < 4; optimizer++) {
        struct fit_result result;
        m.options.optimizer = (enum fit_optimizer)optimizer;
        m.options.schedule = (enum fit_schedule)(optimizer % 3);
        m.options.learning_rate = rates[optimizer];
        m.options.weight_decay = 1e-4;
        m.options.momentum = 0.9;
        m.options.beta2 = optimizer == FIT_RMSPROP ? 0.99 : 0.999;
        m.options.learning_rate /= optimizer == FIT_RMSPROP ? 10 : 1;
        free(trained(&m, &result));
        if (!(result.validation_loss < before / 2))
            fail_msg("optimiser %u: from %g to %g", optimizer, before, result.validation_loss);
    }
    material_free(&m);
}

// Keras' scales: kernels within Glorot's limit, rows of the recurrent kernel orthonormal.
static void test_initialize(void **state)
{
    (void)state;
    struct material m = material_new();
    const struct network_layer *lstm = &m.network.layers[2];
    const float *w = m.network.weights;
    const double limit = sqrt(6.0 / (double)(5 * units));
    double most = 0;
    for (size_t i = 0; i < units * 4 * units; i++)
        most = fmax(most, fabs((double)w[lstm->kernel + i]));
    assert_true(most <= limit && most > 0.95 * limit);
    for (size_t a = 0; a < units; a++)
        for (size_t b = 0; b <= a; b++) {
            double dot = 0;
            for (size_t k = 0; k < 4 * units; k++)
                dot += (double)w[lstm->recurrent + a * 4 * units + k] *
                       (double)w[lstm->recurrent + b * 4 * units + k];
            assert_true(fabs(dot - (a == b)) < 1e-6);
        }
    for (size_t k = 0; k < 4 * units; k++)
        assert_true(w[lstm->bias + k] == (float)(k / units == 1));
    material_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_wrong_instruction_set),
        cmocka_unit_test(test_early_stopping),
        cmocka_unit_test(test_no_validation),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_tick),
        cmocka_unit_test(test_foreign_checkpoint),
        cmocka_unit_test(test_damaged_checkpoint),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_diverges),
        cmocka_unit_test(test_diverges_below_relu),
        cmocka_unit_test(test_optimizers),
        cmocka_unit_test(test_initialize),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
