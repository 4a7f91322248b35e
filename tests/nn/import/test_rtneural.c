// SPDX-License-Identifier: Apache-2.0
// RTNeural's networks: weights as Keras gives them, in JSON, and an output for every step of one
// long sequence, which is ours for a look-back up to there. They fix the order of gates and
// directions of products with numbers of a third party. Usage: test_nn_rtneural FOLDER
#include "forward/forward.h"
#include "oracle.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS_MAX = 1000 };
static const double tolerance = 1e-6; // their outputs are floats of about 1

static size_t read_column(const char *folder, const char *name, const char *part, double *values)
{
    char path[PATH_MAX], line[128];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/%s_%s_python.csv", folder, name, part);
    FILE *file = fopen(path, "r");
    while (file != NULL && count < STEPS_MAX && fgets(line, sizeof line, file) != NULL)
        values[count++] = strtod(line, NULL);
    if (file != NULL)
        (void)fclose(file);
    return count;
}

static const struct tensor *read_weights(const json_t *list, struct arena *arena)
{
    struct tensor *tensor = arena_alloc(arena, 1, sizeof *tensor, NULL);
    *tensor = (struct tensor){.name = "weights"};
    tensor->values = oracle_numbers(list, arena, &tensor->elements);
    for (const json_t *at = list; json_is_array(at); at = json_array_get(at, 0))
        tensor->shape[tensor->rank++] = json_array_size(at);
    return tensor;
}

static void add_layer(struct drawing *drawing, const json_t *layer, struct arena *arena)
{
    const char *type = json_string_value(json_object_get(layer, "type"));
    const json_t *weights = json_object_get(layer, "weights");
    const struct tensor *parts[3] = {NULL};
    enum layer_kind kind = LAYER_DENSE;
    (void)layer_kind_parse(type, &kind);
    struct drawn_layer *drawn = drawing_add(drawing, kind, type, NULL);
    for (size_t i = 0; i < json_array_size(weights) && i < 3; i++)
        parts[i] = read_weights(json_array_get(weights, i), arena);
    drawn->layer.reset_after = kind == LAYER_GRU;
    drawn->layer.units =
        (size_t)json_integer_value(json_array_get(json_object_get(layer, "shape"), 2));
    if (kind == LAYER_DENSE) {
        (void)activation_parse(json_string_value(json_object_get(layer, "activation")),
                               &drawn->layer.activation);
        drawn->directions[0] = (struct drawn_direction){.kernel = parts[0], .bias = parts[1]};
        return;
    }
    drawn->directions[0] =
        (struct drawn_direction){.kernel = parts[0], .recurrent = parts[1], .bias = parts[2]};
    if (parts[2] != NULL && parts[2]->rank == 2) {
        const size_t width = parts[2]->shape[1];
        (void)tensor_piece(parts[2], 0, 0, width, arena, &drawn->directions[0].bias, NULL);
        (void)tensor_piece(parts[2], width, 0, width, arena, &drawn->directions[0].recurrent_bias,
                           NULL);
    }
}

static double check_lookback(struct drawing *drawing, size_t lookback, const double *x,
                             double wanted, struct arena *arena)
{
    float in[STEPS_MAX];
    struct model model;
    struct err err = {0};
    double out = NAN;
    drawing->lookback = lookback;
    for (size_t i = 0; i < lookback; i++)
        in[i] = (float)x[i];
    if (drawing_build(drawing, arena, &model, &err) != 0 ||
        forward_reference(&model.network, in, 1, &out, &err) != 0)
        (void)printf("%s\n", err.text);
    return fabs(out - wanted);
}

static bool check_network(const char *folder, const char *name, struct arena *arena)
{
    static double x[STEPS_MAX], y[STEPS_MAX];
    char path[PATH_MAX];
    struct drawing drawing = {.features = 1};
    size_t i;
    json_t *layer;
    double most = 0;
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    json_t *root = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(root, "layers"), i, layer) add_layer(&drawing, layer, arena);
    const size_t count = read_column(folder, name, "x", x);
    if (count == 0 || read_column(folder, name, "y", y) != count || drawing.layer_count == 0)
        return false;
    for (size_t step = 1; step <= count; step++) {
        const double off = check_lookback(&drawing, step, x, y[step - 1], arena);
        most = off <= most ? most : off;
    }
    (void)printf("%s: %zu layers, %zu steps, at most %.1e off\n", name, drawing.layer_count, count,
                 most);
    json_decref(root);
    return most <= tolerance;
}

int main(int argc, char **argv)
{
    struct arena arena;
    if (argc != 2 || access(argv[1], R_OK) != 0) {
        (void)printf("skipped: %s is not there\n", argc == 2 ? argv[1] : "FOLDER");
        return 77;
    }
    if (arena_open(&arena, 1ULL << 30, NULL) != 0)
        return 1;
    const bool gru = check_network(argv[1], "gru_1d", &arena),
               lstm = check_network(argv[1], "lstm_1d", &arena);
    return !gru || !lstm;
}
