// SPDX-License-Identifier: Apache-2.0
// Making columns: empty ones, slices put together, dictionaries spelt out.
#include "native/native.h"

#include <string.h>

int native_column_new(struct arena *arena, const struct native_type *type, size_t rows,
                      struct native_column *column, struct err *err)
{
    memset(column, 0, sizeof *column);
    column->type = type;
    column->rows = rows;
    size_t width = type->width;
    if (type->kind == NATIVE_STRING || type->kind == NATIVE_ARRAY || type->kind == NATIVE_MAP)
        width = sizeof *column->ends;
    else if (type->kind == NATIVE_NULLABLE)
        width = sizeof *column->nulls;
    if (rows != 0 && width != 0 && (column->values = arena_alloc(arena, rows, width, err)) == NULL)
        return err_code(err, EX_OSERR);
    if (type->child_count == 0)
        return 0;
    column->children = arena_alloc(arena, type->child_count, sizeof *column->children, err);
    if (column->children == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < type->child_count; i++) {
        // A dictionary of LowCardinality(Nullable(T)) holds T; its key 0 stands for NULL.
        const struct native_type *child = &type->children[i];
        if (type->kind == NATIVE_LOW_CARDINALITY && child->kind == NATIVE_NULLABLE)
            child = &child->children[0];
        TRY(native_column_new(arena, child, 0, &column->children[i], err));
    }
    return 0;
}

static size_t slices_rows(const struct native_slice *slices, size_t count)
{
    size_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += slices[i].to - slices[i].from;
    return rows;
}

static void concat_values(const struct native_slice *slices, size_t count, size_t width, char *out)
{
    for (size_t i = 0; i < count; i++) {
        const size_t bytes = (slices[i].to - slices[i].from) * width;
        if (bytes == 0)
            continue;
        memcpy(out, (const char *)slices[i].column->values + slices[i].from * width, bytes);
        out += bytes;
    }
}

// Rebases the ends of strings or arrays; `parts` receives which elements each slice covers.
static void concat_ends(const struct native_slice *slices, size_t count, uint64_t *out,
                        struct native_slice *parts)
{
    uint64_t base = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t *ends = slices[i].column->ends;
        const uint64_t first = native_start(ends, slices[i].from);
        for (size_t row = slices[i].from; row < slices[i].to; row++)
            *out++ = ends[row] - first + base;
        const uint64_t last = slices[i].to == slices[i].from ? first : ends[slices[i].to - 1];
        parts[i] = (struct native_slice){slices[i].column, first, last};
        base += last - first;
    }
}

static int concat_bytes(struct arena *arena, const struct native_slice *parts, size_t count,
                        struct native_column *result, struct err *err)
{
    result->bytes = arena_alloc(arena, slices_rows(parts, count), 1, err);
    if (result->bytes == NULL)
        return err_code(err, EX_OSERR);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t bytes = parts[i].to - parts[i].from;
        if (bytes != 0)
            memcpy(result->bytes + used, parts[i].column->bytes + parts[i].from, bytes);
        used += bytes;
    }
    return 0;
}

static int concat_children(struct arena *arena, const struct native_slice *slices, size_t count,
                           struct native_column *result, struct err *err)
{
    struct native_slice *inner = arena_alloc(arena, count, sizeof *inner, err);
    if (inner == NULL)
        return err_code(err, EX_OSERR);
    for (size_t child = 0; child < result->type->child_count; child++) {
        for (size_t i = 0; i < count; i++)
            inner[i] = (struct native_slice){&slices[i].column->children[child], slices[i].from,
                                             slices[i].to};
        TRY(native_concat(arena, inner, count, &result->children[child], err));
    }
    return 0;
}

size_t native_index(const struct native_column *column, size_t row)
{
    switch (column->index_width) {
    case 1:
        return ((const uint8_t *)column->indexes)[row];
    case 2:
        return ((const uint16_t *)column->indexes)[row];
    case 4:
        return ((const uint32_t *)column->indexes)[row];
    default:
        return ((const uint64_t *)column->indexes)[row];
    }
}

// Dictionaries one after the other, each slice's indexes moved up by what stands before its own. A
// key may then stand twice, which readers allow. Index 0 of a Nullable stays: it is NULL in every
// dictionary.
static int concat_dictionaries(struct arena *arena, const struct native_slice *slices, size_t count,
                               struct native_column *result, struct err *err)
{
    struct native_slice *keys = arena_alloc(arena, count, sizeof *keys, err);
    uint32_t *indexes = arena_alloc(arena, result->rows, sizeof *indexes, err);
    if (keys == NULL || indexes == NULL)
        return err_code(err, EX_OSERR);
    const bool nullable = result->type->children[0].kind == NATIVE_NULLABLE;
    size_t base = 0, row = 0;
    for (size_t i = 0; i < count; i++) {
        const struct native_column *column = slices[i].column;
        for (size_t from = slices[i].from; from < slices[i].to; from++) {
            const size_t index = native_index(column, from);
            indexes[row++] = (uint32_t)(nullable && index == 0 ? 0 : index + base);
        }
        keys[i] = (struct native_slice){&column->children[0], 0, column->children[0].rows};
        base += column->children[0].rows;
    }
    if (base > UINT32_MAX)
        return err_set(err, EX_DATAERR, "dictionaries of %zu keys together are too large", base);
    result->index_width = sizeof *indexes;
    result->indexes = indexes;
    return native_concat(arena, keys, count, &result->children[0], err);
}

static int concat(struct arena *arena, const struct native_slice *slices, size_t count,
                  struct native_column *result, struct err *err)
{
    const struct native_type *type = slices[0].column->type;
    TRY(native_column_new(arena, type, slices_rows(slices, count), result, err));
    result->name = slices[0].column->name;
    if (type->kind == NATIVE_STRING || type->kind == NATIVE_ARRAY || type->kind == NATIVE_MAP) {
        struct native_slice *parts = arena_alloc(arena, count, sizeof *parts, err);
        if (parts == NULL)
            return err_code(err, EX_OSERR);
        concat_ends(slices, count, result->ends, parts);
        return type->kind == NATIVE_STRING ? concat_bytes(arena, parts, count, result, err)
                                           : concat_children(arena, parts, count, result, err);
    }
    if (type->kind == NATIVE_LOW_CARDINALITY)
        return concat_dictionaries(arena, slices, count, result, err);
    if (type->kind != NATIVE_TUPLE)
        concat_values(slices, count, type->kind == NATIVE_NULLABLE ? 1 : type->width,
                      result->values);
    return concat_children(arena, slices, count, result, err);
}

int native_concat(struct arena *arena, const struct native_slice *slices, size_t count,
                  struct native_column *result, struct err *err)
{
    struct native_column built; // `result` may be one of the sources
    TRY(concat(arena, slices, count, &built, err));
    *result = built;
    return 0;
}

static int gather_strings(struct arena *arena, const struct native_column *column,
                          struct native_column *result, struct err *err)
{
    const struct native_column *keys = &column->children[0];
    uint64_t total = 0;
    for (size_t row = 0; row < column->rows; row++) {
        const size_t key = native_index(column, row);
        total += keys->ends[key] - native_start(keys->ends, key);
        result->ends[row] = total;
    }
    result->bytes = arena_alloc(arena, total, 1, err);
    if (result->bytes == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < column->rows; row++) {
        const size_t key = native_index(column, row);
        const uint64_t from = native_start(keys->ends, key), to = native_start(result->ends, row);
        memcpy(result->bytes + to, keys->bytes + from, result->ends[row] - to);
    }
    return 0;
}

static void gather_values(const struct native_column *column, char *out)
{
    const size_t width = column->children[0].type->width;
    const char *keys = column->children[0].values;
    for (size_t row = 0; row < column->rows; row++)
        memcpy(out + row * width, keys + native_index(column, row) * width, width);
}

static int spell_out(struct arena *arena, const struct native_column *column,
                     struct native_column *result, struct err *err)
{
    const struct native_type *type = &column->type->children[0];
    struct native_column *values = result;
    TRY(native_column_new(arena, type, column->rows, result, err));
    result->name = column->name;
    if (type->kind == NATIVE_NULLABLE) {
        for (size_t row = 0; row < column->rows; row++)
            result->nulls[row] = native_index(column, row) == 0;
        values = &result->children[0];
        TRY(native_column_new(arena, &type->children[0], column->rows, values, err));
    }
    if (column->children[0].type->kind == NATIVE_STRING)
        return gather_strings(arena, column, values, err);
    gather_values(column, values->values);
    return 0;
}

static bool has_dictionary(const struct native_type *type)
{
    bool found = type->kind == NATIVE_LOW_CARDINALITY;
    for (size_t i = 0; i < type->child_count && !found; i++)
        found = has_dictionary(&type->children[i]);
    return found;
}

// The type's text without LowCardinality, for what is written back. Names of Tuple elements are
// kept.
static int plain_text(struct arena *arena, const char *text, const char **plain, struct err *err)
{
    static const char word[] = "LowCardinality(";
    char *out = arena_alloc(arena, strlen(text) + 1, 1, err);
    if (out == NULL)
        return err_code(err, EX_OSERR);
    *plain = out;
    int depth = 0, dropped[LIMIT_TYPE_DEPTH], drops = 0;
    while (*text != '\0') {
        if (strncmp(text, word, sizeof word - 1) == 0 && drops < LIMIT_TYPE_DEPTH) {
            dropped[drops++] = depth++;
            text += sizeof word - 1;
            continue;
        }
        depth += *text == '(';
        if (*text == ')' && --depth >= 0 && drops > 0 && dropped[drops - 1] == depth)
            drops--;
        else
            *out++ = *text;
        text++;
    }
    *out = '\0';
    return 0;
}

static int materialize(struct arena *arena, const struct native_column *column,
                       struct native_column *result, struct err *err)
{
    if (column->type->kind == NATIVE_LOW_CARDINALITY)
        return spell_out(arena, column, result, err);
    *result = *column;
    if (!has_dictionary(column->type))
        return 0;
    struct native_type *type = arena_alloc(arena, 1, sizeof *type, err);
    struct native_type *types = arena_alloc(arena, column->type->child_count, sizeof *types, err);
    result->children = arena_alloc(arena, column->type->child_count, sizeof *result->children, err);
    if (type == NULL || types == NULL || result->children == NULL)
        return err_code(err, EX_OSERR);
    *type = *column->type;
    for (size_t i = 0; i < type->child_count; i++) {
        TRY(materialize(arena, &column->children[i], &result->children[i], err));
        types[i] = *result->children[i].type;
    }
    type->children = types;
    TRY(plain_text(arena, column->type->text, &type->text, err));
    result->type = type;
    return 0;
}

int native_materialize(struct arena *arena, const struct native_column *column,
                       const struct native_column **result, struct err *err)
{
    *result = column;
    if (!has_dictionary(column->type))
        return 0;
    struct native_column *plain = arena_alloc(arena, 1, sizeof *plain, err);
    if (plain == NULL)
        return err_code(err, EX_OSERR);
    *result = plain;
    return materialize(arena, column, plain, err);
}
