// SPDX-License-Identifier: Apache-2.0
// What options add to an imported model, and what damage does: whatever is cut, flipped or fails,
// there is a sentence and no more memory than the file could want.
#include "onnx_writer.h"
#include "oracle.h"

#include "base/buffer.h"
#include "import/scaler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena, damaged; // of files, and of what is made of damaged ones

static unsigned char *sample(const char *name, size_t *size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", SAMPLES, name);
    unsigned char *bytes = oracle_file(path, &arena, size);
    assert_non_null(bytes);
    return bytes;
}

static int import(const char *name, struct import_options options, struct model *model,
                  struct err *err)
{
    size_t size;
    const unsigned char *bytes = sample(name, &size);
    struct import_options *kept = arena_alloc(&arena, 1, sizeof *kept, NULL);
    *kept = options;
    memset(err, 0, sizeof *err);
    return oracle_import(bytes, size, kept, &arena, model, err);
}

static void test_options(void **state)
{
    struct model model;
    struct err err;
    (void)state;
    assert_int_equal(import("gru.keras",
                            (struct import_options){.features = "volume,close",
                                                    .target = "target_next_return",
                                                    .horizon = 5,
                                                    .scaler = "{\"mean_\": [1, 2], \"scale_\": "
                                                              "[4, 0], \"target_scale\": 0.5}"},
                            &model, &err),
                     0);
    assert_string_equal(model.features[1].name, "close");
    assert_string_equal(model.target, "target_next_return");
    assert_int_equal(model.horizon, 5);
    assert_string_equal(model.scaler, "standard");
    assert_true(model.features[0].offset == 1 && model.features[0].scale == 0.25);
    assert_true(model.features[1].offset == 2 && model.features[1].scale == 1);
    assert_true(model.target_scale == 0.5 && model.target_offset == 0);
    assert_int_equal(model.task, TASK_REGRESSION);
}

static void test_classes(void **state)
{
    struct model model;
    struct err err;
    (void)state;
    assert_int_equal(
        import("gru.onnx", (struct import_options){.classes = "down,up"}, &model, &err), 0);
    assert_int_equal(model.task, TASK_CLASSES);
    assert_int_equal(model.class_count, 2);
    assert_string_equal(model.classes[1], "up");
    assert_int_equal(model.network.layers[1].activation, ACTIVATION_SIGMOID);
    assert_int_equal(
        import("gru.onnx", (struct import_options){.classes = "down,flat,up"}, &model, &err),
        EX_USAGE);
    assert_string_equal(err.text, "--classes has 3 names, the network has 2 of them");
}

static void refused(const char *name, struct import_options options, const char *sentence)
{
    struct model model;
    struct err err;
    assert_int_not_equal(import(name, options, &model, &err), 0);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("'%s' is not in '%s'", sentence, err.text);
}

static void test_refused_options(void **state)
{
    typedef struct import_options options;
    (void)state;
    refused("gru.keras", (options){.lookback = 5}, "the file was made for sequences of 4 steps");
    refused("gru.safetensors", (options){0}, "add --lookback N");
    refused("gru.keras", (options){.features = "a"}, "--features has 1 names, the network has 2");
    refused("gru.keras", (options){.features = "a,,b"}, "--features has an empty name");
    refused("gru.keras", (options){.task = "ranking"}, "--task is regression or classes");
    refused("lstm.f64.safetensors", (options){.lookback = 4}, "add --activation relu");
    refused("lstm.f64.safetensors", (options){.lookback = 4, .activation = "swish"},
            "--activation is relu, tanh, sigmoid or linear");
    refused("gru.keras", (options){.scaler = "{\"mean\": [1, 2]}"}, "none of the pairs");
    refused("gru.keras", (options){.scaler = "{\"mean\": [1], \"scale\": [1]}"},
            "'mean' is not a list of 2 numbers");
    refused("gru.keras", (options){.scaler = "{\"mean\": [1, \"2\"], \"scale\": [1, 1]}"},
            "'mean' has no number at place 1");
    refused("gru.keras", (options){.scaler = "[1"}, "no JSON object");
    refused("gru.keras", (options){.scaler = "{\"min_\": [1, 2], \"scale_\": [1, 0]}"},
            "'min' and 'scale' at place 1 make no scale");
    refused("gru.keras", (options){.scaler = "{\"offset\": [1, 2], \"scale\": [0, 1]}"},
            "at place 0 make no scale");
    refused("gru.keras", (options){.scaler = "{\"mean\": [1, 2], \"scale\": [1e-320, 1]}"},
            "at place 0 make no scale");
    refused("gru.keras",
            (options){.scaler = "{\"mean\": [1, 2], \"scale\": [1, 1], \"target_mean\": 3}"},
            "the scaler has 'target_mean'; of the target there are");
    refused("gru.keras",
            (options){.scaler = "{\"mean\": [1, 2], \"scale\": [1, 1], \"target_scale\": 0}"},
            "'target_scale' is 0");
}

static void test_scalers(void **state)
{
    static const struct {
        const char *json;
        double at_3; // what the first feature's 3 becomes
    } cases[] = {{"{\"mean\": [1, 0], \"scale\": [4, 1]}", 0.5},
                 {"{\"data_min_\": [1, 0], \"data_max_\": [5, 1]}", 0.5},
                 {"{\"min_\": [-0.25, 0], \"scale_\": [0.25, 1]}", 0.5},
                 {"{\"feature_range\": [-1, 1], \"min_\": [-1.5, 0], \"scale_\": [0.5, 1], "
                  "\"data_min_\": [1, 0], \"data_max_\": [5, 1], \"data_range_\": [4, 1]}",
                  0.0},
                 {"{\"offset\": [1, 0], \"scale\": [0.25, 1], \"kind\": \"x\"}", 0.5}};
    struct model model;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const float x[] = {3, 3};
        float out[2];
        assert_int_equal(
            import("gru.keras", (struct import_options){.scaler = cases[i].json}, &model, &err), 0);
        model_scale(&model, x, out);
        assert_true((double)out[0] == cases[i].at_3);
    }
}

// One unit, and two dense layers that could stand in either order.
static int import_alike(const char *modules, struct model *model, struct import_report *report,
                        struct err *err)
{
    static const char header[] =
        "{\"rnn.weight_ih_l0\":{\"dtype\":\"F32\",\"shape\":[3,1],\"data_offsets\":[0,12]},"
        "\"rnn.weight_hh_l0\":{\"dtype\":\"F32\",\"shape\":[3,1],\"data_offsets\":[12,24]},"
        "\"up.weight\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[24,28]},"
        "\"head.weight\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[28,32]}}";
    static const float values[8] = {1, 2, 3, 4, 5, 6, 70, 80};
    const struct import_options options = {
        .lookback = 4, .activation = "linear", .modules = modules};
    struct buffer file;
    const uint64_t size = sizeof header - 1;
    buffer_init(&file, 1 << 12);
    assert_int_equal(buffer_append(&file, &size, sizeof size, NULL), 0);
    assert_int_equal(buffer_append(&file, header, size, NULL), 0);
    assert_int_equal(buffer_append(&file, values, sizeof values, NULL), 0);
    const struct import_source source = {.bytes = (const unsigned char *)file.data,
                                         .size = file.size,
                                         .options = &options,
                                         .arena = &arena};
    memset(err, 0, sizeof *err);
    const int code = import_model(&source, model, report, err);
    buffer_free(&file);
    return code;
}

static void test_modules(void **state)
{
    struct import_report report;
    struct model model;
    struct err err;
    (void)state;
    assert_int_equal(import_alike(NULL, &model, &report, &err), 0);
    assert_string_equal(report.drawing->layers[1].name, "head");
    assert_string_equal(report.drawing->alike[0], "head");
    assert_string_equal(report.drawing->alike[1], "up");
    assert_true(model.network.weights[model.network.layers[1].kernel] == 80);
    assert_int_equal(import_alike("rnn,up,head", &model, &report, &err), 0);
    assert_string_equal(report.drawing->layers[1].name, "up");
    assert_true(model.network.weights[model.network.layers[1].kernel] == 70);
    assert_int_equal(import_alike("rnn,up", &model, &report, &err), EX_USAGE);
    assert_string_equal(err.text, "--modules does not name 'head', which the file has");
    assert_int_equal(import_alike("rnn,up,up", &model, &report, &err), EX_USAGE);
    assert_string_equal(err.text,
                        "--modules: 'up' is none of the file's modules, or is named twice");
}

// A model of ours is taken as it is.
static void test_own(void **state)
{
    struct model model, again;
    struct err err = {0};
    struct buffer file;
    const struct import_options options = {0};
    struct import_report report;
    (void)state;
    assert_int_equal(import("lstm.keras", options, &model, &err), 0);
    buffer_init(&file, 1 << 20);
    assert_int_equal(model_write(&model, &file, &err), 0);
    const struct import_source source = {.bytes = (unsigned char *)file.data,
                                         .size = file.size,
                                         .options = &options,
                                         .arena = &arena};
    assert_int_equal(import_model(&source, &again, &report, &err), 0);
    assert_true(report.own);
    assert_string_equal(again.hash, model.hash);
    file.data[file.size - 1] ^= 1;
    assert_int_equal(import_model(&source, &again, &report, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "damaged"));
    buffer_free(&file);
}

// ---- damage

static const char *const samples[] = {"gru.safetensors", "gru.keras",  "lstm.keras",
                                      "gru.h5",          "bigru.h5",   "gru.onnx",
                                      "gru.loop.onnx",   "bigru.onnx", "lstm.stacked_states.onnx"};
enum { SAMPLE_COUNT = sizeof samples / sizeof *samples, FLIPS = 3000, ROOM_EACH = 64 << 20 };

// It is read, or refused with a sentence; it never takes much room.
static bool survives(const unsigned char *bytes, size_t size)
{
    const struct import_options options = {.lookback = 4};
    struct model model;
    struct err err = {0};
    const int code = oracle_import(bytes, size, &options, &damaged, &model, &err);
    const bool fine = (code == 0 || ((code == EX_DATAERR || code == EX_USAGE) && err.code == code &&
                                     err.text[0] != '\0')) &&
                      damaged.used < ROOM_EACH;
    arena_reset(&damaged);
    return fine;
}

// The bytes lie at the end of an allocation of their own, so that a sanitizer sees a step beyond.
static void test_cut(void **state)
{
    (void)state;
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        size_t size;
        const unsigned char *bytes = sample(samples[s], &size);
        for (size_t cut = 0; cut < size; cut++) {
            unsigned char *copy = malloc(cut + 1);
            assert_non_null(copy);
            memcpy(copy + 1, bytes, cut);
            if (!survives(copy + 1, cut))
                fail_msg("%s, cut to %zu bytes", samples[s], cut);
            free(copy);
        }
    }
}

static void test_flipped(void **state)
{
    uint64_t seed = 11;
    (void)state;
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        size_t size;
        unsigned char *bytes = sample(samples[s], &size);
        for (size_t i = 0; i < FLIPS; i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            const size_t at = (size_t)(seed >> 33) % size;
            const unsigned char old = bytes[at];
            const uint64_t others[] = {old ^ (1U << (seed >> 29 & 7)), 0xff, seed >> 20};
            bytes[at] = (unsigned char)(others[i % 3] & 0xff);
            if (!survives(bytes, size))
                fail_msg("%s, byte %zu of %zu as %u", samples[s], at, size, bytes[at]);
            bytes[at] = old;
        }
    }
}

// Hundreds of thousands of names that are nobody's: comparing each with each would take minutes.
static void test_many_names(void **state)
{
    enum { NODES = 4000, NAMES = 17 };
    const struct import_options options = {0};
    struct buffer graph, file;
    struct model model;
    (void)state;
    for (size_t count = NAMES - 1; count <= NAMES; count++) {
        struct err err = {0};
        buffer_init(&graph, 8 << 20);
        buffer_init(&file, 8 << 20);
        put_idle_gru(&graph, 1);
        for (size_t n = 0; n < NODES; n++) {
            char names[NAMES * 8], output[16];
            size_t used = (size_t)snprintf(names, sizeof names, "o%zu", n - 1); // all are needed
            for (size_t i = 1; i < count; i++)
                used += (size_t)snprintf(names + used, sizeof names - used, ",%zx", n * NAMES + i);
            (void)snprintf(output, sizeof output, n + 1 == NODES ? "y" : "o%zu", n);
            put_node(&graph, "Concat", names, output);
        }
        put_model(&file, &graph, 17);
        const struct import_source source = {.bytes = (const unsigned char *)file.data,
                                             .size = file.size,
                                             .options = &options,
                                             .arena = &damaged};
        struct import_report report;
        assert_int_equal(import_model(&source, &model, &report, &err), EX_DATAERR);
        assert_string_equal(err.text, count == NAMES
                                          ? "an operator of its graph has more than 16 inputs"
                                          : "its graph has more names than that of a network");
        arena_reset(&damaged);
        buffer_free(&graph);
        buffer_free(&file);
    }
}

static void test_no_memory(void **state)
{
    const struct import_options options = {.lookback = 4};
    (void)state;
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        size_t size;
        const unsigned char *bytes = sample(samples[s], &size);
        int code = -1;
        for (size_t n = 1; code != 0; n++) {
            struct model model;
            struct err err = {0};
            arena_fail_after(n);
            code = oracle_import(bytes, size, &options, &damaged, &model, &err);
            arena_fail_after(0);
            arena_reset(&damaged);
            if (code != 0)
                assert_non_null(strstr(err.text, "out of memory"));
            assert_true(code == 0 || code == EX_OSERR);
        }
        code = -1;
        for (size_t n = 1; code != 0; n++) {
            struct model model;
            struct err err = {0};
            buffer_fail_after(n);
            code = oracle_import(bytes, size, &options, &damaged, &model, &err);
            buffer_fail_after(0);
            arena_reset(&damaged);
            assert_true(code == 0 || code == EX_OSERR);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_refused_options),
        cmocka_unit_test(test_scalers),
        cmocka_unit_test(test_modules),
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_no_memory),
    };
    if (arena_open(&arena, 1ULL << 30, NULL) != 0 ||
        arena_open(&damaged, LIMIT_IMPORT_MEMORY, NULL) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
