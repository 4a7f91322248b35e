// SPDX-License-Identifier: Apache-2.0
// The model file: what is written is read again, and nothing that was damaged is.
#include "sample.h"

#include "base/buffer.h"
#include "forward/forward.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static struct buffer file;
static struct model written;

static int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    assert_int_equal(arena_open(&arena, 1 << 26, &err), 0);
    assert_int_equal(sample_model(&written, &arena, &err), 0);
    buffer_init(&file, 1 << 20);
    assert_int_equal(model_write(&written, &file, &err), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_free(&file);
    arena_close(&arena);
    return 0;
}

static void test_round_trip(void **state)
{
    struct model read;
    struct err err = {0};
    (void)state;
    assert_int_equal(model_read(file.data, file.size, &read, &arena, &err), 0);
    assert_int_equal(read.network.weight_count, written.network.weight_count);
    assert_memory_equal(read.network.weights, written.network.weights,
                        written.network.weight_count * sizeof(float));
    assert_string_equal(read.hash, written.hash);
    assert_string_equal(read.classes[1], "neutral \"zero\"");
    assert_true(read.features[1].scale == written.features[1].scale);
    assert_true(isnan(read.features[0].edges[0]));
    assert_true(read.features[2].edges[8] == written.features[2].edges[8]);
    assert_true(isnan(read.features[0].shares[0]));
    assert_true(read.features[2].shares[9] == written.features[2].shares[9]);
    assert_true(read.network.layers[0].bidirectional && read.network.layers[0].reset_after);
    assert_true(read.network.layers[1].dropout == 0.25);
    assert_int_equal(read.train_to, 20000);
    assert_int_equal(read.horizon, 5);
    assert_int_equal(read.metric_count, 2);
    assert_true(read.created_at == written.created_at);
}

// The weights are a multiple of 64 bytes into the file, so that what was read can be used as it is.
static void test_alignment(void **state)
{
    (void)state;
    assert_int_equal((file.size - written.network.weight_count * sizeof(float)) % 64, 0);
}

static void test_every_damaged_byte_is_found(void **state)
{
    char *copy = malloc(file.size);
    (void)state;
    for (size_t i = 0; i < file.size; i++) {
        struct model read;
        struct err err = {0};
        const size_t mark = arena_mark(&arena);
        memcpy(copy, file.data, file.size);
        copy[i] ^= (char)(1 << i % 8);
        assert_int_not_equal(model_read(copy, file.size, &read, &arena, &err), 0);
        assert_true(err.text[0] != '\0');
        arena_rewind(&arena, mark);
    }
    free(copy);
}

static void test_every_truncation_is_found(void **state)
{
    (void)state;
    for (size_t size = 0; size < file.size; size++) {
        struct model read;
        struct err err = {0};
        const size_t mark = arena_mark(&arena);
        assert_int_not_equal(model_read(file.data, size, &read, &arena, &err), 0);
        arena_rewind(&arena, mark);
    }
}

static void test_not_finite_is_not_written(void **state)
{
    struct buffer out;
    struct err err = {0};
    (void)state;
    const float kept = written.network.weights[7];
    written.network.weights[7] = NAN;
    buffer_init(&out, 1 << 20);
    assert_int_equal(model_write(&written, &out, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "parameter 7"));
    written.network.weights[7] = kept;
    buffer_free(&out);
}

// A field that JSON does not hold is named, and nothing is written without it.
static void refused(const char *name, const char *what)
{
    struct buffer out;
    struct err err = {0};
    buffer_init(&out, 1 << 20);
    assert_int_equal(model_write(&written, &out, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, what));
    buffer_free(&out);
}

static void test_what_cannot_be_described_is_not_written(void **state)
{
    (void)state;
    const struct model kept = written;
    const struct model_feature kept_feature = written.features[1];
    written.features[1].name = "caf\xe9";
    refused("feature 2, 'caf", "UTF-8");
    written.features[1] = kept_feature;
    written.features[1].scale = INFINITY;
    refused("feature 2, 'f1'", "finite");
    written.features[1] = kept_feature;
    written.features[1].edges[0] = 1;
    written.features[1].edges[4] = INFINITY;
    refused("feature 2, 'f1'", "finite");
    written.features[1] = kept_feature;
    written.features[1].name = "f0";
    refused("not be readable", "the same name, 'f0'");
    written.features[1] = kept_feature;
    written.classes[2] = "\xff";
    refused("class 3", "UTF-8");
    written.classes[2] = kept.classes[2];
    written.network.layers[1].dropout = INFINITY;
    refused("layer 2, 'dropout'", "finite");
    written.network.layers[1].dropout = kept.network.layers[1].dropout;
    struct model_metric metric = {"\xfe", 1};
    written.metrics = &metric;
    written.metric_count = 1;
    refused("metric 1", "UTF-8");
    written = kept;
    written.source = "\xc3";
    refused("source", "UTF-8");
    written = kept;
}

static size_t allocations;

// The n-th allocation from now fails.
static void *fail_once(size_t size)
{
    return --allocations == 0 ? NULL : malloc(size);
}

// Without memory nothing is left out either.
static void test_nothing_is_left_out_without_memory(void **state)
{
    (void)state;
    int code = EX_DATAERR;
    for (size_t n = 1; code != 0; n++) {
        struct buffer out;
        struct err err = {0};
        buffer_init(&out, 1 << 20);
        allocations = n;
        json_set_alloc_funcs(fail_once, free);
        code = model_write(&written, &out, &err);
        json_set_alloc_funcs(malloc, free);
        assert_int_equal(code != 0, err.code != 0);
        if (code == 0)
            assert_memory_equal(out.data, file.data, file.size);
        buffer_free(&out);
    }
}

// Another process that cuts the file off does not touch a model that is open.
static void test_file_that_is_cut_off_under_an_open_model(void **state)
{
    char path[] = "/tmp/tickhouse-model.XXXXXX";
    struct model read;
    struct model_bytes bytes;
    struct err err = {0};
    (void)state;
    const int fd = mkstemp(path);
    assert_int_equal(write(fd, file.data, file.size), (ssize_t)file.size);
    assert_int_equal(model_open(path, &read, &bytes, &arena, &err), 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_memory_equal(read.network.weights, written.network.weights,
                        written.network.weight_count * sizeof(float));
    model_close(&bytes);
    assert_int_equal(model_open(path, &read, &bytes, &arena, &err), EX_DATAERR);
    assert_null(bytes.base);
    (void)close(fd);
    (void)unlink(path);
}

static void test_layouts_that_make_no_sense(void **state)
{
    static const struct network_layer dense_first[] = {{.kind = LAYER_DENSE, .units = 2},
                                                       {.kind = LAYER_GRU, .units = 2}};
    struct err err = {0};
    (void)state;
    struct network network = {.lookback = 1, .features = 1, .layer_count = 2};
    memcpy(network.layers, dense_first, sizeof dense_first);
    assert_int_equal(network_lay_out(&network, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "dense layers come after"));
    network.layer_count = 1;
    err = (struct err){0};
    assert_int_equal(network_lay_out(&network, &err), EX_DATAERR);
    network.layers[0] = (struct network_layer){.kind = LAYER_LSTM, .units = 5000};
    err = (struct err){0};
    assert_int_equal(network_lay_out(&network, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "5000 units"));
}

// Keras counts them so: 3 (20 x 64 + 64 x 64 + 2 x 64) and 4 (5 x 128 + 128 x 128 + 128).
static void test_parameter_counts(void **state)
{
    struct err err = {0};
    (void)state;
    struct network gru = {.lookback = 60,
                          .features = 20,
                          .layer_count = 2,
                          .layers = {{.kind = LAYER_GRU, .units = 64, .reset_after = true},
                                     {.kind = LAYER_DENSE, .units = 1}}};
    assert_int_equal(network_lay_out(&gru, &err), 0);
    assert_int_equal(gru.weight_count, 16512 + 65);
    struct network lstm = {.lookback = 60,
                           .features = 5,
                           .layer_count = 1,
                           .layers = {{.kind = LAYER_LSTM, .units = 128}}};
    assert_int_equal(network_lay_out(&lstm, &err), 0);
    assert_int_equal(lstm.weight_count, 68608);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    for (size_t n = 1; n < 20; n++) {
        struct model read;
        struct err err = {0};
        const size_t mark = arena_mark(&arena);
        arena_fail_after(n);
        const int code = model_read(file.data, file.size, &read, &arena, &err);
        arena_fail_after(0);
        assert_int_equal(code != 0, err.code != 0);
        arena_rewind(&arena, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_every_damaged_byte_is_found),
        cmocka_unit_test(test_every_truncation_is_found),
        cmocka_unit_test(test_not_finite_is_not_written),
        cmocka_unit_test(test_what_cannot_be_described_is_not_written),
        cmocka_unit_test(test_nothing_is_left_out_without_memory),
        cmocka_unit_test(test_file_that_is_cut_off_under_an_open_model),
        cmocka_unit_test(test_layouts_that_make_no_sense),
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
