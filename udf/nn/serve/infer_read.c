// SPDX-License-Identifier: Apache-2.0
#include "serve/infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- what does not depend on the model

static const json_t *find_key(const struct infer *infer)
{
    return infer->protocol == PROTOCOL_V1
               ? json_object_get(infer->root, "key")
               : json_object_get(json_object_get(infer->root, "parameters"), "key");
}

static int read_key(struct infer *infer, struct err *err)
{
    const json_t *key = find_key(infer), *id = json_object_get(infer->root, "id");
    if (key != NULL && !json_is_string(key))
        return err_set(err, EX_DATAERR, "the key is no text");
    if (id != NULL && !json_is_string(id))
        return err_set(err, EX_DATAERR, "the id is no text");
    infer->id = id != NULL ? json_string_value(id) : "";
    infer->key = key != NULL ? json_string_value(key) : "";
    infer->key_size = key != NULL ? json_string_length(key) : 0;
    return 0;
}

static int read_outputs(struct infer *infer, struct err *err)
{
    const json_t *outputs = json_object_get(infer->root, "outputs"), *output;
    size_t i;
    infer->prediction = infer->label = outputs == NULL || json_array_size(outputs) == 0;
    json_array_foreach(outputs, i, output)
    {
        const char *name = json_string_value(json_object_get(output, "name"));
        if (name == NULL)
            return err_set(err, EX_DATAERR, "output %zu that is asked for has no name", i);
        if (strcmp(name, "prediction") == 0)
            infer->prediction = true;
        else if (strcmp(name, "class") == 0)
            infer->label = true;
        else
            return err_set(err, EX_DATAERR,
                           "there is no output '%.64s'; there are 'prediction', and 'class' of a "
                           "model of classes",
                           name);
        if (json_is_true(json_object_get(json_object_get(output, "parameters"), "binary_data")))
            return err_set(err, EX_DATAERR,
                           "output '%s' is asked for as binary data; only JSON is served "
                           "(binary_data=False)",
                           name);
    }
    return 0;
}

int infer_open(struct infer *infer, enum protocol protocol, const char *json, size_t size,
               struct err *err)
{
    json_error_t where;
    *infer = (struct infer){.protocol = protocol, .size = size, .id = "", .key = ""};
    infer->root = json_loadb(json != NULL ? json : "", size,
                             JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &where);
    if (infer->root == NULL)
        return err_set(err, EX_DATAERR, "the body is no JSON: line %d, column %d: %s", where.line,
                       where.column, where.text);
    if (!json_is_object(infer->root))
        return err_set(err, EX_DATAERR, "the body is no JSON object");
    TRY(read_key(infer, err));
    return read_outputs(infer, err);
}

void infer_close(struct infer *infer)
{
    json_decref(infer->root);
    free(infer->x);
}

// ---- sequences

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "a number";
    }
}

static int take_values(const json_t *values, float *out, struct err *err)
{
    size_t i;
    const json_t *value;
    json_array_foreach(values, i, value)
    {
        if (json_is_number(value))
            out[i] = (float)json_number_value(value);
        else if (json_is_null(value))
            out[i] = NAN;
        else
            return err_set(err, EX_DATAERR, "value %zu of the data is %s instead of a number", i,
                           kind_of(value));
    }
    return 0;
}

// Arrays in arrays with the lengths `shape`, `depth` of them.
static int take_nested(const json_t *values, const size_t *shape, size_t depth, float *out,
                       struct err *err)
{
    size_t i, stride = 1;
    const json_t *inner;
    if (!json_is_array(values))
        return err_set(err, EX_DATAERR, "the data has %s where an array of %zu belongs",
                       kind_of(values), *shape);
    if (json_array_size(values) != *shape)
        return err_set(err, EX_DATAERR, "the data has an array of %zu where one of %zu belongs",
                       json_array_size(values), *shape);
    if (depth == 1)
        return take_values(values, out, err);
    for (size_t d = 1; d < depth; d++)
        stride *= shape[d];
    json_array_foreach(values, i, inner)
        TRY(take_nested(inner, shape + 1, depth - 1, out + i * stride, err));
    return 0;
}

// Room for `count` sequences. A value takes two bytes of the body, so a small body cannot ask for
// much.
static int make_room(struct infer *infer, const struct network *network, size_t count,
                     struct err *err)
{
    const size_t values = count * network->lookback * network->features;
    if (values > infer->size)
        return err_set(err, EX_DATAERR,
                       "the data has fewer values than %zu sequences of %zu steps of %zu features",
                       count, network->lookback, network->features);
    infer->count = count;
    infer->x = malloc(values * sizeof *infer->x);
    return infer->x != NULL ? 0 : err_set(err, EX_OSERR, "no memory for %zu sequences", count);
}

static int take_instances(struct infer *infer, const struct network *network, struct err *err)
{
    const json_t *instances = json_object_get(infer->root, "instances");
    const size_t shape[] = {json_array_size(instances), network->lookback, network->features};
    if (shape[0] == 0)
        return err_set(err, EX_DATAERR,
                       "the body has no 'instances': an array of sequences, each of %zu steps of "
                       "%zu features",
                       network->lookback, network->features);
    TRY(make_room(infer, network, shape[0], err));
    return take_nested(instances, shape, 3, infer->x, err);
}

static int check_type(const json_t *input, const char *name, struct err *err)
{
    const char *type = json_string_value(json_object_get(input, "datatype"));
    if (json_object_get(json_object_get(input, "parameters"), "binary_data_size") != NULL)
        return err_set(err, EX_DATAERR,
                       "input '%.64s' is binary data; only JSON is served (binary_data=False)",
                       name);
    if (type != NULL && (strcmp(type, "FP32") == 0 || strcmp(type, "FP64") == 0))
        return 0;
    return err_set(err, EX_DATAERR, "input '%.64s' has the datatype %.32s; it must be FP32 or FP64",
                   name, type != NULL ? type : "(none)");
}

// Whether `shape` is [n, lookback, features], or [lookback, features] for a single sequence; n is
// no more than there can be values in the body.
static bool read_shape(const json_t *shape, const struct network *network, size_t *count)
{
    const size_t depth = json_array_size(shape);
    double sizes[INFER_MAX_DEPTH] = {1, 0, 0};
    if (depth != 2 && depth != 3)
        return false;
    for (size_t i = 0; i < depth; i++)
        sizes[3 - depth + i] = json_number_value(json_array_get(shape, i));
    *count = sizes[0] >= 1 && sizes[0] <= 1e9 ? (size_t)sizes[0] : 0;
    return *count != 0 && (double)*count == sizes[0] && sizes[1] == (double)network->lookback &&
           sizes[2] == (double)network->features;
}

static int take_data(struct infer *infer, const json_t *data, const json_t *declared,
                     const struct network *network, size_t count, struct err *err)
{
    const size_t shape[] = {count, network->lookback, network->features},
                 values = count * network->lookback * network->features,
                 depth = json_array_size(declared);
    const bool flat = !json_is_array(json_array_get(data, 0));
    if (flat && json_array_size(data) != values)
        return err_set(err, EX_DATAERR, "the data has %zu values, and its shape %zu",
                       json_array_size(data), values);
    if (!flat && json_array_size(data) != shape[3 - depth])
        return err_set(err, EX_DATAERR, "the data has an array of %zu where one of %zu belongs",
                       json_array_size(data), shape[3 - depth]);
    TRY(make_room(infer, network, count, err));
    return flat ? take_values(data, infer->x, err)
                : take_nested(data, shape + 3 - depth, depth, infer->x, err);
}

static int refuse_shape(const char *name, const json_t *shape, const struct network *network,
                        struct err *err)
{
    char text[64] = "";
    size_t i, used = 0;
    const json_t *length;
    json_array_foreach(shape, i, length) if (used < sizeof text) used += (size_t)snprintf(
        text + used, sizeof text - used, "%s%g", i != 0 ? ", " : "", json_number_value(length));
    return err_set(err, EX_DATAERR,
                   "input '%.64s' has the shape [%s]; the model takes [n, %zu, %zu]", name, text,
                   network->lookback, network->features);
}

static int take_input(struct infer *infer, const struct network *network, struct err *err)
{
    const json_t *inputs = json_object_get(infer->root, "inputs");
    const json_t *input = json_array_get(inputs, 0), *shape = json_object_get(input, "shape");
    const char *name = json_string_value(json_object_get(input, "name"));
    size_t count = 0;
    if (json_array_size(inputs) != 1 || name == NULL)
        return err_set(err, EX_DATAERR, "the body has %zu 'inputs'; it must have one, with a name",
                       json_array_size(inputs));
    TRY(check_type(input, name, err));
    if (!read_shape(shape, network, &count))
        return refuse_shape(name, shape, network, err);
    return take_data(infer, json_object_get(input, "data"), shape, network, count, err);
}

// Who asks for no output by name gets what there is.
static int check_outputs(const struct infer *infer, const struct model *model, struct err *err)
{
    const bool by_name = json_array_size(json_object_get(infer->root, "outputs")) != 0;
    if (infer->protocol == PROTOCOL_V1 || !by_name || !infer->label || model->task == TASK_CLASSES)
        return 0;
    return err_set(err, EX_DATAERR,
                   "the model predicts a value and no class; ask for the output 'prediction'");
}

int infer_take(struct infer *infer, const struct model *model, struct err *err)
{
    const struct network *network = &model->network;
    TRY(check_outputs(infer, model, err));
    return infer->protocol == PROTOCOL_V1 ? take_instances(infer, network, err)
                                          : take_input(infer, network, err);
}
