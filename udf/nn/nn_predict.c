// SPDX-License-Identifier: Apache-2.0
// Predictions: sequences in, what the model's last layer says out. Sequences are raw: the model's
// own scaler is applied. One of the wrong length, or with a value that is not finite, gives NaN.
#include "columns.h"
#include "nn.h"

#include <math.h>

enum { BATCH_VALUES = 1 << 18 }; // scaled values at once: 1 MB, which stays in the cache

struct sequences {
    const uint64_t *step_ends, *value_ends;
    const float *values;
};

static struct sequences open_sequences(const struct native_column *column)
{
    const struct native_column *steps = &column->children[0];
    return (struct sequences){column->ends, steps->ends, steps->children[0].values};
}

// Scales the sequence of a row into `out`; NaN where it has not the model's shape.
static void take_sequence(const struct sequences *in, size_t row, const struct model *model,
                          float *out)
{
    const size_t lookback = model->network.lookback, features = model->network.features;
    const uint64_t first = native_start(in->step_ends, row);
    bool fits = in->step_ends[row] - first == lookback;
    for (size_t s = 0; fits && s < lookback; s++)
        fits = in->value_ends[first + s] - native_start(in->value_ends, first + s) == features;
    if (!fits) {
        for (size_t i = 0; i < lookback * features; i++)
            out[i] = NAN;
        return;
    }
    const float *x = in->values + native_start(in->value_ends, first);
    for (size_t s = 0; s < lookback; s++)
        model_scale(model, x + s * features, out + s * features);
}

// What the rows of a block are predicted with, and where to.
struct prediction {
    struct sequences in;
    const struct loaded **models; // of each row
    size_t rows, room;            // room: values in scaled and in apart
    float *scaled, *apart;        // a batch's sequences, and its outputs where rows are apart
    uint32_t *batch;              // its rows
    bool *done;                   // rows
    uint64_t *starts;             // where each row's outputs begin in y, and where the last's end
    float *y;
};

static void scale_back(const struct model *model, float *y, size_t count)
{
    if (model->task == TASK_REGRESSION)
        for (size_t i = 0; i < count; i++)
            y[i] = (float)(model->target_offset + model->target_scale * (double)y[i]);
}

// The first `count` rows of p->batch, which are in order. Where nothing lies between them, they
// are written at once.
static void predict_batch(struct prediction *p, const struct model *model, struct forward *forward,
                          size_t count)
{
    const size_t size = model->network.lookback * model->network.features,
                 outputs = model->network.outputs;
    const bool together = p->batch[count - 1] - p->batch[0] == count - 1;
    float *y = together ? p->y + p->starts[p->batch[0]] : p->apart;
    for (size_t i = 0; i < count; i++)
        take_sequence(&p->in, p->batch[i], model, p->scaled + i * size);
    forward_run(forward, p->scaled, count, y);
    scale_back(model, y, count * outputs);
    for (size_t i = 0; !together && i < count; i++)
        memcpy(p->y + p->starts[p->batch[i]], y + i * outputs, outputs * sizeof *y);
}

// All rows of the model of row `first`, which are not before it.
static int predict_model(struct prediction *p, size_t first, struct err *err)
{
    const struct loaded *loaded = p->models[first];
    const struct network *network = &loaded->model.network;
    const size_t size = network->lookback * network->features,
                 most = p->room / (size > network->outputs ? size : network->outputs);
    struct forward *forward;
    size_t count = 0;
    TRY(loaded_forward(loaded, &forward, err));
    for (size_t row = first; row < p->rows; row++) {
        if (p->models[row] != loaded)
            continue;
        p->done[row] = true;
        p->batch[count++] = (uint32_t)row;
        if (count == most) {
            predict_batch(p, &loaded->model, forward, count);
            count = 0;
        }
    }
    if (count != 0)
        predict_batch(p, &loaded->model, forward, count);
    return 0;
}

static int lay_out(struct prediction *p, struct arena *arena, struct err *err)
{
    p->starts = arena_alloc(arena, p->rows + 1, sizeof *p->starts, err);
    p->done = arena_alloc(arena, p->rows, sizeof *p->done, err);
    p->batch = arena_alloc(arena, p->rows, sizeof *p->batch, err);
    if (p->starts == NULL || p->done == NULL || p->batch == NULL)
        return err_code(err, EX_OSERR);
    memset(p->done, 0, p->rows * sizeof *p->done);
    p->starts[0] = 0;
    p->room = BATCH_VALUES;
    for (size_t row = 0; row < p->rows; row++) {
        const struct network *network = &p->models[row]->model.network;
        const size_t size = network->lookback * network->features;
        p->starts[row + 1] = p->starts[row] + network->outputs;
        p->room = size > p->room ? size : p->room;
        p->room = network->outputs > p->room ? network->outputs : p->room;
    }
    p->y = arena_alloc(arena, p->starts[p->rows], sizeof *p->y, err);
    p->scaled = arena_alloc(arena, p->room, sizeof *p->scaled, err);
    p->apart = arena_alloc(arena, p->room, sizeof *p->apart, err);
    return p->y != NULL && p->scaled != NULL && p->apart != NULL ? 0 : err_code(err, EX_OSERR);
}

// The outputs of all rows one after the other; where row i's begin is starts[i], with one more at
// the end. Rows are taken model by model, since the weights of all need not fit at once.
static int predict_rows(const struct udf_call *call, const struct loaded **models, float **outputs,
                        uint64_t **starts, struct err *err)
{
    struct prediction p = {
        .in = open_sequences(call->arguments[1]), .models = models, .rows = call->rows};
    TRY(lay_out(&p, call->arena, err));
    for (size_t row = 0; row < call->rows; row++)
        if (!p.done[row])
            TRY(predict_model(&p, row, err));
    *outputs = p.y;
    *starts = p.starts;
    return 0;
}

int nn_predict(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    float *y;
    uint64_t *starts;
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    TRY(predict_rows(call, models, &y, &starts, err));
    struct native_column *result = call->result;
    TRY(native_column_new(call->arena, result->type, 0, result, err));
    struct native_column *values = &result->children[0];
    TRY(native_column_new(call->arena, values->type, 0, values, err));
    result->rows = call->rows;
    result->ends = starts + 1;
    values->rows = starts[call->rows];
    values->values = y;
    return 0;
}

int nn_predict_scalar(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    float *y;
    uint64_t *starts;
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    for (size_t row = 0; row < call->rows; row++)
        if (models[row]->model.network.outputs != 1)
            return err_set(err, EX_DATAERR,
                           "model '%s@%s' has %zu outputs; call nn_predict or nn_classes",
                           models[row]->reference.name, models[row]->reference.tag,
                           models[row]->model.network.outputs);
    TRY(predict_rows(call, models, &y, &starts, err));
    TRY(native_column_new(call->arena, call->result->type, 0, call->result, err));
    call->result->rows = call->rows;
    call->result->values = y;
    return 0;
}

// The probability of class `i`: an output, or of a single sigmoid its value and what is left.
static double class_probability(const struct model *model, const float *y, size_t i)
{
    if (model->network.outputs != 1)
        return (double)y[i];
    return i == 1 ? (double)y[0] : 1 - (double)y[0];
}

int nn_classes(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const struct loaded **models;
    float *y;
    uint64_t *starts, entries = 0, bytes = 0;
    TRY(loaded_of_rows(call, call->arguments[0], &models, err));
    for (size_t row = 0; row < call->rows; row++) {
        const struct model *model = &models[row]->model;
        if (model->task != TASK_CLASSES)
            return err_set(err, EX_DATAERR,
                           "model '%s@%s' predicts a number and no classes; call nn_predict",
                           models[row]->reference.name, models[row]->reference.tag);
        entries += model->class_count;
        for (size_t i = 0; i < model->class_count; i++)
            bytes += strlen(model->classes[i]);
    }
    TRY(predict_rows(call, models, &y, &starts, err));
    struct native_column *result = call->result;
    TRY(native_column_new(call->arena, result->type, call->rows, result, err));
    struct native_column *pairs = &result->children[0];
    TRY(reply_reserve(call->arena, pairs, entries, bytes, err));
    size_t at = 0;
    for (size_t row = 0; row < call->rows; row++) {
        const struct model *model = &models[row]->model;
        for (size_t i = 0; i < model->class_count; i++, at++) {
            reply_text(&pairs->children[0], at, model->classes[i]);
            reply_float64(&pairs->children[1], at, class_probability(model, y + starts[row], i));
        }
        result->ends[row] = at;
    }
    reply_set_rows(result, call->rows);
    return 0;
}
