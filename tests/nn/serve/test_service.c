// SPDX-License-Identifier: Apache-2.0
// The service without sockets: what it answers is what the slow forward pass computes, an alias
// that moves is followed, canaries get their share, and bad requests get a sentence.
#include "../model/sample.h"
#include "model/route.h"
#include "serve/service.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { STEPS = 4, FEATURES = 3, CLASSES = 3, VALUES = STEPS * FEATURES };

struct fixture {
    char folder[32];
    struct arena arena;
    struct served_models *models;
};

static void add_sample(struct fixture *fixture, float bias)
{
    struct err err = {0};
    struct model model;
    struct buffer bytes;
    uint32_t version;
    assert_int_equal(sample_model(&model, &fixture->arena, &err), 0);
    model.features[1].scale = 2;
    model.network.weights[model.network.weight_count - 1] = bias;
    buffer_init(&bytes, 1 << 20);
    assert_int_equal(model_write(&model, &bytes, &err), 0);
    assert_int_equal(folder_add(fixture->folder, "m", bytes.data, bytes.size, &version, &err), 0);
    buffer_free(&bytes);
}

static int set_up(void **state)
{
    struct err err = {0};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/test-service.XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    assert_int_equal(arena_open(&fixture->arena, 1 << 26, &err), 0);
    add_sample(fixture, 0.25F);
    add_sample(fixture, 3);
    assert_int_equal(folder_set_alias(fixture->folder, "m", "production", 1, 1, &err), 0);
    assert_int_equal(served_open(&fixture->models, fixture->folder, &err), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[64];
    served_close(fixture->models);
    arena_close(&fixture->arena);
    (void)snprintf(command, sizeof command, "rm -r %s", fixture->folder);
    const int code = system(command);
    free(fixture);
    return code;
}

// The reply's status; its JSON, which the caller releases.
static unsigned ask(struct fixture *fixture, const char *method, const char *path, const char *body,
                    json_t **json)
{
    struct service_reply reply = {0};
    const struct service_request request = {
        .method = method, .path = path, .body = body, .size = strlen(body)};
    buffer_init(&reply.body, SERVICE_REPLY_BYTES);
    service_answer(fixture->models, &request, &reply);
    *json = json_loadb(reply.body.data, reply.body.size, 0, NULL);
    assert_non_null(*json);
    if (reply.status != 200)
        assert_true(strlen(json_string_value(json_object_get(*json, "error"))) > 10);
    buffer_free(&reply.body);
    return reply.status;
}

static const char *version_of(struct fixture *fixture, const char *path, const char *key,
                              char version[static 16])
{
    char body[512];
    json_t *json;
    (void)snprintf(body, sizeof body,
                   "{\"parameters\":{\"key\":\"%s\"},\"inputs\":[{\"name\":\"x\",\"shape\":[4,3],"
                   "\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6,7,8,9,10,11,12]}]}",
                   key);
    assert_int_equal(ask(fixture, "POST", path, body, &json), 200);
    (void)snprintf(version, 16, "%s", json_string_value(json_object_get(json, "model_version")));
    json_decref(json);
    return version;
}

// ---- values

static void reference(struct fixture *fixture, const float *raw, size_t count, double *y)
{
    struct err err = {0};
    struct model model;
    struct model_bytes bytes;
    char path[64];
    float x[4 * VALUES];
    (void)snprintf(path, sizeof path, "%s/m/1.safetensors", fixture->folder);
    assert_int_equal(model_open(path, &model, &bytes, &fixture->arena, &err), 0);
    for (size_t i = 0; i < count * STEPS; i++)
        model_scale(&model, raw + i * FEATURES, x + i * FEATURES);
    assert_int_equal(forward_reference(&model.network, x, count, y, &err), 0);
    model_close(&bytes);
}

static void test_values(void **state)
{
    struct fixture *fixture = *state;
    static const float raw[2 * VALUES] = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F,
                                          0.9F, 1.0F, 1.1F, 1.2F, -1,   -2,   -3,   -4,
                                          -5,   -6,   -7,   -8,   -9,   -10,  -11,  -12};
    static const char flat[] =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,4,3],\"datatype\":\"FP32\",\"data\":[0.1,0.2,"
        "0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2,-1,-2,-3,-4,-5,-6,-7,-8,-9,-10,-11,-12]}]}";
    static const char nested[] =
        "{\"instances\":[[[0.1,0.2,0.3],[0.4,0.5,0.6],[0.7,0.8,0.9],[1.0,1.1,1.2]],"
        "[[-1,-2,-3],[-4,-5,-6],[-7,-8,-9],[-10,-11,-12]]]}";
    double y[2 * CLASSES];
    json_t *v1, *v2;
    reference(fixture, raw, 2, y);
    assert_int_equal(ask(fixture, "POST", "/v2/models/m/infer", flat, &v2), 200);
    assert_int_equal(ask(fixture, "POST", "/v1/models/m:predict", nested, &v1), 200);
    const json_t *data = json_object_get(json_array_get(json_object_get(v2, "outputs"), 0), "data");
    assert_int_equal(json_array_size(data), 2 * CLASSES);
    for (size_t i = 0; i < (size_t)2 * CLASSES; i++) {
        const json_t *instance = json_array_get(json_object_get(v1, "predictions"), i / CLASSES);
        const double first = json_number_value(json_array_get(data, i));
        const double other =
            json_number_value(json_array_get(json_object_get(instance, "prediction"), i % CLASSES));
        assert_true(fabs(first - y[i]) < 1e-6);
        assert_true(first == other);
    }
    json_decref(v1);
    json_decref(v2);
}

// A value that is missing makes its own sequence null, and no other.
static void test_missing(void **state)
{
    json_t *json;
    assert_int_equal(ask(*state, "POST", "/v1/models/m:predict",
                         "{\"instances\":[[[1,2,3],[4,5,6],[7,8,9],[10,11,12]],"
                         "[[1,2,3],[4,null,6],[7,8,9],[10,11,12]]]}",
                         &json),
                     200);
    const json_t *all = json_object_get(json, "predictions");
    const json_t *good = json_array_get(all, 0), *missing = json_array_get(all, 1);
    assert_true(json_is_real(json_array_get(json_object_get(good, "prediction"), 0)));
    assert_true(json_is_null(json_array_get(json_object_get(missing, "prediction"), 0)));
    assert_string_equal(json_string_value(json_object_get(missing, "class")), "");
    json_decref(json);
}

// ---- which model

static void test_alias_is_followed(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    char version[16];
    static const char path[] = "/v2/models/m/infer";
    assert_string_equal(version_of(fixture, path, "", version), "1");
    assert_int_equal(folder_set_alias(fixture->folder, "m", "production", 2, 1, &err), 0);
    assert_string_equal(version_of(fixture, path, "", version), "2");
    assert_string_equal(version_of(fixture, "/v2/models/m/versions/1/infer", "", version), "1");
    assert_string_equal(version_of(fixture, "/v2/models/m@2/infer", "", version), "2");
    assert_int_equal(folder_set_alias(fixture->folder, "m", "production", 1, 1, &err), 0);
    assert_string_equal(version_of(fixture, path, "", version), "1");
}

// A file that is damaged is passed over: what answered before goes on.
static void test_bad_file(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    char version[16];
    uint32_t bad;
    assert_string_equal(version_of(fixture, "/v2/models/m/infer", "", version), "1");
    assert_int_equal(folder_add(fixture->folder, "m", "no model at all", 15, &bad, &err), 0);
    assert_int_equal(folder_set_alias(fixture->folder, "m", "production", bad, 1, &err), 0);
    assert_string_equal(version_of(fixture, "/v2/models/m/infer", "", version), "1");
    json_t *json;
    assert_int_equal(ask(fixture, "GET", "/v2/models/m@3", "", &json), 503);
    json_decref(json);
    assert_int_equal(folder_set_alias(fixture->folder, "m", "production", 1, 1, &err), 0);
}

// A file that is deleted: what was loaded goes on answering, and what never was is not there.
static void test_deleted_file(void **state)
{
    struct fixture *fixture = *state;
    char version[16], path[64];
    json_t *json;
    add_sample(fixture, 5);
    add_sample(fixture, 7);
    assert_string_equal(version_of(fixture, "/v2/models/m@4/infer", "", version), "4");
    for (unsigned gone = 4; gone <= 5; gone++) {
        (void)snprintf(path, sizeof path, "%s/m/%u.safetensors", fixture->folder, gone);
        assert_int_equal(remove(path), 0);
    }
    assert_string_equal(version_of(fixture, "/v2/models/m@4/infer", "", version), "4");
    assert_int_equal(ask(fixture, "GET", "/v2/models/m@5", "", &json), 404);
    json_decref(json);
}

static void test_canary(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    size_t canaries = 0;
    char version[16], key[16];
    assert_int_equal(folder_set_alias(fixture->folder, "m", "canary", 2, 0.25, &err), 0);
    for (unsigned i = 0; i < 1000; i++) {
        const int size = snprintf(key, sizeof key, "KEY%u", i);
        const bool canary = route_is_canary("m", key, (size_t)size, 0.25);
        canaries += canary;
        assert_string_equal(version_of(fixture, "/v2/models/m/infer", key, version),
                            canary ? "2" : "1");
        assert_string_equal(version_of(fixture, "/v2/models/m@1/infer", key, version), "1");
    }
    assert_in_range(canaries, 200, 300);
    assert_string_equal(version_of(fixture, "/v2/models/m/infer", "", version), "1");
    assert_int_equal(folder_remove_alias(fixture->folder, "m", "canary", &err), 0);
    assert_string_equal(version_of(fixture, "/v2/models/m/infer", "KEY1", version), "1");
}

// ---- refusals

static void test_refusals(void **state)
{
    static const struct {
        const char *method, *path, *body;
        unsigned status;
    } cases[] = {
        {"GET", "/", "", 404},
        {"GET", "/v2/models/none", "", 404},
        {"GET", "/v2/models/m/versions/9", "", 404},
        {"GET", "/v2/models/..%2fm", "", 400},
        {"GET", "/v2/models/a/b/c", "", 400},
        {"GET", "/v2/models/m/infer", "", 405},
        {"POST", "/v2/models/m", "{}", 405},
        {"DELETE", "/v2/health/live", "", 405},
        {"POST", "/v1/models/m:predict", "", 400},
        {"POST", "/v1/models/m:predict", "\xff\xfe", 400},
        {"POST", "/v1/models/m:predict", "[]", 400},
        {"POST", "/v1/models/m:predict", "{\"instances\":3}", 400},
        {"POST", "/v1/models/m:predict", "{\"instances\":[]}", 400},
        {"POST", "/v1/models/m:predict", "{\"instances\":[[[1,2,3]]]}", 400},
        {"POST", "/v1/models/m:predict", "{\"instances\":[[1,2,3,4,5,6,7,8,9,10,11,12]]}", 400},
        {"POST", "/v1/models/m:predict",
         "{\"instances\":[[[1,2,3],[1,2,3],[1,2,3],[1,2,true]]],\"key\":1}", 400},
        {"POST", "/v1/models/m:predict", "{\"instances\":[[[1,2,3],[1,2,3],[1,2,3],[1,2,true]]]}",
         400},
        {"POST", "/v2/models/none/infer", "{\"inputs\":[]}", 404},
        {"POST", "/v2/models/m/infer", "{\"inputs\":[{\"name\":\"x\"}]}", 400},
        {"POST", "/v2/models/m/infer",
         "{\"inputs\":[{\"name\":\"x\",\"shape\":[1e300,4,3],\"datatype\":\"FP32\",\"data\":[]}]}",
         400},
        {"POST", "/v2/models/m/infer",
         "{\"inputs\":[{\"name\":\"x\",\"shape\":[999999999,4,3],\"datatype\":\"FP32\",\"data\":["
         "[]]}]}",
         400},
        {"POST", "/v2/models/m/infer",
         "{\"inputs\":[{\"name\":\"x\",\"shape\":[4,3],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6,"
         "7,8,9,10,11,12]}],\"outputs\":[{\"name\":\"nothing\"}]}",
         400},
        {"POST", "/v2/models/m/infer",
         "{\"inputs\":[{\"name\":\"x\",\"shape\":[4,3],\"datatype\":\"BF16\",\"data\":[1,2,3,4,5,6,"
         "7,8,9,10,11,12]}]}",
         400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json;
        const unsigned status = ask(*state, cases[i].method, cases[i].path, cases[i].body, &json);
        if (status != cases[i].status)
            fail_msg("%s %s %s: %u, not %u", cases[i].method, cases[i].path, cases[i].body, status,
                     cases[i].status);
        json_decref(json);
    }
}

// ---- routes

static void test_route(void **state)
{
    size_t tenth = 0, both = 0;
    char key[16];
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        const size_t size = (size_t)snprintf(key, sizeof key, "%u", i);
        const bool small = route_is_canary("a", key, size, 0.1),
                   large = route_is_canary("a", key, size, 0.3);
        assert_true(large || !small); // a larger share keeps the keys of a smaller
        assert_false(route_is_canary("a", key, size, 0));
        assert_true(route_is_canary("a", key, size, 1));
        tenth += small;
        both += small && route_is_canary("b", key, size, 0.1);
    }
    assert_in_range(tenth, 9600, 10400);
    assert_in_range(both, 800, 1200); // another model's canary has other keys
    // For ever: who was asked before an update must be answered by the same model after it.
    static const char *const tickers[] = {"AAPL", "AMZN", "GOOG", "META", "MSFT", "NVDA", "TSLA"};
    unsigned canaries = 0;
    for (size_t i = 0; i < sizeof tickers / sizeof *tickers; i++)
        canaries |= (unsigned)route_is_canary("nvda", tickers[i], 4, 0.5) << i;
    assert_int_equal(canaries, 0x19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_alias_is_followed),
        cmocka_unit_test(test_bad_file),
        cmocka_unit_test(test_deleted_file),
        cmocka_unit_test(test_canary),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_route),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
