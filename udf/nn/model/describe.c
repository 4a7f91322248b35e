// SPDX-License-Identifier: Apache-2.0
#include "model/describe.h"
#include "base/time.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- to JSON. NULL stands for what jansson does not make: a text that is no UTF-8, a number that
// is not finite, or no memory. json_pack passes it on; where things are appended, it is looked for.

static json_t *give_up(json_t *made, struct err *err, const char *what, size_t index,
                       const char *name)
{
    json_decref(made);
    (void)err_set(err, EX_DATAERR,
                  "%s %zu, '%.64s', cannot be written: its name must be UTF-8, its numbers "
                  "finite, and memory left",
                  what, index + 1, name);
    return NULL;
}

static json_t *describe_layer(const struct network_layer *layer)
{
    if (layer->kind == LAYER_DROPOUT)
        return json_pack("{s:s, s:f}", "kind", "dropout", "rate", layer->dropout);
    if (layer->kind == LAYER_DENSE)
        return json_pack("{s:s, s:I, s:s}", "kind", "dense", "units", (json_int_t)layer->units,
                         "activation", activation_name(layer->activation));
    return json_pack("{s:s, s:I, s:b, s:b, s:b}", "kind", layer_kind_name(layer->kind), "units",
                     (json_int_t)layer->units, "reset_after", layer->reset_after, "bidirectional",
                     layer->bidirectional, "last_step", layer->last_step);
}

static json_t *describe_network(const struct network *network, struct err *err)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < network->layer_count; i++)
        if (json_array_append_new(layers, describe_layer(&network->layers[i])) != 0)
            return give_up(layers, err, "layer", i, layer_kind_name(network->layers[i].kind));
    return json_pack("{s:I, s:I, s:o}", "lookback", (json_int_t)network->lookback, "features",
                     (json_int_t)network->features, "layers", layers);
}

// An empty list for numbers that are not known.
static json_t *describe_numbers(const double *numbers, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; isfinite(numbers[0]) && i < count; i++)
        if (json_array_append_new(list, json_real(numbers[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *describe_feature(const struct model_feature *feature)
{
    return json_pack("{s:s, s:f, s:f, s:o, s:o}", "name", feature->name, "offset", feature->offset,
                     "scale", feature->scale, "edges",
                     describe_numbers(feature->edges, MODEL_BINS - 1), "shares",
                     describe_numbers(feature->shares, MODEL_BINS));
}

static json_t *describe_features(const struct model *model, struct err *err)
{
    json_t *features = json_array();
    for (size_t i = 0; i < model->network.features; i++)
        if (json_array_append_new(features, describe_feature(&model->features[i])) != 0)
            return give_up(features, err, "feature", i, model->features[i].name);
    return features;
}

static json_t *describe_classes(const struct model *model, struct err *err)
{
    json_t *classes = json_array();
    for (size_t i = 0; i < model->class_count; i++)
        if (json_array_append_new(classes, json_string(model->classes[i])) != 0)
            return give_up(classes, err, "class", i, model->classes[i]);
    return classes;
}

// A metric that is not finite is not known.
static json_t *describe_metrics(const struct model *model, struct err *err)
{
    json_t *metrics = json_object();
    for (size_t i = 0; i < model->metric_count; i++) {
        const struct model_metric *metric = &model->metrics[i];
        if (isfinite(metric->value) &&
            json_object_set_new(metrics, metric->name, json_real(metric->value)) != 0)
            return give_up(metrics, err, "metric", i, metric->name);
    }
    return metrics;
}

static json_t *describe_date(int32_t days)
{
    char text[11] = "";
    if (days != 0)
        date_format(days, text);
    return json_string(text);
}

int model_describe(const struct model *model, struct buffer *out, struct err *err)
{
    json_t *root = json_pack(
        "{s:o, s:s, s:o, s:o, s:{s:s, s:f, s:f, s:I}, s:s, s:s, s:s, s:{s:o, s:o}, s:I, s:s, s:I, "
        "s:s, "
        "s:s, s:o}",
        "network", describe_network(&model->network, err), "task",
        model->task == TASK_CLASSES ? "classes" : "regression", "classes",
        describe_classes(model, err), "features", describe_features(model, err), "target", "name",
        model->target, "offset", model->target_offset, "scale", model->target_scale, "horizon",
        (json_int_t)model->horizon, "scaler", model->scaler, "source", model->source, "snapshot",
        model->snapshot, "train", "from", describe_date(model->train_from), "to",
        describe_date(model->train_to), "seed", (json_int_t)model->seed, "rows_sha256",
        model->rows_hash, "created_at", (json_int_t)model->created_at, "origin", model->origin,
        "notes", model->notes, "metrics", describe_metrics(model, err));
    char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(root);
    if (text == NULL)
        return err_set(
            err, EX_DATAERR,
            "the model cannot be described: its target, source, notes or another text of it "
            "is no UTF-8, or the offset or scale of its target is not finite");
    const int code = buffer_append(out, text, strlen(text), err);
    free(text);
    return code;
}

// ---- from JSON

struct reader {
    struct arena *arena;
    struct err *err;
};

static int read_text(struct reader *r, const json_t *object, const char *key, const char **text)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return err_set(r->err, EX_DATAERR, "the description lacks the text '%s'", key);
    return arena_text(r->arena, json_string_value(value), text, r->err);
}

static int read_number(struct reader *r, const json_t *object, const char *key, double *number)
{
    const json_t *value = json_object_get(object, key);
    *number = json_number_value(value);
    if (!json_is_number(value) || !isfinite(*number))
        return err_set(r->err, EX_DATAERR, "the description lacks the number '%s'", key);
    return 0;
}

static int read_size(struct reader *r, const json_t *object, const char *key, size_t most,
                     size_t *size)
{
    const json_t *value = json_object_get(object, key);
    const json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most)
        return err_set(r->err, EX_DATAERR, "the description lacks '%s' as a number from 0 to %zu",
                       key, most);
    *size = (size_t)number;
    return 0;
}

static int read_integer(struct reader *r, const json_t *object, const char *key, json_int_t *number)
{
    const json_t *value = json_object_get(object, key);
    *number = json_integer_value(value);
    return json_is_integer(value)
               ? 0
               : err_set(r->err, EX_DATAERR, "the description lacks the whole number '%s'", key);
}

static int read_list(struct reader *r, const json_t *object, const char *key, size_t most,
                     const json_t **list)
{
    *list = json_object_get(object, key);
    if (json_is_array(*list) && json_array_size(*list) <= most)
        return 0;
    return err_set(r->err, EX_DATAERR, "the description lacks the list '%s' of at most %zu", key,
                   most);
}

static int read_layer(struct reader *r, const json_t *entry, struct network_layer *layer)
{
    const char *text = json_string_value(json_object_get(entry, "kind"));
    if (text == NULL || !layer_kind_parse(text, &layer->kind))
        return err_set(r->err, EX_DATAERR,
                       "a layer is of kind '%.32s'; known are gru, lstm, dense, dropout",
                       text == NULL ? "" : text);
    if (layer->kind == LAYER_DROPOUT)
        return read_number(r, entry, "rate", &layer->dropout);
    TRY(read_size(r, entry, "units", NETWORK_MAX_UNITS, &layer->units));
    if (layer->kind == LAYER_DENSE) {
        text = json_string_value(json_object_get(entry, "activation"));
        if (text == NULL || !activation_parse(text, &layer->activation))
            return err_set(r->err, EX_DATAERR,
                           "a dense layer has the activation '%.32s', which is not known",
                           text == NULL ? "" : text);
    }
    layer->reset_after = json_is_true(json_object_get(entry, "reset_after"));
    layer->bidirectional = json_is_true(json_object_get(entry, "bidirectional"));
    layer->last_step = json_is_true(json_object_get(entry, "last_step"));
    return 0;
}

static int read_network(struct reader *r, const json_t *entry, struct network *network)
{
    const json_t *layers;
    TRY(read_size(r, entry, "lookback", NETWORK_MAX_LOOKBACK, &network->lookback));
    TRY(read_size(r, entry, "features", NETWORK_MAX_UNITS, &network->features));
    TRY(read_list(r, entry, "layers", NETWORK_MAX_LAYERS, &layers));
    network->layer_count = json_array_size(layers);
    for (size_t i = 0; i < network->layer_count; i++)
        TRY(read_layer(r, json_array_get(layers, i), &network->layers[i]));
    return network_lay_out(network, r->err);
}

// NaN for all where the list is not there or has another length.
static void read_numbers(const json_t *list, size_t count, double *numbers)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] =
            json_array_size(list) == count ? json_number_value(json_array_get(list, i)) : NAN;
}

static int read_feature(struct reader *r, const json_t *entry, struct model_feature *feature)
{
    TRY(read_text(r, entry, "name", &feature->name));
    TRY(read_number(r, entry, "offset", &feature->offset));
    TRY(read_number(r, entry, "scale", &feature->scale));
    read_numbers(json_object_get(entry, "edges"), MODEL_BINS - 1, feature->edges);
    read_numbers(json_object_get(entry, "shares"), MODEL_BINS, feature->shares);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Features are asked for by their names, so no two may have the same.
static int check_names(struct reader *r, const struct model *model)
{
    const size_t count = model->network.features;
    const char **names = arena_alloc(r->arena, count, sizeof *names, r->err);
    if (names == NULL)
        return err_code(r->err, EX_OSERR);
    for (size_t i = 0; i < count; i++)
        names[i] = model->features[i].name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return err_set(r->err, EX_DATAERR, "two features have the same name, '%.64s'",
                           names[i]);
    return 0;
}

static int read_features(struct reader *r, const json_t *root, struct model *model)
{
    const json_t *features;
    TRY(read_list(r, root, "features", NETWORK_MAX_UNITS, &features));
    if (json_array_size(features) != model->network.features)
        return err_set(r->err, EX_DATAERR,
                       "the description names %zu features, the network has %zu",
                       json_array_size(features), model->network.features);
    model->features =
        arena_alloc(r->arena, model->network.features, sizeof *model->features, r->err);
    if (model->features == NULL)
        return err_code(r->err, EX_OSERR);
    for (size_t i = 0; i < model->network.features; i++)
        TRY(read_feature(r, json_array_get(features, i), &model->features[i]));
    return check_names(r, model);
}

static int read_classes(struct reader *r, const json_t *root, struct model *model)
{
    const json_t *classes;
    const char *task = json_string_value(json_object_get(root, "task"));
    if (task == NULL || (strcmp(task, "classes") != 0 && strcmp(task, "regression") != 0))
        return err_set(r->err, EX_DATAERR, "its task is neither 'regression' nor 'classes'");
    model->task = strcmp(task, "classes") == 0 ? TASK_CLASSES : TASK_REGRESSION;
    TRY(read_list(r, root, "classes", MODEL_MAX_CLASSES, &classes));
    model->class_count = json_array_size(classes);
    const size_t outputs = model->network.outputs, wanted = outputs == 1 ? 2 : outputs;
    if (model->task == TASK_REGRESSION ? model->class_count != 0 : model->class_count != wanted)
        return err_set(r->err, EX_DATAERR, "%zu classes are named; the network's outputs want %zu",
                       model->class_count, model->task == TASK_REGRESSION ? 0 : wanted);
    for (size_t i = 0; i < model->class_count; i++) {
        const json_t *name = json_array_get(classes, i);
        json_t *box = json_pack("{s:O}", "class", name);
        const int code = read_text(r, box, "class", &model->classes[i]);
        json_decref(box);
        TRY(code);
    }
    return 0;
}

static int read_metrics(struct reader *r, const json_t *root, struct model *model)
{
    json_t *metrics = json_object_get(root, "metrics");
    const char *key;
    json_t *value;
    model->metrics =
        arena_alloc(r->arena, json_object_size(metrics), sizeof *model->metrics, r->err);
    if (model->metrics == NULL)
        return err_code(r->err, EX_OSERR);
    json_object_foreach(metrics, key, value)
    {
        struct model_metric *metric = &model->metrics[model->metric_count];
        TRY(arena_text(r->arena, key, &metric->name, r->err));
        metric->value = json_is_number(value) ? json_number_value(value) : NAN;
        model->metric_count++;
    }
    return 0;
}

static int32_t read_date(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    int32_t days = 0;
    return json_is_string(value) &&
                   date_parse(json_string_value(value), json_string_length(value), &days)
               ? days
               : 0;
}

static int read_provenance(struct reader *r, const json_t *root, struct model *model)
{
    const json_t *target = json_object_get(root, "target"), *train = json_object_get(root, "train");
    json_int_t seed, created;
    TRY(read_text(r, target, "name", &model->target));
    TRY(read_number(r, target, "offset", &model->target_offset));
    TRY(read_number(r, target, "scale", &model->target_scale));
    TRY(read_size(r, target, "horizon", INT32_MAX, &model->horizon));
    TRY(read_text(r, root, "scaler", &model->scaler));
    TRY(read_text(r, root, "source", &model->source));
    TRY(read_text(r, root, "snapshot", &model->snapshot));
    TRY(read_text(r, root, "rows_sha256", &model->rows_hash));
    TRY(read_text(r, root, "origin", &model->origin));
    TRY(read_text(r, root, "notes", &model->notes));
    TRY(read_integer(r, root, "seed", &seed));
    TRY(read_integer(r, root, "created_at", &created));
    model->seed = (uint64_t)seed;
    model->created_at = created;
    model->train_from = read_date(train, "from");
    model->train_to = read_date(train, "to");
    return 0;
}

static int read_root(struct reader *r, const json_t *root, struct model *model)
{
    TRY(read_network(r, json_object_get(root, "network"), &model->network));
    TRY(read_classes(r, root, model));
    TRY(read_features(r, root, model));
    TRY(read_provenance(r, root, model));
    return read_metrics(r, root, model);
}

int model_undescribe(const char *json, struct model *model, struct arena *arena, struct err *err)
{
    struct reader r = {arena, err};
    json_error_t why;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, EX_DATAERR, "the description is no JSON object: %s", why.text);
    }
    const int code = read_root(&r, root, model);
    json_decref(root);
    return code;
}
