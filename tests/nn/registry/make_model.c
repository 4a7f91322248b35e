// SPDX-License-Identifier: Apache-2.0
// Adds a model with random weights to a models folder, and prints its version:
//   make_model FOLDER NAME LOOKBACK FEATURES UNITS LAYERS OUTPUTS SEED
// GRU layers, then a dense one; features have a scaler that does something. OUTPUTS of 3 are
// classes.
#include "base/buffer.h"
#include "model/folder.h"
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>

static int fill_network(struct model *model, unsigned seed)
{
    for (size_t i = 0; i < model->network.weight_count; i++) {
        seed = seed * 1664525u + 1013904223u;
        model->network.weights[i] = ((float)(seed >> 8) / 16777216.0F - 0.5F) / 4;
    }
    for (size_t i = 0; i < model->network.features; i++) {
        model->features[i].offset = 0.1 * (double)i;
        model->features[i].scale = 1.5;
    }
    return 0;
}

static void describe(struct model *model, size_t outputs, unsigned seed)
{
    static struct model_metric metrics[] = {{"ic", 0.031}, {"validation_mse", 0.25}};
    if (outputs == 3) {
        model->task = TASK_CLASSES;
        model->class_count = 3;
        model->classes[0] = "down";
        model->classes[1] = "neutral";
        model->classes[2] = "up";
    }
    model->target = "target_next_return";
    model->scaler = "standard";
    model->horizon = 1;
    model->seed = seed;
    model->train_from = 18262;
    model->train_to = 20000;
    model->created_at = 1760000000000000;
    model->metrics = metrics;
    model->metric_count = 2;
}

static size_t number(const char *text)
{
    return (size_t)strtoul(text, NULL, 10);
}

static int make(char **argv, uint32_t *version, struct err *err)
{
    struct network layout = {.lookback = number(argv[3]), .features = number(argv[4])};
    const size_t units = number(argv[5]), layers = number(argv[6]), outputs = number(argv[7]);
    const unsigned seed = (unsigned)number(argv[8]);
    struct arena arena;
    struct model model;
    struct buffer bytes;
    for (size_t i = 0; i < layers && i + 1 < NETWORK_MAX_LAYERS; i++)
        layout.layers[layout.layer_count++] =
            (struct network_layer){.kind = LAYER_GRU, .units = units, .reset_after = true};
    layout.layers[layout.layer_count++] =
        (struct network_layer){.kind = LAYER_DENSE,
                               .units = outputs,
                               .activation = outputs == 3 ? ACTIVATION_SOFTMAX : ACTIVATION_LINEAR};
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    TRY(model_new(&model, &layout, &arena, err));
    TRY(fill_network(&model, seed));
    describe(&model, outputs, seed);
    buffer_init(&bytes, LIMIT_MODEL_BYTES);
    TRY(model_write(&model, &bytes, err));
    const int code = folder_add(argv[1], argv[2], bytes.data, bytes.size, version, err);
    buffer_free(&bytes);
    arena_close(&arena);
    return code;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    uint32_t version = 0;
    if (argc != 9)
        return EX_USAGE;
    if (make(argv, &version, &err) != 0) {
        (void)fprintf(stderr, "make_model: %s\n", err.text);
        return err.code;
    }
    (void)printf("%u\n", version);
    return 0;
}
