// SPDX-License-Identifier: Apache-2.0
#include "ddl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DDL_COLUMNS = 1600, DDL_UNIQUE = -1, SHOWN_BYTES = 60 };

// A word, a quoted name, a literal, a number, or a single character.
struct token {
    const char *text;
    size_t size;
};

struct ddl_enum {
    const char *name, *labels;
    struct ddl_enum *before;
};

struct ddl {
    const char *file;
    const char *text, *at, *end;
    struct token token; // the next one; empty at the end
    struct arena *arena;
    struct capture *capture;
    struct capture_column *columns;
    size_t count;
    struct ddl_enum *enums; // the newest
};

// ---- words ----

// Comments in blocks may hold others.
static const char *comment_end(const struct ddl *d)
{
    int depth = 0;
    for (const char *p = d->at; d->end - p >= 2; p++) {
        const bool begins = memcmp(p, "/*", 2) == 0, ends = memcmp(p, "*/", 2) == 0;
        depth += begins - ends;
        p += begins || ends;
        if (depth == 0)
            return p + 1;
    }
    return d->end;
}

static void skip_blanks(struct ddl *d)
{
    while (d->at < d->end) {
        if (isspace((unsigned char)*d->at)) {
            d->at++;
        } else if (d->end - d->at >= 2 && memcmp(d->at, "--", 2) == 0) {
            const char *line = memchr(d->at, '\n', (size_t)(d->end - d->at));
            d->at = line != NULL ? line : d->end;
        } else if (d->end - d->at >= 2 && memcmp(d->at, "/*", 2) == 0) {
            d->at = comment_end(d);
        } else {
            return;
        }
    }
}

// Up to the closing quote; two quotes stand for one.
static const char *quoted_end(const struct ddl *d)
{
    const char quote = *d->at;
    for (const char *p = d->at + 1; p < d->end; p++) {
        if (*p != quote)
            continue;
        if (p + 1 == d->end || p[1] != quote)
            return p + 1;
        p++;
    }
    return d->end;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// Behind the same $tag$ that is at d->at; NULL where there is none, as at the $1 of a parameter.
static const char *dollars_end(const struct ddl *d)
{
    const char *tag = d->at + 1;
    while (tag < d->end && is_word(*tag))
        tag++;
    if (tag == d->end || *tag != '$')
        return NULL;
    const size_t size = (size_t)(tag + 1 - d->at);
    const char *found = memmem(tag + 1, (size_t)(d->end - tag - 1), d->at, size);
    return found != NULL ? found + size : d->end;
}

static void next(struct ddl *d)
{
    skip_blanks(d);
    const char *start = d->at;
    const char *dollars = d->at < d->end && *d->at == '$' ? dollars_end(d) : NULL;
    if (d->at < d->end && (*d->at == '\'' || *d->at == '"'))
        d->at = quoted_end(d);
    else if (dollars != NULL)
        d->at = dollars;
    else if (d->at < d->end && is_word(*d->at))
        while (d->at < d->end && is_word(*d->at))
            d->at++;
    else if (d->at < d->end)
        d->at++;
    d->token = (struct token){start, (size_t)(d->at - start)};
}

static bool is(const struct ddl *d, const char *word)
{
    return d->token.size == strlen(word) && strncasecmp(d->token.text, word, d->token.size) == 0;
}

static bool take(struct ddl *d, const char *word)
{
    if (!is(d, word))
        return false;
    next(d);
    return true;
}

static int keep(struct ddl *d, const char *text, size_t size, const char **kept, struct err *err)
{
    char *copy = arena_alloc(d->arena, size + 1, 1, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    memcpy(copy, text, size);
    copy[size] = '\0';
    *kept = copy;
    return 0;
}

// A name, folded to lower case unless it is quoted.
static int take_name(struct ddl *d, const char **name, struct err *err)
{
    const bool is_quoted = d->token.size >= 2 && *d->token.text == '"';
    TRY(keep(d, d->token.text + is_quoted, d->token.size - 2 * is_quoted, name, err));
    for (char *p = (char *)(uintptr_t)*name; !is_quoted && *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    next(d);
    return 0;
}

// [schema .] name
static int take_qualified(struct ddl *d, const char **schema, const char **name, struct err *err)
{
    *schema = "public";
    TRY(take_name(d, name, err));
    if (!take(d, "."))
        return 0;
    *schema = *name;
    return take_name(d, name, err);
}

static bool is_constraint(const struct ddl *d)
{
    static const char *const words[] = {"not",       "null",       "default",   "primary",
                                        "unique",    "references", "check",     "constraint",
                                        "generated", "collate",    "deferrable"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is(d, words[i]))
            return true;
    return false;
}

static void skip_parentheses(struct ddl *d)
{
    int depth = 0;
    do {
        depth += is(d, "(");
        depth -= is(d, ")");
        next(d);
    } while (depth > 0 && d->token.size != 0);
}

// Everything up to the next constraint, comma or closing parenthesis.
static int take_expression(struct ddl *d, const char **expression, struct err *err)
{
    const char *start = d->token.text, *end = start;
    while (d->token.size != 0 && !is(d, ",") && !is(d, ")") && !is_constraint(d)) {
        if (is(d, "("))
            skip_parentheses(d);
        else
            next(d);
        end = d->token.text;
    }
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    return keep(d, start, (size_t)(end - start), expression, err);
}

// ('a','b') of an enum, as a,b
static int take_labels(struct ddl *d, const char **labels, struct err *err)
{
    char *list = arena_alloc(d->arena, (size_t)(d->end - d->at) + 2, 1, err);
    size_t size = 0;
    if (list == NULL)
        return err_code(err, EX_OSERR);
    while (d->token.size != 0 && !take(d, ")")) {
        if (*d->token.text == '\'' && d->token.size >= 2) {
            if (size != 0)
                list[size++] = ',';
            memcpy(list + size, d->token.text + 1, d->token.size - 2);
            size += d->token.size - 2;
        }
        next(d);
    }
    list[size] = '\0';
    *labels = list;
    return 0;
}

// ---- statements ----

static void skip_statement(struct ddl *d)
{
    while (d->token.size != 0 && !is(d, ";"))
        next(d);
}

// Says that a statement from `start` on does not count, by its first words.
static void pass_over(struct ddl *d, const char *start)
{
    size_t line = 1;
    skip_statement(d);
    const char *end = d->token.text;
    for (const char *p = d->text; p < start; p++)
        line += *p == '\n';
    const size_t size = (size_t)(end - start);
    const char *line_end = memchr(start, '\n', size);
    const size_t first = line_end != NULL ? (size_t)(line_end - start) : size;
    (void)fprintf(stderr, "%s:%zu: passed over: %.*s%s\n", d->file, line,
                  (int)(first < SHOWN_BYTES ? first : SHOWN_BYTES), start,
                  first < size || first > SHOWN_BYTES ? " ..." : "");
}

static int create_type(struct ddl *d, const char *start, struct err *err)
{
    const char *schema, *name;
    TRY(take_qualified(d, &schema, &name, err));
    if (!take(d, "as") || !take(d, "enum")) {
        pass_over(d, start);
        return 0;
    }
    struct ddl_enum *made = arena_alloc(d->arena, 1, sizeof *made, err);
    if (made == NULL)
        return err_code(err, EX_OSERR);
    *made = (struct ddl_enum){.name = name, .before = d->enums};
    d->enums = made;
    return take_labels(d, &made->labels, err);
}

static int take_type(struct ddl *d, struct capture_column *c, struct err *err)
{
    TRY(take_name(d, &c->type_name, err));
    if (strcmp(c->type_name, "serial") == 0 || strcmp(c->type_name, "bigserial") == 0 ||
        strcmp(c->type_name, "smallserial") == 0) {
        c->is_nullable = false;
        c->default_value = "nextval";
    }
    for (const struct ddl_enum *e = d->enums; e != NULL; e = e->before)
        if (strcmp(e->name, c->type_name) == 0) {
            c->labels = e->labels;
            c->type_kind = is(d, "[") ? 'b' : 'e';
            break;
        }
    while (d->token.size != 0 && !is(d, ",") && !is(d, ")") && !is_constraint(d)) {
        if (is(d, "("))
            skip_parentheses(d);
        else
            next(d);
    }
    return 0;
}

static int take_constraints(struct ddl *d, struct capture_column *c, struct err *err)
{
    while (d->token.size != 0 && !is(d, ",") && !is(d, ")")) {
        if (take(d, "not")) {
            c->is_nullable = !take(d, "null");
        } else if (take(d, "default")) {
            TRY(take_expression(d, &c->default_value, err));
        } else if (take(d, "primary")) {
            c->key = 1;
            c->is_nullable = false;
        } else if (take(d, "unique")) {
            c->key = DDL_UNIQUE;
        } else if (is(d, "(")) {
            skip_parentheses(d);
        } else {
            next(d);
        }
    }
    return 0;
}

// PRIMARY KEY (a, b) of the table
static int take_key(struct ddl *d, struct err *err)
{
    int place = 0;
    (void)take(d, "key");
    (void)take(d, "(");
    while (d->token.size != 0 && !take(d, ")")) {
        const char *name;
        if (take(d, ","))
            continue;
        TRY(take_name(d, &name, err));
        place++;
        for (size_t i = 0; i < d->count; i++)
            if (strcmp(d->columns[i].name, name) == 0) {
                d->columns[i].key = place;
                d->columns[i].is_nullable = false;
            }
    }
    return 0;
}

static int take_element(struct ddl *d, struct err *err)
{
    if (take(d, "primary"))
        return take_key(d, err);
    if (is_constraint(d)) {
        struct capture_column ignored = {0};
        while (d->token.size != 0 && !is(d, ",") && !is(d, ")") && !is(d, "primary"))
            next(d);
        return take(d, "primary") ? take_key(d, err) : take_constraints(d, &ignored, err);
    }
    if (d->count == DDL_COLUMNS)
        return err_set(err, EX_DATAERR, "a table of more than %d columns", DDL_COLUMNS);
    struct capture_column *c = &d->columns[d->count++];
    *c = (struct capture_column){.modifier = -1, .is_nullable = true};
    TRY(take_name(d, &c->name, err));
    TRY(take_type(d, c, err));
    return take_constraints(d, c, err);
}

// Without a primary key the first column that is unique and not null is the key.
static void choose_key(struct ddl *d)
{
    bool has_key = false;
    for (size_t i = 0; i < d->count; i++)
        has_key = has_key || d->columns[i].key > 0;
    for (size_t i = 0; i < d->count; i++) {
        struct capture_column *c = &d->columns[i];
        if (c->key != DDL_UNIQUE)
            continue;
        c->key = !has_key && !c->is_nullable;
        has_key = has_key || c->key > 0;
    }
}

static int create_table(struct ddl *d, const char *start, struct err *err)
{
    struct capture_table table = {0};
    if (take(d, "if")) {
        next(d);
        next(d);
    }
    TRY(take_qualified(d, &table.schema, &table.name, err));
    if (!take(d, "(")) { // AS SELECT, PARTITION OF
        pass_over(d, start);
        return 0;
    }
    d->count = 0;
    while (d->token.size != 0 && !take(d, ")")) {
        if (take(d, ","))
            continue;
        TRY(take_element(d, err));
    }
    choose_key(d);
    table.columns = d->columns;
    table.column_count = d->count;
    return capture_describe(d->capture, &table, err);
}

static int create(struct ddl *d, const char *start, struct err *err)
{
    while (take(d, "temporary") || take(d, "temp") || take(d, "unlogged"))
        continue;
    if (take(d, "table"))
        return create_table(d, start, err);
    if (take(d, "type"))
        return create_type(d, start, err);
    if (is(d, "domain"))
        pass_over(d, start);
    return 0;
}

// Of ALTER TABLE only REPLICA IDENTITY says nothing new: pgoutput tells it.
static void alter(struct ddl *d, const char *start)
{
    const bool is_table = take(d, "table"),
               is_described = is_table || is(d, "type") || is(d, "domain");
    while (is_table && d->token.size != 0 && !is(d, ";") && !is(d, "replica"))
        next(d);
    if (is_described && !is(d, "replica"))
        pass_over(d, start);
}

static int take_statement(struct ddl *d, struct err *err)
{
    const char *start = d->token.text;
    if (take(d, "create"))
        TRY(create(d, start, err));
    else if (take(d, "alter"))
        alter(d, start);
    else if (is(d, "do"))
        pass_over(d, start);
    skip_statement(d);
    next(d);
    return 0;
}

int ddl_describe(struct capture *capture, const char *file, const char *text, size_t size,
                 struct arena *arena, struct err *err)
{
    struct ddl d = {.file = file,
                    .text = text,
                    .at = text,
                    .end = text + size,
                    .arena = arena,
                    .capture = capture};
    d.columns = arena_alloc(arena, DDL_COLUMNS, sizeof *d.columns, err);
    if (d.columns == NULL)
        return err_code(err, EX_OSERR);
    next(&d);
    while (d.token.size != 0)
        TRY(take_statement(&d, err));
    return 0;
}
