// SPDX-License-Identifier: Apache-2.0
#include "walk/settings.h"

#include <stdlib.h>
#include <string.h>

const struct settings settings_none = {
    .lookback = -1,
    .horizon = -1,
    .max_gap = -1,
    .batch = -1,
    .epochs = -1,
    .patience = -1,
    .threads = -1,
    .seed = -1,
    .embargo = -1,
    .threshold = NAN,
    .huber_delta = NAN,
    .learning_rate = NAN,
    .momentum = NAN,
    .beta1 = NAN,
    .beta2 = NAN,
    .epsilon = NAN,
    .weight_decay = NAN,
    .clip_norm = NAN,
    .leak_limit = NAN,
    .costs = NAN,
    .periods = NAN,
    .trials = NAN,
    .trials_variance = NAN,
};

// What holds where neither the command line nor the preset says anything.
static const struct settings settings_default = {
    .preset = "none",
    .target = "target",
    .label = "value",
    .task = "regression",
    .scaler = "standard",
    .optimizer = "adam",
    .schedule = "constant",
    .split = "70/20/10",
    .lookback = 20,
    .horizon = 1,
    .max_gap = 10,
    .batch = 64,
    .epochs = 30,
    .patience = 5,
    .threads = 1,
    .seed = 1,
    .threshold = 0.01,
    .huber_delta = 1,
    .learning_rate = 0.001,
    .leak_limit = 0.3,
    .costs = 5,
    .periods = 252,
    .trials = 1,
    .trials_variance = NAN,
    .embargo = 0,
    .momentum = NAN,
    .beta1 = NAN,
    .beta2 = NAN,
    .epsilon = NAN,
    .weight_decay = NAN,
    .clip_norm = NAN,
};

// The return of the next bar by one layer. Huber, since returns have fat tails; clipped, since a
// recurrent gradient can explode.
static void preset_hanoi_gru(struct settings *s)
{
    s->layers = "gru:64,dense:1";
    s->lookback = 20;
    s->loss = "huber";
    s->clip_norm = 1;
}

// Up, neutral or down over the next 5 bars, as the source has it.
static void preset_financelake_lstm(struct settings *s)
{
    s->layers = "lstm:128,dropout:0.2,lstm:64,dropout:0.2,dense:32:relu,dense:3:softmax";
    s->lookback = 60;
    s->target = "close";
    s->label = "return";
    s->horizon = 5;
    s->task = "classes";
    s->scaler = "minmax";
    s->loss = "cross_entropy";
    s->optimizer = "adam";
    s->learning_rate = 0.001;
    s->batch = 64;
    s->epochs = 100;
    s->patience = 10;
    s->split = "70/20/10";
}

static void preset_none(struct settings *s)
{
    (void)s;
}

static const struct {
    const char *name;
    void (*set)(struct settings *settings);
} presets[] = {{"hanoi_gru", preset_hanoi_gru},
               {"financelake_lstm", preset_financelake_lstm},
               {"none", preset_none}};

static const char *const scaler_names[] = {"standard", "minmax", "none", NULL};
static const char *const label_names[] = {"value", "return", NULL};
static const char *const task_names[] = {"regression", "classes", NULL};
static const char *const loss_names[] = {"mse", "huber", "cross_entropy", NULL};
static const char *const optimizer_names[] = {"sgd", "adam", "adamw", "rmsprop", NULL};
static const char *const schedule_names[] = {"constant", "cosine", "step", NULL};

const char *scaler_name(enum scaler scaler)
{
    return scaler_names[scaler];
}

const char *loss_name(enum fit_loss loss)
{
    return loss_names[loss];
}

const char *optimizer_name(enum fit_optimizer optimizer)
{
    return optimizer_names[optimizer];
}

const char *schedule_name(enum fit_schedule schedule)
{
    return schedule_names[schedule];
}

static int find_preset(const char *name, struct settings *preset, struct err *err)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0) {
            *preset = settings_none;
            preset->preset = presets[i].name;
            presets[i].set(preset);
            return 0;
        }
    return err_set(err, EX_USAGE, "no preset '%s'; there are hanoi_gru, financelake_lstm and none",
                   name);
}

// What `from` gives where `to` has nothing.
#define TEXT(field) to->field = to->field != NULL ? to->field : from->field
#define INTEGER(field) to->field = to->field != -1 ? to->field : from->field
#define NUMBER(field) to->field = isnan(to->field) ? from->field : to->field

// Which samples there are, and how predictions of them are judged.
static void fill_data(struct settings *to, const struct settings *from)
{
    TEXT(features);
    TEXT(target);
    TEXT(label);
    TEXT(task);
    TEXT(scaler);
    TEXT(split);
    INTEGER(lookback);
    INTEGER(horizon);
    INTEGER(max_gap);
    INTEGER(embargo);
    NUMBER(threshold);
    NUMBER(leak_limit);
    NUMBER(costs);
    NUMBER(periods);
    NUMBER(trials);
    NUMBER(trials_variance);
    to->allow_leaks |= from->allow_leaks;
}

// The network, and how it is trained.
static void fill_network(struct settings *to, const struct settings *from)
{
    TEXT(layers);
    TEXT(loss);
    TEXT(optimizer);
    TEXT(schedule);
    INTEGER(batch);
    INTEGER(epochs);
    INTEGER(patience);
    INTEGER(threads);
    INTEGER(seed);
    NUMBER(huber_delta);
    NUMBER(learning_rate);
    NUMBER(momentum);
    NUMBER(beta1);
    NUMBER(beta2);
    NUMBER(epsilon);
    NUMBER(weight_decay);
    NUMBER(clip_norm);
}

#undef TEXT
#undef INTEGER
#undef NUMBER

static void fill(struct settings *to, const struct settings *from)
{
    fill_data(to, from);
    fill_network(to, from);
}

static int choose(const char *option, const char *text, const char *const *names, int *choice,
                  struct err *err)
{
    char all[128] = "";
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            *choice = i;
            return 0;
        }
        const size_t used = strlen(all);
        (void)snprintf(all + used, sizeof all - used, "%s%s", i != 0 ? ", " : "", names[i]);
    }
    return err_set(err, EX_USAGE, "--%s wants one of %s, not '%s'", option, all, text);
}

static int parse_split(const char *text, double *shares, struct err *err)
{
    char *end;
    double total = 0;
    const char *at = text;
    for (int i = 0; i < 3; i++) {
        shares[i] = strtod(at, &end);
        if (end == at || !(shares[i] >= 0) || *end != (i < 2 ? '/' : '\0'))
            return err_set(err, EX_USAGE, "--split wants three percentages as 70/20/10, not '%s'",
                           text);
        total += shares[i];
        at = end + 1;
    }
    if (!(shares[0] > 0) || !(fabs(total - 100) < 1e-6))
        return err_set(err, EX_USAGE,
                       "--split %s adds up to %g; it wants 100, and something to train on", text,
                       total);
    for (int i = 0; i < 3; i++)
        shares[i] /= 100;
    return 0;
}

static int check_range(const char *option, double value, double low, double high, struct err *err)
{
    return value >= low && value <= high
               ? 0
               : err_set(err, EX_USAGE, "--%s wants a number from %g to %g, not %g", option, low,
                         high, value);
}

// Takes over a number that was given, within its range.
static int override(const char *option, double given, double low, double high, double *field,
                    struct err *err)
{
    if (isnan(given))
        return 0;
    TRY(check_range(option, given, low, high, err));
    *field = given;
    return 0;
}

static int resolve_fit(const struct settings *s, struct recipe *recipe, struct err *err)
{
    struct fit_options *fit = &recipe->fit;
    int loss, optimizer, schedule;
    const char *by_task = recipe->task == TASK_CLASSES ? "cross_entropy" : "huber";
    TRY(choose("loss", s->loss != NULL ? s->loss : by_task, loss_names, &loss, err));
    TRY(choose("optimizer", s->optimizer, optimizer_names, &optimizer, err));
    TRY(choose("schedule", s->schedule, schedule_names, &schedule, err));
    if ((loss == FIT_CROSS_ENTROPY) != (recipe->task == TASK_CLASSES))
        return err_set(err, EX_USAGE, "--loss %s does not suit --task %s", loss_names[loss],
                       s->task);
    fit_options_default(fit);
    fit->loss = (enum fit_loss)loss;
    fit->optimizer = (enum fit_optimizer)optimizer;
    fit->schedule = (enum fit_schedule)schedule;
    fit->batch = (size_t)s->batch;
    fit->epochs = (size_t)s->epochs;
    fit->patience = (size_t)s->patience;
    fit->threads = (size_t)s->threads;
    fit->seed = (uint64_t)s->seed;
    TRY(override("huber-delta", s->huber_delta, 1e-6, 1e6, &fit->huber_delta, err));
    TRY(override("learning-rate", s->learning_rate, 1e-12, 1e3, &fit->learning_rate, err));
    TRY(override("momentum", s->momentum, 0, 1, &fit->momentum, err));
    TRY(override("beta1", s->beta1, 0, 1, &fit->beta1, err));
    TRY(override("beta2", s->beta2, 0, 1, &fit->beta2, err));
    TRY(override("epsilon", s->epsilon, 1e-20, 1, &fit->epsilon, err));
    TRY(override("weight-decay", s->weight_decay, 0, 1e3, &fit->weight_decay, err));
    return override("clip-norm", s->clip_norm, 0, 1e9, &fit->clip_norm, err);
}

// The settings with what the fit itself says where nothing was given.
static struct settings with_fit(struct settings s, const struct fit_options *fit)
{
    s.loss = loss_names[fit->loss];
    s.huber_delta = fit->huber_delta;
    s.learning_rate = fit->learning_rate;
    s.momentum = fit->momentum;
    s.beta1 = fit->beta1;
    s.beta2 = fit->beta2;
    s.epsilon = fit->epsilon;
    s.weight_decay = fit->weight_decay;
    s.clip_norm = fit->clip_norm;
    return s;
}

static int resolve_data(const struct settings *s, struct recipe *recipe, struct err *err)
{
    int label, task, scaler;
    TRY(choose("label", s->label, label_names, &label, err));
    TRY(choose("task", s->task, task_names, &task, err));
    TRY(choose("scaler", s->scaler, scaler_names, &scaler, err));
    TRY(parse_split(s->split, recipe->split, err));
    TRY(check_range("threshold", s->threshold, 0, 1e6, err));
    TRY(check_range("leak-limit", s->leak_limit, 0, 1, err));
    TRY(check_range("costs", s->costs, 0, 10000, err));
    TRY(check_range("periods", s->periods, 1, 1e9, err));
    TRY(check_range("trials", s->trials, 1, 1e9, err));
    if (!isnan(s->trials_variance))
        TRY(check_range("trials-variance", s->trials_variance, 0, 1e6, err));
    recipe->label = (enum label)label;
    recipe->task = (enum model_task)task;
    recipe->scaler = (enum scaler)scaler;
    recipe->features = s->features;
    recipe->target = s->target;
    recipe->threshold = s->threshold;
    recipe->leak_limit = s->leak_limit;
    recipe->costs = s->costs / 1e4;
    recipe->periods = s->periods;
    recipe->trials = s->trials;
    recipe->trials_variance = s->trials_variance;
    recipe->embargo = (size_t)s->embargo;
    recipe->lookback = (size_t)s->lookback;
    recipe->horizon = (size_t)s->horizon;
    recipe->max_gap_days = (int32_t)s->max_gap;
    recipe->allow_leaks = s->allow_leaks;
    return 0;
}

int settings_resolve(const struct settings *settings, const struct settings *like,
                     struct recipe *recipe, struct err *err)
{
    struct settings s = *settings, preset;
    if (like != NULL) {
        fill_data(&s, like);
        if (s.preset == NULL && s.layers == NULL) {
            s.preset = like->preset;
            fill_network(&s, like);
        }
    }
    const char *name = s.preset != NULL ? s.preset : s.layers == NULL ? "hanoi_gru" : "none";
    TRY(find_preset(name, &preset, err));
    fill(&s, &preset);
    fill(&s, &settings_default);
    *recipe = (struct recipe){.name = preset.preset, .layers = s.layers};
    if (s.layers == NULL)
        return err_set(err, EX_USAGE, "--preset none wants --layers, as gru:64,dense:1");
    TRY(resolve_data(&s, recipe, err));
    TRY(resolve_fit(&s, recipe, err));
    s.preset = recipe->name;
    recipe->settings = with_fit(s, &recipe->fit);
    recipe->network.lookback = recipe->lookback;
    return layers_parse(s.layers, &recipe->network, err);
}

static int layer_word(struct network_layer *layer, const char *word, struct err *err)
{
    const bool recurrent = layer->kind == LAYER_GRU || layer->kind == LAYER_LSTM;
    if (layer->kind == LAYER_DENSE && activation_parse(word, &layer->activation))
        return 0;
    if (recurrent && strcmp(word, "bidirectional") == 0)
        layer->bidirectional = true;
    else if (layer->bidirectional && strcmp(word, "last_step") == 0)
        layer->last_step = true;
    else if (layer->kind == LAYER_GRU && strcmp(word, "reset_before") == 0)
        layer->reset_after = false;
    else
        return err_set(err, EX_USAGE, "--layers: '%s' means nothing behind %s", word,
                       layer_kind_name(layer->kind));
    return 0;
}

static int layer_size(struct network_layer *layer, const char *word, struct err *err)
{
    char *end;
    const double size = strtod(word, &end);
    const bool dropout = layer->kind == LAYER_DROPOUT;
    if (end == word || *end != '\0' ||
        (dropout ? !(size >= 0 && size < 1)
                 : !(size >= 1 && size <= NETWORK_MAX_UNITS && size == floor(size))))
        return err_set(err, EX_USAGE, "--layers: %s wants %s, not '%s'",
                       layer_kind_name(layer->kind),
                       dropout ? "a share from 0 to below 1" : "units from 1 to 4096", word);
    if (dropout)
        layer->dropout = size;
    else
        layer->units = (size_t)size;
    return 0;
}

// One layer's words, "dense:32:relu", which are cut up in place.
static int layer_parse(char *text, struct network_layer *layer, struct err *err)
{
    char *rest = text;
    const char *word = strsep(&rest, ":");
    *layer = (struct network_layer){.reset_after = true};
    if (!layer_kind_parse(word, &layer->kind))
        return err_set(err, EX_USAGE,
                       "--layers: '%s' is no layer; there are gru, lstm, dense and dropout", word);
    layer->reset_after = layer->kind == LAYER_GRU;
    if (rest == NULL)
        return err_set(err, EX_USAGE, "--layers: %s wants its size, as %s:%s", word, word,
                       layer->kind == LAYER_DROPOUT ? "0.2" : "64");
    TRY(layer_size(layer, strsep(&rest, ":"), err));
    while (rest != NULL)
        TRY(layer_word(layer, strsep(&rest, ":"), err));
    return 0;
}

int layers_parse(const char *text, struct network *network, struct err *err)
{
    char copy[NETWORK_LAYERS_BYTES];
    if (strlen(text) >= sizeof copy)
        return err_set(err, EX_USAGE, "--layers has more than %zu bytes", sizeof copy - 1);
    (void)snprintf(copy, sizeof copy, "%s", text);
    network->layer_count = 0;
    for (char *rest = copy; rest != NULL;) {
        if (network->layer_count == NETWORK_MAX_LAYERS)
            return err_set(err, EX_USAGE, "--layers has more than %d layers", NETWORK_MAX_LAYERS);
        TRY(layer_parse(strsep(&rest, ","), &network->layers[network->layer_count++], err));
    }
    return 0;
}

int recipe_lay_out(struct recipe *recipe, size_t features, struct err *err)
{
    struct network *network = &recipe->network;
    network->features = features;
    TRY(network_lay_out(network, err));
    for (size_t i = 0; i < network->layer_count; i++)
        if (network->layers[i].last_step && network->layers[i].sequence)
            return err_set(err, EX_USAGE,
                           "--layers %s: last_step stands behind the last recurrent layer",
                           recipe->layers);
    const size_t wanted = recipe->task == TASK_CLASSES ? 3 : 1;
    const struct network_layer *last = &network->layers[network->layer_count - 1];
    if (network->outputs != wanted)
        return err_set(err, EX_USAGE, "--layers %s has %zu outputs; --task %s wants %zu",
                       recipe->layers, network->outputs, task_names[recipe->task], wanted);
    if (recipe->task == TASK_CLASSES && last->activation != ACTIVATION_SOFTMAX)
        return err_set(err, EX_USAGE,
                       "--layers %s: --task classes wants dense:3:softmax at the end",
                       recipe->layers);
    return 0;
}

const char *recipe_kind(const struct recipe *recipe)
{
    for (size_t i = 0; i < recipe->network.layer_count; i++)
        if (recipe->network.layers[i].kind == LAYER_GRU ||
            recipe->network.layers[i].kind == LAYER_LSTM)
            return layer_kind_name(recipe->network.layers[i].kind);
    return "dense";
}

void number_print(double number, char text[static NUMBER_BYTES])
{
    int digits = 6;
    do
        (void)snprintf(text, NUMBER_BYTES, "%.*g", digits, number);
    while (digits++ < 17 && strtod(text, NULL) != number);
}

// A setting's value as it could be typed; NULL where it has none. `number` is room for it.
static const char *setting_print(const struct option *option, const struct settings *settings,
                                 char number[static NUMBER_BYTES])
{
    const char *field = (const char *)settings + option->offset;
    if (option->kind == OPTION_TEXT)
        return *(const char *const *)(const void *)field;
    if (option->kind == OPTION_FLAG)
        return *(const bool *)field ? "true" : NULL;
    if (option->kind == OPTION_INTEGER) {
        const int64_t value = *(const int64_t *)(const void *)field;
        (void)snprintf(number, NUMBER_BYTES, "%lld", (long long)value);
        return value != -1 ? number : NULL;
    }
    const double value = *(const double *)(const void *)field;
    number_print(value, number);
    return isnan(value) ? NULL : number;
}

size_t recipe_parameters(const struct recipe *recipe, struct recipe_parameter *out)
{
    static const struct option all[] = {SETTINGS_OPTIONS, {0}};
    struct settings settings = recipe->settings;
    size_t count = 0;
    settings.trials = recipe->trials; // a search counts its own
    for (const struct option *o = all; o->name != NULL; o++) {
        const char *value = setting_print(o, &settings, out[count].number);
        if (value == NULL || strcmp(o->name, "features") == 0)
            continue;
        out[count].name = o->name;
        out[count++].value = value;
    }
    return count;
}
