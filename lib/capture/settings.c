// SPDX-License-Identifier: Apache-2.0
#include "capture/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "capture/filter.h"

enum { VALUE_BYTES_MOST = 1 << 20, VARIABLE_BYTES = 128 };

enum property_kind { PROPERTY_TEXT, SWITCH, NUMBER, CHOICE, FIXED, HINT };

struct property {
    const char *name;
    enum property_kind kind;
    size_t offset;
    const char *words; // of CHOICE and FIXED
    const char *text;  // default of TEXT
    int64_t number;    // default of the others
    const char *doc;
};

static const struct property properties[] = {
#define TEXT(name, field, otherwise, doc)                                                          \
    {name, PROPERTY_TEXT, offsetof(struct capture_settings, field), NULL, otherwise, 0, doc},
#define SWITCH(name, field, otherwise, doc)                                                        \
    {name, SWITCH, offsetof(struct capture_settings, field), NULL, NULL, otherwise, doc},
#define NUMBER(name, field, otherwise, doc)                                                        \
    {name, NUMBER, offsetof(struct capture_settings, field), NULL, NULL, otherwise, doc},
#define CHOICE(name, field, otherwise, words, doc)                                                 \
    {name, CHOICE, offsetof(struct capture_settings, field), words, NULL, otherwise, doc},
#define FIXED(name, words, doc) {name, FIXED, 0, words, NULL, 0, doc},
#define HINT(name, doc) {name, HINT, 0, NULL, NULL, 0, doc},
#include "capture/properties.def"
#undef TEXT
#undef SWITCH
#undef NUMBER
#undef CHOICE
#undef FIXED
#undef HINT
};

// Of the transformation: transforms.NAME.PROPERTY.
static const struct property transform_properties[] = {
    {"type", FIXED, 0, "io.debezium.transforms.ExtractNewRecordState", NULL, 0, NULL},
    {"delete.tombstone.handling.mode", CHOICE, offsetof(struct capture_settings, unwrap.deletes),
     "drop,tombstone,delete-to-tombstone,rewrite,rewrite-with-tombstone", NULL,
     CAPTURE_DELETE_TOMBSTONE, NULL},
    {"add.fields", PROPERTY_TEXT, offsetof(struct capture_settings, unwrap.fields), NULL, NULL, 0,
     NULL},
    {"add.fields.prefix", PROPERTY_TEXT, offsetof(struct capture_settings, unwrap.fields_prefix),
     NULL, "__", 0, NULL},
    {"add.headers", PROPERTY_TEXT, offsetof(struct capture_settings, unwrap.headers), NULL, NULL, 0,
     NULL},
    {"add.headers.prefix", PROPERTY_TEXT, offsetof(struct capture_settings, unwrap.headers_prefix),
     NULL, "__", 0, NULL},
    {"route.by.field", FIXED, 0, "", NULL, 0, NULL},
    {"drop.fields.header.name", FIXED, 0, "", NULL, 0, NULL},
    {"drop.fields.from.key", FIXED, 0, "false", NULL, 0, NULL},
    {"drop.fields.keep.schema.compatible", FIXED, 0, "true", NULL, 0, NULL},
};

enum {
    PROPERTIES = sizeof properties / sizeof *properties,
    TRANSFORM_PROPERTIES = sizeof transform_properties / sizeof *transform_properties
};

// What one reading needs.
struct reading {
    const char *file;
    capture_variable *variable;
    struct arena *arena;
    struct capture_settings *settings;
    const char *transform; // its name in transforms; NULL: none
};

static void *field_of(const struct reading *r, const struct property *p)
{
    return (char *)r->settings + p->offset;
}

static void set_default(const struct reading *r, const struct property *p)
{
    switch (p->kind) {
    case PROPERTY_TEXT:
        *(const char **)field_of(r, p) = p->text;
        break;
    case SWITCH:
        *(bool *)field_of(r, p) = p->number != 0;
        break;
    case NUMBER:
        *(int64_t *)field_of(r, p) = p->number;
        break;
    case CHOICE:
        *(int *)field_of(r, p) = (int)p->number;
        break;
    default:
        break;
    }
}

// The place of `value` among the words, without regard to case; -1.
static int find_word(const char *words, const char *value)
{
    const size_t size = strlen(value);
    int place = 0;
    for (const char *at = words;; place++) {
        const size_t length = strcspn(at, ",");
        if (length == size && strncasecmp(at, value, size) == 0)
            return place;
        if (at[length] == '\0')
            return -1;
        at += length + 1;
    }
}

static int refuse_value(const struct reading *r, const char *name, const char *value,
                        const char *allowed, struct err *err)
{
    return err_set(err, EX_CONFIG, "%s: property %s: '%s' is not %s", r->file, name, value,
                   allowed);
}

static int set_choice(const struct reading *r, const struct property *p, const char *name,
                      const char *value, struct err *err)
{
    const int place = find_word(p->words, value);
    if (place < 0)
        return err_set(err, EX_CONFIG, "%s: property %s: '%s' is none of %s", r->file, name, value,
                       p->words);
    if (p->kind == CHOICE)
        *(int *)field_of(r, p) = place;
    return 0;
}

static int set_number(const struct reading *r, const struct property *p, const char *name,
                      const char *value, struct err *err)
{
    char *end;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < 0)
        return refuse_value(r, name, value, "a whole number", err);
    *(int64_t *)field_of(r, p) = number;
    return 0;
}

static int set_property(const struct reading *r, const struct property *p, const char *name,
                        const char *value, struct err *err)
{
    switch (p->kind) {
    case PROPERTY_TEXT:
        return arena_text(r->arena, value, (const char **)field_of(r, p), err);
    case SWITCH:
        if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
            return refuse_value(r, name, value, "true or false", err);
        *(bool *)field_of(r, p) = strcasecmp(value, "true") == 0;
        return 0;
    case NUMBER:
        return set_number(r, p, name, value, err);
    case FIXED:
        if (find_word(p->words, value) < 0)
            return err_set(err, EX_CONFIG, "%s: property %s: '%s' is not implemented, only %s%s",
                           r->file, name, value, *p->words != '\0' ? p->words : "nothing",
                           strcmp(p->name, "plugin.name") == 0 ? " (set it so)" : "");
        return 0;
    case CHOICE:
        return set_choice(r, p, name, value, err);
    default:
        return 0;
    }
}

// How many single letters have to change (Levenshtein), for names that are not too long.
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 96 };
    size_t row[LONGEST + 1];
    const size_t width = strlen(b);
    if (strlen(a) > LONGEST || width > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            const size_t above = row[j];
            size_t best = corner + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            corner = above;
        }
    }
    return row[width];
}

static int refuse_name(const struct reading *r, const char *name, const struct property *list,
                       size_t count, const char *shown, struct err *err)
{
    const struct property *nearest = &list[0];
    for (size_t i = 1; i < count; i++)
        if (distance(shown, list[i].name) < distance(shown, nearest->name))
            nearest = &list[i];
    return err_set(err, EX_CONFIG,
                   "%s: property '%s' is not known here; the nearest that is known is '%s'. What "
                   "would be ignored could change the messages, so take it out or look it up in "
                   "docs/pgcdc.md",
                   r->file, name, nearest->name);
}

static const struct property *find_property(const struct property *list, size_t count,
                                            const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

// The name of PROPERTY in transforms.NAME.PROPERTY; NULL where it is none of the one in use.
static const char *transform_property(const struct reading *r, const char *name)
{
    static const char prefix[] = "transforms.";
    if (r->transform == NULL || strncmp(name, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *rest = name + sizeof prefix - 1;
    const size_t size = strlen(r->transform);
    return strncmp(rest, r->transform, size) == 0 && rest[size] == '.' ? rest + size + 1 : NULL;
}

// Appends what "${env:NAME}" stands for, and goes behind it. The text is not quoted: it may be half
// of a secret.
static int append_variable(const struct reading *r, const char *name, const char **at,
                           struct buffer *out, struct err *err)
{
    static const char begin[] = "${env:";
    const size_t head = sizeof begin - 1;
    const size_t size = strncmp(*at, begin, head) == 0 ? strcspn(*at + head, "}") : 0;
    char variable[VARIABLE_BYTES];
    if (size == 0 || size >= sizeof variable || (*at)[head + size] != '}')
        return err_set(err, EX_CONFIG,
                       "%s: property %s: of ${...} only ${env:NAME} is understood here", r->file,
                       name);
    (void)snprintf(variable, sizeof variable, "%.*s", (int)size, *at + head);
    const char *value = r->variable(variable);
    if (value == NULL)
        return err_set(err, EX_CONFIG,
                       "%s: property %s is taken from the environment's %s, which is not set",
                       r->file, name, variable);
    *at += head + size + 1;
    return buffer_append(out, value, strlen(value), err);
}

static int resolve(const struct reading *r, const char *name, const char **text, struct buffer *out,
                   struct err *err)
{
    const char *at = *text;
    for (const char *found; (found = strstr(at, "${")) != NULL; at = found) {
        TRY(buffer_append(out, at, (size_t)(found - at), err));
        TRY(append_variable(r, name, &found, out, err));
    }
    if (at == *text)
        return 0;
    TRY(buffer_append(out, at, strlen(at) + 1, err));
    *text = out->data;
    return 0;
}

// Whether the property says no more than libpq does without it: "${env:PGPASSWORD}", not set.
static bool is_left_to_libpq(const struct reading *r, const char *name, const char *text)
{
    static const char begin[] = "${env:PG";
    const size_t tail = strcspn(text, "}");
    char variable[VARIABLE_BYTES];
    if (strncmp(name, "database.", 9) != 0 || strncmp(text, begin, sizeof begin - 1) != 0 ||
        text[tail] == '\0' || text[tail + 1] != '\0' || tail >= sizeof variable)
        return false;
    (void)snprintf(variable, sizeof variable, "%.*s", (int)(tail - 6), text + 6);
    return r->variable(variable) == NULL;
}

static int set_resolved(const struct reading *r, const struct property *p, const char *name,
                        const char *value, struct err *err)
{
    struct buffer resolved;
    buffer_init(&resolved, VALUE_BYTES_MOST);
    int code = resolve(r, name, &value, &resolved, err);
    if (code == 0)
        code = set_property(r, p, name, value, err);
    if (resolved.data != NULL)
        explicit_bzero(resolved.data, resolved.size);
    buffer_free(&resolved);
    return code;
}

static int read_property(const struct reading *r, const char *name, const char *value,
                         struct err *err)
{
    const char *inner = transform_property(r, name);
    const struct property *list = inner != NULL ? transform_properties : properties;
    const size_t count = inner != NULL ? TRANSFORM_PROPERTIES : PROPERTIES;
    const char *shown = inner != NULL ? inner : name;
    const struct property *p = find_property(list, count, shown);
    if (p == NULL)
        return refuse_name(r, name, list, count, shown, err);
    return is_left_to_libpq(r, name, value) ? 0 : set_resolved(r, p, name, value, err);
}

// A value as Connect takes it: texts, and numbers and truth values as their texts.
static int value_text_of(const struct reading *r, const char *name, json_t *value,
                         char scratch[static 64], const char **text, struct err *err)
{
    *text = scratch;
    if (json_is_string(value))
        *text = json_string_value(value);
    else if (json_is_boolean(value))
        *text = json_is_true(value) ? "true" : "false";
    else if (json_is_integer(value))
        (void)snprintf(scratch, 64, "%lld", (long long)json_integer_value(value));
    else
        return err_set(err, EX_CONFIG, "%s: property %s is neither text nor number nor truth value",
                       r->file, name);
    return 0;
}

static int read_transform_name(struct reading *r, json_t *config, struct err *err)
{
    const char *names = json_string_value(json_object_get(config, "transforms"));
    if (names == NULL || *names == '\0')
        return 0;
    if (strchr(names, ',') != NULL)
        return err_set(err, EX_CONFIG,
                       "%s: property transforms: '%s' are several; one ExtractNewRecordState is "
                       "implemented",
                       r->file, names);
    r->transform = names;
    r->settings->unwrap.on = true;
    char type[256];
    (void)snprintf(type, sizeof type, "transforms.%s.type", names);
    if (json_object_get(config, type) == NULL)
        return err_set(err, EX_CONFIG, "%s: property %s is missing", r->file, type);
    return 0;
}

// Connect takes the worker's converter where a connector names none, and then nothing that the
// connector says of converters: JSON with schemas, as Kafka ships its worker.
static void forget_converters(const struct reading *r, json_t *config)
{
    if (json_object_get(config, "key.converter") == NULL)
        r->settings->key_schemas = true;
    if (json_object_get(config, "value.converter") == NULL)
        r->settings->value_schemas = true;
}

static int read_skipped(const struct reading *r, struct err *err)
{
    struct capture_settings *s = r->settings;
    static const char operations[] = "cudt";
    memset(s->skipped, 0, sizeof s->skipped);
    for (const char *at = s->skipped_operations; *at != '\0';) {
        at += strspn(at, ", ");
        const size_t size = strcspn(at, ", ");
        const char *found = size == 1 ? strchr(operations, *at) : NULL;
        if (found != NULL)
            s->skipped[found - operations] = true;
        else if (size != 0 && (size != 4 || strncmp(at, "none", 4) != 0))
            return refuse_value(r, "skipped.operations", s->skipped_operations,
                                "a list of c, u, d and t, or none", err);
        at += size;
    }
    return 0;
}

static int check_all(const struct reading *r, json_t *config, struct err *err)
{
    struct capture_settings *s = r->settings;
    if (s->topic_prefix == NULL || *s->topic_prefix == '\0')
        return err_set(err, EX_CONFIG, "%s: property topic.prefix is missing", r->file);
    if (json_object_get(config, "plugin.name") == NULL)
        return err_set(err, EX_CONFIG,
                       "%s: property plugin.name is missing: Debezium would take decoderbufs, and "
                       "only pgoutput is implemented",
                       r->file);
    if (s->table_include_list != NULL && s->table_exclude_list != NULL)
        return err_set(err, EX_CONFIG,
                       "%s: property table.exclude.list cannot stand beside table.include.list",
                       r->file);
    TRY(read_skipped(r, err));
    const struct {
        const char *name, *list;
    } lists[] = {{"table.include.list", s->table_include_list},
                 {"table.exclude.list", s->table_exclude_list},
                 {"schema.include.list", s->schema_include_list},
                 {"schema.exclude.list", s->schema_exclude_list},
                 {"column.include.list", s->column_include_list},
                 {"column.exclude.list", s->column_exclude_list}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].list != NULL && filter_check(lists[i].list, err) != 0)
            return err_prefix(err, "%s: property %s", r->file, lists[i].name);
    return 0;
}

static int read_config(struct reading *r, json_t *config, struct err *err)
{
    const char *name;
    json_t *value;
    for (size_t i = 0; i < PROPERTIES; i++)
        set_default(r, &properties[i]);
    for (size_t i = 0; i < TRANSFORM_PROPERTIES; i++)
        set_default(r, &transform_properties[i]);
    TRY(read_transform_name(r, config, err));
    json_object_foreach(config, name, value)
    {
        char scratch[64];
        const char *text;
        TRY(value_text_of(r, name, value, scratch, &text, err));
        TRY(read_property(r, name, text, err));
    }
    forget_converters(r, config);
    return check_all(r, config, err);
}

int capture_settings_read(const char *name, const char *text, size_t size,
                          capture_variable *variable, struct arena *arena,
                          struct capture_settings *settings, struct err *err)
{
    json_error_t where;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    memset(settings, 0, sizeof *settings);
    if (root == NULL)
        return err_set(err, EX_CONFIG, "%s:%d: not JSON: %s", name, where.line, where.text);
    struct reading r = {name, variable, arena, settings, NULL};
    json_t *config = json_object_get(root, "config");
    const char *connector = json_string_value(json_object_get(root, "name"));
    int code;
    if (!json_is_object(root) || (config != NULL && !json_is_object(config)))
        code = err_set(err, EX_CONFIG, "%s: not an object of properties", name);
    else
        code = read_config(&r, config != NULL ? config : root, err);
    if (code == 0 && config != NULL && connector != NULL)
        code = arena_text(arena, connector, &settings->connector_name, err);
    json_decref(root);
    return code;
}

static int put_default(const struct property *p, struct buffer *out, struct err *err)
{
    switch (p->kind) {
    case PROPERTY_TEXT:
        return p->text != NULL ? buffer_printf(out, err, "`%s`", p->text) : 0;
    case SWITCH:
        return buffer_printf(out, err, p->number != 0 ? "`true`" : "`false`");
    case NUMBER:
        return buffer_printf(out, err, "`%" PRId64 "`", p->number);
    case CHOICE: {
        const char *at = p->words;
        for (int64_t i = 0; i < p->number; i++)
            at += strcspn(at, ",") + 1;
        return buffer_printf(out, err, "`%.*s`", (int)strcspn(at, ","), at);
    }
    default:
        return 0;
    }
}

static int put_words(const char *words, struct buffer *out, struct err *err)
{
    for (const char *at = words; *at != '\0';) {
        const int size = (int)strcspn(at, ",");
        TRY(buffer_printf(out, err, "%s`%.*s`", at == words ? "" : ", ", size, at));
        at += size + (at[size] == ',');
    }
    return 0;
}

int capture_settings_table(struct buffer *out, struct err *err)
{
    for (size_t i = 0; i < PROPERTIES; i++) {
        const struct property *p = &properties[i];
        TRY(buffer_printf(out, err, "| `%s` | ", p->name));
        TRY(put_default(p, out, err));
        TRY(buffer_printf(out, err, " | "));
        if (p->kind == FIXED)
            TRY(buffer_printf(out, err, *p->words != '\0' ? "only " : "only empty"));
        if (p->kind == HINT)
            TRY(buffer_printf(out, err, "taken, without effect: "));
        if (p->words != NULL)
            TRY(put_words(p->words, out, err));
        TRY(buffer_printf(out, err, "%s%s |\n", p->words != NULL && *p->doc != '\0' ? ": " : "",
                          p->doc));
    }
    return 0;
}
