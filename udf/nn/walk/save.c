// SPDX-License-Identifier: Apache-2.0
#include "walk/save.h"
#include "base/file.h"
#include "base/time.h"
#include "model/folder.h"
#include "walk/record.h"

#include <string.h>
#include <unistd.h>

enum { MAX_METRICS = 40, NOTES_BYTES = 1 << 20 };
#define FILE_BYTES (NETWORK_MAX_WEIGHTS * sizeof(float) + (16 << 20))

size_t save_size(const struct network *network)
{
    return network->weight_count * sizeof(float) + network->features * 1024 + (128 << 10);
}

struct metrics {
    struct model_metric all[MAX_METRICS];
    size_t count;
};

static void add(struct metrics *metrics, const char *name, double value)
{
    if (isfinite(value) && metrics->count < MAX_METRICS)
        metrics->all[metrics->count++] = (struct model_metric){name, value};
}

static void add_validation(struct metrics *metrics, const struct verdict *v)
{
    if (v->score.n == 0)
        return;
    add(metrics, "validation_n", (double)v->score.n);
    add(metrics, "validation_mse", v->score.mse);
    add(metrics, "validation_mae", v->score.mae);
    add(metrics, "validation_ic", v->score.ic);
    add(metrics, "validation_rank_ic", v->score.rank_ic);
    add(metrics, "validation_direction", v->score.direction);
    add(metrics, "validation_accuracy", v->hits);
}

static void add_test(struct metrics *metrics, const struct verdict *v)
{
    if (v->score.n == 0)
        return;
    add(metrics, "test_n", (double)v->score.n);
    add(metrics, "test_loss", v->loss);
    add(metrics, "test_mse", v->score.mse);
    add(metrics, "test_mae", v->score.mae);
    add(metrics, "test_r2", v->score.r2);
    add(metrics, "test_ic", v->score.ic);
    add(metrics, "test_icir", v->score.icir);
    add(metrics, "test_rank_ic", v->score.rank_ic);
    add(metrics, "test_direction", v->score.direction);
    add(metrics, "test_accuracy", v->hits);
    add(metrics, "test_sharpe", v->score.sharpe);
    add(metrics, "test_sharpe_net", v->score.sharpe_net);
    add(metrics, "test_deflated_sharpe", v->score.deflated_sharpe);
}

static int fill_metrics(struct session *s, const struct lesson *lesson,
                        const struct fit_result *result, const struct model *model,
                        struct metrics *metrics, struct verdict *test, struct err *err)
{
    struct verdict validation;
    TRY(judge_model(lesson->recipe, model, lesson->rows, lesson->samples, &lesson->fold->validation,
                    &s->work, &validation, err));
    TRY(judge_model(lesson->recipe, model, lesson->rows, lesson->samples, &lesson->fold->test,
                    &s->work, test, err));
    *metrics = (struct metrics){.count = 0};
    add(metrics, "train_n", (double)lesson->fold->train.count);
    add(metrics, "train_loss", result->train_loss);
    add(metrics, "validation_loss", result->validation_loss);
    add(metrics, "epochs", (double)result->epochs);
    add(metrics, "best_epoch", (double)result->best_epoch);
    add(metrics, "seconds", result->seconds);
    add(metrics, "trials", lesson->recipe->trials);
    add_validation(metrics, &validation);
    add_test(metrics, test);
    if (test->score.n == 0)
        *test = validation;
    return 0;
}

static int32_t last_day(const struct lesson *lesson, const struct part *part)
{
    return lesson->rows->days[lesson->samples->ends[part->samples[part->count - 1]]];
}

static int fill_model(struct session *s, const struct lesson *lesson, const struct saving *saving,
                      const struct buffer *notes, struct model *model, struct err *err)
{
    const struct part *train = &lesson->fold->train;
    model->source = saving->source;
    model->snapshot = saving->snapshot;
    model->notes = notes->data;
    model->train_from = lesson->rows->days[lesson->samples->ends[train->samples[0]]];
    model->train_to = last_day(lesson, train);
    return learn_edges(lesson, &s->work, model, err);
}

static int write_notes(const struct lesson *lesson, const struct saving *saving,
                       struct buffer *notes, struct err *err)
{
    const struct part *validation = &lesson->fold->validation;
    char until[11];
    struct record_input input = {saving->source, saving->snapshot, lesson->rows->hash, NULL};
    if (validation->count != 0) {
        date_format(last_day(lesson, validation), until);
        input.validation_to = until;
    }
    buffer_init(notes, NOTES_BYTES);
    TRY(record_parameters(lesson->recipe, &input, notes, err));
    return buffer_append(notes, "", 1, err);
}

static int record_metrics_file(const struct record *record, const struct metrics *metrics,
                               struct err *err)
{
    struct buffer json;
    buffer_init(&json, NOTES_BYTES);
    int code = record_metrics(metrics->all, metrics->count, &json, err);
    if (code == 0)
        code = record_file(record, "metrics.json", json.data, json.size, err);
    buffer_free(&json);
    return code;
}

static int record_history(const struct record *record, const struct history *history,
                          struct err *err)
{
    struct buffer svg;
    TRY(record_file(record, "history.tsv", history->text.data, history->text.size, err));
    buffer_init(&svg, NOTES_BYTES);
    int code = history_draw(history, &svg, err);
    if (code == 0)
        code = record_file(record, "loss.svg", svg.data, svg.size, err);
    buffer_free(&svg);
    return code;
}

static int write_record(const struct session *s, const struct saving *saving,
                        const struct metrics *metrics, const struct buffer *notes, uint32_t version,
                        struct err *err)
{
    struct record record;
    TRY(record_open(&record, s->models.path, saving->name, version, err));
    TRY(record_file(&record, "params.json", notes->data, notes->size - 1, err));
    TRY(record_metrics_file(&record, metrics, err));
    return saving->history != NULL ? record_history(&record, saving->history, err) : 0;
}

static int save(struct session *s, const struct lesson *lesson, const struct saving *saving,
                const struct buffer *notes, struct model *model, struct verdict *verdict,
                uint32_t *version, struct err *err)
{
    struct metrics metrics;
    struct buffer file;
    struct err lesser = {0};
    TRY(fill_model(s, lesson, saving, notes, model, err));
    TRY(fill_metrics(s, lesson, saving->result, model, &metrics, verdict, err));
    model->metrics = metrics.all;
    model->metric_count = metrics.count;
    buffer_init(&file, FILE_BYTES);
    int code = model_write(model, &file, err);
    if (saving->hold != NULL)
        hold_release(saving->hold);
    if (code == 0)
        code = folder_add(s->models.path, saving->name, file.data, file.size, version, err);
    buffer_free(&file);
    if (code == 0 && write_record(s, saving, &metrics, notes, *version, &lesser) != 0)
        (void)fprintf(stderr, "nn-train: %s@%u is saved, but not its record: %s\n", saving->name,
                      *version, lesser.text);
    model->metrics = NULL; // they end with this call
    model->metric_count = 0;
    return code;
}

static int aside_path(const struct session *s, const struct saving *saving, char *path, size_t room,
                      struct err *err)
{
    return (size_t)snprintf(path, room, "%s/%s/.interrupted.safetensors", s->models.path,
                            saving->name) < room
               ? 0
               : err_set(err, EX_CONFIG, "the path of model '%s' is too long", saving->name);
}

int save_model(struct session *s, const struct lesson *lesson, const struct saving *saving,
               struct model *model, struct verdict *verdict, uint32_t *version, struct err *err)
{
    struct buffer notes;
    char aside[PATH_MAX];
    TRY(aside_path(s, saving, aside, sizeof aside, err));
    int code = write_notes(lesson, saving, &notes, err);
    if (code == 0)
        code = save(s, lesson, saving, &notes, model, verdict, version, err);
    if (code == 0)
        (void)unlink(aside);
    buffer_free(&notes);
    model->notes = "";
    return code;
}

int save_aside(struct session *s, const struct lesson *lesson, const struct saving *saving,
               struct model *model, char *path, size_t room, struct err *err)
{
    struct buffer notes, file;
    TRY(aside_path(s, saving, path, room, err));
    buffer_init(&file, FILE_BYTES);
    int code = write_notes(lesson, saving, &notes, err);
    if (code == 0)
        code = fill_model(s, lesson, saving, &notes, model, err);
    if (code == 0)
        code = model_write(model, &file, err);
    if (saving->hold != NULL)
        hold_release(saving->hold);
    if (code == 0)
        code = file_replace(path, file.data, file.size, err);
    buffer_free(&file);
    buffer_free(&notes);
    model->notes = "";
    return code;
}
