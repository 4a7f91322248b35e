// SPDX-License-Identifier: Apache-2.0
#include "capture/column.h"
#include "capture/text.h"

#include <md5.h>

const struct form column_forms[FORM_COUNT] = {
#define FORM(name, type, semantic, zero, writer) [FORM_##name] = {type, semantic, zero, writer},
#include "capture/types.def"
};

// What the settings decide, behind the forms that are fixed.
enum {
    FORM_KIND_NUMERIC = FORM_COUNT,
    FORM_KIND_MONEY,
    FORM_KIND_BINARY,
    FORM_KIND_BIT,
    FORM_KIND_DATE,
    FORM_KIND_TIME,
    FORM_KIND_TIMESTAMP,
    FORM_KIND_INTERVAL
};

static const struct type {
    uint32_t oid, array;
    int form;
} types[] = {
#define TYPE(oid, array, name, form) {oid, array, FORM_##form},
#include "capture/types.def"
};

static const struct type *find_type(uint32_t oid)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].oid == oid || (types[i].array == oid && oid != 0))
            return &types[i];
    return NULL;
}

static enum form_id numeric_form(const struct column *c, const struct capture_settings *settings)
{
    switch (settings->decimals) {
    case CAPTURE_DOUBLE:
        return FORM_DECIMAL_DOUBLE;
    case CAPTURE_STRING:
        return FORM_DECIMAL_TEXT;
    default:
        return c->precision < 0 ? FORM_VARIABLE_DECIMAL : FORM_DECIMAL;
    }
}

static enum form_id time_form(const struct column *c, const struct capture_settings *settings)
{
    switch (settings->times) {
    case CAPTURE_CONNECT:
        return FORM_CONNECT_TIME;
    case CAPTURE_ISO:
        return FORM_ISO_TIME;
    case CAPTURE_NANOSECONDS:
        return FORM_NANO_TIME;
    case CAPTURE_ADAPTIVE:
        return c->scale >= 0 && c->scale <= 3 ? FORM_TIME : FORM_MICRO_TIME;
    default:
        return FORM_MICRO_TIME;
    }
}

static enum form_id timestamp_form(const struct column *c, const struct capture_settings *settings)
{
    switch (settings->times) {
    case CAPTURE_CONNECT:
        return FORM_CONNECT_TIMESTAMP;
    case CAPTURE_ISO:
        return FORM_ISO_TIMESTAMP;
    case CAPTURE_NANOSECONDS:
        return FORM_NANO_TIMESTAMP;
    case CAPTURE_MICROSECONDS:
        return FORM_MICRO_TIMESTAMP;
    default:
        return c->scale >= 0 && c->scale <= 3 ? FORM_TIMESTAMP : FORM_MICRO_TIMESTAMP;
    }
}

static enum form_id chosen_form(int form, const struct column *c,
                                const struct capture_settings *settings)
{
    static const enum form_id binary[] = {FORM_BYTES, FORM_BASE64, FORM_BASE64_URL, FORM_HEX};
    static const enum form_id money[] = {FORM_MONEY, FORM_MONEY_DOUBLE, FORM_MONEY_TEXT};
    switch (form) {
    case FORM_KIND_NUMERIC:
        return numeric_form(c, settings);
    case FORM_KIND_MONEY:
        return money[settings->decimals];
    case FORM_KIND_BINARY:
        return binary[settings->binaries];
    case FORM_KIND_BIT:
        return c->length == 1 ? FORM_BIT : FORM_BITS;
    case FORM_KIND_DATE:
        return settings->times == CAPTURE_CONNECT ? FORM_CONNECT_DATE
               : settings->times == CAPTURE_ISO   ? FORM_ISO_DATE
                                                  : FORM_DATE;
    case FORM_KIND_TIME:
        return time_form(c, settings);
    case FORM_KIND_TIMESTAMP:
        return timestamp_form(c, settings);
    case FORM_KIND_INTERVAL:
        return settings->intervals == CAPTURE_INTERVAL_STRING ? FORM_INTERVAL : FORM_MICRO_DURATION;
    default:
        return (enum form_id)form;
    }
}

// atttypmod: precision and scale of a numeric with 4 added, digits of seconds, bits.
static void read_modifier(struct column *c, int form)
{
    const int32_t m = c->modifier;
    c->precision = c->scale = c->length = -1;
    if (form == FORM_KIND_NUMERIC && m >= 4) {
        c->precision = (m - 4) >> 16 & 0xFFFF;
        c->scale = ((m - 4) & 0x7FF) ^ 0x400; // 11 bits with a sign
        c->scale -= 0x400;
    } else if (form == FORM_KIND_MONEY) {
        c->scale = 2;
    } else if (form == FORM_KIND_BIT || form == FORM_BITS) {
        c->length = m;
    } else {
        c->scale = m;
    }
}

// Arrays of xml, point, money and interval, which not even include.unknown.datatypes brings.
static bool is_unmapped_array(uint32_t type)
{
    return type == 143 || type == 1017 || type == 791 || type == 1187;
}

void column_resolve(struct column *column, char kind, const struct capture_settings *settings)
{
    const struct type *type = find_type(column->type);
    static const enum form_id unknown[] = {FORM_UNKNOWN, FORM_UNKNOWN_BASE64,
                                           FORM_UNKNOWN_BASE64_URL, FORM_UNKNOWN_HEX};
    column->form = unknown[settings->binaries];
    column->is_left_out = false;
    if (type != NULL) {
        read_modifier(column, type->form);
        column->form = chosen_form(type->form, column, settings);
        if (type->oid != column->type) {
            column->element = column->form;
            column->form = FORM_ARRAY;
        }
    } else if (kind == 'e') {
        column->form = FORM_ENUM;
    } else if (column->labels != NULL) {
        column->form = FORM_ARRAY;
        column->element = FORM_ENUM;
    } else {
        column->is_left_out = !settings->include_unknown || is_unmapped_array(column->type);
    }
}

static int schema_parameters(const struct column *c, enum form_id form, struct buffer *out,
                             struct err *err)
{
    if (form == FORM_MONEY)
        return buffer_printf(out, err, ",\"parameters\":{\"scale\":\"2\"}");
    if (form == FORM_DECIMAL)
        return buffer_printf(out, err,
                             ",\"parameters\":{\"scale\":\"%d\",\"connect.decimal.precision\":"
                             "\"%d\"}",
                             c->scale, c->precision);
    if (form == FORM_BITS)
        return buffer_printf(out, err, ",\"parameters\":{\"length\":\"%d\"}",
                             c->length >= 0 ? c->length : INT32_MAX);
    if (form != FORM_ENUM)
        return 0;
    const char *labels = c->labels != NULL ? c->labels : "";
    const size_t size = strlen(labels);
    TRY(buffer_printf(out, err, ",\"parameters\":{\"allowed\":"));
    TRY(text_room(out, TEXT_JSON_BYTES(size) + 1, err));
    text_json(out, labels, size);
    text_char(out, '}');
    return 0;
}

// The fields of the two structs.
static const char *schema_fields(enum form_id form)
{
    switch (form) {
    case FORM_VARIABLE_DECIMAL:
        return ",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"scale\"},"
               "{\"type\":\"bytes\",\"optional\":false,\"field\":\"value\"}]";
    case FORM_POINT:
        return ",\"fields\":[{\"type\":\"double\",\"optional\":false,\"field\":\"x\"},"
               "{\"type\":\"double\",\"optional\":false,\"field\":\"y\"},"
               "{\"type\":\"bytes\",\"optional\":true,\"field\":\"wkb\"},"
               "{\"type\":\"int32\",\"optional\":true,\"field\":\"srid\"}]";
    default:
        return "";
    }
}

static const char *schema_doc(enum form_id form)
{
    return form == FORM_VARIABLE_DECIMAL ? ",\"doc\":\"Variable scaled decimal\""
           : form == FORM_POINT          ? ",\"doc\":\"Geometry (POINT)\""
                                         : "";
}

// All but the closing brace.
static int schema_of(const struct column *c, enum form_id form, bool is_optional,
                     struct buffer *out, struct err *err)
{
    const struct form *f = &column_forms[form];
    TRY(buffer_printf(out, err, "{\"type\":\"%s\"%s", f->type, schema_fields(form)));
    if (form == FORM_ARRAY) {
        TRY(buffer_printf(out, err, ",\"items\":"));
        TRY(schema_of(c, c->element, c->element != FORM_ENUM, out, err));
        TRY(buffer_printf(out, err, "}"));
    }
    TRY(buffer_printf(out, err, ",\"optional\":%s", is_optional ? "true" : "false"));
    if (f->semantic != NULL)
        TRY(buffer_printf(out, err, ",\"name\":\"%s\",\"version\":1%s", f->semantic,
                          schema_doc(form)));
    return schema_parameters(c, form, out, err);
}

int column_schema(const struct column *column, struct buffer *out, struct err *err)
{
    TRY(schema_of(column, column->form, column->is_optional, out, err));
    if (column->default_json != NULL)
        TRY(buffer_printf(out, err, ",\"default\":%s", column->default_json));
    TRY(buffer_printf(out, err, ",\"field\":"));
    TRY(text_room(out, TEXT_JSON_BYTES(column->name.size) + 1, err));
    text_json(out, column->name.text, column->name.size);
    text_char(out, '}');
    return 0;
}

// 'it''s'::text: the text between the quotes into `plain`. False where it is no such literal.
static bool read_literal(const char *expression, struct buffer *plain, struct err *err)
{
    const char *at = expression + 1;
    if (*expression != '\'' || text_room(plain, strlen(expression), err) != 0)
        return false;
    for (; *at != '\0'; at++) {
        if (*at == '\'' && *++at != '\'')
            return *at == '\0' || strncmp(at, "::", 2) == 0;
        text_char(plain, *at);
    }
    return false;
}

// A number or a truth value as it stands, or in parentheses: (-1).
static bool read_word(const char *expression, struct buffer *plain, struct err *err)
{
    const bool is_wrapped = *expression == '(';
    const char *at = expression + is_wrapped;
    const size_t size = strcspn(at, "):");
    if (size == 0 || text_room(plain, size, err) != 0)
        return false;
    if (strncmp(at, "true", size) == 0 || strncmp(at, "false", size) == 0)
        text_char(plain, *at);
    else if (strspn(at, "+-.0123456789eE") == size)
        text_put(plain, at, size);
    else
        return false;
    return at[size] == '\0' || at[size] == ')' || strncmp(at + size, "::", 2) == 0;
}

// now(), nextval(...), CURRENT_DATE: computed by the database for each row.
static bool is_call(const char *expression)
{
    const size_t size = strspn(expression, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789_.");
    return size > 0 && (expression[size] == '(' || expression[size] == '\0') &&
           strspn(expression, "+-.0123456789") == 0;
}

// What Debezium declares as the default where the database computes it: a zero of the type.
static int put_generated(const struct column *column, struct buffer *out, struct err *err)
{
    const struct form *form = &column_forms[column->form];
    static const char nil[] = "00000000-0000-0000-0000-000000000000";
    static const char epoch[] = "1970-01-01 00:00:00+00";
    if (column->form == FORM_UUID)
        return form->put(column, nil, sizeof nil - 1, out, err);
    if (column->form == FORM_ZONED_TIMESTAMP)
        return form->put(column, epoch, sizeof epoch - 1, out, err);
    return buffer_append(out, form->zero, strlen(form->zero), err);
}

static int digits_behind_point(const struct buffer *number)
{
    const char *point = memchr(number->data, '.', number->size);
    return point != NULL ? (int)((size_t)(number->data + number->size - point) - 1) : 0;
}

// A numeric as text has all digits of its scale.
static int put_padded(const struct column *column, const struct buffer *plain, struct buffer *out,
                      struct err *err)
{
    const int present = digits_behind_point(plain), missing = column->scale - present;
    return buffer_printf(out, err, "\"%.*s%s%.*s\"", (int)plain->size, plain->data,
                         present == 0 && missing > 0 ? "." : "", missing,
                         "0000000000000000000000000000000000000000000000000000000000000000");
}

// A numeric's default of more digits than its scale is none.
static int put_default(const struct column *column, const struct buffer *plain, struct buffer *out,
                       struct err *err)
{
    const bool is_scaled =
        (column->form == FORM_DECIMAL_TEXT || column->form == FORM_DECIMAL_DOUBLE) &&
        column->scale >= 0;
    if (is_scaled && digits_behind_point(plain) > column->scale)
        return err_set(err, EX_DATAERR, "a default of more digits than its column");
    if (is_scaled && column->form == FORM_DECIMAL_TEXT)
        return put_padded(column, plain, out, err);
    return column_forms[column->form].put(column, plain->data, plain->size, out, err);
}

int column_default(const struct column *column, const char *expression, struct buffer *out,
                   bool *is_known, struct err *err)
{
    struct buffer plain;
    struct err refused = {0};
    const size_t start = out->size;
    *is_known = false;
    if (column->form == FORM_VARIABLE_DECIMAL || column->form == FORM_ARRAY ||
        strncasecmp(expression, "NULL", 4) == 0)
        return 0;
    buffer_init(&plain, strlen(expression) + 1);
    *is_known = (read_literal(expression, &plain, err) || read_word(expression, &plain, err)) &&
                put_default(column, &plain, out, &refused) == 0;
    buffer_free(&plain);
    if (*is_known)
        return err_code(err, 0);
    out->size = start;
    *is_known = is_call(expression);
    return *is_known ? put_generated(column, out, err) : err_code(err, 0);
}

// Each byte of the placeholder as a number, which is what Debezium puts into arrays of integers.
static int put_placeholder_bytes(const char *placeholder, struct buffer *out, struct err *err)
{
    TRY(text_append(out, "[", err));
    for (const char *p = placeholder; *p != '\0'; p++)
        TRY(buffer_printf(out, err, "%s%d", p == placeholder ? "" : ",", (int)(signed char)*p));
    return text_append(out, "]", err);
}

// Java's UUID.nameUUIDFromBytes: MD5, marked as version 3.
static int put_placeholder_uuid(const char *placeholder, struct buffer *out, struct err *err)
{
    MD5_CTX md5;
    unsigned char d[MD5_DIGEST_LENGTH];
    MD5Init(&md5);
    MD5Update(&md5, (const unsigned char *)placeholder, strlen(placeholder));
    MD5Final(d, &md5);
    d[6] = (d[6] & 0x0F) | 0x30;
    d[8] = (d[8] & 0x3F) | 0x80;
    return buffer_printf(
        out, err, "[\"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\"]",
        d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13],
        d[14], d[15]);
}

static int put_unavailable_array(enum form_id element, const char *placeholder, struct buffer *out,
                                 struct err *err)
{
    const size_t size = strlen(placeholder);
    switch (element) {
    case FORM_INT32:
    case FORM_INT64:
        return put_placeholder_bytes(placeholder, out, err);
    case FORM_UUID:
        return put_placeholder_uuid(placeholder, out, err);
    case FORM_STRING:
        TRY(text_room(out, TEXT_JSON_BYTES(size) + 2, err));
        text_char(out, '[');
        text_json(out, placeholder, size);
        text_char(out, ']');
        return 0;
    default:
        return text_append(out, "null", err);
    }
}

int column_unavailable(const struct column *column, const char *placeholder, struct buffer *out,
                       struct err *err)
{
    const size_t size = strlen(placeholder);
    const char *type = column_forms[column->form].type;
    if (column->form == FORM_ARRAY)
        return put_unavailable_array(column->element, placeholder, out, err);
    TRY(text_room(out, TEXT_JSON_BYTES(size) + 2, err));
    if (strcmp(type, "bytes") == 0) {
        text_char(out, '"');
        text_base64(out, (const unsigned char *)placeholder, size, text_base64_standard);
        text_char(out, '"');
    } else if (strcmp(type, "string") == 0 && column->form != FORM_BASE64 &&
               column->form != FORM_BASE64_URL) {
        text_json(out, placeholder, size);
    } else {
        text_literal(out, "null");
    }
    return 0;
}
