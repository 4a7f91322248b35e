// SPDX-License-Identifier: Apache-2.0
#include "serve/infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int json_append(struct buffer *out, const char *text, struct err *err)
{
    json_t *string = json_string(text);
    char *quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    json_decref(string);
    const int code = quoted != NULL
                         ? buffer_append(out, quoted, strlen(quoted), err)
                         : err_set(err, EX_DATAERR, "a text is no UTF-8, or memory ran out");
    free(quoted);
    return code;
}

// Nine digits give the same float again; JSON has no NaN.
static int append_number(struct buffer *out, const char *comma, float value, struct err *err)
{
    return isfinite(value) ? buffer_printf(out, err, "%s%.9g", comma, (double)value)
                           : buffer_printf(out, err, "%snull", comma);
}

static int append_numbers(struct buffer *out, const float *values, size_t count, struct err *err)
{
    TRY(buffer_append(out, "[", 1, err));
    for (size_t i = 0; i < count; i++)
        TRY(append_number(out, i != 0 ? "," : "", values[i], err));
    return buffer_append(out, "]", 1, err);
}

// The name of the likeliest class; "" where the sequence had a value missing.
static const char *class_of(const struct model *model, const float *y)
{
    size_t best = 0;
    if (!isfinite(y[0]))
        return "";
    if (model->network.outputs == 1) // a sigmoid gives the second's probability
        return model->classes[y[0] >= 0.5F];
    for (size_t i = 1; i < model->network.outputs; i++)
        if (y[i] > y[best])
            best = i;
    return model->classes[best];
}

// ---- V2

static int write_classes(const struct infer *infer, const struct model *model, const float *y,
                         struct buffer *out, struct err *err)
{
    TRY(buffer_printf(out, err,
                      "{\"name\":\"class\",\"datatype\":\"BYTES\",\"shape\":[%zu],\"data\":[",
                      infer->count));
    for (size_t i = 0; i < infer->count; i++) {
        if (i != 0)
            TRY(buffer_append(out, ",", 1, err));
        TRY(json_append(out, class_of(model, y + i * model->network.outputs), err));
    }
    return buffer_append(out, "]}", 2, err);
}

static int write_outputs(const struct infer *infer, const struct model *model, const float *y,
                         struct buffer *out, struct err *err)
{
    const size_t outputs = model->network.outputs;
    const bool label = infer->label && model->task == TASK_CLASSES;
    TRY(buffer_printf(out, err, "\"outputs\":["));
    if (infer->prediction) {
        TRY(buffer_printf(
            out, err,
            "{\"name\":\"prediction\",\"datatype\":\"FP32\",\"shape\":[%zu,%zu],\"data\":",
            infer->count, outputs));
        TRY(append_numbers(out, y, infer->count * outputs, err));
        TRY(buffer_append(out, "}", 1, err));
    }
    if (label) {
        if (infer->prediction)
            TRY(buffer_append(out, ",", 1, err));
        TRY(write_classes(infer, model, y, out, err));
    }
    return buffer_append(out, "]}", 2, err);
}

static int write_v2(const struct infer *infer, const struct infer_model *answered, const float *y,
                    struct buffer *out, struct err *err)
{
    TRY(buffer_printf(out, err, "{\"model_name\":\"%s\",\"model_version\":\"%u\",", answered->name,
                      answered->version));
    if (*infer->id != '\0') {
        TRY(buffer_printf(out, err, "\"id\":"));
        TRY(json_append(out, infer->id, err));
        TRY(buffer_append(out, ",", 1, err));
    }
    if (answered->canary)
        TRY(buffer_printf(out, err, "\"parameters\":{\"alias\":\"canary\"},"));
    return write_outputs(infer, answered->model, y, out, err);
}

// ---- V1

static int write_v1(const struct infer *infer, const struct infer_model *answered, const float *y,
                    struct buffer *out, struct err *err)
{
    const struct model *model = answered->model;
    const size_t outputs = model->network.outputs;
    TRY(buffer_printf(out, err, "{\"predictions\":["));
    for (size_t i = 0; i < infer->count; i++) {
        const float *one = y + i * outputs;
        const bool classes = model->task == TASK_CLASSES;
        TRY(buffer_printf(out, err, "%s%s", i != 0 ? "," : "", classes ? "{\"prediction\":" : ""));
        TRY(append_numbers(out, one, outputs, err));
        if (!classes)
            continue;
        TRY(buffer_printf(out, err, ",\"class\":"));
        TRY(json_append(out, class_of(model, one), err));
        TRY(buffer_append(out, "}", 1, err));
    }
    return buffer_printf(out, err, "],\"model_name\":\"%s\",\"model_version\":\"%u\"%s}",
                         answered->name, answered->version,
                         answered->canary ? ",\"alias\":\"canary\"" : "");
}

int infer_write(const struct infer *infer, const struct infer_model *answered, const float *y,
                struct buffer *out, struct err *err)
{
    return infer->protocol == PROTOCOL_V1 ? write_v1(infer, answered, y, out, err)
                                          : write_v2(infer, answered, y, out, err);
}

// ---- the model itself

int infer_describe(const struct infer_model *described, struct buffer *out, struct err *err)
{
    const struct model *model = described->model;
    const struct network *network = &model->network;
    TRY(buffer_printf(
        out, err,
        "{\"name\":\"%s\",\"versions\":[\"%u\"],\"platform\":\"tickhouse_nn\","
        "\"inputs\":[{\"name\":\"sequence\",\"datatype\":\"FP32\",\"shape\":[-1,%zu,"
        "%zu]}],\"outputs\":[{\"name\":\"prediction\",\"datatype\":\"FP32\","
        "\"shape\":[-1,%zu]}%s],\"parameters\":{\"hash\":\"%s\",\"features\":[",
        described->name, described->version, network->lookback, network->features, network->outputs,
        model->task == TASK_CLASSES ? ",{\"name\":\"class\",\"datatype\":\"BYTES\",\"shape\":[-1]}"
                                    : "",
        model->hash));
    for (size_t i = 0; i < network->features; i++) {
        if (i != 0)
            TRY(buffer_append(out, ",", 1, err));
        TRY(json_append(out, model->features[i].name, err));
    }
    return buffer_append(out, "]}}", 3, err);
}
