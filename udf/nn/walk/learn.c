// SPDX-License-Identifier: Apache-2.0
#include "walk/learn.h"
#include "forward/forward.h"
#include "metrics/metrics.h"
#include "walk/scaling.h"

#include <string.h>

enum { PREDICT_BATCH = 256 };

static const char *const class_names[CLASS_COUNT] = {
    [CLASS_UP] = "up", [CLASS_NEUTRAL] = "neutral", [CLASS_DOWN] = "down"};

void mark_window_rows(const struct samples *samples, const struct part *part, size_t lookback,
                      size_t rows, uint8_t *used)
{
    memset(used, 0, rows);
    for (size_t i = 0; i < part->count; i++) {
        const size_t end = samples->ends[part->samples[i]];
        for (size_t row = end + 1; row > end + 1 - lookback && !used[row - 1]; row--)
            used[row - 1] = 1;
    }
}

static int training_rows(const struct lesson *lesson, struct arena *arena, uint8_t **used,
                         struct err *err)
{
    *used = arena_alloc(arena, lesson->rows->count, 1, err);
    if (*used == NULL)
        return err_code(err, EX_OSERR);
    mark_window_rows(lesson->samples, &lesson->fold->train, lesson->recipe->lookback,
                     lesson->rows->count, *used);
    return 0;
}

static int fit_scalers(const struct lesson *lesson, struct arena *arena, struct model *model,
                       struct err *err)
{
    const struct rows *rows = lesson->rows;
    const size_t mark = arena_mark(arena);
    uint8_t *used;
    TRY(training_rows(lesson, arena, &used, err));
    for (size_t f = 0; f < model->network.features; f++) {
        const struct scaling s = scaling_fit(lesson->recipe->scaler, rows->values + f, rows->count,
                                             rows->features, used);
        model->features[f].offset = s.offset;
        model->features[f].scale = s.scale;
    }
    arena_rewind(arena, mark);
    return 0;
}

// A regression's labels are learned with mean 0 and deviation 1 where the network can give any
// number, whatever the features' scaler: a return of 0.01 would else be lost beside the weights.
static int fit_target(const struct lesson *lesson, struct arena *arena, struct model *model,
                      struct err *err)
{
    const struct network *network = &lesson->recipe->network;
    const struct part *train = &lesson->fold->train;
    model->target_offset = 0;
    model->target_scale = 1;
    if (lesson->recipe->task == TASK_CLASSES ||
        network->layers[network->layer_count - 1].activation != ACTIVATION_LINEAR)
        return 0;
    const size_t mark = arena_mark(arena);
    float *labels = arena_alloc(arena, train->count, sizeof *labels, err);
    if (labels == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < train->count; i++)
        labels[i] = (float)lesson->samples->labels[train->samples[i]];
    const struct scaling s = scaling_fit(SCALER_STANDARD, labels, train->count, 1, NULL);
    model->target_offset = s.offset;
    model->target_scale = 1 / s.scale;
    arena_rewind(arena, mark);
    return 0;
}

static void name_model(const struct lesson *lesson, struct model *model)
{
    const struct recipe *recipe = lesson->recipe;
    model->task = recipe->task;
    model->class_count = recipe->task == TASK_CLASSES ? CLASS_COUNT : 0;
    for (size_t c = 0; c < model->class_count; c++)
        model->classes[c] = class_names[c];
    for (size_t f = 0; f < model->network.features; f++)
        model->features[f].name = lesson->rows->names[f];
    model->scaler = scaler_name(recipe->scaler);
    model->target = recipe->target;
    model->horizon = recipe->horizon;
    model->seed = recipe->fit.seed;
    model->rows_hash = lesson->rows->hash;
    model->origin = "train";
}

// The rows' features in the model's order, scaled: (count, model's features).
static int scale_rows(const struct model *model, const struct rows *rows, struct arena *arena,
                      float **scaled, struct err *err)
{
    const size_t features = model->network.features;
    size_t *columns = arena_alloc(arena, features, sizeof *columns, err);
    float *raw = arena_alloc(arena, features, sizeof *raw, err);
    *scaled = arena_alloc(arena, rows->count * features, sizeof **scaled, err);
    if (columns == NULL || raw == NULL || *scaled == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < features; f++)
        if ((columns[f] = rows_feature(rows, model->features[f].name)) == rows->features)
            return err_set(err, EX_DATAERR, "the rows have no column '%s', which the model wants",
                           model->features[f].name);
    for (size_t row = 0; row < rows->count; row++) {
        for (size_t f = 0; f < features; f++)
            raw[f] = rows->values[row * rows->features + columns[f]];
        model_scale(model, raw, *scaled + row * features);
    }
    return 0;
}

// What the fit gets of a part: the windows' ends, and the labels as the network is to give them.
static int make_set(const struct lesson *lesson, const struct model *model, const float *scaled,
                    const struct part *part, struct arena *arena, struct fit_set *set,
                    struct err *err)
{
    uint32_t *ends = arena_alloc(arena, part->count, sizeof *ends, err);
    float *targets = arena_alloc(arena, part->count, sizeof *targets, err);
    if (ends == NULL || targets == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < part->count; i++) {
        const size_t sample = part->samples[i];
        const double label = lesson->samples->labels[sample];
        ends[i] = lesson->samples->ends[sample];
        targets[i] = lesson->recipe->task == TASK_CLASSES
                         ? (float)label_class(label, lesson->recipe->threshold)
                         : (float)((label - model->target_offset) / model->target_scale);
    }
    *set = (struct fit_set){scaled, model->network.features, ends, targets, part->count};
    return 0;
}

static int run_fit(const struct lesson *lesson, struct model *model, struct arena *arena,
                   struct fit_result *result, struct err *err)
{
    struct fit_set train, validation;
    float *scaled;
    const size_t mark = arena_mark(arena);
    TRY(scale_rows(model, lesson->rows, arena, &scaled, err));
    TRY(make_set(lesson, model, scaled, &lesson->fold->train, arena, &train, err));
    TRY(make_set(lesson, model, scaled, &lesson->fold->validation, arena, &validation, err));
    TRY(fit_initialize(&model->network, lesson->recipe->fit.seed, err));
    struct fit_options options = lesson->recipe->fit;
    options.tick = lesson->tick;
    TRY(fit_run(&model->network, &options, &train, validation.count != 0 ? &validation : NULL,
                lesson->checkpoint, lesson->progress, lesson->user, result, err));
    arena_rewind(arena, mark);
    return 0;
}

int learn(const struct lesson *lesson, struct arena *arena, struct model *model,
          struct fit_result *result, struct err *err)
{
    TRY(model_new(model, &lesson->recipe->network, arena, err));
    name_model(lesson, model);
    TRY(fit_scalers(lesson, arena, model, err));
    TRY(fit_target(lesson, arena, model, err));
    return run_fit(lesson, model, arena, result, err);
}

int learn_edges(const struct lesson *lesson, struct arena *arena, struct model *model,
                struct err *err)
{
    const struct rows *rows = lesson->rows;
    const size_t mark = arena_mark(arena);
    double *values = arena_alloc(arena, rows->count, sizeof *values, err);
    double *scratch = arena_alloc(arena, rows->count, sizeof *scratch, err);
    uint8_t *used;
    TRY(training_rows(lesson, arena, &used, err));
    if (values == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < model->network.features; f++) {
        size_t n = 0;
        for (size_t row = 0; row < rows->count; row++)
            if (used[row])
                values[n++] = (double)rows->values[row * rows->features + f];
        metric_edges(values, n, MODEL_BINS, model->features[f].edges, scratch);
        metric_shares(values, n, model->features[f].edges, MODEL_BINS, model->features[f].shares);
    }
    arena_rewind(arena, mark);
    return 0;
}

// Outputs of the part's windows, in order: (part->count, outputs).
static int run_forward(const struct model *model, const float *scaled,
                       const struct samples *samples, const struct part *part, struct arena *arena,
                       float *outputs, struct err *err)
{
    const size_t features = model->network.features;
    const size_t window = model->network.lookback * features;
    struct forward *forward;
    float *x = arena_alloc(arena, PREDICT_BATCH * window, sizeof *x, err);
    if (x == NULL)
        return err_code(err, EX_OSERR);
    TRY(forward_open(&model->network, &forward, err));
    for (size_t from = 0; from < part->count; from += PREDICT_BATCH) {
        const size_t batch =
            part->count - from < PREDICT_BATCH ? part->count - from : PREDICT_BATCH;
        for (size_t i = 0; i < batch; i++) {
            const size_t end = samples->ends[part->samples[from + i]];
            memcpy(x + i * window, scaled + (end + 1) * features - window, window * sizeof *x);
        }
        forward_run(forward, x, batch, outputs + from * model->network.outputs);
    }
    forward_close(forward);
    return 0;
}

// Which output is which class; an error where the model's classes are others.
static int find_classes(const struct model *model, size_t outputs[static CLASS_COUNT],
                        struct err *err)
{
    const size_t count = model->network.outputs;
    bool same = model->class_count == CLASS_COUNT && count == CLASS_COUNT;
    for (size_t c = 0; same && c < CLASS_COUNT; c++) {
        for (outputs[c] = 0; outputs[c] < count; outputs[c]++)
            if (strcmp(model->classes[outputs[c]], class_names[c]) == 0)
                break;
        same = outputs[c] < count;
    }
    return same ? 0
                : err_set(err, EX_DATAERR,
                          "the model's classes (%zu of them, by %zu output%s) are not up, neutral "
                          "and down, which are all that a label and a threshold can judge",
                          model->class_count, count, count == 1 ? "" : "s");
}

int predict_check(const struct model *model, enum model_task task, struct err *err)
{
    size_t outputs[CLASS_COUNT];
    if (model->task != task)
        return err_set(err, EX_DATAERR, "the model predicts %s, and %s are wanted",
                       model->task == TASK_CLASSES ? "classes" : "values",
                       task == TASK_CLASSES ? "classes" : "values");
    if (task == TASK_CLASSES)
        return find_classes(model, outputs, err);
    return model->network.outputs == 1
               ? 0
               : err_set(err, EX_DATAERR,
                         "the model predicts %zu values at once; only one can be judged",
                         model->network.outputs);
}

static int judge_classes(const struct recipe *recipe, const struct model *model,
                         const struct samples *samples, const struct part *part,
                         const float *outputs, double *scores, double *loss, double *hits,
                         struct err *err)
{
    double surprise = 0, right = 0;
    size_t at[CLASS_COUNT];
    TRY(find_classes(model, at, err));
    for (size_t i = 0; i < part->count; i++) {
        const float *p = outputs + i * CLASS_COUNT;
        const size_t truth = label_class(samples->labels[part->samples[i]], recipe->threshold);
        size_t best = 0;
        for (size_t c = 1; c < CLASS_COUNT; c++)
            best = p[at[c]] > p[at[best]] ? c : best;
        scores[i] = (double)p[at[CLASS_UP]] - (double)p[at[CLASS_DOWN]];
        surprise -= log(fmax((double)p[at[truth]], 1e-12));
        right += best == truth;
    }
    *loss = surprise / (double)part->count;
    *hits = right / (double)part->count;
    return 0;
}

static void judge_values(const struct model *model, const struct samples *samples,
                         const struct part *part, const float *outputs, double *scores,
                         double *loss)
{
    double squares = 0;
    for (size_t i = 0; i < part->count; i++) {
        scores[i] = model->target_offset + model->target_scale * (double)outputs[i];
        const double wrong = scores[i] - samples->labels[part->samples[i]];
        squares += wrong * wrong;
    }
    *loss = squares / (double)part->count;
}

int predict(const struct recipe *recipe, const struct model *model, const struct rows *rows,
            const struct samples *samples, const struct part *part, struct arena *arena,
            double *scores, double *loss, double *hits, struct err *err)
{
    double own_loss = (double)NAN, own_hits = (double)NAN;
    const size_t mark = arena_mark(arena);
    float *scaled;
    TRY(predict_check(model, recipe->task, err));
    TRY(scale_rows(model, rows, arena, &scaled, err));
    float *outputs = arena_alloc(arena, part->count * model->network.outputs, sizeof *outputs, err);
    if (outputs == NULL)
        return err_code(err, EX_OSERR);
    TRY(run_forward(model, scaled, samples, part, arena, outputs, err));
    if (recipe->task == TASK_CLASSES)
        TRY(judge_classes(recipe, model, samples, part, outputs, scores, &own_loss, &own_hits,
                          err));
    else
        judge_values(model, samples, part, outputs, scores, &own_loss);
    if (loss != NULL)
        *loss = own_loss;
    if (hits != NULL)
        *hits = own_hits;
    arena_rewind(arena, mark);
    return 0;
}
