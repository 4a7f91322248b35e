// SPDX-License-Identifier: Apache-2.0
// What a training is told: the options that train, walk, retrain and tune have in common, as they
// were typed (struct settings), and what follows from them and from the preset (struct recipe).
#ifndef TICKHOUSE_NN_SETTINGS_H
#define TICKHOUSE_NN_SETTINGS_H

#include "base/options.h"
#include "model/model.h"
#include "train/fit.h"

#include <math.h>

enum { SETTINGS_MAX_LIST = 256 }; // features of --features

// NULL, -1 and NaN: not given; the preset, and after it settings_resolve, say what holds then.
struct settings {
    const char *preset, *layers, *features, *target, *label, *task, *scaler, *loss, *optimizer,
        *schedule, *split;
    int64_t lookback, horizon, max_gap, batch, epochs, patience, threads, seed;
    double threshold, huber_delta, learning_rate, momentum, beta1, beta2, epsilon, weight_decay,
        clip_norm, leak_limit, costs, periods, trials, trials_variance;
    int64_t embargo;
    bool allow_leaks;
};

extern const struct settings settings_none;

// The lines of an option table; the command's own struct begins with a struct settings.
#define SETTINGS_OPTION(name, kind, field, value, doc, ...)                                        \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct settings, field), value, doc, __VA_ARGS__             \
    }
// clang-format off
#define SETTINGS_OPTIONS                                                                           \
    SETTINGS_OPTION("preset", TEXT, preset, "NAME",                                                \
                    "hanoi_gru (default), financelake_lstm or none", 0, 0),                        \
    SETTINGS_OPTION("layers", TEXT, layers, "LIST",                                                \
                    "as gru:64,dropout:0.2,lstm:32,dense:1:relu", 0, 0),                           \
    SETTINGS_OPTION("lookback", INTEGER, lookback, "N", "steps of a window (20)",                  \
                    1, NETWORK_MAX_LOOKBACK),                                                      \
    SETTINGS_OPTION("features", TEXT, features, "LIST",                                            \
                    "columns to learn from (all but ticker, date and target)", 0, 0),              \
    SETTINGS_OPTION("target", TEXT, target, "COLUMN", "what is predicted (target)", 0, 0),         \
    SETTINGS_OPTION("label", TEXT, label, "KIND",                                                  \
                    "value: the target as it is; return: its change over the horizon (value)",     \
                    0, 0),                                                                         \
    SETTINGS_OPTION("task", TEXT, task, "TASK",                                                    \
                    "regression, or classes: up, neutral, down (regression)", 0, 0),               \
    SETTINGS_OPTION("threshold", NUMBER, threshold, "X",                                           \
                    "a label beyond +X is up, beyond -X down (0.01)", 0, 0),                       \
    SETTINGS_OPTION("horizon", INTEGER, horizon, "N", "bars until the label is known (1)",         \
                    1, 4096),                                                                      \
    SETTINGS_OPTION("max-gap", INTEGER, max_gap, "DAYS",                                           \
                    "no window crosses a longer gap (10)", 1, 36500),                              \
    SETTINGS_OPTION("scaler", TEXT, scaler, "KIND", "standard, minmax or none (standard)", 0, 0),  \
    SETTINGS_OPTION("loss", TEXT, loss, "LOSS",                                                    \
                    "mse, huber or cross_entropy (by the task: huber, cross_entropy)", 0, 0),      \
    SETTINGS_OPTION("huber-delta", NUMBER, huber_delta, "X", "where huber turns linear (1)", 0, 0),\
    SETTINGS_OPTION("optimizer", TEXT, optimizer, "NAME", "sgd, adam, adamw or rmsprop (adam)",    \
                    0, 0),                                                                         \
    SETTINGS_OPTION("learning-rate", NUMBER, learning_rate, "X", "(0.001)", 0, 0),                 \
    SETTINGS_OPTION("schedule", TEXT, schedule, "NAME",                                            \
                    "of the learning rate: constant, cosine or step (constant)", 0, 0),            \
    SETTINGS_OPTION("momentum", NUMBER, momentum, "X", "of sgd and rmsprop", 0, 0),                \
    SETTINGS_OPTION("beta1", NUMBER, beta1, "X", "of adam", 0, 0),                                 \
    SETTINGS_OPTION("beta2", NUMBER, beta2, "X", "of adam; the decay of rmsprop", 0, 0),           \
    SETTINGS_OPTION("epsilon", NUMBER, epsilon, "X", "of adam and rmsprop", 0, 0),                 \
    SETTINGS_OPTION("weight-decay", NUMBER, weight_decay, "X", "(0)", 0, 0),                       \
    SETTINGS_OPTION("clip-norm", NUMBER, clip_norm, "X", "of the gradient; 0: none", 0, 0),        \
    SETTINGS_OPTION("batch", INTEGER, batch, "N", "windows of a step (64)", 1, 65536),             \
    SETTINGS_OPTION("epochs", INTEGER, epochs, "N", "at most (30)", 1, 100000),                    \
    SETTINGS_OPTION("patience", INTEGER, patience, "N",                                            \
                    "epochs without a better validation loss before it stops; 0: never (5)",       \
                    0, 100000),                                                                    \
    SETTINGS_OPTION("seed", INTEGER, seed, "N", "of weights, order and dropout (1)",               \
                    0, INT64_MAX),                                                                 \
    SETTINGS_OPTION("threads", INTEGER, threads, "N", "0: all cores; results are the same (1)", \
                    0, 256),                                                                       \
    SETTINGS_OPTION("split", TEXT, split, "A/B/C",                                                 \
                    "train, validation and test in time, in percent (70/20/10)", 0, 0),            \
    SETTINGS_OPTION("leak-limit", NUMBER, leak_limit, "X",                                         \
                    "a feature correlated more with the label is refused (0.3)", 0, 0),            \
    SETTINGS_OPTION("allow-leaks", FLAG, allow_leaks, NULL, "train even so", 0, 0),                \
    SETTINGS_OPTION("embargo", INTEGER, embargo, "N",                                              \
                    "dates left out before a test, beyond the purge (0)", 0, 100000),              \
    SETTINGS_OPTION("costs", NUMBER, costs, "BP", "basis points of what is traded (5)", 0, 0),     \
    SETTINGS_OPTION("periods", NUMBER, periods, "N", "bars of a year (252)", 0, 0),                \
    SETTINGS_OPTION("trials", NUMBER, trials, "N",                                                 \
                    "models that were tried before this one was chosen (1)", 0, 0),                \
    SETTINGS_OPTION("trials-variance", NUMBER, trials_variance, "X",                               \
                    "of their Sharpe ratios per period (that of luck)", 0, 0)
// clang-format on

enum scaler { SCALER_STANDARD, SCALER_MINMAX, SCALER_NONE };
enum label { LABEL_VALUE, LABEL_RETURN };

struct recipe {
    struct settings settings; // that it was made of, as far as they are known
    const char *name;         // of the preset, or "none"
    const char *layers;       // as text
    struct network network;   // not laid out while it has no features
    struct fit_options fit;
    const char *features; // a list, or NULL for all
    const char *target;
    enum label label;
    enum model_task task;
    enum scaler scaler;
    double threshold, leak_limit;
    double split[3]; // shares, adding up to 1
    double costs;    // share of what is traded
    double periods, trials, trials_variance;
    size_t lookback, horizon, embargo;
    int32_t max_gap_days;
    bool allow_leaks;
};

// Fills what was not given, and checks what was. `like` comes before the presets: always in what
// makes and judges the samples; in the network and its training only where neither a preset nor
// layers are given. NULL: nothing.
int settings_resolve(const struct settings *settings, const struct settings *like,
                     struct recipe *recipe, struct err *err);

// The settings that a model was trained with, as far as it says; texts are in the arena. Of a model
// from elsewhere these are its layers, features, look-back, horizon and task.
int settings_of_model(const struct model *model, struct arena *arena, struct settings *settings,
                      struct err *err);

// The last day that stopped the model's training, where its notes tell.
bool validated_to(const struct model *model, int32_t *day);

// "gru:64,dropout:0.2,dense:1:relu" into layers. Words behind the units: linear, relu, sigmoid,
// tanh, softmax (dense); bidirectional, last_step (gru, lstm); reset_before (gru). The other way is
// network_print_layers.
int layers_parse(const char *text, struct network *network, struct err *err);

// Lays the network out for so many features, and checks that its outputs suit the task.
int recipe_lay_out(struct recipe *recipe, size_t features, struct err *err);

const char *scaler_name(enum scaler scaler);
const char *loss_name(enum fit_loss loss);
const char *optimizer_name(enum fit_optimizer optimizer);
const char *schedule_name(enum fit_schedule schedule);

// What tables call the network: "gru", "lstm", or "dense" when it has neither.
const char *recipe_kind(const struct recipe *recipe);

// The shortest of a number's texts, from six digits on, that is read as the same number.
enum { NUMBER_BYTES = 32 };
void number_print(double number, char text[static NUMBER_BYTES]);

// Every setting that has a value, as text, for params.json; but not the features, which the model
// names itself. Returns how many there are, at most RECIPE_PARAMETERS. Texts are the recipe's.
enum { RECIPE_PARAMETERS = 48 };
struct recipe_parameter {
    const char *name, *value; // of the option
    char number[NUMBER_BYTES];
};
size_t recipe_parameters(const struct recipe *recipe, struct recipe_parameter *out);

#endif
