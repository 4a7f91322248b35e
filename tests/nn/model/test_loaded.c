// SPDX-License-Identifier: Apache-2.0
// Models in the memory of a worker, with room for the weights of three (MOST_WEIGHT_BYTES).
#include "sample.h"

#include "base/buffer.h"
#include "loaded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MODELS = 100, ROWS = 3 * MODELS, CLASSES = 3, VALUES = 4 * 3, VERSIONS = 2 };

static char folder[] = "/tmp/tickhouse-loaded.XXXXXX";
static struct arena arena;
static float answers[VERSIONS][MODELS][CLASSES]; // of the models when they were written
static const float x[VALUES] = {0.5F, 0, -0.5F, 1, 0, 0.25F, 0, 0.75F, -1, 0.125F, 0, 0};

// Adds version 1 or 2 of a model; no two answer the same.
static void add(size_t model_number, size_t version_number)
{
    struct err err = {0};
    struct model model;
    struct buffer file;
    struct forward *forward;
    uint32_t version;
    char name[16];
    assert_int_equal(sample_model(&model, &arena, &err), 0);
    model.network.weights[model.network.weight_count - 1] =
        (float)(model_number * VERSIONS + version_number) / 64;
    (void)snprintf(name, sizeof name, "m%zu", model_number);
    buffer_init(&file, 1 << 20);
    assert_int_equal(model_write(&model, &file, &err), 0);
    assert_int_equal(folder_add(folder, name, file.data, file.size, &version, &err), 0);
    assert_int_equal(forward_open(&model.network, &forward, &err), 0);
    forward_run(forward, x, 1, answers[version_number][model_number]);
    forward_close(forward);
    buffer_free(&file);
}

static void expect_answers(const struct loaded *loaded, const float *wanted)
{
    struct err err = {0};
    struct forward *forward;
    float y[CLASSES];
    assert_int_equal(loaded_forward(loaded, &forward, &err), 0);
    forward_run(forward, x, 1, y);
    assert_memory_equal(y, wanted, sizeof y);
}

// "m0", "m1", ..., over and over.
static struct native_column names_in_turn(struct udf_call *call)
{
    struct native_column names = {.rows = ROWS};
    names.bytes = arena_alloc(&arena, ROWS, 8, NULL);
    names.ends = arena_alloc(&arena, ROWS, sizeof *names.ends, NULL);
    uint64_t end = 0;
    for (size_t row = 0; row < ROWS; row++) {
        end += (uint64_t)snprintf(names.bytes + end, 8, "m%zu", row % MODELS);
        names.ends[row] = end;
    }
    *call = (struct udf_call){.rows = ROWS, .arena = &arena};
    return names;
}

static void test_a_block_may_name_any_number_of_models(void **state)
{
    struct udf_call call;
    const struct native_column names = names_in_turn(&call);
    const struct loaded **models;
    struct err err = {0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(loaded_of_rows(&call, &names, &models, &err), 0);
        for (size_t row = 0; row < ROWS; row++)
            expect_answers(models[row], answers[0][row % MODELS]);
    }
}

static void test_all_are_asked_where_they_are_each_time(void **state)
{
    struct udf_call call;
    const struct native_column names = names_in_turn(&call);
    const struct loaded **models;
    struct err err = {0};
    (void)state;
    for (size_t m = 0; m < MODELS; m += 2)
        add(m, 1);
    assert_int_equal(loaded_of_rows(&call, &names, &models, &err), 0);
    for (size_t row = 0; row < ROWS; row++) {
        const size_t m = row % MODELS;
        assert_int_equal(models[row]->location.version, m % 2 == 0 ? 2 : 1);
        expect_answers(models[row], answers[m % 2 == 0][m]);
    }
}

// One after the other, most are forgotten and come back.
static void test_one_at_a_time(void **state)
{
    const struct loaded *loaded;
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        char text[16];
        const int size = snprintf(text, sizeof text, "m%zu@1", i % MODELS);
        assert_int_equal(loaded_find(text, (size_t)size, &loaded, &err), 0);
        expect_answers(loaded, answers[0][i % MODELS]);
    }
}

// Weights that were dropped and are gone, or are another's by now, are not answered with.
static void test_weights_that_cannot_be_read_again(void **state)
{
    struct udf_call call;
    const struct native_column names = names_in_turn(&call);
    const struct loaded **models;
    struct forward *forward;
    struct err err = {0};
    char path[128], other[128];
    (void)state;
    assert_int_equal(loaded_of_rows(&call, &names, &models, &err), 0);
    (void)snprintf(path, sizeof path, "%s/m1/1.safetensors", folder);
    (void)snprintf(other, sizeof other, "%s/m3/1.safetensors", folder);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(loaded_forward(models[1], &forward, &err), EX_TEMPFAIL);
    assert_non_null(strstr(err.text, "was replaced"));
    err = (struct err){0};
    assert_int_equal(loaded_forward(models[3], &forward, &err), EX_NOINPUT);
    assert_non_null(strstr(err.text, "m3/1.safetensors"));
}

static int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    if (mkdtemp(folder) == NULL || setenv("TICKHOUSE_MODELS", folder, 1) != 0 ||
        arena_open(&arena, 1 << 26, &err) != 0 || loaded_setup(&err) != 0)
        return 1;
    for (size_t m = 0; m < MODELS; m++)
        add(m, 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    arena_close(&arena);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block_may_name_any_number_of_models),
        cmocka_unit_test(test_all_are_asked_where_they_are_each_time),
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_weights_that_cannot_be_read_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
