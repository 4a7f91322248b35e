// SPDX-License-Identifier: Apache-2.0
// A column of a captured table: what its schema says and how its values are written.
#ifndef TICKHOUSE_CAPTURE_COLUMN_H
#define TICKHOUSE_CAPTURE_COLUMN_H

#include "base/buffer.h"
#include "capture/settings.h"

struct column;

// Writes the text that PostgreSQL gives for a value as JSON.
typedef int value_put(const struct column *column, const char *text, size_t size,
                      struct buffer *out, struct err *err);

enum form_id {
#define FORM(name, type, semantic, zero, writer) FORM_##name,
#include "capture/types.def"
    FORM_COUNT
};

struct form {
    const char *type, *semantic, *zero;
    value_put *put;
};

extern const struct form column_forms[FORM_COUNT];

struct text_view {
    const char *text;
    size_t size;
};

struct column {
    struct text_view name;
    uint32_t type;
    int32_t modifier;
    int key; // place in the key, from 1; 0: not in it
    bool is_left_out, is_optional;
    enum form_id form, element; // of an array
    int precision, scale;       // of a numeric; digits of a fraction of seconds, -1: not given
    int length;                 // of bits
    const char *labels;         // of an enum
    const char *default_json;   // NULL: none
    struct text_view label;     // "name": as JSON
    struct text_view null;      // what stands for a null
    struct text_view unavailable;
};

// Fills form, element, precision, scale and length from type and modifier, and is_left_out where
// there is no mapping. `kind` is pg_type.typtype, 0 unknown.
void column_resolve(struct column *column, char kind, const struct capture_settings *settings);

// The schema of the column's value as a field, {"type":...,"field":"name"}.
int column_schema(const struct column *column, struct buffer *out, struct err *err);

// A default as pg_get_expr prints it, as JSON; false where it is no plain value.
int column_default(const struct column *column, const char *expression, struct buffer *out,
                   bool *is_known, struct err *err);

// What stands for a value that the WAL does not hold.
int column_unavailable(const struct column *column, const char *placeholder, struct buffer *out,
                       struct err *err);

// "not a date: '...'"
int value_refuse(const char *what, const char *text, size_t size, struct err *err);

#define FORM(name, type, semantic, zero, writer) value_put writer;
#include "capture/types.def"

#endif
