// SPDX-License-Identifier: Apache-2.0
#include "facts.h"
#include "columns.h"

#include <math.h>

#define NAME(name, type) #name
const char *const fact_names[FACT_COUNT] = {FACTS(NAME, FACT_COMMA)};
#undef NAME
#define TYPE(name, type) type
const char *const fact_types[FACT_COUNT] = {FACTS(TYPE, FACT_COMMA)};
#undef TYPE

void facts_measure(const struct loaded *loaded, struct facts_size *size)
{
    const struct model *model = &loaded->model;
    size->rows++;
    size->features += model->network.features;
    size->classes += model->class_count;
    size->metrics += model->metric_count;
    size->bytes += loaded->text_bytes + NETWORK_LAYERS_BYTES;
}

static int reserve_array(struct arena *arena, struct native_column *column, size_t rows,
                         size_t elements, size_t bytes, struct err *err)
{
    TRY(native_column_new(arena, column->type, rows, column, err));
    return reply_reserve(arena, &column->children[0], elements, bytes, err);
}

static int reserve_fact(struct arena *arena, struct native_column *columns, enum fact fact,
                        const struct facts_size *size, struct err *err)
{
    struct native_column *column = &columns[fact];
    switch (fact) {
    case FACT_features: {
        TRY(reserve_array(arena, column, size->rows, size->features, size->bytes, err));
        struct native_column *fields = column->children[0].children;
        TRY(reserve_array(arena, &fields[3], size->features, size->features * MODEL_BINS, 0, err));
        return reserve_array(arena, &fields[4], size->features, size->features * MODEL_BINS, 0,
                             err);
    }
    case FACT_classes:
        return reserve_array(arena, column, size->rows, size->classes, size->bytes, err);
    case FACT_metrics:
        return reserve_array(arena, column, size->rows, size->metrics, size->bytes, err);
    default:
        return reply_reserve(arena, column, size->rows, size->bytes, err);
    }
}

int facts_reserve(struct arena *arena, struct native_column *columns, const struct facts_size *size,
                  struct err *err)
{
    for (unsigned fact = 0; fact < FACT_COUNT; fact++)
        TRY(reserve_fact(arena, columns, (enum fact)fact, size, err));
    return 0;
}

// Nothing for numbers that are not known.
static void fill_numbers(struct native_column *column, size_t row, const double *numbers,
                         size_t count)
{
    const uint64_t start = native_start(column->ends, row);
    const size_t known = isfinite(numbers[0]) ? count : 0;
    for (size_t i = 0; i < known; i++)
        reply_float64(&column->children[0], start + i, numbers[i]);
    column->ends[row] = start + known;
}

static void fill_features(struct native_column *column, size_t row, const struct model *model)
{
    struct native_column *fields = column->children[0].children;
    size_t at = native_start(column->ends, row);
    for (size_t i = 0; i < model->network.features; i++, at++) {
        const struct model_feature *feature = &model->features[i];
        reply_text(&fields[0], at, feature->name);
        reply_float64(&fields[1], at, feature->offset);
        reply_float64(&fields[2], at, feature->scale);
        fill_numbers(&fields[3], at, feature->edges, MODEL_BINS - 1);
        fill_numbers(&fields[4], at, feature->shares, MODEL_BINS);
    }
    column->ends[row] = at;
}

static void fill_classes(struct native_column *column, size_t row, const struct model *model)
{
    size_t at = native_start(column->ends, row);
    for (size_t i = 0; i < model->class_count; i++)
        reply_text(&column->children[0], at++, model->classes[i]);
    column->ends[row] = at;
}

static void fill_metrics(struct native_column *column, size_t row, const struct model *model)
{
    struct native_column *fields = column->children[0].children;
    size_t at = native_start(column->ends, row);
    for (size_t i = 0; i < model->metric_count; i++, at++) {
        reply_text(&fields[0], at, model->metrics[i].name);
        reply_float64(&fields[1], at, model->metrics[i].value);
    }
    column->ends[row] = at;
}

void facts_fill(struct native_column *c, size_t row, const struct loaded *loaded)
{
    const struct model *model = &loaded->model;
    char layers[NETWORK_LAYERS_BYTES];
    network_print_layers(&model->network, layers);
    reply_text(&c[FACT_name], row, loaded->reference.name);
    reply_uint32(&c[FACT_version], row, loaded->location.version);
    reply_text(&c[FACT_hash], row, model->hash);
    reply_text(&c[FACT_task], row, model->task == TASK_CLASSES ? "classes" : "regression");
    reply_text(&c[FACT_layers], row, layers);
    reply_uint64(&c[FACT_parameters], row, model->network.weight_count);
    reply_uint32(&c[FACT_lookback], row, (uint32_t)model->network.lookback);
    reply_uint32(&c[FACT_horizon], row, (uint32_t)model->horizon);
    fill_features(&c[FACT_features], row, model);
    fill_classes(&c[FACT_classes], row, model);
    reply_text(&c[FACT_scaler], row, model->scaler);
    reply_text(&c[FACT_target], row, model->target);
    reply_text(&c[FACT_source], row, model->source);
    reply_text(&c[FACT_snapshot], row, model->snapshot);
    reply_uint32(&c[FACT_train_from], row, (uint32_t)model->train_from);
    reply_uint32(&c[FACT_train_to], row, (uint32_t)model->train_to);
    reply_uint64(&c[FACT_seed], row, model->seed);
    reply_text(&c[FACT_rows_sha256], row, model->rows_hash);
    reply_uint64(&c[FACT_created_at], row, (uint64_t)model->created_at);
    reply_text(&c[FACT_origin], row, model->origin);
    fill_metrics(&c[FACT_metrics], row, model);
    reply_text(&c[FACT_notes], row, model->notes);
}
