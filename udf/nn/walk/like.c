// SPDX-License-Identifier: Apache-2.0
// The settings of a model that exists: its notes hold them under the options' own names, so they
// are read as if they had been typed.
#include "base/time.h"
#include "walk/settings.h"

#include <jansson.h>
#include <string.h>

enum { MAX_WORDS = 128, LIST_BYTES = 65536 };

struct words {
    char *all[MAX_WORDS];
    int count;
};

static int add_word(struct words *words, const char *text, struct arena *arena, struct err *err)
{
    const size_t size = strlen(text) + 1;
    char *word = arena_alloc(arena, size, 1, err);
    if (word == NULL)
        return err_code(err, EX_OSERR);
    if (words->count == MAX_WORDS - 1)
        return err_set(err, EX_DATAERR, "the model's notes have more than %d words", MAX_WORDS);
    words->all[words->count++] = memcpy(word, text, size);
    words->all[words->count] = NULL;
    return 0;
}

static int add_flag(struct words *words, const char *name, struct arena *arena, struct err *err)
{
    char option[64];
    (void)snprintf(option, sizeof option, "--%s", name);
    return add_word(words, option, arena, err);
}

static int add_option(struct words *words, const char *name, const char *value, struct arena *arena,
                      struct err *err)
{
    TRY(add_flag(words, name, arena, err));
    return add_word(words, value, arena, err);
}

static const struct option known[] = {SETTINGS_OPTIONS, {0}};

// The option that a note is of. The features are the model's own, whatever a note says.
static const struct option *find_option(const char *name)
{
    for (const struct option *o = known; o->name != NULL; o++)
        if (strcmp(o->name, name) == 0 && strcmp(name, "features") != 0)
            return o;
    return NULL;
}

static int add_note(struct words *words, const struct option *option, const char *text,
                    struct arena *arena, struct err *err)
{
    if (option->kind != OPTION_FLAG)
        return add_option(words, option->name, text, arena, err);
    return strcmp(text, "true") == 0 ? add_flag(words, option->name, arena, err) : 0;
}

// What is no setting, as the source of the rows, is passed over.
static int add_notes(struct words *words, const char *notes, struct arena *arena, struct err *err)
{
    const char *name;
    json_t *value;
    json_t *object = json_loads(notes, 0, NULL);
    int code = 0;
    if (!json_is_object(object)) {
        json_decref(object);
        return 0;
    }
    json_object_foreach(object, name, value)
    {
        const char *text = json_string_value(value);
        const struct option *option = find_option(name);
        if (code == 0 && text != NULL && option != NULL)
            code = add_note(words, option, text, arena, err);
    }
    json_decref(object);
    return code;
}

static int add_number(struct words *words, const char *name, size_t value, struct arena *arena,
                      struct err *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu", value);
    return add_option(words, name, text, arena, err);
}

// What every model file says itself; before the notes, which may say it better.
static int add_facts(struct words *words, const struct model *model, struct arena *arena,
                     struct err *err)
{
    char layers[NETWORK_LAYERS_BYTES];
    char *features = arena_alloc(arena, LIST_BYTES, 1, err);
    size_t used = 0;
    if (features == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < model->network.features && used < LIST_BYTES; f++)
        used += (size_t)snprintf(features + used, LIST_BYTES - used, "%s%s", f != 0 ? "," : "",
                                 model->features[f].name);
    if (used >= LIST_BYTES)
        return err_set(err, EX_DATAERR, "the names of the model's features are too long");
    network_print_layers(&model->network, layers);
    TRY(add_option(words, "preset", "none", arena, err));
    TRY(add_option(words, "layers", layers, arena, err));
    TRY(add_option(words, "features", features, arena, err));
    TRY(add_number(words, "lookback", model->network.lookback, arena, err));
    TRY(add_number(words, "horizon", model->horizon, arena, err));
    return add_option(words, "task", model->task == TASK_CLASSES ? "classes" : "regression", arena,
                      err);
}

int settings_of_model(const struct model *model, struct arena *arena, struct settings *settings,
                      struct err *err)
{
    static const struct command command = {"the model's notes", "", "", known, NULL};
    struct words words = {.count = 0};
    enum options_result result;
    *settings = settings_none;
    TRY(add_word(&words, "notes", arena, err));
    TRY(add_facts(&words, model, arena, err));
    TRY(add_notes(&words, model->notes, arena, err));
    return options_parse(&command, &words.count, words.all, settings, &result, err);
}

bool validated_to(const struct model *model, int32_t *day)
{
    json_t *object = json_loads(model->notes, 0, NULL);
    const char *text = json_string_value(json_object_get(object, "validation_to"));
    const bool known_day = text != NULL && date_parse(text, strlen(text), day);
    json_decref(object);
    return known_day;
}
