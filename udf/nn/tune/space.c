// SPDX-License-Identifier: Apache-2.0
#include "tune/space.h"
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Whole numbers above this are not told apart by a double that is rounded to six digits.
#define MAX_WHOLE 999999.0

static double six_digits(double value)
{
    char text[SPACE_MAX_TEXT];
    (void)snprintf(text, sizeof text, "%.6g", value);
    return strtod(text, NULL);
}

// The range that [0,1] is stretched to: each whole number has its own share.
static void stretch(const struct dimension *dimension, double *from, double *to)
{
    const double half = dimension->kind == DIMENSION_FLOAT ? 0 : 0.5;
    *from = dimension->low - half;
    *to = dimension->high + half;
    if (dimension->log) {
        *from = log(*from);
        *to = log(*to);
    }
}

double dimension_decode(const struct dimension *dimension, double u)
{
    double from, to;
    stretch(dimension, &from, &to);
    double value = from + u * (to - from);
    if (dimension->log)
        value = exp(value);
    value = dimension->kind == DIMENSION_FLOAT ? six_digits(value) : round(value);
    return fmin(fmax(value, dimension->low), dimension->high);
}

double dimension_encode(const struct dimension *dimension, double value)
{
    double from, to;
    stretch(dimension, &from, &to);
    if (from == to)
        return 0.5;
    return ((dimension->log ? log(value) : value) - from) / (to - from);
}

size_t dimension_size(const struct dimension *dimension)
{
    return dimension->kind == DIMENSION_FLOAT ? 0 : (size_t)(dimension->high - dimension->low) + 1;
}

void dimension_format(const struct dimension *dimension, double value, char out[SPACE_MAX_TEXT])
{
    if (dimension->choice_count > 0)
        (void)snprintf(out, SPACE_MAX_TEXT, "%s", dimension->choices[(size_t)value]);
    else
        (void)snprintf(out, SPACE_MAX_TEXT, "%.6g", value);
}

static bool read_choice(const struct dimension *dimension, const char *text, double *value)
{
    for (size_t i = 0; i < dimension->choice_count; i++)
        if (strcmp(dimension->choices[i], text) == 0) {
            *value = (double)i;
            return true;
        }
    return false;
}

bool dimension_read(const struct dimension *dimension, const char *text, double *value)
{
    if (dimension->choice_count > 0)
        return read_choice(dimension, text, value);
    return number_parse(text, strlen(text), value) && *value >= dimension->low &&
           *value <= dimension->high &&
           (dimension->kind == DIMENSION_FLOAT || *value == floor(*value));
}

static int check_range(const struct dimension *dimension, const char *text, struct err *err)
{
    if (dimension->low > dimension->high)
        return err_set(err, EX_USAGE, "%s: '%s' ends below where it begins", dimension->name, text);
    if (dimension->kind == DIMENSION_INTEGER &&
        (fabs(dimension->low) > MAX_WHOLE || fabs(dimension->high) > MAX_WHOLE))
        return err_set(err, EX_USAGE, "%s: '%s' has whole numbers beyond %.0f", dimension->name,
                       text, MAX_WHOLE);
    if (dimension->log && dimension->low <= 0)
        return err_set(err, EX_USAGE, "%s: '%s' with :log must begin above 0", dimension->name,
                       text);
    return 0;
}

static bool is_whole(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isdigit((unsigned char)text[i]) && !(i == 0 && text[i] == '-'))
            return false;
    return true;
}

static int parse_range(struct dimension *dimension, const char *text, const char *dots,
                       struct err *err)
{
    const char *high = dots + 2, *how = strchr(high, ':');
    const size_t low_size = (size_t)(dots - text),
                 high_size = how != NULL ? (size_t)(how - high) : strlen(high);
    if (!number_parse(text, low_size, &dimension->low) ||
        !number_parse(high, high_size, &dimension->high))
        return err_set(err, EX_USAGE,
                       "%s: '%s' is no range; write two numbers with .. between them, 16..128",
                       dimension->name, text);
    const bool whole = is_whole(text, low_size) && is_whole(high, high_size);
    dimension->kind = whole ? DIMENSION_INTEGER : DIMENSION_FLOAT;
    if (how != NULL && strcmp(how, ":float") == 0)
        dimension->kind = DIMENSION_FLOAT;
    else if (how != NULL && strcmp(how, ":log") == 0)
        dimension->log = true;
    else if (how != NULL)
        return err_set(err, EX_USAGE, "%s: '%s' after a range; it can be :log or :float",
                       dimension->name, how);
    if (dimension->kind == DIMENSION_FLOAT) { // what is tried has six digits and lies inside
        dimension->low = six_digits(dimension->low);
        dimension->high = six_digits(dimension->high);
    }
    return check_range(dimension, text, err);
}

static int add_choice(struct dimension *dimension, const char *word, size_t size, struct err *err)
{
    double number;
    if (size == 0 || size >= SPACE_MAX_TEXT)
        return err_set(err, EX_USAGE, "%s: '%.*s' is no value; values have 1 to %d characters",
                       dimension->name, (int)size, word, SPACE_MAX_TEXT - 1);
    if (dimension->choice_count == SPACE_MAX_CHOICES)
        return err_set(err, EX_USAGE, "%s has more than %d values; give a range instead",
                       dimension->name, SPACE_MAX_CHOICES);
    char *choice = dimension->choices[dimension->choice_count];
    memcpy(choice, word, size);
    choice[size] = '\0';
    if (read_choice(dimension, choice, &number))
        return err_set(err, EX_USAGE, "%s has '%s' twice", dimension->name, choice);
    dimension->choice_count++;
    if (!number_parse(word, size, &number))
        dimension->kind = DIMENSION_CHOICE;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const double x = strtod(a, NULL), y = strtod(b, NULL);
    return (x > y) - (x < y);
}

static int parse_choices(struct dimension *dimension, const char *text, struct err *err)
{
    dimension->kind = DIMENSION_LEVELS;
    for (const char *word = text;; word++) {
        const size_t size = strcspn(word, ",");
        TRY(add_choice(dimension, word, size, err));
        word += size;
        if (*word == '\0')
            break;
    }
    if (dimension->kind == DIMENSION_LEVELS)
        qsort(dimension->choices, dimension->choice_count, SPACE_MAX_TEXT, by_number);
    dimension->high = (double)(dimension->choice_count - 1);
    return 0;
}

int dimension_parse(struct dimension *dimension, const char *name, const char *text,
                    struct err *err)
{
    *dimension = (struct dimension){0};
    if (*name == '\0' || strlen(name) > SPACE_MAX_NAME ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != strlen(name))
        return err_set(err, EX_USAGE,
                       "'%s' names no dimension; names are lower-case letters, digits and _, at "
                       "most %d",
                       name, SPACE_MAX_NAME);
    (void)snprintf(dimension->name, sizeof dimension->name, "%s", name);
    const char *dots = strstr(text, "..");
    return dots != NULL ? parse_range(dimension, text, dots, err)
                        : parse_choices(dimension, text, err);
}

const struct dimension *space_find(const struct space *space, const char *name)
{
    for (size_t i = 0; i < space->count; i++)
        if (strcmp(space->dimensions[i].name, name) == 0)
            return &space->dimensions[i];
    return NULL;
}

int space_set(struct space *space, const char *name, const char *text, struct err *err)
{
    struct dimension dimension;
    TRY(dimension_parse(&dimension, name, text, err));
    const struct dimension *same = space_find(space, name);
    if (same == NULL && space->count == SPACE_MAX_DIMENSIONS)
        return err_set(err, EX_USAGE, "'%s' is one dimension too many; %d can be searched", name,
                       SPACE_MAX_DIMENSIONS);
    const size_t at = same != NULL ? (size_t)(same - space->dimensions) : space->count++;
    space->dimensions[at] = dimension;
    return 0;
}

// Takes blanks off both ends, in place.
static char *trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    return text;
}

static int read_line(struct space *space, char *line, struct err *err)
{
    line[strcspn(line, "#")] = '\0';
    char *equals = strchr(line, '=');
    if (*trim(line) == '\0')
        return 0;
    if (equals == NULL)
        return err_set(err, EX_DATAERR, "'%s' is not NAME = RANGE", trim(line));
    *equals = '\0';
    return space_set(space, trim(line), trim(equals + 1), err);
}

int space_read(struct space *space, const char *path, struct err *err)
{
    char line[LIMIT_LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "%s: %s", path, strerror(errno));
    int code = 0;
    for (size_t number = 1; code == 0 && fgets(line, sizeof line, file) != NULL; number++)
        if ((code = read_line(space, line, err)) != 0)
            err_prefix(err, "%s:%zu", path, number);
    (void)fclose(file);
    return code;
}
