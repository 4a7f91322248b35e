// SPDX-License-Identifier: Apache-2.0
// `nn tune`: rows in, a row for each trial out, and the best one trained and kept as a model.
//
// All trials are trained and judged on the same samples, those of the longest look-back, so their
// scores can be compared. The validation part stops a training and scores the trial; the test part
// is looked at once, for the best. The number of trials goes into the model, and its deflated
// Sharpe ratio counts them.
#include "tune/command_tune.h"
#include "tune/ranges.h"
#include "tune/trials.h"
#include "walk/history.h"
#include "walk/progress.h"
#include "walk/record.h"
#include "walk/save.h"

#include <string.h>
#include <unistd.h>

enum { NOTE_BYTES = 480, IDENTITY_BYTES = 1 << 18 };

#define COLUMNS(X)                                                                                 \
    X(TRIAL, "trial", COUNT)                                                                       \
    X(STATE, "state", TEXT)                                                                        \
    X(PARAMETERS, "parameters", TEXT)                                                              \
    X(SCORE, "score", NUMBER)                                                                      \
    X(BEST_SCORE, "best_score", NUMBER)                                                            \
    X(EPOCHS, "epochs", COUNT)                                                                     \
    X(SECONDS, "seconds", NUMBER)                                                                  \
    X(NOTE, "note", TEXT)

enum { COLUMNS(TABLE_NUMBER) COLUMN_COUNT };
static const struct table_column columns[] = {COLUMNS(TABLE_ENTRY)};

struct tune_options {
    struct settings settings;
    const char *name, *source, *snapshot, *output, *space, *objective, *trials_file;
    int64_t count, starts;
    bool fresh;
};

#define OPTION_OWN(name, kind, field, value, doc, ...)                                             \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct tune_options, field), value, doc, __VA_ARGS__         \
    }
// clang-format off
static const struct option options[] = {
    OPTION_OWN("name", TEXT, name, "NAME", "train the best and keep it under this name", 0, 0),
    OPTION_OWN("count", INTEGER, count, "N", "trials, with those of the trials file (32)",
               1, SEARCH_MAX_TRIALS),
    OPTION_OWN("objective", TEXT, objective, "WHAT",
               "of the validation: loss (default), ic or rank_ic", 0, 0),
    OPTION_OWN("space", TEXT, space, "FILE", "ranges, a line each: NAME = RANGE", 0, 0),
    OPTION_OWN("starts", INTEGER, starts, "N",
               "trials before the first that is modelled (dimensions + 2, at most 10)",
               0, SEARCH_MAX_TRIALS),
    OPTION_OWN("trials-file", TEXT, trials_file, "FILE",
               "where trials are kept (with --name in the model's folder, until it ends)", 0, 0),
    OPTION_OWN("fresh", FLAG, fresh, NULL, "forget the trials of an earlier, killed search", 0, 0),
    OPTION_OWN("source", TEXT, source, "TEXT", "where the rows come from, for the record", 0, 0),
    OPTION_OWN("snapshot", TEXT, snapshot, "ID", "Iceberg snapshot of the rows, for the record",
               0, 0),
    OPTION_OWN("output", TEXT, output, "FORMAT", "native (default) or tsv", 0, 0),
    SETTINGS_OPTIONS,
    {0}};
// clang-format on

enum objective { OBJECTIVE_LOSS, OBJECTIVE_IC, OBJECTIVE_RANK_IC };
static const char *const objective_names[] = {"loss", "ic", "rank_ic"};

struct tuning {
    struct session session;
    const struct tune_options *options;
    struct settings settings; // with the preset that holds
    enum objective objective;
    struct space space;
    struct search search;
    struct trials trials;
    struct fold fold;
    struct history history;
    struct hold hold;
    size_t number; // of the trial that runs
    char path[PATH_MAX];
    struct err *err;
};

// One training: what it was told, and what became of it.
struct run {
    struct trial_settings settings;
    struct recipe recipe;
    struct model model;
    struct fit_result result;
};

// ---- rows out

static double shown(const struct tuning *t, double score)
{
    return t->objective == OBJECTIVE_LOSS ? score : -score;
}

static int put_trial(struct tuning *t, size_t number, size_t epochs, double seconds,
                     const char *state, const char *note)
{
    char parameters[NOTE_BYTES];
    const struct trial *trial = &t->search.trials[number - 1];
    const struct trial *best = search_best(&t->search);
    ranges_describe(&t->space, trial->values, parameters, sizeof parameters);
    const union cell cells[COLUMN_COUNT] = {
        [COLUMN_TRIAL] = {.count = number},
        [COLUMN_STATE] = {.text = state},
        [COLUMN_PARAMETERS] = {.text = parameters},
        [COLUMN_SCORE] = {.number = shown(t, trial->score)},
        [COLUMN_BEST_SCORE] = {.number = best != NULL ? shown(t, best->score) : (double)NAN},
        [COLUMN_EPOCHS] = {.count = epochs},
        [COLUMN_SECONDS] = {.number = seconds},
        [COLUMN_NOTE] = {.text = note}};
    return table_row(&t->session.table, cells, t->err);
}

// The trials that the file had, as if they had just run.
static int put_known(struct tuning *t)
{
    const size_t count = t->search.count;
    for (t->search.count = 1; t->search.count <= count; t->search.count++) {
        const struct trial *trial = &t->search.trials[t->search.count - 1];
        const char *state = isfinite(trial->score) ? "done" : "failed";
        TRY(put_trial(t, t->search.count, 0, trial->seconds, state, "of the trials file"));
    }
    t->search.count = count;
    return 0;
}

// ---- one trial

static void show_progress(const struct tuning *t, size_t epoch, size_t epochs)
{
    const struct trial *best = search_best(&t->search);
    progress_line("trial %zu of %lld, epoch %zu of %zu; best %s so far %.6g", t->number,
                  (long long)t->options->count, epoch, epochs, objective_names[t->objective],
                  best != NULL ? shown(t, best->score) : (double)NAN);
}

static int after_epoch(void *user, const struct fit_progress *p)
{
    const struct tuning *t = user;
    show_progress(t, p->epoch, p->epochs);
    return progress_stopped();
}

static int after_best_epoch(void *user, const struct fit_progress *p)
{
    struct tuning *t = user;
    progress_line("training the best, trial %zu: epoch %zu of %zu", t->number, p->epoch, p->epochs);
    return history_add(&t->history, p, t->err) != 0 || progress_stopped();
}

static int within_epoch(void *user, size_t epoch, double share)
{
    struct tuning *t = user;
    (void)epoch, (void)share;
    return table_wait(&t->session.table, t->err) != 0 || progress_stopped();
}

static int prepare_run(const struct tuning *t, const double *values, struct run *run)
{
    TRY(trial_settings_make(&t->space, values, &t->settings, t->session.recipe.task, &run->settings,
                            t->err));
    TRY(settings_resolve(&run->settings.settings, NULL, &run->recipe, t->err));
    return recipe_lay_out(&run->recipe, t->session.rows.own_features, t->err);
}

static struct lesson lesson_of(struct tuning *t, const struct run *run,
                               int (*progress)(void *, const struct fit_progress *))
{
    return (struct lesson){.recipe = &run->recipe,
                           .rows = &t->session.rows,
                           .samples = &t->session.samples,
                           .fold = &t->fold,
                           .progress = progress,
                           .tick = within_epoch,
                           .user = t};
}

static int score_run(struct tuning *t, const struct run *run, double *score)
{
    struct session *s = &t->session;
    struct verdict v;
    TRY(judge_model(&run->recipe, &run->model, &s->rows, &s->samples, &t->fold.validation, &s->work,
                    &v, t->err));
    *score = t->objective == OBJECTIVE_LOSS ? v.loss
             : t->objective == OBJECTIVE_IC ? -v.score.ic
                                            : -v.score.rank_ic;
    return 0;
}

static int interrupted(const struct tuning *t)
{
    return err_set_retriable(t->err, EX_TEMPFAIL,
                             t->path[0] != '\0'
                                 ? "interrupted in trial %zu; the same command goes on from there"
                                 : "interrupted in trial %zu; with --name or --trials-file it "
                                   "could go on",
                             t->number);
}

// A training whose loss is not finite from its first epoch on is a trial that failed; whatever else
// goes wrong ends the search.
static int run_trial(struct tuning *t, struct trial *trial, size_t *epochs, char *note)
{
    struct run run;
    struct err failure = {0};
    const size_t mark = arena_mark(&t->session.data);
    *note = '\0';
    *epochs = 0;
    trial->score = (double)NAN;
    TRY(prepare_run(t, trial->values, &run));
    const struct lesson lesson = lesson_of(t, &run, after_epoch);
    const int code = learn(&lesson, &t->session.data, &run.model, &run.result, &failure);
    if (code == EX_DATAERR)
        (void)snprintf(note, NOTE_BYTES, "%.*s", NOTE_BYTES - 1, failure.text);
    else if (code != 0)
        return err_set(t->err, failure.code, "%s", failure.text);
    else if (run.result.stopped)
        return interrupted(t);
    else {
        *epochs = run.result.epochs;
        trial->seconds = run.result.seconds;
        TRY(score_run(t, &run, &trial->score));
    }
    arena_rewind(&t->session.data, mark);
    return 0;
}

static int add_trial(struct tuning *t, struct trial *trial)
{
    char note[NOTE_BYTES];
    size_t epochs;
    t->number = t->search.count + 1;
    show_progress(t, 0, 0);
    TRY(run_trial(t, trial, &epochs, note));
    TRY(search_tell(&t->search, trial, t->err));
    if (t->path[0] != '\0')
        TRY(trials_add(&t->trials, &t->search, t->err));
    progress_clear();
    return put_trial(t, t->search.count, epochs, trial->seconds,
                     isfinite(trial->score) ? "done" : "failed", note);
}

// A proposal takes longer the more trials there are, minutes after a thousand.
static int within_proposal(void *user)
{
    struct tuning *t = user;
    return table_wait(&t->session.table, t->err) != 0 || progress_stopped();
}

static int run_trials(struct tuning *t)
{
    while (t->search.count < (size_t)t->options->count) {
        struct trial trial = {0};
        bool exhausted;
        struct err failure = {0};
        const int code = search_propose(&t->search, trial.values, &exhausted, &failure);
        if (progress_stopped()) {
            t->number = t->search.count + 1;
            return interrupted(t);
        }
        if (code != 0)
            return err_set(t->err, failure.code, "%s", failure.text);
        if (exhausted)
            return 0;
        TRY(add_trial(t, &trial));
    }
    return 0;
}

// ---- the best

// The trials go along with the model, for who asks what else was tried.
static int keep_trials(struct tuning *t, uint32_t version)
{
    struct record record;
    const char *text;
    size_t size;
    TRY(udf_file_read(t->path, LIMIT_FILE_BYTES, &t->session.work, &text, &size, t->err));
    TRY(record_open(&record, t->session.models.path, t->options->name, version, t->err));
    TRY(record_file(&record, "trials.tsv", text, size, t->err));
    if (t->options->trials_file == NULL)
        (void)unlink(t->path);
    return 0;
}

static int save_best(struct tuning *t, const struct lesson *lesson, struct run *run)
{
    const struct tune_options *o = t->options;
    const struct saving saving = {o->name,      o->source,   o->snapshot,
                                  &run->result, &t->history, &t->hold};
    struct verdict v;
    uint32_t version;
    char note[NOTE_BYTES];
    TRY(save_model(&t->session, lesson, &saving, &run->model, &v, &version, t->err));
    TRY(keep_trials(t, version));
    (void)snprintf(note, sizeof note,
                   "saved as %s@%u, the best of %zu trials; %s of %zu: loss %.6g, IC %.4f, rank IC "
                   "%.4f, deflated Sharpe %.3f",
                   o->name, version, t->search.count,
                   t->fold.test.count != 0 ? "test" : "validation", v.score.n, v.loss, v.score.ic,
                   v.score.rank_ic, v.score.deflated_sharpe);
    return put_trial(t, t->number, run->result.epochs, run->result.seconds, "best", note);
}

// The same settings, rows and seed give the same weights as in the trial, so none were kept.
static int train_best(struct tuning *t, const struct trial *best)
{
    struct run run;
    t->number = (size_t)(best - t->search.trials) + 1;
    TRY(prepare_run(t, best->values, &run));
    run.recipe.trials += (double)t->search.count - 1; // one is there already
    TRY(history_open(&t->history, run.recipe.fit.epochs, NULL, &t->session.data, t->err));
    const struct lesson lesson = lesson_of(t, &run, after_best_epoch);
    TRY(learn(&lesson, &t->session.data, &run.model, &run.result, t->err));
    progress_clear();
    if (run.result.stopped)
        return interrupted(t);
    return save_best(t, &lesson, &run);
}

static int finish(struct tuning *t)
{
    const struct trial *best = search_best(&t->search);
    if (best == NULL)
        return err_set(t->err, EX_DATAERR,
                       "all %zu trials failed; the notes of their rows say why, and a lower "
                       "learning_rate often helps",
                       t->search.count);
    if (t->options->name != NULL)
        return train_best(t, best);
    return put_trial(t, (size_t)(best - t->search.trials) + 1, 0, best->seconds, "best",
                     "not saved (--name trains and keeps it)");
}

// ---- the beginning

static int parse_objective(struct tuning *t)
{
    const char *name = t->options->objective;
    for (size_t i = 0; i < sizeof objective_names / sizeof *objective_names; i++)
        if (name == NULL || strcmp(name, objective_names[i]) == 0) {
            t->objective = (enum objective)i;
            return 0;
        }
    return err_set(t->err, EX_USAGE, "--objective is loss, ic or rank_ic, not '%s'", name);
}

static int read_words(struct tuning *t, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            return err_set(t->err, EX_USAGE,
                           "'%s' is no range; write NAME=RANGE, as hidden=16..128", argv[i]);
        *equals = '\0';
        TRY(space_set(&t->space, argv[i], equals + 1, t->err));
    }
    return 0;
}

// The preset says what is predicted, and the space says by what network.
static int make_space(struct tuning *t, int argc, char **argv)
{
    const struct tune_options *o = t->options;
    t->settings = o->settings;
    if (o->settings.layers != NULL)
        return err_set(t->err, EX_USAGE,
                       "tune makes the layers itself; give layers=, hidden=, dropout= instead of "
                       "--layers");
    if (t->settings.preset == NULL)
        t->settings.preset = "hanoi_gru";
    struct settings first = t->settings;
    if (strcmp(first.preset, "none") == 0)
        first.layers = "gru:1,dense:1"; // the cell, unless cell= names another
    TRY(session_resolve(&t->session, &first, NULL, t->err));
    TRY(ranges_default(&o->settings, &t->session.recipe, &t->space, t->err));
    if (o->space != NULL)
        TRY(space_read(&t->space, o->space, t->err));
    TRY(read_words(t, argc, argv));
    return ranges_check(&t->space, t->err);
}

// A word that no setting knows is refused before the first trial, not when its turn comes.
static int check_choices(const struct tuning *t, double *values)
{
    for (size_t d = 0; d < t->space.count; d++) {
        const struct dimension *dimension = &t->space.dimensions[d];
        if (dimension->kind != DIMENSION_CHOICE)
            continue;
        for (values[d] = dimension->low; values[d] < dimension->high; values[d]++) {
            struct trial_settings made;
            struct recipe recipe;
            TRY(trial_settings_make(&t->space, values, &t->settings, t->session.recipe.task, &made,
                                    t->err));
            TRY(settings_resolve(&made.settings, NULL, &recipe, t->err));
        }
    }
    return 0;
}

// Rows are read, and samples made, for the longest look-back and the highest of everything else,
// which also shows that the settings fit together.
static int read_rows(struct tuning *t)
{
    struct trial_settings largest;
    struct session *s = &t->session;
    double values[SPACE_MAX_DIMENSIONS];
    for (size_t d = 0; d < t->space.count; d++)
        values[d] = t->space.dimensions[d].high;
    TRY(check_choices(t, values));
    TRY(trial_settings_make(&t->space, values, &t->settings, s->recipe.task, &largest, t->err));
    TRY(session_resolve(s, &largest.settings, NULL, t->err));
    TRY(session_read(s, NULL, t->err));
    TRY(fold_split(&s->samples, s->recipe.split, s->recipe.embargo, &s->data, &t->fold, t->err));
    return t->fold.validation.count != 0
               ? 0
               : err_set(t->err, EX_USAGE,
                         "a search scores trials on the validation part, and --split leaves none");
}

static int find_trials_file(struct tuning *t)
{
    const struct tune_options *o = t->options;
    const char *models = t->session.models.path;
    struct model_reference reference;
    int size = 0;
    if (o->name != NULL) {
        TRY(reference_parse(o->name, strlen(o->name), &reference, t->err));
        if (reference.tag[0] != '\0')
            return err_set(t->err, EX_USAGE, "--name wants a name without '@'");
        TRY(hold_open(&t->hold, models, o->name, t->err));
        size = snprintf(t->path, sizeof t->path, "%s/%s/.tune.tsv", models, o->name);
    }
    if (o->trials_file != NULL)
        size = snprintf(t->path, sizeof t->path, "%s", o->trials_file);
    if ((size_t)size >= sizeof t->path)
        return err_set(t->err, EX_CONFIG, "the path of the trials file is too long");
    return 0;
}

// Everything that a score depends on beside the trial: the rows, and the settings of all trials.
static int open_trials(struct tuning *t)
{
    static struct recipe_parameter parameters[RECIPE_PARAMETERS];
    static char identity[IDENTITY_BYTES];
    if (t->path[0] == '\0')
        return 0;
    const size_t count = recipe_parameters(&t->session.recipe, parameters);
    size_t used = (size_t)snprintf(identity, sizeof identity, "%s\n%s\n", t->session.rows.hash,
                                   objective_names[t->objective]);
    for (size_t i = 0; i < count; i++)
        if (strcmp(parameters[i].name, "threads") != 0) // results are the same
            used += (size_t)snprintf(identity + used, sizeof identity - used, "%s %s\n",
                                     parameters[i].name, parameters[i].value);
    TRY(trials_open(&t->trials, t->path, identity, t->objective != OBJECTIVE_LOSS,
                    t->options->fresh, &t->search, t->err));
    return put_known(t);
}

static int tune(struct tuning *t, int argc, char **argv)
{
    TRY(parse_objective(t));
    TRY(make_space(t, argc, argv));
    TRY(find_trials_file(t));
    TRY(read_rows(t));
    TRY(search_new(&t->search, &t->space, t->session.recipe.fit.seed, (size_t)t->options->starts,
                   t->err));
    t->search.tick = within_proposal;
    t->search.user = t;
    TRY(open_trials(t));
    if (t->hold.held) // session.recipe has the largest network
        TRY(hold_reserve(&t->hold, save_size(&t->session.recipe.network), t->err));
    progress_catch_signals();
    TRY(run_trials(t));
    return finish(t);
}

int tune_command(int argc, char **argv, struct err *err)
{
    static const struct command command = {
        "nn-train tune", "search for the settings that train best",
        "nn-train tune [options] [NAME=RANGE...] < rows.native", options, ranges_notes};
    struct tune_options o = {.settings = settings_none, .source = "", .snapshot = "", .count = 32};
    static struct tuning t;
    enum options_result what;
    TRY(options_parse(&command, &argc, argv, &o, &what, err));
    if (what == OPTIONS_DONE)
        return 0;
    t = (struct tuning){.options = &o, .err = err};
    int code = session_open(&t.session, o.output, columns, COLUMN_COUNT, err);
    if (code == 0)
        code = tune(&t, argc, argv);
    progress_clear();
    trials_close(&t.trials);
    search_free(&t.search);
    history_close(&t.history);
    hold_close(&t.hold);
    session_close(&t.session);
    return code;
}
