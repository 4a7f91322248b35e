// SPDX-License-Identifier: Apache-2.0
#include "registry/run_files.h"
#include "base/number.h"
#include "base/time.h"
#include "registry/files.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_VALUE_BYTES = 6000, MAX_KEY_BYTES = 250, MAX_COLUMNS = 256 }; // MLflow's own limits
#define MAX_FILE_BYTES (64ULL << 20)

// ---- reading

// The text of a file of the run folder; empty when it is not there.
static int read_text(const char *folder, const char *name, struct buffer *text, struct err *err)
{
    char path[PATH_MAX];
    buffer_init(text, MAX_FILE_BYTES);
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX || access(path, F_OK) != 0)
        return 0;
    return file_read(path, text, err);
}

static int read_object(const char *folder, const char *name, json_t **object, struct err *err)
{
    struct buffer text;
    json_error_t where;
    int code = read_text(folder, name, &text, err);
    *object = NULL;
    if (code == 0 && text.size == 0)
        *object = json_object();
    else if (code == 0)
        *object = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &where);
    buffer_free(&text);
    if (code != 0 || json_is_object(*object))
        return code;
    json_decref(*object);
    *object = NULL;
    return err_set(err, EX_DATAERR, "%s/%s is no JSON object; mend or remove it", folder, name);
}

// MLflow's keys are letters, digits and "_-. :/".
static void clean_key(char key[static MAX_KEY_BYTES + 1], const char *prefix, const char *name,
                      size_t size)
{
    (void)snprintf(key, MAX_KEY_BYTES + 1, "%s%.*s", prefix, (int)size, name);
    for (char *c = key; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr("_-. :/", *c) != NULL))
            *c = '_';
}

// ---- parameters

static int add_parameter(json_t *parameters, const char *name, const char *value)
{
    char key[MAX_KEY_BYTES + 1];
    clean_key(key, "", name, strlen(name));
    return json_array_append_new(parameters, json_pack("{s:s, s:s%}", "key", key, "value", value,
                                                       strnlen(value, MAX_VALUE_BYTES)));
}

static int add_given(json_t *parameters, const char *name, const json_t *value)
{
    if (json_is_string(value))
        return add_parameter(parameters, name, json_string_value(value));
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    const int failed = text != NULL ? add_parameter(parameters, name, text) : -1;
    free(text);
    return failed;
}

// A fact of the model, where params.json does not say the same name itself.
static int add_fact(json_t *parameters, const json_t *given, const char *name, const char *value)
{
    return *value == '\0' || json_object_get(given, name) != NULL
               ? 0
               : add_parameter(parameters, name, value);
}

static int add_number(json_t *parameters, const json_t *given, const char *name, uint64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return add_fact(parameters, given, name, text);
}

static void describe_layers(const struct network *network, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < network->layer_count && used < size; i++) {
        const struct network_layer *layer = &network->layers[i];
        const char *comma = i != 0 ? ", " : "", *kind = layer_kind_name(layer->kind);
        if (layer->kind == LAYER_DROPOUT)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s %g", comma, kind, layer->dropout);
        else
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s%s %zu", comma,
                                 layer->bidirectional ? "bidirectional " : "", kind, layer->units);
    }
}

static void describe_window(const struct model *model, char *text, size_t size)
{
    char from[11], to[11];
    *text = '\0';
    if (model->train_from == 0 || model->train_to == 0)
        return;
    date_format(model->train_from, from);
    date_format(model->train_to, to);
    (void)snprintf(text, size, "%s to %s", from, to);
}

static int add_facts(json_t *parameters, const json_t *given, const struct model *model)
{
    char layers[512] = "", window[32];
    describe_layers(&model->network, layers, sizeof layers);
    describe_window(model, window, sizeof window);
    return add_fact(parameters, given, "layers", layers) |
           add_number(parameters, given, "lookback", model->network.lookback) |
           add_number(parameters, given, "features", model->network.features) |
           add_number(parameters, given, "weights", model->network.weight_count) |
           add_number(parameters, given, "horizon", model->horizon) |
           add_number(parameters, given, "seed", model->seed) |
           add_fact(parameters, given, "task",
                    model->task == TASK_CLASSES ? "classes" : "regression") |
           add_fact(parameters, given, "target", model->target) |
           add_fact(parameters, given, "scaler", model->scaler) |
           add_fact(parameters, given, "source", model->source) |
           add_fact(parameters, given, "snapshot", model->snapshot) |
           add_fact(parameters, given, "rows_hash", model->rows_hash) |
           add_fact(parameters, given, "training_window", window) |
           add_fact(parameters, given, "origin", model->origin);
}

int run_parameters(const char *folder, const struct model *model, json_t **parameters,
                   struct err *err)
{
    json_t *given, *value;
    const char *name;
    int failed = 0;
    TRY(read_object(folder, "params.json", &given, err));
    *parameters = json_array();
    json_object_foreach(given, name, value) failed |= add_given(*parameters, name, value);
    failed |= add_facts(*parameters, given, model);
    json_decref(given);
    if (failed == 0)
        return 0;
    json_decref(*parameters);
    return err_set(err, EX_DATAERR, "a parameter of %s is no UTF-8, or memory ran out", folder);
}

// ---- metrics

struct metrics {
    json_t *array;
    int64_t at;
    int failed;
};

static void add_metric(struct metrics *metrics, const char *prefix, const char *name, size_t size,
                       double value, int64_t step)
{
    char key[MAX_KEY_BYTES + 1];
    if (!isfinite(value))
        return;
    clean_key(key, prefix, name, size);
    metrics->failed |= json_array_append_new(
        metrics->array, json_pack("{s:s, s:f, s:I, s:I}", "key", key, "value", value, "timestamp",
                                  (json_int_t)metrics->at, "step", (json_int_t)step));
}

struct field {
    const char *text;
    size_t size;
};

// The fields of a line of TSV, at most MAX_COLUMNS.
static size_t split(const char *line, size_t size, struct field fields[static MAX_COLUMNS])
{
    size_t count = 0;
    for (const char *end = line + size; line <= end && count < MAX_COLUMNS; count++) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        fields[count] = (struct field){line, (size_t)((tab != NULL ? tab : end) - line)};
        line = (tab != NULL ? tab : end) + 1;
    }
    return count;
}

static bool field_is(struct field field, const char *text)
{
    return field.size == strlen(text) && memcmp(field.text, text, field.size) == 0;
}

// The number in the column `name`, `otherwise` where there is none.
static int64_t column_number(const struct field *head, const struct field *fields, size_t count,
                             const char *name, int64_t otherwise)
{
    double value;
    for (size_t i = 0; i < count; i++)
        if (field_is(head[i], name) && number_parse(fields[i].text, fields[i].size, &value) &&
            fabs(value) < 1e15)
            return (int64_t)value;
    return otherwise;
}

static void add_epoch(struct metrics *metrics, const struct field *head, const struct field *fields,
                      size_t count, int64_t row)
{
    char prefix[40] = "";
    double value;
    const int64_t step = column_number(head, fields, count, "epoch", row),
                  fold = column_number(head, fields, count, "fold", -1);
    if (fold >= 0)
        (void)snprintf(prefix, sizeof prefix, "fold_%lld/", (long long)fold);
    for (size_t i = 0; i < count; i++)
        if (!field_is(head[i], "epoch") && !field_is(head[i], "fold") &&
            number_parse(fields[i].text, fields[i].size, &value))
            add_metric(metrics, prefix, head[i].text, head[i].size, value, step);
}

static int add_history(struct metrics *metrics, const char *folder, struct err *err)
{
    struct buffer text;
    struct field head[MAX_COLUMNS], fields[MAX_COLUMNS];
    size_t columns = 0;
    int64_t row = 0;
    int code = read_text(folder, "history.tsv", &text, err);
    const char *at = text.data, *end = text.data != NULL ? text.data + text.size : NULL;
    while (code == 0 && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const size_t size = (size_t)((line_end != NULL ? line_end : end) - at);
        const size_t count = split(at, size, columns == 0 ? head : fields);
        if (columns == 0)
            columns = count;
        else if (count == columns)
            add_epoch(metrics, head, fields, columns, ++row);
        else if (size != 0)
            (void)fprintf(stderr, "nn: %s/history.tsv: line %lld has %zu fields instead of %zu\n",
                          folder, (long long)row + 2, count, columns);
        at += size + 1;
    }
    buffer_free(&text);
    return code;
}

static int add_final(struct metrics *metrics, const char *folder, const struct model *model,
                     struct err *err)
{
    json_t *given, *value;
    const char *name;
    TRY(read_object(folder, "metrics.json", &given, err));
    json_object_foreach(given, name, value) if (json_is_number(value))
        add_metric(metrics, "", name, strlen(name), json_number_value(value), 0);
    for (size_t i = 0; i < model->metric_count; i++)
        if (json_object_get(given, model->metrics[i].name) == NULL)
            add_metric(metrics, "", model->metrics[i].name, strlen(model->metrics[i].name),
                       model->metrics[i].value, 0);
    json_decref(given);
    return 0;
}

int run_metrics(const char *folder, const struct model *model, int64_t at, json_t **metrics,
                struct err *err)
{
    struct metrics made = {.array = json_array(), .at = at};
    int code = add_history(&made, folder, err);
    if (code == 0)
        code = add_final(&made, folder, model, err);
    if (code == 0 && (made.array == NULL || made.failed != 0))
        code = err_set(err, EX_DATAERR, "a metric of %s is no UTF-8, or memory ran out", folder);
    *metrics = made.array;
    if (code != 0)
        json_decref(made.array);
    return code;
}

// ---- scaler

int run_scaler(const struct model *model, char **text, struct err *err)
{
    json_t *features = json_array();
    int failed = 0;
    for (size_t i = 0; i < model->network.features; i++)
        failed |= json_array_append_new(
            features, json_pack("{s:s, s:f, s:f}", "name", model->features[i].name, "offset",
                                model->features[i].offset, "scale", model->features[i].scale));
    json_t *json = json_pack("{s:s, s:s, s:o, s:{s:f, s:f}}", "scaler", model->scaler, "formula",
                             "(x - offset) * scale", "features", features, "target", "offset",
                             model->target_offset, "scale", model->target_scale);
    *text = json != NULL && failed == 0 ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    return *text != NULL ? 0 : err_set(err, EX_DATAERR, "the model's scaler is not finite");
}
