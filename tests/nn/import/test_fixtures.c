// SPDX-License-Identifier: Apache-2.0
// Models that Keras and PyTorch trained, in every file format they write: what is imported gives
// their outputs. NAME.FORMAT lies beside NAME.json with inputs, the framework's outputs (float) and
// a reference (double). Usage: test_nn_import_fixtures FOLDER...
#include "forward/forward.h"
#include "oracle.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Against the framework, against the reference, and the reference's twin against the reference:
// what is left there is float weights that were sums.
static const double tolerances[] = {2e-6, 1e-6, 2e-7};

struct fixture {
    double *x, *y, *y64;
    size_t count, batch, lookback;
};

static bool read_fixture(const char *path, struct arena *arena, struct fixture *fixture)
{
    json_t *root = json_load_file(path, 0, NULL);
    size_t outputs = 0;
    const json_t *x = json_object_get(root, "x");
    fixture->batch = json_array_size(x);
    fixture->lookback = json_array_size(json_array_get(x, 0));
    fixture->x = oracle_numbers(x, arena, &fixture->count);
    fixture->y = oracle_numbers(json_object_get(root, "y"), arena, &outputs);
    fixture->y64 = oracle_numbers(json_object_get(root, "y64"), arena, &outputs);
    json_decref(root);
    return fixture->x != NULL && fixture->y != NULL && fixture->y64 != NULL &&
           outputs == fixture->batch;
}

static double farthest(const double *a, const float *b, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, isfinite(b[i]) ? fabs(a[i] - (double)b[i]) : INFINITY);
    return most;
}

// Fills the three distances.
static int compare(const struct network *network, const struct fixture *fixture,
                   struct arena *arena, double *distances, struct err *err)
{
    struct forward *forward = NULL;
    float *x = arena_alloc(arena, fixture->count, sizeof *x, err);
    float *y = arena_alloc(arena, fixture->batch, sizeof *y, err);
    double *reference = arena_alloc(arena, fixture->batch, sizeof *reference, err);
    if (x == NULL || y == NULL || reference == NULL)
        return err->code;
    if (network->lookback * network->features * fixture->batch != fixture->count ||
        network->outputs != 1)
        return err_set(err, EX_DATAERR, "the network has other widths than its inputs");
    for (size_t i = 0; i < fixture->count; i++)
        x[i] = (float)fixture->x[i];
    TRY(forward_reference(network, x, fixture->batch, reference, err));
    TRY(forward_open(network, &forward, err));
    forward_run(forward, x, fixture->batch, y);
    forward_close(forward);
    distances[0] = farthest(fixture->y, y, fixture->batch);
    distances[1] = farthest(fixture->y64, y, fixture->batch);
    distances[2] = 0;
    for (size_t i = 0; i < fixture->batch; i++)
        distances[2] = fmax(distances[2], fabs(reference[i] - fixture->y64[i]));
    return 0;
}

static bool check_file(const char *path, const struct fixture *fixture, struct arena *arena)
{
    // what these do not say
    const bool state_dict = strstr(path, ".safetensors") != NULL,
               open_length = state_dict || strstr(path, ".handbuilt.") != NULL;
    const struct import_options options = {.lookback = open_length ? (int64_t)fixture->lookback : 0,
                                           .last_step = state_dict,
                                           .activation = state_dict ? "relu" : NULL};
    double distances[3] = {NAN, NAN, NAN};
    struct err err = {0};
    struct model model;
    size_t size = 0;
    const unsigned char *bytes = oracle_file(path, arena, &size);
    int code =
        bytes == NULL ? EX_NOINPUT : oracle_import(bytes, size, &options, arena, &model, &err);
    if (code == 0)
        code = compare(&model.network, fixture, arena, distances, &err);
    bool good = code == 0;
    for (size_t i = 0; i < 3; i++)
        good = good && distances[i] <= tolerances[i];
    const char *slash = strrchr(path, '/');
    (void)printf("%-32s %.1e %.1e %.1e %s%s\n", slash + 1, distances[0], distances[1], distances[2],
                 good ? "good" : "WRONG ", err.text);
    return good;
}

static const char *const suffixes[] = {".keras", ".h5", ".safetensors", ".onnx"};

static bool is_model(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        const size_t size = strlen(suffixes[i]);
        if (length > size && strcmp(name + length - size, suffixes[i]) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct arena arena;
    size_t done = 0, wrong = 0;
    if (arena_open(&arena, 4ULL << 30, NULL) != 0)
        return 1;
    (void)printf("%-32s %-7s %-7s %s\n", "file", "y", "y64", "reference");
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            (void)printf("skipped: %s is not there\n", argv[i]);
            return 77;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char json[PATH_MAX], path[PATH_MAX];
            struct fixture fixture;
            if (!is_model(entry->d_name))
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            (void)snprintf(json, sizeof json, "%s/%.*s.json", argv[i],
                           (int)strcspn(entry->d_name, "."), entry->d_name);
            arena_reset(&arena);
            wrong += !read_fixture(json, &arena, &fixture) || !check_file(path, &fixture, &arena);
            done++;
        }
        (void)closedir(folder);
    }
    (void)printf("%zu files, %zu wrong\n", done, wrong);
    return done == 0 || wrong != 0;
}
