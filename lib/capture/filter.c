// SPDX-License-Identifier: Apache-2.0
// Java's expressions are read by POSIX's engine: what both mean alike passes, \d is spelled out,
// and what POSIX has not (counts in braces are refused too: nested ones cost memory without end),
// lookaround, lazy and possessive quantifiers and back references, is an error.
#include "capture/filter.h"
#include "capture/settings.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

enum { FILTER_BYTES = 1024, FILTER_NAME_BYTES = 256 };

// One expression, anchored, in POSIX's spelling.
static int translate(const char *from, size_t size, char to[static FILTER_BYTES * 6],
                     struct err *err)
{
    size_t at = 0;
    if (size > FILTER_BYTES)
        return err_set(err, EX_CONFIG, "an expression of %zu characters; at most %d are taken",
                       size, FILTER_BYTES);
    at += (size_t)snprintf(to, 3, "^(");
    for (size_t i = 0; i < size; i++) {
        const char c = from[i], next = i + 1 < size ? from[i + 1] : '\0';
        const bool is_quantifier = c == '*' || c == '+' || c == '?';
        if (c == '{' || (c == '(' && next == '?') ||
            (is_quantifier && (next == '?' || next == '+' || next == '*')) ||
            (c == '\\' && (next == '\0' || strchr("123456789bBAZzGQEpPkDS", next) != NULL)))
            return err_set(err, EX_CONFIG, "'%.*s': '%c%c' is not understood here", (int)size, from,
                           c, next);
        if (c == '\\' && next == 'd') {
            memcpy(to + at, "[0-9]", 5);
            at += 5;
            i++;
        } else {
            to[at++] = c;
            if (c == '\\')
                to[at++] = from[++i];
        }
    }
    memcpy(to + at, ")$", 3);
    return 0;
}

static int compile(const char *from, size_t size, regex_t *expression, struct err *err)
{
    char spelled[FILTER_BYTES * 6], why[128];
    TRY(translate(from, size, spelled, err));
    const int code = regcomp(expression, spelled, REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (code == 0)
        return 0;
    (void)regerror(code, expression, why, sizeof why);
    return err_set(err, EX_CONFIG, "'%.*s': %s", (int)size, from, why);
}

// The next expression of the list without the blanks around it.
static bool next_expression(const char **list, const char **expression, size_t *size)
{
    *list += strspn(*list, ", \t\n");
    *expression = *list;
    *size = strcspn(*list, ",");
    *list += *size;
    while (*size > 0 && strchr(" \t\n", (*expression)[*size - 1]) != NULL)
        --*size;
    return *size > 0;
}

int filter_check(const char *list, struct err *err)
{
    const char *expression;
    size_t size;
    while (next_expression(&list, &expression, &size)) {
        regex_t compiled;
        TRY(compile(expression, size, &compiled, err));
        regfree(&compiled);
    }
    return 0;
}

bool filter_fits(const char *list, const char *name)
{
    const char *expression;
    size_t size;
    bool fits = false;
    while (!fits && next_expression(&list, &expression, &size)) {
        regex_t compiled;
        if (compile(expression, size, &compiled, NULL) != 0)
            continue;
        fits = regexec(&compiled, name, 0, NULL, 0) == 0;
        regfree(&compiled);
    }
    return fits;
}

static bool passes(const char *include, const char *exclude, const char *name)
{
    if (include != NULL && *include != '\0')
        return filter_fits(include, name);
    return exclude == NULL || !filter_fits(exclude, name);
}

bool capture_settings_includes(const struct capture_settings *s, const char *schema,
                               const char *table)
{
    char name[FILTER_NAME_BYTES];
    (void)snprintf(name, sizeof name, "%s.%s", schema, table);
    return passes(s->schema_include_list, s->schema_exclude_list, schema) &&
           passes(s->table_include_list, s->table_exclude_list, name);
}

bool capture_settings_includes_column(const struct capture_settings *s, const char *schema,
                                      const char *table, const char *column)
{
    char name[FILTER_NAME_BYTES];
    if (s->column_include_list == NULL && s->column_exclude_list == NULL)
        return true;
    (void)snprintf(name, sizeof name, "%s.%s.%s", schema, table, column);
    return passes(s->column_include_list, s->column_exclude_list, name);
}
