// SPDX-License-Identifier: Apache-2.0
// planted_models FOLDER: the models that test_watch.sh watches. All were trained until 2026-05-01
// on features that are uniform between 0 and 1, and had a mean squared error of 1e-4 in validation.
#include "base/buffer.h"
#include "base/time.h"
#include "model/folder.h"
#include "model/model.h"

#include <stdio.h>

struct plant {
    const char *name, *alias, *features[4];
    int days_old;
};

static void know_bins(struct model_feature *feature)
{
    for (int b = 0; b < MODEL_BINS; b++)
        feature->shares[b] = 1.0 / MODEL_BINS;
    for (int e = 0; e < MODEL_BINS - 1; e++)
        feature->edges[e] = (e + 1.0) / MODEL_BINS;
}

static int make_model(const struct plant *plant, struct arena *arena, struct model *model,
                      struct err *err)
{
    static struct model_metric metrics[] = {{"validation_mse", 1e-4}, {"validation_ic", 0.05}};
    struct network layout = {
        .lookback = 3,
        .layer_count = 2,
        .layers = {{.kind = LAYER_GRU, .units = 2, .reset_after = true},
                   {.kind = LAYER_DENSE, .units = 1, .activation = ACTIVATION_LINEAR}}};
    while (layout.features < 4 && plant->features[layout.features] != NULL)
        layout.features++;
    TRY(model_new(model, &layout, arena, err));
    for (size_t f = 0; f < layout.features; f++) {
        model->features[f].name = plant->features[f];
        know_bins(&model->features[f]);
    }
    model->target = "target";
    model->horizon = 1;
    model->train_to = date_from_civil(2026, 5, 1);
    model->created_at = clock_microseconds() - plant->days_old * INT64_C(86400000000);
    model->metrics = metrics;
    model->metric_count = 2;
    return 0;
}

static int plant_model(const char *folder, const struct plant *plant, struct err *err)
{
    struct arena arena;
    struct buffer file;
    struct model model;
    uint32_t version;
    TRY(arena_open(&arena, 1 << 24, err));
    buffer_init(&file, 1 << 24);
    TRY(make_model(plant, &arena, &model, err));
    TRY(model_write(&model, &file, err));
    TRY(folder_add(folder, plant->name, file.data, file.size, &version, err));
    if (plant->alias != NULL)
        TRY(folder_set_alias(folder, plant->name, plant->alias, version, 1, err));
    buffer_free(&file);
    arena_close(&arena);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct plant plants[] = {
        {"steady", "production", {"return_1", "range"}, 10},
        {"troubled", "production", {"return_1", "volume_z", "sentiment", "ghost"}, 100},
        {"broken", "canary", {"return_1"}, 0},
        {"unwatched", NULL, {"volume_z"}, 100},
    };
    struct err err = {0};
    for (size_t i = 0; argc == 2 && i < sizeof plants / sizeof *plants; i++)
        if (plant_model(argv[1], &plants[i], &err) != 0) {
            (void)fprintf(stderr, "planted_models: %s\n", err.text);
            return err.code;
        }
    return argc == 2 ? 0 : EX_USAGE;
}
