// SPDX-License-Identifier: Apache-2.0
// Writes the models that the function cases ask, into FOLDER: returns (a regression), binary (one
// sigmoid), moods (the sample of three classes, twice, the first in production) trial (with a
// canary) and foreign (over features of gold, from nobody knows which training).
#include "sample.h"

#include "base/buffer.h"
#include "model/folder.h"

#include <stdio.h>
#include <string.h>

static void fill(struct network *network)
{
    for (size_t i = 0; i < network->weight_count; i++)
        network->weights[i] = (float)((int)(i * 7 % 23) - 11) / 16.0F;
}

static int add(const char *folder, const char *name, struct model *model, struct err *err)
{
    struct buffer file;
    uint32_t version;
    buffer_init(&file, LIMIT_MODEL_BYTES);
    model->created_at = 1767225600000000; // 2026-01-01
    int code = model_write(model, &file, err);
    if (code == 0)
        code = folder_add(folder, name, file.data, file.size, &version, err);
    buffer_free(&file);
    return code;
}

static int make_small(const char *folder, const char *name, enum activation activation,
                      const char *first, const char *second, struct arena *arena, struct err *err)
{
    const struct network layout = {
        .lookback = 3,
        .features = 2,
        .layer_count = 2,
        .layers = {{.kind = LAYER_GRU, .units = 4, .reset_after = true},
                   {.kind = LAYER_DENSE, .units = 1, .activation = activation}}};
    struct model model;
    TRY(model_new(&model, &layout, arena, err));
    fill(&model.network);
    model.features[0].name = first;
    model.features[0].scale = 50;
    model.features[1].name = second;
    model.features[1].offset = 1e6;
    model.features[1].scale = 1e-6;
    model.scaler = "standard";
    model.target = "target_next_return";
    if (activation == ACTIVATION_LINEAR) {
        model.target_offset = 0.0005;
        model.target_scale = 0.02;
    } else {
        model.task = TASK_CLASSES;
        model.class_count = 2;
        model.classes[0] = "down";
        model.classes[1] = "up";
    }
    return add(folder, name, &model, err);
}

static int make_all(const char *folder, struct arena *arena, struct err *err)
{
    struct model model;
    TRY(make_small(folder, "returns", ACTIVATION_LINEAR, "return", "volume", arena, err));
    TRY(make_small(folder, "binary", ACTIVATION_SIGMOID, "return", "volume", arena, err));
    TRY(sample_model(&model, arena, err));
    TRY(add(folder, "moods", &model, err));
    model.network.weights[model.network.weight_count - 1] += 1;
    TRY(add(folder, "moods", &model, err));
    TRY(folder_set_alias(folder, "moods", "production", 1, 1, err));
    TRY(make_small(folder, "foreign", ACTIVATION_LINEAR, "news", "rsi_14", arena, err));
    TRY(make_small(folder, "trial", ACTIVATION_LINEAR, "return", "volume", arena, err));
    TRY(make_small(folder, "trial", ACTIVATION_TANH, "return", "volume", arena, err));
    TRY(folder_set_alias(folder, "trial", "production", 1, 1, err));
    return folder_set_alias(folder, "trial", "canary", 2, 0.1, err);
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct err err = {0};
    if (argc != 2)
        return EX_USAGE;
    if (arena_open(&arena, 1 << 26, &err) != 0 || make_all(argv[1], &arena, &err) != 0) {
        (void)fprintf(stderr, "make_models: %s\n", err.text);
        return err.code;
    }
    arena_close(&arena);
    return 0;
}
