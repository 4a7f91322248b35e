// SPDX-License-Identifier: Apache-2.0
// `nn walk`: walking forward. Each fold is trained from scratch on what was known before its test,
// and tested beside baselines; a row for each fold and kind goes out when it is there, and at the
// end, as fold 0, one over all tests.
#include "base/file.h"
#include "base/random.h"
#include "walk/baseline.h"
#include "walk/chart.h"
#include "walk/command.h"
#include "walk/judge.h"
#include "walk/progress.h"
#include "walk/record.h"
#include "walk/session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { KINDS = BASELINE_COUNT + 1, CHART_BYTES = 64 << 20 }; // kind 0 is the network

#define COLUMNS(X)                                                                                 \
    X(MODEL, "model", TEXT)                                                                        \
    X(FOLD, "fold", COUNT)                                                                         \
    X(KIND, "kind", TEXT)                                                                          \
    X(TRAIN_FROM, "train_from", DATE)                                                              \
    X(TRAIN_TO, "train_to", DATE)                                                                  \
    X(TEST_FROM, "test_from", DATE)                                                                \
    X(TEST_TO, "test_to", DATE)                                                                    \
    X(TRAIN_N, "train_n", COUNT)                                                                   \
    X(N, "n", COUNT)                                                                               \
    X(MSE, "mse", NUMBER)                                                                          \
    X(MAE, "mae", NUMBER)                                                                          \
    X(R2, "r2", NUMBER)                                                                            \
    X(ACCURACY, "accuracy", NUMBER)                                                                \
    X(IC, "ic", NUMBER)                                                                            \
    X(ICIR, "icir", NUMBER)                                                                        \
    X(RANK_IC, "rank_ic", NUMBER)                                                                  \
    X(RANK_ICIR, "rank_icir", NUMBER)                                                              \
    X(DIRECTION, "direction", NUMBER)                                                              \
    X(SHARPE, "sharpe", NUMBER)                                                                    \
    X(SHARPE_NET, "sharpe_net", NUMBER)                                                            \
    X(DEFLATED_SHARPE, "deflated_sharpe", NUMBER)                                                  \
    X(TURNOVER, "turnover", NUMBER)                                                                \
    X(TRIALS, "trials", NUMBER)                                                                    \
    X(EPOCHS, "epochs", COUNT)                                                                     \
    X(TRAIN_LOSS, "train_loss", NUMBER)                                                            \
    X(VALIDATION_LOSS, "validation_loss", NUMBER)                                                  \
    X(SECONDS, "seconds", NUMBER)

enum { COLUMNS(TABLE_NUMBER) COLUMN_COUNT };
static const struct table_column columns[] = {COLUMNS(TABLE_ENTRY)};

struct walk_command_options {
    struct settings settings;
    const char *name, *plot, *output;
    int64_t folds, test_bars, window;
    int32_t first_test;
    double initial, validation;
    bool shuffle_labels;
};

#define OPTION_OWN(name, kind, field, value, doc, ...)                                             \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct walk_command_options, field), value, doc, __VA_ARGS__ \
    }
static const struct option options[] = {
    OPTION_OWN("folds", INTEGER, folds, "N", "tests, at most (5)", 1, 10000),
    OPTION_OWN("test-bars", INTEGER, test_bars, "N", "dates of a test (what is left / folds)", 0,
               1000000),
    OPTION_OWN("first-test", DATE, first_test, "DATE", "where the first test begins", 0, 0),
    OPTION_OWN("initial", NUMBER, initial, "X", "or after this share of the dates (0.4)", 0, 0),
    OPTION_OWN("window", INTEGER, window, "N", "train on the last N dates only; 0: on all (0)", 0,
               1000000),
    OPTION_OWN("validation", NUMBER, validation, "X",
               "newest share of the training dates, to stop by (0.15)", 0, 0),
    OPTION_OWN("name", TEXT, name, "MODEL",
               "walk with this model's settings, and keep the table in its folder", 0, 0),
    OPTION_OWN("plot", TEXT, plot, "FILE", "write a chart, *.svg", 0, 0),
    OPTION_OWN("shuffle-labels", FLAG, shuffle_labels, NULL,
               "give the samples each other's labels: what then has an IC, leaks", 0, 0),
    OPTION_OWN("output", TEXT, output, "FORMAT", "native (default) or tsv", 0, 0),
    SETTINGS_OPTIONS,
    {0}};

// What was learned in a fold, or over all; zero and NaN for what takes no training.
struct training {
    size_t epochs;
    double train_loss, validation_loss, seconds, hits;
};

static const struct training no_training = {0, NAN, NAN, NAN, NAN};

struct walk {
    struct session session;
    const struct walk_command_options *options;
    struct session_model model;
    bool has_model;
    const char *model_name;
    struct fold *folds;
    size_t fold_count, fold; // fold: in hand, from 0
    struct part tests;       // of all folds
    double *scores[KINDS];   // of those
    double *fold_ics[KINDS], *fold_numbers;
    struct trades trades[KINDS];
    struct training totals; // of the network, over the folds
    double hits[KINDS];     // classes that were right
    struct err *err;
};

static const char *kind_name(const struct walk *w, size_t kind)
{
    return kind == 0 ? recipe_kind(&w->session.recipe) : baseline_name((enum baseline)(kind - 1));
}

static int32_t day_of(const struct walk *w, const struct part *part, bool last)
{
    const uint32_t sample = part->samples[last ? part->count - 1 : 0];
    return w->session.rows.days[w->session.samples.ends[sample]];
}

// fold: NULL for all of them.
static int put_row(struct walk *w, const struct fold *fold, size_t kind, const struct score *s,
                   const struct training *t)
{
    const struct fold *first = fold != NULL ? fold : &w->folds[0];
    const struct fold *last = fold != NULL ? fold : &w->folds[w->fold_count - 1];
    const union cell cells[COLUMN_COUNT] = {
        [COLUMN_MODEL] = {.text = w->model_name},
        [COLUMN_FOLD] = {.count = fold != NULL ? fold->number : 0},
        [COLUMN_KIND] = {.text = kind_name(w, kind)},
        [COLUMN_TRAIN_FROM] = {.date = day_of(w, &first->train, false)},
        [COLUMN_TRAIN_TO] = {.date = day_of(w, &last->train, true)},
        [COLUMN_TEST_FROM] = {.date = day_of(w, &first->test, false)},
        [COLUMN_TEST_TO] = {.date = day_of(w, &last->test, true)},
        [COLUMN_TRAIN_N] = {.count = last->train.count},
        [COLUMN_N] = {.count = s->n},
        [COLUMN_MSE] = {.number = s->mse},
        [COLUMN_MAE] = {.number = s->mae},
        [COLUMN_R2] = {.number = s->r2},
        [COLUMN_ACCURACY] = {.number = t->hits},
        [COLUMN_IC] = {.number = s->ic},
        [COLUMN_ICIR] = {.number = s->icir},
        [COLUMN_RANK_IC] = {.number = s->rank_ic},
        [COLUMN_RANK_ICIR] = {.number = s->rank_icir},
        [COLUMN_DIRECTION] = {.number = s->direction},
        [COLUMN_SHARPE] = {.number = s->sharpe},
        [COLUMN_SHARPE_NET] = {.number = s->sharpe_net},
        [COLUMN_DEFLATED_SHARPE] = {.number = s->deflated_sharpe},
        [COLUMN_TURNOVER] = {.number = s->turnover},
        [COLUMN_TRIALS] = {.number = w->session.recipe.trials},
        [COLUMN_EPOCHS] = {.count = t->epochs},
        [COLUMN_TRAIN_LOSS] = {.number = t->train_loss},
        [COLUMN_VALIDATION_LOSS] = {.number = t->validation_loss},
        [COLUMN_SECONDS] = {.number = t->seconds}};
    return table_row(&w->session.table, cells, w->err);
}

static int after_epoch(void *user, const struct fit_progress *p)
{
    const struct walk *w = user;
    progress_line("fold %zu of %zu, epoch %zu of %zu: train %.5g, validation %.5g", w->fold + 1,
                  w->fold_count, p->epoch, p->epochs, p->train_loss, p->validation_loss);
    return progress_stopped();
}

static int within_epoch(void *user, size_t epoch, double share)
{
    struct walk *w = user;
    progress_line("fold %zu of %zu, epoch %zu: %.0f %%", w->fold + 1, w->fold_count, epoch,
                  100 * share);
    return table_wait(&w->session.table, w->err) != 0 || progress_stopped();
}

static int interrupted(const struct walk *w, const struct fold *fold)
{
    return err_set_retriable(w->err, EX_TEMPFAIL, "interrupted in fold %zu of %zu", fold->number,
                             w->fold_count);
}

// Trains the fold's network and predicts its test.
static int run_network(struct walk *w, const struct fold *fold, double *scores,
                       struct training *training)
{
    struct session *s = &w->session;
    struct model model;
    struct fit_result result;
    const struct lesson lesson = {.recipe = &s->recipe,
                                  .rows = &s->rows,
                                  .samples = &s->samples,
                                  .fold = fold,
                                  .progress = after_epoch,
                                  .tick = within_epoch,
                                  .user = w};
    const int code = learn(&lesson, &s->work, &model, &result, w->err);
    progress_clear();
    TRY(code);
    if (result.stopped)
        return interrupted(w, fold);
    *training = (struct training){result.epochs, result.train_loss, result.validation_loss,
                                  result.seconds, (double)NAN};
    return predict(&s->recipe, &model, &s->rows, &s->samples, &fold->test, &s->work, scores, NULL,
                   &training->hits, w->err);
}

// The scores of a part; the trades are kept where `trades` is not NULL.
static int score_kind(struct walk *w, const struct part *part, const double *scores, size_t kind,
                      struct trades *trades, struct score *result)
{
    struct session *s = &w->session;
    struct predictions predictions;
    struct trades own;
    const bool values = kind != 0 || s->recipe.task == TASK_REGRESSION;
    TRY(judge_predictions(&s->rows, &s->samples, part, scores, &s->work, &predictions, w->err));
    TRY(trade(&predictions, &s->recipe, s->rows.ticker_count, &s->work,
              trades != NULL ? trades : &own, w->err));
    return score(&predictions, trades != NULL ? trades : &own, &s->recipe, values, &s->work, result,
                 w->err);
}

static size_t frequent_class(const struct walk *w, const struct part *part)
{
    const struct samples *samples = &w->session.samples;
    size_t counts[CLASS_COUNT] = {0}, best = 0;
    for (size_t i = 0; i < part->count; i++)
        counts[label_class(samples->labels[part->samples[i]], w->session.recipe.threshold)]++;
    for (size_t c = 1; c < CLASS_COUNT; c++)
        best = counts[c] > counts[best] ? c : best;
    return best;
}

// How many classes of the test a baseline has right: that of the label it predicts, and for `mean`
// the training's most frequent one. NaN in a regression.
static double count_hits(const struct walk *w, const struct fold *fold, enum baseline baseline,
                         const double *scores)
{
    const struct recipe *recipe = &w->session.recipe;
    const size_t frequent = frequent_class(w, &fold->train);
    size_t hits = 0;
    if (recipe->task == TASK_REGRESSION)
        return (double)NAN;
    for (size_t i = 0; i < fold->test.count; i++) {
        const double label = w->session.samples.labels[fold->test.samples[i]];
        const size_t said =
            baseline == BASELINE_MEAN ? frequent : label_class(scores[i], recipe->threshold);
        hits += said == label_class(label, recipe->threshold);
    }
    return (double)hits;
}

static int run_kind(struct walk *w, const struct fold *fold, size_t kind, double *scores)
{
    struct session *s = &w->session;
    struct training training = no_training;
    struct score result;
    const size_t mark = arena_mark(&s->work);
    const double n = (double)fold->test.count;
    if (kind == 0) {
        TRY(run_network(w, fold, scores, &training));
        w->totals.epochs += training.epochs;
        w->totals.seconds += training.seconds;
    } else {
        const enum baseline baseline = (enum baseline)(kind - 1);
        TRY(baseline_predict(baseline, &s->recipe, &s->rows, &s->samples, fold, &s->work, &s->table,
                             scores, w->err));
        if (progress_stopped())
            return interrupted(w, fold);
        training.hits = count_hits(w, fold, baseline, scores) / n;
    }
    w->hits[kind] += training.hits * n;
    TRY(score_kind(w, &fold->test, scores, kind, NULL, &result));
    TRY(put_row(w, fold, kind, &result, &training));
    w->fold_ics[kind][w->fold] = result.ic;
    arena_rewind(&s->work, mark);
    return 0;
}

static int run_folds(struct walk *w)
{
    size_t done = 0;
    for (w->fold = 0; w->fold < w->fold_count; w->fold++) {
        const struct fold *fold = &w->folds[w->fold];
        for (size_t kind = 0; kind < KINDS; kind++)
            TRY(run_kind(w, fold, kind, w->scores[kind] + done));
        done += fold->test.count;
    }
    return 0;
}

static int put_totals(struct walk *w)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct score total;
        struct training training = no_training;
        training.epochs = kind == 0 ? w->totals.epochs : 0;
        training.seconds = kind == 0 ? w->totals.seconds : (double)NAN;
        training.hits = w->hits[kind] / (double)w->tests.count;
        TRY(score_kind(w, &w->tests, w->scores[kind], kind, &w->trades[kind], &total));
        TRY(put_row(w, NULL, kind, &total, &training));
    }
    return 0;
}

// ---- the chart

static int cumulate(struct walk *w, size_t kind, double **days, double **sums)
{
    const struct trades *t = &w->trades[kind];
    double sum = 0;
    *days = arena_alloc(&w->session.work, t->count, sizeof **days, w->err);
    *sums = arena_alloc(&w->session.work, t->count, sizeof **sums, w->err);
    if (*days == NULL || *sums == NULL)
        return err_code(w->err, EX_OSERR);
    for (size_t i = 0; i < t->count; i++) {
        (*days)[i] = (double)(t->times[i] / DAY_SECONDS);
        (*sums)[i] = sum += 100 * t->net[i];
    }
    return 0;
}

static int draw(struct walk *w, struct buffer *svg)
{
    struct chart_series returns[KINDS], ics[KINDS];
    char title[160];
    size_t ic_count = 0;
    for (size_t kind = 0; kind < KINDS; kind++) {
        double *days, *sums;
        TRY(cumulate(w, kind, &days, &sums));
        returns[kind] =
            (struct chart_series){kind_name(w, kind), days, sums, w->trades[kind].count, kind};
        if (kind == 0 || (kind != 1 + BASELINE_ZERO && kind != 1 + BASELINE_MEAN)) // they have none
            ics[ic_count++] = (struct chart_series){kind_name(w, kind), w->fold_numbers,
                                                    w->fold_ics[kind], w->fold_count, kind};
    }
    (void)snprintf(title, sizeof title,
                   "Sum of returns after costs of %g basis points, percent, tests only",
                   w->session.recipe.costs * 1e4);
    const struct chart_panel panels[] = {
        {title, returns, KINDS, false, true},
        {"IC of each fold: mean over dates of the correlation across tickers", ics, ic_count, true,
         false}};
    return chart_draw(panels, 2, svg, w->err);
}

// Hours of training shall not end with a file that cannot be written.
static int check_folder_of(const char *path, struct err *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const int length = slash == NULL || slash == path ? 1 : (int)(slash - path);
    if (snprintf(folder, sizeof folder, "%.*s", length, slash == NULL ? "." : path) >= PATH_MAX)
        return err_set(err, EX_USAGE, "--plot: the path is too long");
    return access(folder, W_OK | X_OK) == 0
               ? 0
               : err_set(err, EX_CANTCREAT, "--plot: cannot write into %s: %s", folder,
                         strerror(errno));
}

// A file that is there already is written over only if it is a chart.
static int check_plot(const char *path, struct err *err)
{
    char head[4] = "";
    const size_t length = strlen(path);
    if (length < 5 || strcmp(path + length - 4, ".svg") != 0)
        return err_set(err, EX_USAGE, "--plot wants the name of an .svg file, not '%s'", path);
    TRY(check_folder_of(path, err));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const bool chart = read(fd, head, sizeof head) == 4 && memcmp(head, "<svg", 4) == 0;
    (void)close(fd);
    return chart ? 0 : err_set(err, EX_USAGE, "--plot: %s is there already, and no chart", path);
}

static int write_record(struct walk *w, const struct buffer *svg)
{
    const struct session_model *m = &w->model;
    const struct buffer *text = &w->session.table.text;
    struct record record;
    TRY(record_open(&record, w->session.models.path, m->reference.name, m->location.version,
                    w->err));
    TRY(record_file(&record, "folds.tsv", text->data, text->size, w->err));
    return record_file(&record, "folds.svg", svg->data, svg->size, w->err);
}

static int write_files(struct walk *w)
{
    struct buffer svg;
    const char *plot = w->options->plot;
    if (plot == NULL && !w->has_model)
        return 0;
    buffer_init(&svg, CHART_BYTES);
    int code = draw(w, &svg);
    if (code == 0 && plot != NULL)
        code = file_replace(plot, svg.data, svg.size, w->err);
    if (code == 0 && w->has_model)
        code = write_record(w, &svg);
    buffer_free(&svg);
    return code;
}

// ---- before the folds

static void shuffle_labels(struct samples *samples, uint64_t seed)
{
    for (size_t i = samples->count; i > 1; i--) {
        const size_t other = (size_t)(random_bits(&seed) % i);
        const double label = samples->labels[i - 1];
        samples->labels[i - 1] = samples->labels[other];
        samples->labels[other] = label;
    }
}

static int check_share(const char *option, double share, struct err *err)
{
    return share >= 0 && share < 1
               ? 0
               : err_set(err, EX_USAGE, "--%s wants a share from 0 to below 1, not %g", option,
                         share);
}

static int make_folds(struct walk *w)
{
    const struct walk_command_options *o = w->options;
    const struct walk_options how = {
        .folds = (size_t)o->folds,
        .test_bars = (size_t)o->test_bars,
        .window_bars = (size_t)o->window,
        .first_test = o->first_test != INT32_MIN ? (int64_t)o->first_test * DAY_SECONDS : NEVER,
        .initial = o->initial,
        .validation = o->validation,
        .embargo = w->session.recipe.embargo};
    TRY(check_share("initial", o->initial, w->err));
    TRY(check_share("validation", o->validation, w->err));
    return folds_make(&w->session.samples, &how, &w->session.data, &w->folds, &w->fold_count,
                      w->err);
}

// The tests of all folds as one part, and room for what is predicted in them.
static int make_room(struct walk *w)
{
    struct arena *arena = &w->session.data;
    size_t count = 0;
    for (size_t k = 0; k < w->fold_count; k++)
        count += w->folds[k].test.count;
    w->tests.samples = arena_alloc(arena, count, sizeof *w->tests.samples, w->err);
    w->fold_numbers = arena_alloc(arena, w->fold_count, sizeof *w->fold_numbers, w->err);
    if (w->tests.samples == NULL || w->fold_numbers == NULL)
        return err_code(w->err, EX_OSERR);
    for (size_t k = 0; k < w->fold_count; k++) {
        const struct part *test = &w->folds[k].test;
        memcpy(w->tests.samples + w->tests.count, test->samples,
               test->count * sizeof *test->samples);
        w->tests.count += test->count;
        w->fold_numbers[k] = (double)w->folds[k].number;
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        w->scores[kind] = arena_alloc(arena, count, sizeof **w->scores, w->err);
        w->fold_ics[kind] = arena_alloc(arena, w->fold_count, sizeof **w->fold_ics, w->err);
        if (w->scores[kind] == NULL || w->fold_ics[kind] == NULL)
            return err_code(w->err, EX_OSERR);
    }
    return 0;
}

static int resolve(struct walk *w)
{
    const struct walk_command_options *o = w->options;
    if (o->name != NULL)
        TRY(session_model(&w->session, o->name, &w->has_model, &w->model, w->err));
    if (o->name != NULL && !w->has_model)
        return err_set(w->err, EX_NOINPUT,
                       "there is no model '%s' in %s; train it first, or walk without --name",
                       o->name, w->session.models.path);
    TRY(session_resolve(&w->session, &o->settings, w->has_model ? &w->model.settings : NULL,
                        w->err));
    w->model_name = o->name != NULL                               ? o->name
                    : strcmp(w->session.recipe.name, "none") == 0 ? w->session.recipe.layers
                                                                  : w->session.recipe.name;
    return 0;
}

static int walk(struct walk *w)
{
    if (w->options->plot != NULL)
        TRY(check_plot(w->options->plot, w->err));
    TRY(resolve(w));
    TRY(session_read(&w->session, NULL, w->err));
    if (w->options->shuffle_labels)
        shuffle_labels(&w->session.samples, w->session.recipe.fit.seed);
    TRY(make_folds(w));
    TRY(make_room(w));
    progress_catch_signals();
    TRY(run_folds(w));
    TRY(put_totals(w));
    return write_files(w);
}

int walk_command(int argc, char **argv, struct err *err)
{
    static const struct command command = {
        "nn-train walk", "train and test forward in time, beside baselines",
        "nn-train walk [options] < rows.native", options,
        "Rows are blocks in ClickHouse's Native format: ticker, date, features, target, ordered by "
        "ticker, date.\nOut come rows of each fold and kind, and as fold 0 those of all tests "
        "together.\nKinds: the network, and beside it zero, mean (who buys and holds), last (the "
        "last label that is known),\nridge (linear) and moving_average (up above it, down below "
        "it).\n"};
    struct walk_command_options o = {.settings = settings_none,
                                     .folds = 5,
                                     .first_test = INT32_MIN,
                                     .initial = 0.4,
                                     .validation = 0.15};
    static struct walk w;
    enum options_result what;
    TRY(options_parse(&command, &argc, argv, &o, &what, err));
    if (what == OPTIONS_DONE)
        return 0;
    if (argc != 1)
        return err_set(err, EX_USAGE, "walk takes no words, but '%s' came", argv[1]);
    w = (struct walk){.options = &o, .err = err};
    int code = session_open(&w.session, o.output, columns, COLUMN_COUNT, err);
    if (code == 0)
        code = walk(&w);
    model_close(&w.model.bytes);
    session_close(&w.session);
    return code;
}
