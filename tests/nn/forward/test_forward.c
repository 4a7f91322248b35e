// SPDX-License-Identifier: Apache-2.0
// The fast forward pass against its slow twin in double, for networks of every kind and many sizes;
// the same bits whatever the batch, the place in it and the instruction set; rows that are not
// finite; and what bfloat16 is off by.
#include "base/cpu.h"
#include "forward/forward.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BATCH = 19 };

static uint64_t seed = 1;

// Uniform in [-1, 1).
static float next_float(void)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (float)(int32_t)(seed >> 32) * 0x1p-31F;
}

// A network in words, "gru 64, lstm 8 both, dense 3 softmax": after the units come reset_before,
// both (directions), last (step), or an activation.
static void read_layer(const char *text, struct network_layer *layer)
{
    char kind[16], more[3][16] = {"", "", ""};
    const int fields =
        sscanf(text, "%15s %zu %15s %15s %15s", kind, &layer->units, more[0], more[1], more[2]);
    assert_true(fields >= 2 && layer_kind_parse(kind, &layer->kind));
    layer->reset_after = layer->kind == LAYER_GRU;
    for (size_t i = 0; i < 3 && *more[i] != '\0'; i++)
        if (strcmp(more[i], "reset_before") == 0)
            layer->reset_after = false;
        else if (strcmp(more[i], "both") == 0)
            layer->bidirectional = true;
        else if (strcmp(more[i], "last") == 0)
            layer->last_step = true;
        else
            assert_true(activation_parse(more[i], &layer->activation));
    if (layer->kind == LAYER_DROPOUT)
        layer->dropout = 0.5;
}

static struct network network_new(size_t lookback, size_t features, const char *text)
{
    struct network network = {.lookback = lookback, .features = features};
    char copy[256], *rest = copy;
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *layer; (layer = strsep(&rest, ",")) != NULL;)
        read_layer(layer, &network.layers[network.layer_count++]);
    struct err err = {0};
    if (network_lay_out(&network, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    network.weights = malloc(network.weight_count * sizeof *network.weights);
    assert_non_null(network.weights);
    // As trained ones are: a sum of many is of the order of 1.
    for (size_t i = 0; i < network.weight_count; i++)
        network.weights[i] = 1.5F * next_float() / sqrtf((float)network.layers[0].units);
    return network;
}

static float *inputs_new(const struct network *network, size_t batch)
{
    const size_t count = batch * network->lookback * network->features;
    float *x = malloc(count * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++)
        x[i] = 2 * next_float();
    return x;
}

static void run(const struct network *network, const float *x, size_t batch, float *y)
{
    struct forward *forward;
    struct err err = {0};
    if (forward_open(network, &forward, &err) != 0)
        fail_msg("%s", err.text);
    forward_run(forward, x, batch, y);
    forward_close(forward);
}

static const struct {
    size_t lookback, features;
    const char *layers;
} cases[] = {
    {60, 20, "gru 64, dense 1"},
    {60, 20, "gru 64, gru 64, dense 1"},
    {60, 5, "lstm 128, dropout 0, lstm 64, dropout 0, dense 32 relu, dense 3 softmax"},
    {1, 1, "gru 1"},
    {1, 1, "lstm 1, dense 1 sigmoid"},
    {2, 3, "gru 1 reset_before, dense 2 tanh"},
    {7, 3, "gru 5"},
    {7, 3, "lstm 17"},
    {30, 5, "gru 24 reset_before, dense 1"},
    {9, 4, "gru 33 reset_before, gru 31, dense 5 softmax"},
    {9, 4, "lstm 16, gru 48, lstm 15, dense 7 relu, dense 40 tanh, dense 2 sigmoid"},
    {12, 6, "gru 12 both, dense 1"},
    {12, 6, "gru 13 both reset_before, lstm 12 both last, dense 1"},
    {12, 6, "lstm 9 both, lstm 20 both, dense 4 softmax"},
    {12, 6, "lstm 9 both last"},
    {5, 130, "lstm 100, dense 65 sigmoid"},
    {33, 7, "gru 200, dense 1"},
};

#define EACH_CASE(i) for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
#define EACH_VARIANT(v) for (size_t v = 0; v < cpu_variant_count(); v++)

static void select_variant(size_t variant, const char *precision)
{
    assert_int_equal(forward_select(cpu_variant_name(variant), precision, NULL), 0);
}

static double largest_error(const struct network *network, const float *x, const float *y)
{
    const size_t count = BATCH * network->outputs;
    double *truth = malloc(count * sizeof *truth), worst = 0;
    assert_non_null(truth);
    assert_int_equal(forward_reference(network, x, BATCH, truth, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        const double error = fabs((double)y[i] - truth[i]) / fmax(1, fabs(truth[i]));
        worst = error <= worst ? worst : isnan(error) ? INFINITY : error;
    }
    free(truth);
    return worst;
}

static void test_it_is_as_the_reference(void **state)
{
    (void)state;
    double worst = 0;
    EACH_CASE(i)
    {
        struct network network = network_new(cases[i].lookback, cases[i].features, cases[i].layers);
        float *x = inputs_new(&network, BATCH), *y = malloc(BATCH * network.outputs * sizeof *y);
        EACH_VARIANT(v)
        {
            select_variant(v, NULL);
            run(&network, x, BATCH, y);
            const double error = largest_error(&network, x, y);
            if (!(error <= 1e-6))
                fail_msg("%s, %s: off by %g", cases[i].layers, cpu_variant_name(v), error);
            worst = fmax(worst, error);
        }
        free(x);
        free(y);
        free(network.weights);
    }
    print_message("largest error against double: %.2g\n", worst);
}

static void test_bits_do_not_depend_on_batch_or_variant(void **state)
{
    (void)state;
    EACH_CASE(i)
    {
        struct network network = network_new(cases[i].lookback, cases[i].features, cases[i].layers);
        const size_t width = network.outputs, size = network.lookback * network.features;
        float *x = inputs_new(&network, BATCH), *one = malloc(BATCH * width * sizeof *one),
              *y = malloc(BATCH * width * sizeof *y);
        select_variant(0, NULL);
        for (size_t r = 0; r < BATCH; r++)
            run(&network, x + r * size, 1, one + r * width);
        EACH_VARIANT(v)
        for (size_t batch = 1; batch <= BATCH; batch += v == 0 ? 9 : 1) {
            select_variant(v, NULL);
            const size_t from = BATCH - batch; // so that rows also change places
            run(&network, x + from * size, batch, y);
            if (memcmp(y, one + from * width, batch * width * sizeof *y) != 0)
                fail_msg("%s, %s: other bits in a batch of %zu", cases[i].layers,
                         cpu_variant_name(v), batch);
        }
        free(x);
        free(one);
        free(y);
        free(network.weights);
    }
}

static void test_a_row_that_is_not_finite_is_alone(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY};
    EACH_CASE(i)
    EACH_VARIANT(v)
    {
        struct network network = network_new(cases[i].lookback, cases[i].features, cases[i].layers);
        const size_t width = network.outputs, size = network.lookback * network.features;
        float *x = inputs_new(&network, BATCH), *good = malloc(BATCH * width * sizeof *good),
              *y = malloc(BATCH * width * sizeof *y);
        struct forward *forward;
        select_variant(v, NULL);
        assert_int_equal(forward_open(&network, &forward, NULL), 0);
        forward_run(forward, x, BATCH, good);
        x[3 * size] = odd[i % 3];
        x[18 * size + size - 1] = odd[i % 3];
        forward_run(forward, x, BATCH, y);
        for (size_t r = 0; r < BATCH; r++)
            for (size_t o = 0; o < width; o++) {
                const size_t at = r * width + o;
                assert_true(r == 3 || r == 18 ? isnan(y[at])
                                              : memcmp(&y[at], &good[at], sizeof *y) == 0);
            }
        x[3 * size] = x[18 * size + size - 1] = 0; // and nothing of it stays behind
        forward_run(forward, x, 1, y);
        assert_memory_equal(y, good, width * sizeof *y);
        forward_close(forward);
        free(x);
        free(good);
        free(y);
        free(network.weights);
    }
}

static void test_large_inputs_saturate(void **state)
{
    (void)state;
    EACH_VARIANT(v)
    {
        struct network network = network_new(4, 3, "gru 20, dense 2 sigmoid");
        float *x = inputs_new(&network, BATCH), y[2 * BATCH];
        for (size_t i = 0; i < BATCH * 12; i++)
            x[i] *= 1e30F;
        select_variant(v, NULL);
        run(&network, x, BATCH, y);
        assert_true(largest_error(&network, x, y) <= 1e-6);
        for (size_t i = 0; i < 2 * BATCH; i++)
            assert_true(y[i] >= 0 && y[i] <= 1);
        free(x);
        free(network.weights);
    }
}

// Outputs that are probabilities stay so at every input: log(1 - p) must have a value.
static void test_probabilities_stay_within_0_and_1(void **state)
{
    (void)state;
    struct network network = network_new(1, 1, "gru 1, dense 1 sigmoid");
    memset(network.weights, 0, network.weight_count * sizeof *network.weights);
    EACH_VARIANT(v)
    for (int i = -4000; i <= 4000; i++) {
        const float x = 0;
        float y;
        network.weights[network.weight_count - 1] = (float)i * 0.005F; // the bias
        select_variant(v, NULL);
        run(&network, &x, 1, &y);
        assert_true(y >= 0 && y <= 1);
        assert_true(fabs((double)y - 1 / (1 + exp(-(double)((float)i * 0.005F)))) <= 2e-7);
    }
    free(network.weights);
}

static void test_bfloat16(void **state)
{
    (void)state;
    double worst = 0;
    if (!cpu_has_bf16()) {
        assert_int_not_equal(forward_select(NULL, "bf16", NULL), 0);
        print_message("this CPU has no products of bfloat16\n");
        skip();
    }
    EACH_CASE(i)
    {
        struct network network = network_new(cases[i].lookback, cases[i].features, cases[i].layers);
        const size_t width = network.outputs, size = network.lookback * network.features;
        float *x = inputs_new(&network, BATCH), *y = malloc(BATCH * width * sizeof *y),
              *again = malloc(BATCH * width * sizeof *y);
        assert_int_equal(forward_select(NULL, "bf16", NULL), 0);
        run(&network, x, BATCH, y);
        const double error = largest_error(&network, x, y);
        if (!(error <= 0.05))
            fail_msg("%s, bf16: off by %g", cases[i].layers, error);
        worst = fmax(worst, error);
        for (size_t r = 0; r < BATCH; r++)
            run(&network, x + r * size, 1, again + r * width);
        assert_memory_equal(y, again, BATCH * width * sizeof *y);
        free(x);
        free(y);
        free(again);
        free(network.weights);
    }
    print_message("largest error of bfloat16: %.2g\n", worst);
}

static void test_names_are_checked(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(forward_select("z80", NULL, &err), EX_USAGE);
    assert_non_null(strstr(err.text, "TICKHOUSE_CPU=z80 cannot run on this CPU"));
    memset(&err, 0, sizeof err);
    assert_int_equal(forward_select(NULL, "int4", &err), EX_USAGE);
    assert_string_equal(err.text, "TICKHOUSE_NN_PRECISION=int4 is neither float32 nor bf16");
    assert_int_not_equal(forward_select("scalar", "bf16", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_as_the_reference),
        cmocka_unit_test(test_bits_do_not_depend_on_batch_or_variant),
        cmocka_unit_test(test_a_row_that_is_not_finite_is_alone),
        cmocka_unit_test(test_large_inputs_saturate),
        cmocka_unit_test(test_probabilities_stay_within_0_and_1),
        cmocka_unit_test(test_bfloat16),
        cmocka_unit_test(test_names_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
