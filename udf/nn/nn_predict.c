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

// Rows [from, to) are of one model; y: (to - from, outputs), in the units of the target.
static void predict_run(const struct loaded *loaded, const struct sequences *in, size_t from,
                        size_t to, size_t batch, float *scaled, float *y)
{
    const struct model *model = &loaded->model;
    const size_t size = model->network.lookback * model->network.features,
                 outputs = model->network.outputs;
    for (size_t row = from; row < to; row += batch) {
        const size_t count = to - row < batch ? to - row : batch;
        for (size_t i = 0; i < count; i++)
            take_sequence(in, row + i, model, scaled + i * size);
        forward_run(loaded->forward, scaled, count, y + (row - from) * outputs);
    }
    if (model->task == TASK_REGRESSION)
        for (size_t i = 0; i < (to - from) * outputs; i++)
            y[i] = (float)(model->target_offset + model->target_scale * (double)y[i]);
}

// The outputs of all rows one after the other; where row i's begin is starts[i], with one more at
// the end.
static int predict_rows(const struct udf_call *call, const struct loaded **models, float **outputs,
                        uint64_t **starts, struct err *err)
{
    const struct sequences in = open_sequences(call->arguments[1]);
    uint64_t *at = arena_alloc(call->arena, call->rows + 1, sizeof *at, err);
    size_t room = BATCH_VALUES;
    if (at == NULL)
        return err_code(err, EX_OSERR);
    at[0] = 0;
    for (size_t row = 0; row < call->rows; row++) {
        const struct network *network = &models[row]->model.network;
        at[row + 1] = at[row] + network->outputs;
        if (network->lookback * network->features > room)
            room = network->lookback * network->features;
    }
    float *y = arena_alloc(call->arena, at[call->rows], sizeof *y, err);
    float *scaled = arena_alloc(call->arena, room, sizeof *scaled, err);
    if (y == NULL || scaled == NULL)
        return err_code(err, EX_OSERR);
    for (size_t from = 0, to; from < call->rows; from = to) {
        const struct network *network = &models[from]->model.network;
        for (to = from + 1; to < call->rows && models[to] == models[from];)
            to++;
        predict_run(models[from], &in, from, to, room / (network->lookback * network->features),
                    scaled, y + at[from]);
    }
    *outputs = y;
    *starts = at;
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
