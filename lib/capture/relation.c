// SPDX-License-Identifier: Apache-2.0
#include "capture/relation.h"
#include "capture/schema.h"
#include "capture/text.h"

#include <stdlib.h>

enum { RELATION_ARENA_BYTES = 64 << 20, RELATION_SCHEMA_BYTES = 16 << 20 };

// A table as it was described, copied.
struct description {
    struct description *next;
    struct capture_table table;
    struct arena arena;
};

static void relation_free(struct relation *relation)
{
    arena_close(&relation->arena);
    free(relation);
}

void relations_close(struct relations *relations)
{
    for (size_t i = 0; i < relations->count; i++)
        relation_free(relations->list[i]);
    free(relations->list);
    while (relations->descriptions != NULL) {
        struct description *next = relations->descriptions->next;
        arena_close(&relations->descriptions->arena);
        free(relations->descriptions);
        relations->descriptions = next;
    }
}

// Where the OID is or would be.
static size_t place_of(const struct relations *relations, uint32_t oid)
{
    size_t from = 0, to = relations->count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (relations->list[middle]->oid < oid)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

struct relation *relations_find(struct relations *relations, uint32_t oid)
{
    if (relations->last != NULL && relations->last->oid == oid)
        return relations->last;
    const size_t place = place_of(relations, oid);
    if (place == relations->count || relations->list[place]->oid != oid)
        return NULL;
    return relations->last = relations->list[place];
}

static int make_room(struct relations *relations, struct err *err)
{
    if (relations->count < relations->capacity)
        return 0;
    if (relations->count == LIMIT_CAPTURE_RELATIONS)
        return err_set(err, EX_DATAERR, "more than %d tables", LIMIT_CAPTURE_RELATIONS);
    const size_t capacity = relations->capacity == 0 ? 16 : relations->capacity * 2;
    struct relation **list = realloc(relations->list, capacity * sizeof *list);
    if (list == NULL)
        return err_set(err, EX_OSERR, "out of memory: cannot hold %zu tables", capacity);
    relations->list = list;
    relations->capacity = capacity;
    return 0;
}

// Takes the relation over, in the place of one with its OID.
static int insert(struct relations *relations, struct relation *relation, struct err *err)
{
    const size_t place = place_of(relations, relation->oid);
    relations->last = NULL;
    if (place < relations->count && relations->list[place]->oid == relation->oid) {
        relation_free(relations->list[place]);
        relations->list[place] = relation;
        return 0;
    }
    TRY(make_room(relations, err));
    memmove(relations->list + place + 1, relations->list + place,
            (relations->count - place) * sizeof *relations->list);
    relations->list[place] = relation;
    relations->count++;
    return 0;
}

static const struct description *find_description(const struct relations *relations, uint32_t oid,
                                                  const char *schema, const char *name)
{
    for (const struct description *d = relations->descriptions; d != NULL; d = d->next)
        if (d->table.oid != 0
                ? d->table.oid == oid
                : strcmp(d->table.schema, schema) == 0 && strcmp(d->table.name, name) == 0)
            return d;
    return NULL;
}

static const struct capture_column *find_column(const struct description *description,
                                                const char *name)
{
    for (size_t i = 0; description != NULL && i < description->table.column_count; i++)
        if (strcmp(description->table.columns[i].name, name) == 0)
            return &description->table.columns[i];
    return NULL;
}

// Keeps what a buffer holds, with a NUL that is not counted.
static int keep(struct arena *arena, const struct buffer *text, struct text_view *view,
                struct err *err)
{
    char *copy = arena_alloc(arena, text->size + 1, 1, err);
    if (copy == NULL)
        return err_code(err, EX_OSERR);
    if (text->size != 0)
        memcpy(copy, text->data, text->size);
    copy[text->size] = '\0';
    *view = (struct text_view){copy, text->size};
    return 0;
}

static int render_default(struct relation *r, struct column *c, const char *expression,
                          struct buffer *scratch, struct err *err)
{
    struct text_view kept;
    bool is_known;
    scratch->size = 0;
    TRY(column_default(c, expression, scratch, &is_known, err));
    if (is_known) {
        TRY(keep(&r->arena, scratch, &kept, err));
        c->default_json = kept.text;
    }
    return 0;
}

static int render_label(struct relation *r, struct column *c, struct buffer *scratch,
                        struct err *err)
{
    scratch->size = 0;
    TRY(text_room(scratch, TEXT_JSON_BYTES(c->name.size) + 1, err));
    text_json(scratch, c->name.text, c->name.size);
    text_char(scratch, ':');
    return keep(&r->arena, scratch, &c->label, err);
}

// The zero of a numeric as text has its scale.
static int render_zero(struct relation *r, struct column *c, struct buffer *scratch,
                       struct err *err)
{
    const char *zero = column_forms[c->form].zero;
    scratch->size = 0;
    if (c->form == FORM_DECIMAL_TEXT && c->scale > 0)
        TRY(buffer_printf(scratch, err, "\"0.%0*d\"", c->scale, 0));
    else
        TRY(buffer_append(scratch, zero, strlen(zero), err));
    return keep(&r->arena, scratch, &c->null, err);
}

static int choose_null(struct relation *r, struct column *c, struct buffer *scratch,
                       struct err *err)
{
    if (c->default_json == NULL && !c->is_optional)
        return render_zero(r, c, scratch, err);
    const char *text = c->default_json != NULL ? c->default_json : "null";
    c->null = (struct text_view){text, strlen(text)};
    return 0;
}

// Without a description a key is not null, and an int4 key has the default of a serial.
static int define_column(struct relations *relations, struct relation *r, struct column *c,
                         const struct relation_column *from, const struct capture_column *described,
                         struct buffer *scratch, struct err *err)
{
    const char *placeholder = relations->settings->placeholder;
    TRY(arena_text(&r->arena, from->name, &c->name.text, err));
    c->name.size = strlen(c->name.text);
    const bool is_domain = described != NULL && described->type_kind == 'd';
    c->type = is_domain ? described->type : from->type;
    c->modifier = is_domain ? described->modifier : from->modifier;
    c->key = described != NULL ? described->key : from->is_key;
    c->is_optional = described != NULL ? described->is_nullable : !from->is_key;
    c->labels = NULL;
    if (described != NULL && described->labels != NULL)
        TRY(arena_text(&r->arena, described->labels, &c->labels, err));
    column_resolve(c, described != NULL ? described->type_kind : 0, relations->settings);
    if (!capture_settings_includes_column(relations->settings, r->schema, r->name, c->name.text))
        c->is_left_out = true;
    c->default_json = NULL;
    if (described != NULL && described->default_value != NULL)
        TRY(render_default(r, c, described->default_value, scratch, err));
    TRY(choose_null(r, c, scratch, err));
    TRY(render_label(r, c, scratch, err));
    scratch->size = 0;
    TRY(column_unavailable(c, placeholder, scratch, err));
    return keep(&r->arena, scratch, &c->unavailable, err);
}

// A column of replica identity full is not therefore one of the key: without a description the key
// is unknown, and the column `id` is taken for it where there is one.
static bool guess_key(const struct relation_message *message, size_t column)
{
    const struct relation_column *c = &message->columns[column];
    return message->identity == 'f' ? strcmp(c->name, "id") == 0 : c->is_key;
}

static int define_columns(struct relations *relations, struct relation *r,
                          const struct relation_message *message,
                          const struct description *description, struct buffer *scratch,
                          struct err *err)
{
    r->count = message->count;
    r->columns = arena_alloc(&r->arena, r->count, sizeof *r->columns, err);
    if (r->columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < r->count; i++) {
        struct relation_column from = message->columns[i];
        from.is_key = guess_key(message, i);
        TRY(define_column(relations, r, &r->columns[i], &from, find_column(description, from.name),
                          scratch, err));
    }
    return 0;
}

// The columns of the key by their place in it; those without a place among each other as they
// stand.
static int collect_keys(struct relation *r, struct err *err)
{
    uint16_t *keys = arena_alloc(&r->arena, r->count, sizeof *keys, err);
    if (keys == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < r->count; i++) {
        if (r->columns[i].key == 0)
            continue;
        size_t at = r->key_count++;
        for (; at > 0 && r->columns[keys[at - 1]].key > r->columns[i].key; at--)
            keys[at] = keys[at - 1];
        keys[at] = (uint16_t)i;
    }
    r->keys = keys;
    return 0;
}

static int render(struct relation *r,
                  int (*part)(const struct relation *, const struct capture_settings *,
                              struct buffer *, struct err *),
                  const struct capture_settings *settings, struct text_view *view,
                  struct buffer *scratch, struct err *err)
{
    scratch->size = 0;
    TRY(part(r, settings, scratch, err));
    return keep(&r->arena, scratch, view, err);
}

static int render_parts(struct relation *r, const struct capture_settings *settings,
                        struct buffer *scratch, struct err *err)
{
    struct text_view topic;
    TRY(render(r, schema_topic, settings, &topic, scratch, err));
    r->topic = topic.text;
    TRY(render(r, schema_key_head, settings, &r->key_head, scratch, err));
    TRY(render(r, schema_value_head, settings, &r->value_head, scratch, err));
    TRY(render(r, schema_delete_head, settings, &r->delete_head, scratch, err));
    TRY(render(r, schema_source, settings, &r->source, scratch, err));
    static const struct text_view one = {"}", 1}, two = {"}}", 2}, none = {"", 0};
    const bool is_bare = settings->unwrap.on; // the row closes itself
    r->key_tail = settings->key_schemas ? two : one;
    r->tail =
        is_bare ? (settings->value_schemas ? one : none) : (settings->value_schemas ? two : one);
    return 0;
}

static int define(struct relations *relations, struct relation *r,
                  const struct relation_message *message, struct err *err)
{
    struct buffer scratch;
    buffer_init(&scratch, RELATION_SCHEMA_BYTES);
    r->oid = message->oid;
    r->identity = message->identity;
    int code = arena_text(&r->arena, message->schema, &r->schema, err);
    if (code == 0)
        code = arena_text(&r->arena, message->name, &r->name, err);
    if (code == 0) {
        r->is_included = capture_settings_includes(relations->settings, r->schema, r->name);
        code =
            define_columns(relations, r, message,
                           find_description(relations, r->oid, r->schema, r->name), &scratch, err);
    }
    if (code == 0)
        code = collect_keys(r, err);
    if (code == 0)
        code = render_parts(r, relations->settings, &scratch, err);
    buffer_free(&scratch);
    return code;
}

int relations_define(struct relations *relations, const struct relation_message *message,
                     struct err *err)
{
    if (message->count > LIMIT_CAPTURE_COLUMNS)
        return err_set(err, EX_DATAERR, "%zu columns in %s.%s; PostgreSQL has at most %d",
                       message->count, message->schema, message->name, LIMIT_CAPTURE_COLUMNS);
    struct relation *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    int code = arena_open(&r->arena, RELATION_ARENA_BYTES, err);
    if (code != 0) {
        free(r);
        return code;
    }
    code = define(relations, r, message, err);
    if (code == 0)
        code = insert(relations, r, err);
    if (code != 0)
        relation_free(r);
    return code;
}

static int copy_text(struct arena *arena, const char *from, const char **to, struct err *err)
{
    *to = NULL;
    return from != NULL ? arena_text(arena, from, to, err) : 0;
}

static int copy_column(struct arena *arena, const struct capture_column *from,
                       struct capture_column *to, struct err *err)
{
    *to = *from;
    TRY(copy_text(arena, from->name, &to->name, err));
    TRY(copy_text(arena, from->default_value, &to->default_value, err));
    TRY(copy_text(arena, from->type_name, &to->type_name, err));
    return copy_text(arena, from->labels, &to->labels, err);
}

static int copy_table(struct arena *arena, const struct capture_table *from,
                      struct capture_table *to, struct err *err)
{
    *to = *from;
    struct capture_column *columns = arena_alloc(arena, from->column_count, sizeof *columns, err);
    if (columns == NULL)
        return err_code(err, EX_OSERR);
    TRY(copy_text(arena, from->schema, &to->schema, err));
    TRY(copy_text(arena, from->name, &to->name, err));
    for (size_t i = 0; i < from->column_count; i++)
        TRY(copy_column(arena, &from->columns[i], &columns[i], err));
    to->columns = columns;
    return 0;
}

static int define_described(struct relations *relations, const struct capture_table *table,
                            struct err *err)
{
    struct relation_column *columns = calloc(table->column_count, sizeof *columns);
    if (columns == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    for (size_t i = 0; i < table->column_count; i++)
        columns[i] =
            (struct relation_column){table->columns[i].name, table->columns[i].type,
                                     table->columns[i].modifier, table->columns[i].key != 0};
    const struct relation_message message = {table->oid, table->schema, table->name,
                                             'd',        columns,       table->column_count};
    const int code = relations_define(relations, &message, err);
    free(columns);
    return code;
}

// The newest description of a table counts.
static void forget(struct relations *relations, const struct capture_table *table)
{
    for (struct description **at = &relations->descriptions; *at != NULL;) {
        struct description *d = *at;
        const bool is_same_name =
            strcmp(d->table.schema, table->schema) == 0 && strcmp(d->table.name, table->name) == 0;
        if (d->table.oid == table->oid && (table->oid != 0 || is_same_name)) {
            *at = d->next;
            arena_close(&d->arena);
            free(d);
        } else {
            at = &d->next;
        }
    }
}

int relations_describe(struct relations *relations, const struct capture_table *table,
                       struct err *err)
{
    if (table->column_count > LIMIT_CAPTURE_COLUMNS)
        return err_set(err, EX_DATAERR, "%zu columns in %s.%s", table->column_count, table->schema,
                       table->name);
    struct description *d = calloc(1, sizeof *d);
    if (d == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    int code = arena_open(&d->arena, RELATION_ARENA_BYTES, err);
    if (code == 0)
        code = copy_table(&d->arena, table, &d->table, err);
    if (code != 0) {
        arena_close(&d->arena);
        free(d);
        return code;
    }
    forget(relations, table);
    d->next = relations->descriptions;
    relations->descriptions = d;
    return table->oid != 0 ? define_described(relations, table, err) : 0;
}
