// SPDX-License-Identifier: Apache-2.0
// `nn retrain`: trains on the newest rows with the settings of the model in production, tests both
// on the same newest part, which the new one has not seen, and puts the new one into production
// only where it is better. One row says which, and why.
#include "walk/command.h"
#include "walk/history.h"
#include "walk/progress.h"
#include "walk/promotion.h"
#include "walk/save.h"

#include "base/time.h"

#include <string.h>

enum { NOT_BETTER = 3 }; // the exit code where production stays

#define COLUMNS(X)                                                                                 \
    X(MODEL, "model", TEXT)                                                                        \
    X(CANDIDATE, "candidate", COUNT)                                                               \
    X(PRODUCTION, "production", COUNT)                                                             \
    X(PROMOTED, "promoted", COUNT)                                                                 \
    X(TRAIN_FROM, "train_from", DATE)                                                              \
    X(TRAIN_TO, "train_to", DATE)                                                                  \
    X(TEST_FROM, "test_from", DATE)                                                                \
    X(TEST_TO, "test_to", DATE)                                                                    \
    X(N, "n", COUNT)                                                                               \
    X(CANDIDATE_LOSS, "candidate_loss", NUMBER)                                                    \
    X(PRODUCTION_LOSS, "production_loss", NUMBER)                                                  \
    X(CANDIDATE_IC, "candidate_ic", NUMBER)                                                        \
    X(PRODUCTION_IC, "production_ic", NUMBER)                                                      \
    X(GAIN, "gain", NUMBER)                                                                        \
    X(SECONDS, "seconds", NUMBER)                                                                  \
    X(REASON, "reason", TEXT)

enum { COLUMNS(TABLE_NUMBER) COLUMN_COUNT };
static const struct table_column columns[] = {COLUMNS(TABLE_ENTRY)};

struct retrain_options {
    struct settings settings;
    const char *name, *by, *source, *snapshot, *output;
    double min_gain;
};

#define OPTION_OWN(name, kind, field, value, doc)                                                  \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct retrain_options, field), value, doc, 0, 0             \
    }
static const struct option options[] = {
    OPTION_OWN("name", TEXT, name, "NAME",
               "the model; NAME@production is to be beaten, else its newest version"),
    OPTION_OWN("by", TEXT, by, "SCORE", "loss (default) or ic"),
    OPTION_OWN("min-gain", NUMBER, min_gain, "X",
               "wanted: a loss smaller by this share, or an IC larger by this much (0)"),
    OPTION_OWN("source", TEXT, source, "TEXT", "where the rows come from, for the record"),
    OPTION_OWN("snapshot", TEXT, snapshot, "ID", "Iceberg snapshot of the rows, for the record"),
    OPTION_OWN("output", TEXT, output, "FORMAT", "native (default) or tsv"),
    SETTINGS_OPTIONS,
    {0}};

struct retrain {
    struct session session;
    const struct retrain_options *options;
    struct session_model production;
    uint32_t production_before; // what the alias meant at the start; 0: nothing
    struct fold fold;
    struct history history;
    struct hold hold;
    struct fit_result result;
    struct verdict candidate_verdict, production_verdict;
    uint32_t candidate;
    struct promotion promotion;
    struct err *err;
};

static int after_epoch(void *user, const struct fit_progress *p)
{
    struct retrain *r = user;
    progress_line("epoch %zu of %zu: train %.5g, validation %.5g, %.0f s", p->epoch, p->epochs,
                  p->train_loss, p->validation_loss, p->seconds);
    return history_add(&r->history, p, r->err) != 0 || progress_stopped();
}

static int within_epoch(void *user, size_t epoch, double share)
{
    struct retrain *r = user;
    progress_line("epoch %zu of %zu: %.0f %%", epoch, r->session.recipe.fit.epochs, 100 * share);
    return table_wait(&r->session.table, r->err) != 0 || progress_stopped();
}

// The version that the alias means now; 0 where there is none.
static int version_in_production(const struct retrain *r, uint32_t *version)
{
    struct model_reference reference = {.tag = "production"};
    struct model_location location = {.version = 0};
    struct err missing = {0};
    (void)snprintf(reference.name, sizeof reference.name, "%s", r->options->name);
    if (folder_resolve(r->session.models.path, &reference, &location, &missing) != 0 &&
        missing.code != EX_NOINPUT)
        return err_set(r->err, missing.code, "%s", missing.text);
    *version = location.version;
    return 0;
}

static int find_production(struct retrain *r)
{
    const char *name = r->options->name;
    struct model_reference parsed;
    bool found;
    TRY(reference_parse(name, strlen(name), &parsed, r->err));
    if (parsed.tag[0] != '\0')
        return err_set(r->err, EX_USAGE, "--name wants a name without '@', as %s", parsed.name);
    TRY(session_model(&r->session, name, &found, &r->production, r->err));
    if (!found)
        return err_set(
            r->err, EX_NOINPUT,
            "there is no model '%s' to train anew; 'nn train --name %s' makes the first, "
            "'nn models' names those that are",
            name, name);
    TRY(version_in_production(r, &r->production_before));
    r->production.settings.split = NULL; // how it was split once says nothing of this test
    return session_resolve(&r->session, &r->options->settings, &r->production.settings, r->err);
}

static int differs(const struct retrain *r, const char *option, const char *old, const char *new)
{
    return err_set(r->err, EX_USAGE,
                   "%s@%u in production was trained with --%s %s, and these settings ask for %s: "
                   "that cannot be compared. Train it under another name",
                   r->options->name, r->production.location.version, option, old, new);
}

static int check_text(const struct retrain *r, const char *option, const char *old, const char *new)
{
    return old == NULL || strcmp(old, new) == 0 ? 0 : differs(r, option, old, new);
}

static int check_number(const struct retrain *r, const char *option, double old, double new)
{
    char then[NUMBER_BYTES], now[NUMBER_BYTES];
    if (isnan(old) || old == new)
        return 0;
    number_print(old, then);
    number_print(new, now);
    return differs(r, option, then, now);
}

// Both must predict the same of the same rows, as far as production says what it predicts.
static int check_alike(const struct retrain *r)
{
    const struct recipe *recipe = &r->session.recipe;
    const struct settings *new = &recipe->settings, *old = &r->production.settings;
    const struct model *model = &r->production.model;
    struct err unfit = {0};
    TRY(check_text(r, "task", model->task == TASK_CLASSES ? "classes" : "regression", new->task));
    TRY(check_number(r, "horizon", (double)model->horizon, (double)recipe->horizon));
    TRY(check_text(r, "target", old->target, new->target));
    TRY(check_text(r, "label", old->label, new->label));
    if (recipe->task == TASK_CLASSES)
        TRY(check_number(r, "threshold", old->threshold, new->threshold));
    if (predict_check(model, recipe->task, &unfit) != 0)
        return err_set(r->err, EX_USAGE,
                       "%s@%u in production cannot be compared: %s. Train under another name",
                       r->options->name, r->production.location.version, unfit.text);
    return 0;
}

// Windows as long as the longer of both look-backs, so that both see the same samples.
static int read_rows(struct retrain *r)
{
    struct session *s = &r->session;
    const size_t own = s->recipe.lookback;
    const size_t old = r->production.model.network.lookback;
    s->recipe.lookback = old > own ? old : own;
    const int code = session_read(s, r->production.settings.features, r->err);
    s->recipe.lookback = own;
    return code;
}

static int train(struct retrain *r, const struct lesson *lesson, struct model *model)
{
    progress_catch_signals();
    const int code = learn(lesson, &r->session.data, model, &r->result, r->err);
    progress_clear();
    TRY(code);
    return r->result.stopped ? err_set_retriable(r->err, EX_TEMPFAIL,
                                                 "interrupted after epoch %zu; production stays",
                                                 r->result.epochs)
                             : 0;
}

// What stopped the training was learned from as well.
static void say_what_was_seen(struct retrain *r)
{
    const struct model *model = &r->production.model;
    struct promotion *p = &r->promotion;
    const size_t used = strlen(p->reason);
    int32_t until = model->train_to, validated;
    char day[11];
    if (validated_to(model, &validated) && validated > until)
        until = validated;
    if (!promotion_has_seen(&r->session.samples, until, model->horizon, r->fold.test.samples[0]))
        return;
    date_format(until, day);
    (void)snprintf(p->reason + used, sizeof p->reason - used,
                   "; production was trained until %s and has seen some of the test", day);
}

static int decide(struct retrain *r)
{
    const struct retrain_options *o = r->options;
    const enum promotion_by by =
        o->by != NULL && strcmp(o->by, "ic") == 0 ? PROMOTION_BY_IC : PROMOTION_BY_LOSS;
    TRY(judge_model(&r->session.recipe, &r->production.model, &r->session.rows, &r->session.samples,
                    &r->fold.test, &r->session.work, &r->production_verdict, r->err));
    r->promotion = promotion_decide(by, &r->candidate_verdict, &r->production_verdict, o->min_gain);
    say_what_was_seen(r);
    return 0;
}

// Training takes its time; what was put into production meanwhile was not compared, and stays.
static int promote(struct retrain *r)
{
    uint32_t now;
    TRY(version_in_production(r, &now));
    if (now == r->production_before)
        return folder_set_alias(r->session.models.path, r->options->name, "production",
                                r->candidate, 1, r->err);
    r->promotion.promoted = false;
    (void)snprintf(r->promotion.reason, sizeof r->promotion.reason,
                   "production changed from version %u to %u while this was trained, and was not "
                   "compared; 0 is none",
                   r->production_before, now);
    return 0;
}

static int put_row(struct retrain *r)
{
    const struct session *s = &r->session;
    const uint32_t *ends = s->samples.ends;
    const struct part *train = &r->fold.train, *test = &r->fold.test;
    const struct verdict *new = &r->candidate_verdict, *old = &r->production_verdict;
    const union cell cells[COLUMN_COUNT] = {
        [COLUMN_MODEL] = {.text = r->options->name},
        [COLUMN_CANDIDATE] = {.count = r->candidate},
        [COLUMN_PRODUCTION] = {.count = r->production.location.version},
        [COLUMN_PROMOTED] = {.count = r->promotion.promoted},
        [COLUMN_TRAIN_FROM] = {.date = s->rows.days[ends[train->samples[0]]]},
        [COLUMN_TRAIN_TO] = {.date = s->rows.days[ends[train->samples[train->count - 1]]]},
        [COLUMN_TEST_FROM] = {.date = s->rows.days[ends[test->samples[0]]]},
        [COLUMN_TEST_TO] = {.date = s->rows.days[ends[test->samples[test->count - 1]]]},
        [COLUMN_N] = {.count = test->count},
        [COLUMN_CANDIDATE_LOSS] = {.number = new->loss},
        [COLUMN_PRODUCTION_LOSS] = {.number = old->loss},
        [COLUMN_CANDIDATE_IC] = {.number = new->score.ic},
        [COLUMN_PRODUCTION_IC] = {.number = old->score.ic},
        [COLUMN_GAIN] = {.number = r->promotion.gain},
        [COLUMN_SECONDS] = {.number = r->result.seconds},
        [COLUMN_REASON] = {.text = r->promotion.reason}};
    return table_row(&r->session.table, cells, r->err);
}

static int retrain(struct retrain *r)
{
    struct session *s = &r->session;
    const struct retrain_options *o = r->options;
    struct model model;
    TRY(find_production(r));
    TRY(check_alike(r));
    TRY(hold_open(&r->hold, s->models.path, o->name, r->err));
    TRY(read_rows(r));
    TRY(hold_reserve(&r->hold, save_size(&s->recipe.network), r->err));
    TRY(fold_split(&s->samples, s->recipe.split, s->recipe.embargo, &s->data, &r->fold, r->err));
    if (r->fold.test.count == 0)
        return err_set(r->err, EX_USAGE, "retrain wants a test to compare by; --split 70/20/10");
    TRY(history_open(&r->history, s->recipe.fit.epochs, NULL, &s->data, r->err));
    const struct lesson lesson = {&s->recipe, &s->rows,    &s->samples,  &r->fold,
                                  NULL,       after_epoch, within_epoch, r};
    const struct saving saving = {o->name,    o->source,   o->snapshot,
                                  &r->result, &r->history, &r->hold};
    TRY(train(r, &lesson, &model));
    TRY(save_model(s, &lesson, &saving, &model, &r->candidate_verdict, &r->candidate, r->err));
    TRY(decide(r));
    if (r->promotion.promoted)
        TRY(promote(r));
    return put_row(r);
}

int retrain_command(int argc, char **argv, struct err *err)
{
    static const struct command command = {
        "nn-train retrain", "train anew, and promote the model where it is better",
        "nn-train retrain --name NAME [options] < rows.native", options,
        "Settings that are not given are those of NAME@production; with --layers or --preset the "
        "network and its\ntraining are new, and the data stay production's. The newest part of "
        "--split is the test of both.\nEnds with 0 where the new model was promoted, with 3 where "
        "production "
        "stays.\n"};
    struct retrain_options o = {.settings = settings_none, .source = "", .snapshot = ""};
    static struct retrain r;
    enum options_result what;
    TRY(options_parse(&command, &argc, argv, &o, &what, err));
    if (what == OPTIONS_DONE)
        return 0;
    if (argc != 1 || o.name == NULL)
        return err_set(err, EX_USAGE, "retrain wants --name NAME, and no words");
    if (o.by != NULL && strcmp(o.by, "loss") != 0 && strcmp(o.by, "ic") != 0)
        return err_set(err, EX_USAGE, "--by wants loss or ic, not '%s'", o.by);
    r = (struct retrain){.options = &o, .err = err};
    int code = session_open(&r.session, o.output, columns, COLUMN_COUNT, err);
    if (code == 0)
        code = retrain(&r);
    if (code == 0 && !r.promotion.promoted)
        code = NOT_BETTER;
    model_close(&r.production.bytes);
    history_close(&r.history);
    hold_close(&r.hold);
    session_close(&r.session);
    return code;
}
