// SPDX-License-Identifier: Apache-2.0
#include "tune/ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Name, range unless another is given, least and most; "" is not searched unless it is given.
#define DIMENSIONS(X)                                                                              \
    X(CELL, "cell", "", 0, 0)                                                                      \
    X(LAYERS, "layers", "1..2", 1, 4)                                                              \
    X(HIDDEN, "hidden", "16..128:log", 1, NETWORK_MAX_UNITS)                                       \
    X(DENSE, "dense", "0", 0, NETWORK_MAX_UNITS)                                                   \
    X(DROPOUT, "dropout", "0..0.5", 0, 0.95)                                                       \
    X(OPTIMIZER, "optimizer", "adam,adamw,rmsprop", 0, 0)                                          \
    X(LEARNING_RATE, "learning_rate", "1e-4..1e-2:log", 1e-9, 1e3)                                 \
    X(LOOKBACK, "lookback", "5..40", 1, NETWORK_MAX_LOOKBACK)                                      \
    X(BATCH, "batch", "", 1, 65536)                                                                \
    X(WEIGHT_DECAY, "weight_decay", "", 0, 1e3)                                                    \
    X(CLIP_NORM, "clip_norm", "", 0, 1e6)                                                          \
    X(MOMENTUM, "momentum", "", 0, 1)

enum known {
#define X(id, name, range, least, most) KNOWN_##id,
    DIMENSIONS(X)
#undef X
        KNOWN_COUNT
};

static const struct {
    const char *name, *range;
    double least, most;
} known[] = {
#define X(id, name, range, least, most) {name, range, least, most},
    DIMENSIONS(X)
#undef X
};

const char ranges_notes[] =
    "RANGE is 16..128, 1e-4..1e-2:log, 0..1:float, a list as adam,sgd, or one value. By default:\n"
    "  layers=1..2 hidden=16..128:log dropout=0..0.5 optimizer=adam,adamw,rmsprop\n"
    "  learning_rate=1e-4..1e-2:log lookback=5..40 dense=0 (units of a ReLU layer before the "
    "output)\n"
    "and further cell=gru,lstm batch weight_decay clip_norm momentum. --space FILE has them a line "
    "each,\nand a setting that is given as an option is not searched.\n";

int ranges_default(const struct settings *settings, const struct recipe *recipe,
                   struct space *space, struct err *err)
{
    char text[SPACE_MAX_TEXT];
    *space = (struct space){0};
    TRY(space_set(space, known[KNOWN_CELL].name, recipe_kind(recipe), err));
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (known[i].range[0] != '\0')
            TRY(space_set(space, known[i].name, known[i].range, err));
    if (settings->optimizer != NULL)
        TRY(space_set(space, "optimizer", settings->optimizer, err));
    if (settings->lookback != -1) {
        (void)snprintf(text, sizeof text, "%lld", (long long)settings->lookback);
        TRY(space_set(space, "lookback", text, err));
    }
    if (!isnan(settings->learning_rate)) {
        (void)snprintf(text, sizeof text, "%.9g", settings->learning_rate);
        TRY(space_set(space, "learning_rate", text, err));
    }
    return 0;
}

static double number_of(const struct dimension *dimension, double value)
{
    return dimension->choice_count > 0 ? strtod(dimension->choices[(size_t)value], NULL) : value;
}

static bool is_word(enum known which)
{
    return which == KNOWN_CELL || which == KNOWN_OPTIMIZER;
}

static bool is_whole(enum known which)
{
    return which == KNOWN_LAYERS || which == KNOWN_HIDDEN || which == KNOWN_DENSE ||
           which == KNOWN_LOOKBACK || which == KNOWN_BATCH;
}

// The words of a dimension are checked by the training's own settings.
static int check_known(const struct dimension *dimension, enum known which, struct err *err)
{
    if (is_word(which) != (dimension->kind == DIMENSION_CHOICE))
        return err_set(err, EX_USAGE, "%s wants %s", dimension->name,
                       is_word(which) ? "words, as a,b" : "numbers");
    if (is_word(which))
        return 0;
    for (int end = 0; end < 2; end++) {
        const double value = number_of(dimension, end == 0 ? dimension->low : dimension->high);
        if (value < known[which].least || value > known[which].most)
            return err_set(err, EX_USAGE, "%s reaches to %g; it can be from %g to %g",
                           dimension->name, value, known[which].least, known[which].most);
    }
    if (is_whole(which) && dimension->kind == DIMENSION_FLOAT)
        return err_set(err, EX_USAGE, "%s wants whole numbers, as 1..8", dimension->name);
    for (size_t i = 0; i < dimension->choice_count; i++)
        if (is_whole(which) &&
            strspn(dimension->choices[i], "0123456789") != strlen(dimension->choices[i]))
            return err_set(err, EX_USAGE, "%s wants whole numbers, not '%s'", dimension->name,
                           dimension->choices[i]);
    return 0;
}

static int find_known(const char *name, enum known *which, struct err *err)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(known[i].name, name) == 0) {
            *which = (enum known)i;
            return 0;
        }
    return err_set(err, EX_USAGE,
                   "'%s' cannot be searched; 'nn tune --help' lists what can: hidden, dropout, ...",
                   name);
}

int ranges_check(const struct space *space, struct err *err)
{
    for (size_t d = 0; d < space->count; d++) {
        enum known which = KNOWN_COUNT;
        TRY(find_known(space->dimensions[d].name, &which, err));
        TRY(check_known(&space->dimensions[d], which, err));
    }
    return 0;
}

// ---- a trial

// What a trial's values come to, by dimension, as words and as numbers.
struct picked {
    char words[KNOWN_COUNT][SPACE_MAX_TEXT];
    double numbers[KNOWN_COUNT];
    bool given[KNOWN_COUNT];
};

static int pick(const struct space *space, const double *values, struct picked *picked,
                struct err *err)
{
    *picked = (struct picked){0};
    for (size_t d = 0; d < space->count; d++) {
        const struct dimension *dimension = &space->dimensions[d];
        enum known which = KNOWN_COUNT;
        TRY(find_known(dimension->name, &which, err));
        dimension_format(dimension, values[d], picked->words[which]);
        picked->numbers[which] = number_of(dimension, values[d]);
        picked->given[which] = true;
    }
    return 0;
}

// "gru:64,dropout:0.2,gru:64,dropout:0.2,dense:32:relu,dense:1"
static void write_layers(const struct picked *p, enum model_task task, char *text, size_t room)
{
    size_t used = 0;
    for (int layer = 0; layer < (int)p->numbers[KNOWN_LAYERS]; layer++) {
        used += (size_t)snprintf(text + used, room - used, "%s:%s,", p->words[KNOWN_CELL],
                                 p->words[KNOWN_HIDDEN]);
        if (p->numbers[KNOWN_DROPOUT] > 0)
            used +=
                (size_t)snprintf(text + used, room - used, "dropout:%s,", p->words[KNOWN_DROPOUT]);
    }
    if (p->numbers[KNOWN_DENSE] > 0)
        used += (size_t)snprintf(text + used, room - used, "dense:%s:relu,", p->words[KNOWN_DENSE]);
    (void)snprintf(text + used, room - used, "%s",
                   task == TASK_CLASSES ? "dense:3:softmax" : "dense:1");
}

int trial_settings_make(const struct space *space, const double *values,
                        const struct settings *settings, enum model_task task,
                        struct trial_settings *made, struct err *err)
{
    struct picked p;
    struct settings *s = &made->settings;
    TRY(pick(space, values, &p, err));
    write_layers(&p, task, made->layers, sizeof made->layers);
    (void)snprintf(made->optimizer, sizeof made->optimizer, "%s", p.words[KNOWN_OPTIMIZER]);
    *s = *settings;
    s->layers = made->layers;
    s->optimizer = made->optimizer;
    s->learning_rate = p.numbers[KNOWN_LEARNING_RATE];
    s->lookback = (int64_t)p.numbers[KNOWN_LOOKBACK];
    if (p.given[KNOWN_BATCH])
        s->batch = (int64_t)p.numbers[KNOWN_BATCH];
    if (p.given[KNOWN_WEIGHT_DECAY])
        s->weight_decay = p.numbers[KNOWN_WEIGHT_DECAY];
    if (p.given[KNOWN_CLIP_NORM])
        s->clip_norm = p.numbers[KNOWN_CLIP_NORM];
    if (p.given[KNOWN_MOMENTUM])
        s->momentum = p.numbers[KNOWN_MOMENTUM];
    return 0;
}

void ranges_describe(const struct space *space, const double *values, char *text, size_t room)
{
    size_t used = 0;
    bool any = false;
    for (size_t d = 0; d < space->count; d++)
        any = any || dimension_size(&space->dimensions[d]) != 1;
    *text = '\0';
    for (size_t d = 0; d < space->count && used < room; d++) {
        char value[SPACE_MAX_TEXT];
        if (any && dimension_size(&space->dimensions[d]) == 1)
            continue;
        dimension_format(&space->dimensions[d], values[d], value);
        used += (size_t)snprintf(text + used, room - used, "%s%s=%s", used > 0 ? " " : "",
                                 space->dimensions[d].name, value);
    }
}
