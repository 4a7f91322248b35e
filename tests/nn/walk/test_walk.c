// SPDX-License-Identifier: Apache-2.0
// The parts of walking forward: settings and presets, windows and their labels, purge and embargo,
// scalers, ridge, and what a trader who follows predictions has.
#include "base/buffer.h"
#include "metrics/metrics.h"
#include "walk/baseline.h"
#include "walk/leak.h"
#include "walk/learn.h"
#include "walk/promotion.h"
#include "walk/record.h"
#include "walk/ridge.h"
#include "walk/scaling.h"
#include "walk/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FEATURES = 2, MAX_ROWS = 4096 };

// Rows in memory, and the arena of a test.
struct fixture {
    struct arena arena;
    struct rows rows;
    const char *names[FEATURES];
    float values[MAX_ROWS * FEATURES];
    double targets[MAX_ROWS];
    int64_t times[MAX_ROWS];
    int32_t days[MAX_ROWS];
    uint32_t tickers[MAX_ROWS];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err = {0};
    f->names[0] = "a";
    f->names[1] = "b";
    f->rows = (struct rows){.features = FEATURES,
                            .own_features = FEATURES,
                            .names = f->names,
                            .target = "target",
                            .values = f->values,
                            .targets = f->targets,
                            .times = f->times,
                            .days = f->days,
                            .tickers = f->tickers};
    assert_int_equal(arena_open(&f->arena, 1ULL << 30, &err), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_close(&f->arena);
    free(f);
    return 0;
}

static void add_row(struct fixture *f, uint32_t ticker, int32_t day, double target)
{
    const size_t row = f->rows.count++;
    f->values[row * FEATURES] = (float)day;
    f->values[row * FEATURES + 1] = (float)ticker;
    f->targets[row] = target;
    f->days[row] = day;
    f->times[row] = (int64_t)day * DAY_SECONDS;
    f->tickers[row] = ticker;
    f->rows.ticker_count = ticker + 1;
}

// Tickers 0 .. tickers - 1 on days 1 .. days; the target is 100 x ticker + day.
static void fill(struct fixture *f, uint32_t tickers, int32_t days)
{
    f->rows.count = 0;
    for (uint32_t t = 0; t < tickers; t++)
        for (int32_t d = 1; d <= days; d++)
            add_row(f, t, d, 100.0 * t + d);
}

static struct recipe recipe_of(size_t lookback, size_t horizon)
{
    struct settings settings = settings_none;
    struct recipe recipe;
    struct err err = {0};
    settings.layers = "gru:4,dense:1";
    settings.lookback = (int64_t)lookback;
    settings.horizon = (int64_t)horizon;
    assert_int_equal(settings_resolve(&settings, NULL, &recipe, &err), 0);
    return recipe;
}

static struct samples samples_of(struct fixture *f, const struct recipe *recipe)
{
    struct samples samples;
    struct err err = {0};
    assert_int_equal(samples_make(recipe, &f->rows, &f->arena, &samples, &err), 0);
    return samples;
}

// ---- settings

static void test_financelake_has_its_parameters(void **state)
{
    struct settings settings = settings_none;
    struct recipe recipe;
    struct err err = {0};
    (void)state;
    settings.preset = "financelake_lstm";
    assert_int_equal(settings_resolve(&settings, NULL, &recipe, &err), 0);
    assert_int_equal(recipe_lay_out(&recipe, 5, &err), 0);
    // Keras: 4 x units x (inputs + units + 1) of an LSTM, (inputs + 1) x units of a dense layer
    assert_int_equal(recipe.network.weight_count, 4 * 128 * (5 + 128 + 1) +
                                                      4 * 64 * (128 + 64 + 1) + (64 + 1) * 32 +
                                                      (32 + 1) * 3);
    assert_int_equal(recipe.network.weight_count, 120195);
    assert_int_equal(recipe.lookback, 60);
    assert_int_equal(recipe.horizon, 5);
    assert_int_equal(recipe.network.layers[1].kind, LAYER_DROPOUT);
    assert_true(recipe.network.layers[1].dropout == 0.2 && recipe.network.layers[3].dropout == 0.2);
    assert_int_equal(recipe.network.layers[4].activation, ACTIVATION_RELU);
    assert_int_equal(recipe.network.layers[5].activation, ACTIVATION_SOFTMAX);
    assert_int_equal(recipe.fit.loss, FIT_CROSS_ENTROPY);
    assert_int_equal(recipe.fit.optimizer, FIT_ADAM);
    assert_true(recipe.fit.learning_rate == 0.001);
    assert_int_equal(recipe.fit.batch, 64);
    assert_int_equal(recipe.fit.epochs, 100);
    assert_true(recipe.fit.patience > 0);
    assert_int_equal(recipe.scaler, SCALER_MINMAX);
    assert_true(fabs(recipe.split[0] - 0.7) < 1e-12 && fabs(recipe.split[1] - 0.2) < 1e-12);
}

static void test_what_is_given_beats_the_preset(void **state)
{
    struct settings settings = settings_none;
    struct recipe recipe;
    struct err err = {0};
    (void)state;
    settings.preset = "financelake_lstm";
    settings.lookback = 7;
    settings.learning_rate = 0.5;
    assert_int_equal(settings_resolve(&settings, NULL, &recipe, &err), 0);
    assert_int_equal(recipe.lookback, 7);
    assert_int_equal(recipe.network.lookback, 7);
    assert_true(recipe.fit.learning_rate == 0.5);
}

static void test_layers_print_as_they_are_read(void **state)
{
    static const char *const texts[] = {
        "gru:64,dense:1:linear",
        "gru:8:bidirectional:reset_before,dropout:0.25,lstm:3,dense:2:softmax",
        "gru:8:reset_before,dropout:0.10000000149011612,dense:3:relu,dense:3:tanh,dense:1:sigmoid",
        "lstm:12:bidirectional:last_step,dropout:0",
        "gru:4096:bidirectional:reset_before:last_step"};
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct network network = {.lookback = 3};
        char text[NETWORK_LAYERS_BYTES];
        assert_int_equal(layers_parse(texts[i], &network, &err), 0);
        network_print_layers(&network, text);
        assert_string_equal(text, texts[i]);
    }
}

static void test_a_model_gives_its_settings_back(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(7, 3), again;
    struct model model;
    struct settings like;
    struct err err = {0};
    assert_int_equal(recipe_lay_out(&recipe, FEATURES, &err), 0);
    assert_int_equal(model_new(&model, &recipe.network, &f->arena, &err), 0);
    model.horizon = 3;
    model.notes = "{\"batch\": \"17\", \"learning-rate\": \"0.25\", \"source\": \"--epochs\"}";
    assert_int_equal(settings_of_model(&model, &f->arena, &like, &err), 0);
    assert_int_equal(settings_resolve(&settings_none, &like, &again, &err), 0);
    assert_string_equal(again.layers, "gru:4,dense:1:linear");
    assert_string_equal(again.features, "f0,f1");
    assert_int_equal(again.lookback, 7);
    assert_int_equal(again.horizon, 3);
    assert_int_equal(again.fit.batch, 17);
    assert_true(again.fit.learning_rate == 0.25);
}

static struct settings settings_unlike_all_defaults(void)
{
    struct settings s = settings_none;
    s.preset = "financelake_lstm";
    s.layers = "gru:4,dropout:0.123456789,dense:3:softmax";
    s.target = "b";
    s.label = "return";
    s.task = "classes";
    s.scaler = "none";
    s.optimizer = "adamw";
    s.schedule = "cosine";
    s.split = "60/30.123456789/9.876543211";
    s.lookback = 7, s.horizon = 3, s.max_gap = 9, s.batch = 17, s.epochs = 5, s.patience = 2;
    s.threads = 2, s.seed = 12345678901234567, s.embargo = 4;
    s.threshold = 0.0123456789012, s.learning_rate = 1.0 / 3, s.momentum = 0.87654321;
    s.beta1 = 0.87654321, s.beta2 = 0.987654321, s.epsilon = 1.23456789e-8;
    s.weight_decay = 0.0123456789, s.clip_norm = 1.23456789, s.leak_limit = 0.2345678;
    s.costs = 5.123456789, s.periods = 98280.5, s.trials = 1234567,
    s.trials_variance = 0.0012345678;
    s.allow_leaks = true;
    return s;
}

// Through the notes of a model, as retrain and walk --name read them.
static struct recipe recipe_through_notes(struct fixture *f, struct recipe *recipe,
                                          const struct settings *given, struct buffer *notes)
{
    struct recipe again;
    struct model model;
    struct settings like;
    struct err err = {0};
    const struct record_input input = {"", "", "", "2024-02-29"};
    int32_t day = 0;
    assert_int_equal(recipe_lay_out(recipe, FEATURES, &err), 0);
    assert_int_equal(model_new(&model, &recipe->network, &f->arena, &err), 0);
    assert_int_equal(record_parameters(recipe, &input, notes, &err), 0);
    assert_int_equal(buffer_append(notes, "", 1, &err), 0);
    model.notes = notes->data;
    model.horizon = recipe->horizon;
    assert_true(validated_to(&model, &day));
    assert_int_equal(day, 19782);
    assert_int_equal(settings_of_model(&model, &f->arena, &like, &err), 0);
    assert_int_equal(settings_resolve(given, &like, &again, &err), 0);
    return again;
}

static void test_every_setting_comes_back(void **state)
{
    const struct settings settings = settings_unlike_all_defaults();
    static struct recipe_parameter before[RECIPE_PARAMETERS], after[RECIPE_PARAMETERS];
    struct recipe recipe;
    struct buffer notes;
    struct err err = {0};
    buffer_init(&notes, 1 << 16);
    assert_int_equal(settings_resolve(&settings, NULL, &recipe, &err), 0);
    const struct recipe again = recipe_through_notes(*state, &recipe, &settings_none, &notes);
    const size_t count = recipe_parameters(&recipe, before);
    assert_int_equal(recipe_parameters(&again, after), count);
    assert_true(count > 30 && count <= RECIPE_PARAMETERS);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(after[i].name, before[i].name);
        assert_string_equal(after[i].value, before[i].value);
    }
    assert_true(again.fit.learning_rate == 1.0 / 3 && again.periods == 98280.5);
    assert_true(again.trials == 1234567 && again.trials_variance == 0.0012345678);
    assert_true(again.leak_limit == 0.2345678 && again.allow_leaks);
    assert_string_equal(again.features, "f0,f1"); // the model's own
    assert_null(strstr(notes.data, "\"features\""));
    buffer_free(&notes);
}

static void test_the_data_are_productions_whatever_the_layers(void **state)
{
    const struct settings settings = settings_unlike_all_defaults();
    struct settings given = settings_none;
    struct recipe recipe;
    struct buffer notes;
    struct err err = {0};
    buffer_init(&notes, 1 << 16);
    given.layers = "lstm:8,dense:3:softmax";
    given.horizon = 2;
    assert_int_equal(settings_resolve(&settings, NULL, &recipe, &err), 0);
    const struct recipe again = recipe_through_notes(*state, &recipe, &given, &notes);
    assert_string_equal(again.layers, given.layers);
    assert_string_equal(again.target, "b");
    assert_string_equal(again.features, "f0,f1");
    assert_int_equal(again.label, LABEL_RETURN);
    assert_int_equal(again.task, TASK_CLASSES);
    assert_int_equal(again.scaler, SCALER_NONE);
    assert_int_equal(again.lookback, 7);
    assert_int_equal(again.horizon, 2); // given
    assert_int_equal(again.max_gap_days, 9);
    assert_true(again.threshold == 0.0123456789012);
    assert_int_equal(again.fit.batch, 64); // the fit goes with the layers
    assert_true(again.fit.learning_rate == 0.001);
    buffer_free(&notes);
}

// ---- samples

static void test_samples_are_in_the_order_of_time(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(3, 1);
    fill(f, 2, 5);
    const struct samples s = samples_of(f, &recipe);
    static const int32_t days[] = {3, 3, 4, 4, 5, 5};
    assert_int_equal(s.count, 6); // days 3, 4, 5 of both tickers
    assert_int_equal(s.time_count, 3);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(f->days[s.ends[i]], days[i]);
        assert_int_equal(f->tickers[s.ends[i]], i % 2);
        assert_true(s.labels[i] == 100.0 * (double)(i % 2) + days[i]);
    }
    assert_int_equal(s.known_at[0], 4 * DAY_SECONDS);
    assert_true(s.known_at[4] == NEVER); // nothing follows day 5
}

static void test_no_window_crosses_a_gap_or_what_is_not_finite(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(2, 1);
    f->rows.count = 0;
    for (int32_t day = 1; day <= 4; day++)
        add_row(f, 0, day, 1);
    for (int32_t day = 20; day <= 24; day++)
        add_row(f, 0, day, 1);
    f->values[6 * FEATURES] = NAN; // day 22
    f->targets[1] = NAN;           // day 2
    const struct samples s = samples_of(f, &recipe);
    // Day 3; day 4's label lies beyond the gap; day 21; day 24. 20, 22 and 23 have no whole window.
    static const int32_t days[] = {3, 21, 24};
    assert_int_equal(s.count, 3);
    for (size_t i = 0; i < s.count; i++)
        assert_int_equal(f->days[s.ends[i]], days[i]);
}

static void test_a_return_is_made_of_prices(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(1, 2);
    recipe.label = LABEL_RETURN;
    f->rows.count = 0;
    for (int32_t day = 1; day <= 4; day++)
        add_row(f, 0, day, day == 3 ? 11 : 10);
    add_row(f, 1, 1, 5); // another ticker's price is no price of this one
    add_row(f, 1, 2, 5);
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(s.count, 2);
    assert_true(fabs(s.labels[0] - 0.1) < 1e-12);
    assert_true(fabs(s.labels[1]) < 1e-12);
    assert_int_equal(label_class(0.02, 0.01), CLASS_UP);
    assert_int_equal(label_class(-0.02, 0.01), CLASS_DOWN);
    assert_int_equal(label_class(0.01, 0.01), CLASS_NEUTRAL);
}

// The last day whose label a part's samples reach.
static int64_t last_known(const struct samples *s, const struct part *part)
{
    int64_t last = 0;
    for (size_t i = 0; i < part->count; i++)
        last = s->known_at[part->samples[i]] > last ? s->known_at[part->samples[i]] : last;
    return last;
}

static int64_t first_time(const struct samples *s, const struct part *part)
{
    return s->times[part->samples[0]];
}

static void test_the_split_is_purged(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(3, 5);
    const double shares[] = {0.7, 0.2, 0.1};
    struct err err = {0};
    struct fold fold, later;
    fill(f, 3, 102); // 100 dates of samples
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(fold_split(&s, shares, 0, &f->arena, &fold, &err), 0);
    assert_int_equal(fold.train.count, 3 * (70 - 5));
    assert_int_equal(fold.validation.count, 3 * (20 - 5));
    assert_int_equal(fold.test.count, 3 * 10);
    assert_true(last_known(&s, &fold.train) < first_time(&s, &fold.validation));
    assert_true(last_known(&s, &fold.validation) < first_time(&s, &fold.test));
    assert_int_equal(fold_split(&s, shares, 4, &f->arena, &later, &err), 0);
    assert_int_equal(later.train.count, fold.train.count - 3 * 4);
    assert_int_equal(later.test.count, fold.test.count);
}

static void test_folds_walk_forward(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(3, 5);
    struct walk_options how = {.folds = 4, .first_test = NEVER, .initial = 0.5, .validation = 0.2};
    struct err err = {0};
    struct fold *folds;
    size_t count, tested = 0;
    fill(f, 3, 105); // 103 dates
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(folds_make(&s, &how, &f->arena, &folds, &count, &err), 0);
    assert_int_equal(count, 4);
    for (size_t k = 0; k < count; k++) {
        assert_true(last_known(&s, &folds[k].train) < first_time(&s, &folds[k].validation));
        assert_true(last_known(&s, &folds[k].validation) < first_time(&s, &folds[k].test));
        assert_int_equal(folds[k].train.samples[0], 0); // expanding
        assert_int_equal(folds[k].test.samples[0], s.count - 3 * 51 + tested);
        tested += folds[k].test.count;
    }
    assert_int_equal(tested, 3 * 51); // no date is left out
    how.window_bars = 30;
    assert_int_equal(folds_make(&s, &how, &f->arena, &folds, &count, &err), 0);
    for (size_t k = 0; k < count; k++)
        assert_int_equal(first_time(&s, &folds[k].train),
                         first_time(&s, &folds[k].test) - 30 * DAY_SECONDS);
    how.initial = 0.99;
    assert_int_equal(folds_make(&s, &how, &f->arena, &folds, &count, &err), EX_DATAERR);
}

// ---- scalers, ridge, leaks

static void test_scalers_see_used_rows_only(void **state)
{
    const float values[] = {1, 1000, 3, NAN, 5};
    const uint8_t used[] = {1, 0, 1, 0, 1};
    struct scaling s = scaling_fit(SCALER_STANDARD, values, 5, 1, used);
    (void)state;
    assert_true(fabs(s.offset - 3) < 1e-12 && fabs(s.scale - 1 / sqrt(8.0 / 3)) < 1e-12);
    s = scaling_fit(SCALER_MINMAX, values, 5, 1, used);
    assert_true(s.offset == 1 && s.scale == 0.25);
    s = scaling_fit(SCALER_NONE, values, 5, 1, used);
    assert_true(s.offset == 0 && s.scale == 1);
    const float flat[] = {0.1f, 0.1f, 0.1f};
    s = scaling_fit(SCALER_STANDARD, flat, 3, 1, NULL);
    assert_true(s.scale == 1);
}

static void test_training_rows_are_those_of_training_windows(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(3, 1);
    uint8_t used[20];
    fill(f, 1, 20);
    const struct samples s = samples_of(f, &recipe);
    uint32_t chosen[] = {0, 5}; // ends in rows 2 and 7
    mark_window_rows(&s, &(struct part){2, chosen}, 3, 20, used);
    for (size_t row = 0; row < 20; row++)
        assert_int_equal(used[row], row <= 2 || (row >= 5 && row <= 7));
}

static void test_ridge_solves(void **state)
{
    // (gram + 2 I) w = moment by hand: [[6, 2], [2, 5]] w = [14, 22] has w = (1, 4).
    const double gram[] = {4, 99, 2, 3}, moment[] = {14, 22};
    double scratch[4], w[2];
    (void)state;
    assert_true(ridge_solve(gram, moment, 2, 2, scratch, w));
    assert_true(fabs(w[0] - 1) < 1e-12 && fabs(w[1] - 4) < 1e-12);
    const double flat[] = {1, 1, 1, 1};
    assert_false(ridge_solve(flat, moment, 2, 0, scratch, w));
}

static void test_ridge_learns_what_is_linear(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(3, 1);
    const double shares[] = {0.6, 0.2, 0.2};
    struct err err = {0};
    struct fold fold;
    fill(f, 3, 200);
    for (size_t i = 0; i < f->rows.count; i++) {
        f->values[i * FEATURES] = (float)((i * 7919) % 101);
        f->targets[i] = 0.25 * (double)f->values[i * FEATURES] - 3 * f->tickers[i] + 1;
    }
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(fold_split(&s, shares, 0, &f->arena, &fold, &err), 0);
    double predicted[1000];
    assert_int_equal(baseline_predict(BASELINE_RIDGE, &recipe, &f->rows, &s, &fold, &f->arena, NULL,
                                      predicted, &err),
                     0);
    for (size_t i = 0; i < fold.test.count; i++)
        assert_true(fabs(predicted[i] - s.labels[fold.test.samples[i]]) < 0.05);
}

// ClickHouse ends a command that is silent for long.
static void test_slow_parts_say_that_they_work(void **state)
{
    static const struct table_column columns[] = {{"a", CELL_NUMBER}};
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(3, 1);
    const double shares[] = {0.6, 0.2, 0.2};
    struct err err = {0};
    struct fold fold;
    struct table table;
    struct buffer said;
    double predicted[1000];
    fill(f, 3, 200);
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(fold_split(&s, shares, 0, &f->arena, &fold, &err), 0);
    assert_int_equal(table_open(&table, columns, 1, "native", &err), 0);
    native_sink_close(&table.sink);
    buffer_init(&said, 1 << 20);
    native_sink_buffer(&table.sink, &said);
    assert_int_equal(baseline_predict(BASELINE_RIDGE, &recipe, &f->rows, &s, &fold, &f->arena,
                                      &table, predicted, &err),
                     0);
    const size_t of_ridge = said.size;
    assert_true(of_ridge > 0);
    table.written_at = 0;
    recipe.leak_limit = 1;
    assert_int_equal(leak_check(&recipe, &f->rows, &s, &f->arena, &table, &err), 0);
    assert_true(said.size > of_ridge);
    table_close(&table);
    buffer_free(&said);
}

static void test_last_and_moving_average_know_only_what_is_known(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(4, 2);
    const double shares[] = {0.5, 0.25, 0.25};
    struct err err = {0};
    struct fold fold;
    fill(f, 1, 40);
    for (size_t i = 0; i < f->rows.count; i++)
        f->targets[i] = i % 2 == 0 ? 0.01 : -0.01;
    const struct samples s = samples_of(f, &recipe);
    assert_int_equal(fold_split(&s, shares, 0, &f->arena, &fold, &err), 0);
    double last[40], average[40], again[40];
    const struct rows *rows = &f->rows;
    assert_int_equal(
        baseline_predict(BASELINE_LAST, &recipe, rows, &s, &fold, &f->arena, NULL, last, &err), 0);
    assert_int_equal(baseline_predict(BASELINE_MOVING_AVERAGE, &recipe, rows, &s, &fold, &f->arena,
                                      NULL, average, &err),
                     0);
    for (size_t i = 0; i < fold.test.count; i++) {
        const uint32_t row = s.ends[fold.test.samples[i]];
        assert_true(last[i] == f->targets[row - 2]);
        assert_true(fabs(average[i]) > 0.009);
        // Prices two bars apart: 1 now and 1 / (1 + target) before; up where that is below 1.
        assert_int_equal(average[i] > 0, f->targets[row - 2] > 0);
    }
    // The labels of the last row and the one before are not known at the last row.
    f->targets[38] = f->targets[39] = 7;
    assert_int_equal(
        baseline_predict(BASELINE_LAST, &recipe, rows, &s, &fold, &f->arena, NULL, again, &err), 0);
    assert_memory_equal(last, again, fold.test.count * sizeof *last);
    assert_int_equal(baseline_predict(BASELINE_MOVING_AVERAGE, &recipe, rows, &s, &fold, &f->arena,
                                      NULL, again, &err),
                     0);
    assert_memory_equal(average, again, fold.test.count * sizeof *last);
}

static void test_a_leak_is_named(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(2, 1);
    struct err err = {0};
    uint64_t seed = 1;
    fill(f, 4, 100);
    for (size_t i = 0; i < f->rows.count; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        f->targets[i] = (double)(seed >> 40) / (1 << 24) - 0.5;
        f->values[i * FEATURES] = (float)(i % 13);
    }
    const struct samples honest = samples_of(f, &recipe);
    assert_int_equal(leak_check(&recipe, &f->rows, &honest, &f->arena, NULL, &err), 0);
    for (size_t i = 0; i < f->rows.count; i++) // more noise than label
        f->values[i * FEATURES + 1] = (float)(f->targets[i] + 0.1 * (double)(i % 17));
    assert_int_equal(leak_check(&recipe, &f->rows, &honest, &f->arena, NULL, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "feature 'b' has a"));
    recipe.allow_leaks = true;
    err = (struct err){0};
    assert_int_equal(leak_check(&recipe, &f->rows, &honest, &f->arena, NULL, &err), 0);
}

// The label of a row two bars ahead is the label of the sample that ends one bar later.
static void test_a_leak_in_an_earlier_step_is_named(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(3, 1);
    struct err err = {0};
    uint64_t seed = 1;
    fill(f, 4, 100);
    for (size_t i = 0; i < f->rows.count; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        f->targets[i] = (double)(seed >> 40) / (1 << 24) - 0.5;
        f->values[i * FEATURES] = f->values[i * FEATURES + 1] = (float)(i % 13);
    }
    const struct samples samples = samples_of(f, &recipe);
    assert_int_equal(leak_check(&recipe, &f->rows, &samples, &f->arena, NULL, &err), 0);
    for (size_t i = 0; i + 1 < f->rows.count; i++)
        f->values[i * FEATURES + 1] = (float)(f->targets[i + 1] + 0.001 * (double)(i % 17));
    assert_int_equal(leak_check(&recipe, &f->rows, &samples, &f->arena, NULL, &err), EX_DATAERR);
    assert_non_null(strstr(err.text, "feature 'b' has a"));
    assert_non_null(strstr(err.text, "of the window that ends 1 bar later"));
    recipe.lookback = 1; // no window has both
    err = (struct err){0};
    assert_int_equal(leak_check(&recipe, &f->rows, &samples, &f->arena, NULL, &err), 0);
}

// ---- scores

static void test_the_trader_by_hand(void **state)
{
    struct fixture *f = *state;
    const int64_t times[] = {1, 1, 2, 2, 3, 3};
    const uint32_t tickers[] = {0, 1, 0, 1, 0, 1};
    const double truth[] = {0.02, -0.01, 0.03, 0.01, -0.02, 0.04};
    const double predicted[] = {1, -1, 1, 1, 0, 5};
    const struct predictions p = {6, times, tickers, truth, predicted};
    struct recipe recipe = recipe_of(1, 1);
    struct trades t;
    struct err err = {0};
    recipe.costs = 0.001;
    assert_int_equal(trade(&p, &recipe, 2, &f->arena, &t, &err), 0);
    assert_int_equal(t.count, 3);
    // Held: (1/2, -1/2), (1/2, 1/2), (0, 1/2)
    const double gross[] = {0.015, 0.02, 0.02}, turnover[] = {1, 1, 0.5};
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(t.gross[i] - gross[i]) < 1e-12);
        assert_true(fabs(t.turnover[i] - turnover[i]) < 1e-12);
        assert_true(fabs(t.net[i] - gross[i] + 0.001 * turnover[i]) < 1e-12);
    }
    recipe.horizon = 2; // dates 1 and 3 only
    assert_int_equal(trade(&p, &recipe, 2, &f->arena, &t, &err), 0);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.times[1], 3);
}

static void test_ic_is_a_mean_over_dates(void **state)
{
    struct fixture *f = *state;
    // Within each of two dates the order is right; between them the level is wrong.
    const int64_t times[] = {1, 1, 1, 2, 2, 2};
    const uint32_t tickers[] = {0, 1, 2, 0, 1, 2};
    const double truth[] = {1, 2, 3, 101, 102, 103}, predicted[] = {11, 12, 13, 1, 2, 3};
    const double constant[] = {1, 1, 1, 2, 2, 2};
    struct predictions p = {6, times, tickers, truth, predicted};
    const struct recipe recipe = recipe_of(1, 1);
    struct trades t;
    struct score s;
    struct err err = {0};
    assert_int_equal(trade(&p, &recipe, 3, &f->arena, &t, &err), 0);
    assert_int_equal(score(&p, &t, &recipe, true, &f->arena, &s, &err), 0);
    assert_true(fabs(s.ic - 1) < 1e-12 && fabs(s.rank_ic - 1) < 1e-12);
    p.predicted = constant; // no order within a date: no IC, and none over all in its place
    assert_int_equal(score(&p, &t, &recipe, true, &f->arena, &s, &err), 0);
    assert_true(isnan(s.ic) && isnan(s.rank_ic));
    p.count = 2; // one date of two tickers
    p.predicted = predicted;
    assert_int_equal(score(&p, &t, &recipe, false, &f->arena, &s, &err), 0);
    assert_true(isnan(s.mse));
}

static void test_few_dates_with_tickers_do_not_decide_the_ic(void **state)
{
    struct fixture *f = *state;
    // One date of three tickers in the wrong order, and five of one that go along.
    const int64_t times[] = {1, 1, 1, 2, 3, 4, 5, 6};
    const uint32_t tickers[] = {0, 1, 2, 0, 0, 0, 0, 0};
    const double truth[] = {1, 2, 3, 20, 30, 40, 50, 60};
    const double predicted[] = {3, 2, 1, 20, 30, 40, 50, 60};
    const struct predictions p = {8, times, tickers, truth, predicted};
    const struct recipe recipe = recipe_of(1, 1);
    struct trades t;
    struct score s;
    struct err err = {0};
    assert_int_equal(trade(&p, &recipe, 3, &f->arena, &t, &err), 0);
    assert_int_equal(score(&p, &t, &recipe, true, &f->arena, &s, &err), 0);
    assert_true(s.ic > 0.99 && s.rank_ic > 0.9);
    assert_true(isnan(s.icir) && isnan(s.rank_icir));
}

static void test_trials_of_unknown_variance_are_those_of_the_function(void **state)
{
    struct fixture *f = *state;
    enum { DATES = 40 };
    int64_t times[DATES];
    uint32_t tickers[DATES] = {0};
    double truth[DATES], predicted[DATES];
    const struct predictions p = {DATES, times, tickers, truth, predicted};
    struct recipe recipe = recipe_of(1, 1);
    struct trades t;
    struct score s;
    struct err err = {0};
    for (size_t i = 0; i < DATES; i++) {
        times[i] = (int64_t)i;
        truth[i] = 0.01 * (double)((i * 7) % 11) - 0.03;
        predicted[i] = 1;
    }
    recipe.trials = 20;
    assert_int_equal(trade(&p, &recipe, 1, &f->arena, &t, &err), 0);
    assert_int_equal(score(&p, &t, &recipe, true, &f->arena, &s, &err), 0);
    const struct metric_moments m = metric_moments(t.net, t.count);
    assert_true(s.deflated_sharpe > 0 && s.deflated_sharpe < 1);
    assert_true(fabs(s.deflated_sharpe - metric_deflated_sharpe(m.mean / m.deviation, m.n, m.skew,
                                                                m.kurtosis, 20, (double)NAN)) <
                1e-12);
}

// ---- promotion

static struct verdict verdict_of(double loss, double ic)
{
    return (struct verdict){.loss = loss, .score = {.ic = ic}};
}

static void test_what_is_finite_beats_what_is_not(void **state)
{
    const struct verdict good = verdict_of(2, 0.1), none = verdict_of(NAN, NAN),
                         zero = verdict_of(0, 0.1), better = verdict_of(1, 0.3);
    (void)state;
    struct promotion p = promotion_decide(PROMOTION_BY_LOSS, &good, &none, 0.5);
    assert_true(p.promoted && isnan(p.gain));
    assert_string_equal(p.reason, "production's loss is not finite");
    p = promotion_decide(PROMOTION_BY_IC, &good, &none, 0.5);
    assert_true(p.promoted);
    assert_string_equal(p.reason, "production's IC is not finite");
    p = promotion_decide(PROMOTION_BY_LOSS, &none, &good, -1);
    assert_false(p.promoted);
    assert_string_equal(p.reason, "its loss is not finite");
    assert_false(promotion_decide(PROMOTION_BY_LOSS, &none, &none, -1).promoted);
    p = promotion_decide(PROMOTION_BY_LOSS, &good, &zero, 0);
    assert_false(p.promoted);
    assert_string_equal(p.reason, "production's loss is 0, and none is smaller");
    p = promotion_decide(PROMOTION_BY_LOSS, &zero, &zero, 0);
    assert_true(!p.promoted && p.gain == 0);
    p = promotion_decide(PROMOTION_BY_LOSS, &better, &good, 0.4);
    assert_true(p.promoted && p.gain == 0.5);
    assert_string_equal(p.reason, "loss smaller by the share 0.5, wanted is more than 0.4");
    assert_false(promotion_decide(PROMOTION_BY_IC, &better, &good, 0.4).promoted);
}

static void test_labels_reach_as_far_as_their_horizon(void **state)
{
    struct fixture *f = *state;
    const struct recipe recipe = recipe_of(1, 1);
    fill(f, 2, 20);
    const struct samples s = samples_of(f, &recipe);
    const size_t day_15 = 2 * 14;
    assert_int_equal(f->days[s.ends[day_15]], 15);
    assert_true(promotion_has_seen(&s, 15, 1, day_15));
    assert_true(promotion_has_seen(&s, 14, 1, day_15)); // its label is day 15's
    assert_false(promotion_has_seen(&s, 13, 1, day_15));
    assert_true(promotion_has_seen(&s, 10, 5, day_15));
    assert_false(promotion_has_seen(&s, 9, 5, day_15));
    assert_false(promotion_has_seen(&s, 0, 5, day_15)); // not known
    assert_true(promotion_has_seen(&s, 1000, 1, day_15));
}

// ---- models from elsewhere

// A network whose outputs are its last biases, whatever the rows.
static struct model model_saying(struct fixture *f, const char *layers, const float *biases)
{
    struct network layout = {.lookback = 1, .features = FEATURES};
    struct model model;
    struct err err = {0};
    assert_int_equal(layers_parse(layers, &layout, &err), 0);
    assert_int_equal(network_lay_out(&layout, &err), 0);
    assert_int_equal(model_new(&model, &layout, &f->arena, &err), 0);
    for (size_t i = 0; i < FEATURES; i++)
        model.features[i].name = f->names[i];
    memcpy(model.network.weights + model.network.weight_count - model.network.outputs, biases,
           model.network.outputs * sizeof *biases);
    return model;
}

static void test_classes_are_found_by_their_names(void **state)
{
    struct fixture *f = *state;
    struct recipe recipe = recipe_of(1, 1);
    uint32_t all[] = {0, 1, 2, 3};
    double scores[4], loss, hits;
    struct err err = {0};
    recipe.task = TASK_CLASSES;
    recipe.threshold = 0.01;
    fill(f, 1, 4);
    for (size_t i = 0; i < 4; i++)
        f->targets[i] = 0.5; // up
    const struct samples s = samples_of(f, &recipe);
    struct model model = model_saying(f, "gru:1,dense:3:softmax", (const float[]){0, 0, 5});
    model.task = TASK_CLASSES;
    model.class_count = 3;
    model.classes[0] = "down", model.classes[1] = "neutral", model.classes[2] = "up";
    assert_int_equal(predict(&recipe, &model, &f->rows, &s, &(struct part){4, all}, &f->arena,
                             scores, &loss, &hits, &err),
                     0);
    assert_true(hits == 1 && loss < 0.1 && scores[0] > 0.9);
    model.classes[1] = "sideways";
    assert_int_equal(predict(&recipe, &model, &f->rows, &s, &(struct part){4, all}, &f->arena,
                             scores, &loss, &hits, &err),
                     EX_DATAERR);
    assert_non_null(strstr(err.text, "are not up, neutral and down"));
    err = (struct err){0};
    model = model_saying(f, "gru:1,dense:1:sigmoid", (const float[]){0});
    model.task = TASK_CLASSES;
    model.class_count = 2;
    model.classes[0] = "down", model.classes[1] = "up";
    assert_int_equal(predict(&recipe, &model, &f->rows, &s, &(struct part){4, all}, &f->arena,
                             scores, &loss, &hits, &err),
                     EX_DATAERR);
    assert_non_null(strstr(err.text, "2 of them, by 1 output)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_financelake_has_its_parameters),
        TEST(test_what_is_given_beats_the_preset),
        TEST(test_layers_print_as_they_are_read),
        TEST(test_a_model_gives_its_settings_back),
        TEST(test_every_setting_comes_back),
        TEST(test_the_data_are_productions_whatever_the_layers),
        TEST(test_samples_are_in_the_order_of_time),
        TEST(test_no_window_crosses_a_gap_or_what_is_not_finite),
        TEST(test_a_return_is_made_of_prices),
        TEST(test_the_split_is_purged),
        TEST(test_folds_walk_forward),
        TEST(test_scalers_see_used_rows_only),
        TEST(test_training_rows_are_those_of_training_windows),
        TEST(test_ridge_solves),
        TEST(test_ridge_learns_what_is_linear),
        TEST(test_slow_parts_say_that_they_work),
        TEST(test_last_and_moving_average_know_only_what_is_known),
        TEST(test_a_leak_is_named),
        TEST(test_a_leak_in_an_earlier_step_is_named),
        TEST(test_the_trader_by_hand),
        TEST(test_ic_is_a_mean_over_dates),
        TEST(test_few_dates_with_tickers_do_not_decide_the_ic),
        TEST(test_trials_of_unknown_variance_are_those_of_the_function),
        TEST(test_what_is_finite_beats_what_is_not),
        TEST(test_labels_reach_as_far_as_their_horizon),
        TEST(test_classes_are_found_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
