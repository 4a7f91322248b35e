// SPDX-License-Identifier: Apache-2.0
// A recursive-descent reader of type names: Name, Name(parameters), with types or literals as
// parameters.
#include "native/type.h"

#include <stdlib.h>
#include <string.h>

struct parser {
    struct arena *arena;
    const char *at, *end;
    int depth;
    struct err *err;
};

static const struct kind_entry {
    const char *name;
    enum native_kind kind;
    uint32_t width;
    enum native_holds holds;
} kinds[] = {
#define X(kind, name, width, holds) {name, NATIVE_##kind, width, holds},
    NATIVE_FIXED_KINDS(X) NATIVE_OTHER_KINDS(X)
#undef X
};

static int parse_type(struct parser *p, struct native_type *type);

static void skip_spaces(struct parser *p)
{
    while (p->at < p->end && *p->at == ' ')
        p->at++;
}

static bool take(struct parser *p, char c)
{
    skip_spaces(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int fail(struct parser *p, const char *what)
{
    const size_t rest = (size_t)(p->end - p->at);
    return err_set(p->err, EX_DATAERR, "type name: %s at '%.*s'", what,
                   (int)(rest < 60 ? rest : 60), p->at);
}

static size_t word_length(const struct parser *p)
{
    size_t length = 0;
    while (p->at + length < p->end && is_word(p->at[length]))
        length++;
    return length;
}

// A quoted literal: 'text' with backslash escapes or doubled quotes, or `name` likewise.
static int skip_quoted(struct parser *p)
{
    const char quote = *p->at++;
    while (p->at < p->end) {
        if (*p->at == '\\' && p->at + 1 < p->end) {
            p->at += 2;
        } else if (*p->at++ == quote) {
            if (p->at == p->end || *p->at != quote)
                return 0;
            p->at++;
        }
    }
    return fail(p, "a quote is not closed");
}

static int parse_number(struct parser *p, uint32_t max, uint32_t *value)
{
    skip_spaces(p);
    const char *start = p->at;
    uint32_t sum = 0;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9' && sum <= max)
        sum = sum * 10 + (uint32_t)(*p->at++ - '0');
    if (p->at == start || sum > max)
        return fail(p, "a number is missing or too large");
    *value = sum;
    return 0;
}

// Copies a slice, ended by NUL.
static const char *copy_text(struct parser *p, const char *text, size_t length)
{
    char *copy = arena_alloc(p->arena, length + 1, 1, p->err);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

// A Tuple element's name, if the next words are "name Type"; `*name` stays NULL otherwise.
static int parse_element_name(struct parser *p, const char **name)
{
    skip_spaces(p);
    const char *start = p->at;
    size_t length;
    if (p->at < p->end && *p->at == '`') {
        TRY(skip_quoted(p));
        length = (size_t)(p->at - start) - 2;
        start++;
    } else {
        length = word_length(p);
        const char *after = p->at + length;
        if (length == 0 || after == p->end || *after != ' ')
            return 0;
        p->at = after;
    }
    *name = copy_text(p, start, length);
    return *name != NULL ? 0 : err_code(p->err, EX_OSERR);
}

static size_t count_children(const struct parser *p)
{
    size_t count = 1;
    int depth = 0;
    struct parser scan = *p;
    scan.err = NULL;
    while (scan.at < scan.end) {
        if (*scan.at == '\'' || *scan.at == '`') {
            if (skip_quoted(&scan) != 0)
                break;
            continue;
        }
        depth += *scan.at == '(';
        if (*scan.at == ')' && depth-- == 0)
            break;
        count += *scan.at == ',' && depth == 0;
        scan.at++;
    }
    return count;
}

static int parse_children(struct parser *p, struct native_type *type, size_t wanted)
{
    if (!take(p, '('))
        return fail(p, "'(' is missing");
    const size_t count = count_children(p);
    if ((wanted != 0 && count != wanted) || count > LIMIT_TYPE_CHILDREN)
        return fail(p, "wrong number of element types");
    struct native_type *children = arena_alloc(p->arena, count, sizeof *children, p->err);
    const char **names = arena_alloc(p->arena, count, sizeof *names, p->err);
    if (children == NULL || names == NULL)
        return err_code(p->err, EX_OSERR);
    memset(names, 0, count * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && !take(p, ','))
            return fail(p, "',' is missing");
        if (type->kind == NATIVE_TUPLE)
            TRY(parse_element_name(p, &names[i]));
        TRY(parse_type(p, &children[i]));
    }
    type->children = children;
    type->child_count = count;
    type->names = names[0] != NULL ? names : NULL;
    return take(p, ')') ? 0 : fail(p, "')' is missing");
}

static int parse_decimal(struct parser *p, struct native_type *type)
{
    uint32_t precision = 0;
    if (!take(p, '('))
        return fail(p, "'(' is missing");
    if (type->kind == NATIVE_DECIMAL) {
        TRY(parse_number(p, 76, &precision));
        type->width = precision <= 9 ? 4 : precision <= 18 ? 8 : precision <= 38 ? 16 : 32;
        if (!take(p, ','))
            return fail(p, "',' is missing");
    }
    type->kind = NATIVE_DECIMAL;
    TRY(parse_number(p, 76, &type->scale));
    return take(p, ')') ? 0 : fail(p, "')' is missing");
}

// Parameters that change nothing in the layout: a time zone, the names of an Enum.
static int skip_parameters(struct parser *p)
{
    if (!take(p, '('))
        return 0;
    while (p->at < p->end && *p->at != ')') {
        if (*p->at == '\'')
            TRY(skip_quoted(p));
        else
            p->at++;
    }
    return take(p, ')') ? 0 : fail(p, "')' is missing");
}

static int parse_scale_and_zone(struct parser *p, struct native_type *type)
{
    if (!take(p, '('))
        return fail(p, "'(' is missing");
    TRY(parse_number(p, 9, &type->scale));
    if (take(p, ',')) {
        skip_spaces(p);
        if (p->at == p->end || *p->at != '\'')
            return fail(p, "a time zone is missing");
        TRY(skip_quoted(p));
    }
    return take(p, ')') ? 0 : fail(p, "')' is missing");
}

// ClickHouse makes no other; the readers of dictionaries and NULL flags rely on it.
static int check_inner(struct parser *p, const struct native_type *type)
{
    const struct native_type *inner = type->children;
    if (type->kind == NATIVE_LOW_CARDINALITY && inner->kind == NATIVE_NULLABLE)
        inner = inner->children;
    return inner->holds != HOLDS_NESTED ? 0 : fail(p, "a plain type is wanted inside this one");
}

static int parse_parameters(struct parser *p, struct native_type *type)
{
    switch (type->kind) {
    case NATIVE_ARRAY:
        return parse_children(p, type, 1);
    case NATIVE_NULLABLE:
    case NATIVE_LOW_CARDINALITY:
        TRY(parse_children(p, type, 1));
        return check_inner(p, type);
    case NATIVE_MAP:
        return parse_children(p, type, 2);
    case NATIVE_TUPLE:
        return parse_children(p, type, 0);
    case NATIVE_DECIMAL:
    case NATIVE_DECIMAL32:
    case NATIVE_DECIMAL64:
    case NATIVE_DECIMAL128:
    case NATIVE_DECIMAL256:
        return parse_decimal(p, type);
    case NATIVE_DATETIME64:
    case NATIVE_TIME64:
        return parse_scale_and_zone(p, type);
    case NATIVE_FIXED_STRING:
        if (!take(p, '('))
            return fail(p, "'(' is missing");
        TRY(parse_number(p, LIMIT_STRING_BYTES, &type->width));
        return type->width != 0 && take(p, ')') ? 0 : fail(p, "FixedString wants a length");
    default:
        return skip_parameters(p);
    }
}

static int parse_type(struct parser *p, struct native_type *type)
{
    memset(type, 0, sizeof *type);
    skip_spaces(p);
    if (++p->depth > LIMIT_TYPE_DEPTH)
        return fail(p, "nested too deeply");
    const char *start = p->at;
    const size_t length = word_length(p);
    const struct kind_entry *entry = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && entry == NULL; i++)
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, start, length) == 0)
            entry = &kinds[i];
    if (entry == NULL)
        return fail(p, "this type is not supported (cast it to another one)");
    p->at += length;
    type->kind = entry->kind;
    type->width = entry->width;
    type->holds = entry->holds;
    TRY(parse_parameters(p, type));
    type->text = copy_text(p, start, (size_t)(p->at - start));
    p->depth--;
    return type->text != NULL ? 0 : err_code(p->err, EX_OSERR);
}

int native_type_parse(struct arena *arena, const char *text, size_t length,
                      const struct native_type **type, struct err *err)
{
    struct parser p = {.arena = arena, .at = text, .end = text + length, .err = err};
    struct native_type *result = arena_alloc(arena, 1, sizeof *result, err);
    if (result == NULL)
        return err_code(err, EX_OSERR);
    TRY(parse_type(&p, result));
    skip_spaces(&p);
    if (p.at != p.end)
        return fail(&p, "unexpected text");
    *type = result;
    return 0;
}

bool native_type_same(const struct native_type *a, const struct native_type *b)
{
    if (a->kind != b->kind || a->width != b->width || a->scale != b->scale ||
        a->child_count != b->child_count)
        return false;
    for (size_t i = 0; i < a->child_count; i++)
        if (!native_type_same(&a->children[i], &b->children[i]))
            return false;
    return true;
}
