// SPDX-License-Identifier: Apache-2.0
// `nn train`: rows in, a row of progress for each epoch out, and a model in the models folder.
//
// A training that is killed goes on from its checkpoint when the same command comes again; one that
// is interrupted leaves its best weights besides.
#include "model/folder.h"
#include "walk/command.h"
#include "walk/history.h"
#include "walk/progress.h"
#include "walk/save.h"

#include <string.h>
#include <unistd.h>

#define COLUMNS(X)                                                                                 \
    X(FOLD, "fold", COUNT)                                                                         \
    X(EPOCH, "epoch", COUNT)                                                                       \
    X(TRAIN_LOSS, "train_loss", NUMBER)                                                            \
    X(VALIDATION_LOSS, "validation_loss", NUMBER)                                                  \
    X(LEARNING_RATE, "learning_rate", NUMBER)                                                      \
    X(SECONDS, "seconds", NUMBER)                                                                  \
    X(NOTE, "note", TEXT)

enum { COLUMNS(TABLE_NUMBER) COLUMN_COUNT };
static const struct table_column columns[] = {COLUMNS(TABLE_ENTRY)};

struct train_options {
    struct settings settings;
    const char *name, *source, *snapshot, *output;
    bool fresh;
};

#define OPTION_OWN(name, kind, field, value, doc)                                                  \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct train_options, field), value, doc, 0, 0               \
    }
static const struct option options[] = {
    OPTION_OWN("name", TEXT, name, "NAME", "keep the model under this name"),
    OPTION_OWN("source", TEXT, source, "TEXT", "where the rows come from, for the record"),
    OPTION_OWN("snapshot", TEXT, snapshot, "ID", "Iceberg snapshot of the rows, for the record"),
    OPTION_OWN("output", TEXT, output, "FORMAT", "native (default) or tsv"),
    OPTION_OWN("fresh", FLAG, fresh, NULL, "do not go on from a checkpoint"),
    SETTINGS_OPTIONS,
    {0}};

struct training {
    struct session session;
    const struct train_options *options;
    struct history history;
    struct hold hold;
    char checkpoint[PATH_MAX], history_path[PATH_MAX];
    struct err *err;
};

static int put_row(struct training *t, const struct fit_progress *p, const char *note)
{
    const union cell cells[COLUMN_COUNT] = {
        [COLUMN_FOLD] = {.count = 1},
        [COLUMN_EPOCH] = {.count = p->epoch},
        [COLUMN_TRAIN_LOSS] = {.number = p->train_loss},
        [COLUMN_VALIDATION_LOSS] = {.number = p->validation_loss},
        [COLUMN_LEARNING_RATE] = {.number = p->learning_rate},
        [COLUMN_SECONDS] = {.number = p->seconds},
        [COLUMN_NOTE] = {.text = note}};
    return table_row(&t->session.table, cells, t->err);
}

static int after_epoch(void *user, const struct fit_progress *p)
{
    struct training *t = user;
    progress_line("epoch %zu of %zu: train %.5g, validation %.5g, %.0f s", p->epoch, p->epochs,
                  p->train_loss, p->validation_loss, p->seconds);
    return history_add(&t->history, p, t->err) != 0 ||
           put_row(t, p, p->improved ? "best so far" : "") != 0 || progress_stopped();
}

static int within_epoch(void *user, size_t epoch, double share)
{
    struct training *t = user;
    progress_line("epoch %zu of %zu: %.0f %%", epoch, t->session.recipe.fit.epochs, 100 * share);
    return table_wait(&t->session.table, t->err) != 0 || progress_stopped();
}

// The checkpoint lies in the model's folder under a hidden name.
static int find_checkpoint(struct training *t)
{
    const char *name = t->options->name, *models = t->session.models.path;
    struct model_reference reference;
    if (name == NULL)
        return 0;
    TRY(reference_parse(name, strlen(name), &reference, t->err));
    if (reference.tag[0] != '\0')
        return err_set(t->err, EX_USAGE,
                       "--name wants a name without '@': the version is counted, as %s@1",
                       reference.name);
    const size_t room = sizeof t->checkpoint;
    if ((size_t)snprintf(t->checkpoint, room, "%s/%s/.train.checkpoint", models, name) >= room ||
        (size_t)snprintf(t->history_path, room, "%s/%s/.train.history", models, name) >= room)
        return err_set(t->err, EX_CONFIG, "the path of model '%s' is too long", name);
    TRY(hold_open(&t->hold, models, name, t->err));
    if (t->options->fresh)
        (void)unlink(t->checkpoint);
    if (access(t->checkpoint, F_OK) != 0)
        (void)unlink(t->history_path);
    return 0;
}

static void describe(char *text, size_t room, const struct verdict *v, bool tested)
{
    (void)snprintf(text, room, "%s of %zu: loss %.6g, IC %.4f, rank IC %.4f, direction %.4f",
                   tested ? "test" : "validation", v->score.n, v->loss, v->score.ic,
                   v->score.rank_ic, v->score.direction);
}

static int put_result(struct training *t, const struct fit_result *r, const char *note)
{
    const struct fit_progress last = {.epoch = r->best_epoch,
                                      .train_loss = r->train_loss,
                                      .validation_loss = r->validation_loss,
                                      .learning_rate = (double)NAN,
                                      .seconds = r->seconds};
    return put_row(t, &last, note);
}

static int finish(struct training *t, const struct lesson *lesson, const struct fit_result *result,
                  struct model *model)
{
    const struct train_options *o = t->options;
    struct verdict verdict;
    char judged[160], note[400];
    const bool tested = lesson->fold->test.count != 0;
    const struct part *part = tested ? &lesson->fold->test : &lesson->fold->validation;
    uint32_t version = 0;
    const struct saving saving = {o->name, o->source, o->snapshot, result, &t->history, &t->hold};
    if (o->name != NULL)
        TRY(save_model(&t->session, lesson, &saving, model, &verdict, &version, t->err));
    else
        TRY(judge_model(lesson->recipe, model, lesson->rows, lesson->samples, part,
                        &t->session.work, &verdict, t->err));
    history_forget(&t->history);
    describe(judged, sizeof judged, &verdict, tested);
    if (o->name != NULL)
        (void)snprintf(note, sizeof note, "saved as %s@%u; %s", o->name, version, judged);
    else
        (void)snprintf(note, sizeof note, "not saved (--name keeps it); %s", judged);
    return put_result(t, result, note);
}

static int interrupted(struct training *t, const struct lesson *lesson,
                       const struct fit_result *result, struct model *model)
{
    char path[PATH_MAX];
    const struct train_options *o = t->options;
    if (t->err->code != 0)
        return t->err->code; // the output broke off
    if (o->name == NULL)
        return err_set_retriable(t->err, EX_TEMPFAIL,
                                 "interrupted after epoch %zu; with --name it could go on",
                                 result->epochs);
    if (result->best_epoch == 0)
        return err_set_retriable(t->err, EX_TEMPFAIL,
                                 "interrupted within the first epoch, of which nothing is kept; "
                                 "the same command begins anew");
    const struct saving saving = {o->name, o->source, o->snapshot, result, NULL, &t->hold};
    TRY(save_aside(&t->session, lesson, &saving, model, path, sizeof path, t->err));
    return err_set_retriable(t->err, EX_TEMPFAIL,
                             "interrupted after epoch %zu; the same command goes on from there, "
                             "and the weights of epoch %zu, the best, lie in %s",
                             result->epochs, result->best_epoch, path);
}

static int train(struct training *t)
{
    struct session *s = &t->session;
    struct fold fold;
    struct model model;
    struct fit_result result;
    TRY(find_checkpoint(t));
    TRY(session_read(s, NULL, t->err));
    TRY(fold_split(&s->samples, s->recipe.split, s->recipe.embargo, &s->data, &fold, t->err));
    TRY(history_open(&t->history, s->recipe.fit.epochs,
                     t->history_path[0] != '\0' ? t->history_path : NULL, &s->data, t->err));
    const struct lesson lesson = {.recipe = &s->recipe,
                                  .rows = &s->rows,
                                  .samples = &s->samples,
                                  .fold = &fold,
                                  .checkpoint = t->checkpoint[0] != '\0' ? t->checkpoint : NULL,
                                  .progress = after_epoch,
                                  .tick = within_epoch,
                                  .user = t};
    if (t->hold.held)
        TRY(hold_reserve(&t->hold, save_size(&s->recipe.network), t->err));
    progress_catch_signals();
    const int code = learn(&lesson, &s->data, &model, &result, t->err);
    progress_clear();
    TRY(code);
    return result.stopped ? interrupted(t, &lesson, &result, &model)
                          : finish(t, &lesson, &result, &model);
}

int train_command(int argc, char **argv, struct err *err)
{
    static const struct command command = {
        "nn-train train", "train a network on rows, and keep it as a model",
        "nn-train train [options] < rows.native", options,
        "Rows are blocks in ClickHouse's Native format: ticker, date, features, target, ordered by "
        "ticker, date.\nOut come rows of progress: fold, epoch, train_loss, validation_loss, "
        "learning_rate, seconds, note.\n"};
    struct train_options o = {.settings = settings_none, .source = "", .snapshot = ""};
    static struct training t;
    enum options_result what;
    TRY(options_parse(&command, &argc, argv, &o, &what, err));
    if (what == OPTIONS_DONE)
        return 0;
    if (argc != 1)
        return err_set(err, EX_USAGE, "train takes no words, but '%s' came", argv[1]);
    t = (struct training){.options = &o, .err = err};
    int code = session_open(&t.session, o.output, columns, COLUMN_COUNT, err);
    if (code == 0)
        code = session_resolve(&t.session, &o.settings, NULL, err);
    if (code == 0)
        code = train(&t);
    history_close(&t.history);
    hold_close(&t.hold);
    session_close(&t.session);
    return code;
}
