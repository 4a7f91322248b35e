// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"
#include "base/time.h"
#include "base/version.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *option_dashes(const struct option *option)
{
    return option->name[1] == '\0' ? "-" : "--";
}

static const struct option *option_find(const struct option *options, const char *name,
                                        size_t length)
{
    for (const struct option *o = options; o != NULL && o->name != NULL; o++)
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static int option_store_integer(const struct option *option, const char *text, int64_t *field,
                                struct err *err)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < option->min || value > option->max)
        return err_set(err, EX_USAGE, "--%s wants a whole number from %lld to %lld, not '%s'",
                       option->name, (long long)option->min, (long long)option->max, text);
    *field = value;
    return 0;
}

static int option_store_number(const struct option *option, const char *text, double *field,
                               struct err *err)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        return err_set(err, EX_USAGE, "--%s wants a number, not '%s'", option->name, text);
    *field = value;
    return 0;
}

static int option_store_text(const struct option *option, const char *text,
                             struct option_texts *field, struct err *err)
{
    if (field->count == OPTION_TEXTS_MOST)
        return err_set(err, EX_USAGE, "%s%s can be given %d times at most", option_dashes(option),
                       option->name, OPTION_TEXTS_MOST);
    field->texts[field->count++] = text;
    return 0;
}

static int option_store(const struct option *option, const char *text, void *values,
                        struct err *err)
{
    char *field = (char *)values + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)(void *)field = text;
        return 0;
    case OPTION_INTEGER:
        return option_store_integer(option, text, (int64_t *)(void *)field, err);
    case OPTION_NUMBER:
        return option_store_number(option, text, (double *)(void *)field, err);
    case OPTION_DATE:
        if (!date_parse(text, strlen(text), (int32_t *)(void *)field))
            return err_set(err, EX_USAGE, "--%s wants a date as YYYY-MM-DD, not '%s'", option->name,
                           text);
        return 0;
    case OPTION_TEXTS:
        return option_store_text(option, text, (struct option_texts *)(void *)field, err);
    }
    return err_set(err, EX_SOFTWARE, "--%s has an unknown kind", option->name);
}

void options_help(const struct command *command, FILE *out)
{
    (void)fprintf(out, "%s: %s\n\nusage: %s\n", command->name, command->summary, command->usage);
    if (command->options != NULL && command->options->name != NULL)
        (void)fprintf(out, "\noptions:\n");
    for (const struct option *o = command->options; o != NULL && o->name != NULL; o++) {
        char head[64];
        (void)snprintf(head, sizeof head, "%s%s%s%s", option_dashes(o), o->name,
                       o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        (void)fprintf(out, "  %-24s %s\n", head, o->doc);
    }
    (void)fprintf(out, "  %-24s %s\n  %-24s %s\n", "--help", "print this page", "--version",
                  "print the version");
    if (command->notes != NULL)
        (void)fprintf(out, "\n%s", command->notes);
}

static void options_complete(const struct command *command)
{
    for (const struct option *o = command->options; o != NULL && o->name != NULL; o++)
        (void)printf("%s%s\n", option_dashes(o), o->name);
    (void)printf("--help\n--version\n");
}

// Answers the options that every command has.
static bool options_answer_common(const struct command *command, const char *word)
{
    if (strcmp(word, "--help") == 0)
        options_help(command, stdout);
    else if (strcmp(word, "--version") == 0)
        (void)printf("%s %s\n", command->name, TICKHOUSE_VERSION);
    else
        return false;
    return true;
}

// How many dashes make the word an option; 0: it is none.
static size_t options_dashes(const struct command *command, const char *word)
{
    if (strncmp(word, "--", 2) == 0)
        return 2;
    return word[0] == '-' && strlen(word) == 2 &&
           option_find(command->options, word + 1, 1) != NULL;
}

int options_parse(const struct command *command, int *argc, char **argv, void *values,
                  enum options_result *result, struct err *err)
{
    int kept = 1;
    bool only_words = false;
    *result = OPTIONS_RUN;
    // The shell puts it last; the option before it may still want its value.
    if (*argc > 1 && strcmp(argv[*argc - 1], "--complete") == 0) {
        options_complete(command);
        *result = OPTIONS_DONE;
        return 0;
    }
    for (int i = 1; i < *argc; i++) {
        char *word = argv[i];
        const size_t dashes = options_dashes(command, word);
        if (only_words || dashes == 0) {
            argv[kept++] = word;
            continue;
        }
        if (dashes == 2 && word[2] == '\0') {
            only_words = true;
            continue;
        }
        if (options_answer_common(command, word)) {
            *result = OPTIONS_DONE;
            return 0;
        }
        const char *name = word + dashes;
        const char *equals = dashes == 2 ? strchr(word, '=') : NULL;
        size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
        const struct option *option = option_find(command->options, name, length);
        if (option == NULL)
            return err_set(err, EX_USAGE, "unknown option '%s'; '%s --help' lists them", word,
                           command->name);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (option->kind == OPTION_FLAG && value != NULL)
            return err_set(err, EX_USAGE, "--%s takes no value", option->name);
        if (option->kind != OPTION_FLAG && value == NULL) {
            if (i + 1 >= *argc)
                return err_set(err, EX_USAGE, "%s%s wants a value: %s", option_dashes(option),
                               option->name, option->value);
            value = argv[++i];
        }
        TRY(option_store(option, value, values, err));
    }
    argv[kept] = NULL;
    *argc = kept;
    return 0;
}
