// SPDX-License-Identifier: Apache-2.0
// Values whose JSON is nearly their text: booleans, whole numbers, floats, texts, bytes, bits,
// points.
#include "capture/column.h"
#include "capture/java_number.h"
#include "capture/text.h"

#include <math.h>
#include <stdlib.h>

enum { VALUE_SHOWN_BYTES = 64, VALUE_FLOAT_BYTES = 64 };

int value_refuse(const char *what, const char *text, size_t size, struct err *err)
{
    const int shown = (int)(size < VALUE_SHOWN_BYTES ? size : VALUE_SHOWN_BYTES);
    return err_set(err, EX_DATAERR, "not %s: '%.*s'%s", what, shown, text,
                   size > VALUE_SHOWN_BYTES ? "..." : "");
}

int value_boolean(const struct column *column, const char *text, size_t size, struct buffer *out,
                  struct err *err)
{
    (void)column;
    if (size != 1 || (*text != 't' && *text != 'f'))
        return value_refuse("a bool", text, size, err);
    TRY(text_room(out, 5, err));
    if (*text == 't')
        text_literal(out, "true");
    else
        text_literal(out, "false");
    return 0;
}

// PostgreSQL prints integers as JSON has them.
int value_integer(const struct column *column, const char *text, size_t size, struct buffer *out,
                  struct err *err)
{
    (void)column;
    size_t at = size > 0 && *text == '-';
    if (at == size || size > TEXT_INTEGER_BYTES)
        return value_refuse("a whole number", text, size, err);
    for (; at < size; at++)
        if ((unsigned char)(text[at] - '0') > 9)
            return value_refuse("a whole number", text, size, err);
    TRY(text_room(out, size, err));
    text_put(out, text, size);
    return 0;
}

// What strtod and strtof read, but nothing of what only they read.
static bool copy_float(const char *text, size_t size, char copy[static VALUE_FLOAT_BYTES])
{
    if (size == 0 || size >= VALUE_FLOAT_BYTES)
        return false;
    for (size_t i = 0; i < size; i++)
        if (memchr("0123456789+-.eE", text[i], 15) == NULL)
            return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return true;
}

// NaN, Infinity, -Infinity
static bool special_float(const char *text, size_t size, double *value)
{
    if (size == 3 && memcmp(text, "NaN", 3) == 0)
        *value = NAN;
    else if (size == 8 && memcmp(text, "Infinity", 8) == 0)
        *value = INFINITY;
    else if (size == 9 && memcmp(text, "-Infinity", 9) == 0)
        *value = -INFINITY;
    else
        return false;
    return true;
}

int value_float(const struct column *column, const char *text, size_t size, struct buffer *out,
                struct err *err)
{
    (void)column;
    char copy[VALUE_FLOAT_BYTES], *end = copy;
    double special = 0;
    float value = 0;
    if (special_float(text, size, &special))
        value = (float)special;
    else if (copy_float(text, size, copy))
        value = strtof(copy, &end);
    if (special == 0 && (end == copy || *end != '\0'))
        return value_refuse("a float", text, size, err);
    TRY(text_room(out, JAVA_NUMBER_BYTES, err));
    java_float(out, value);
    return 0;
}

int value_double(const struct column *column, const char *text, size_t size, struct buffer *out,
                 struct err *err)
{
    (void)column;
    char copy[VALUE_FLOAT_BYTES], *end = copy;
    double value = 0;
    const bool is_special = special_float(text, size, &value);
    if (!is_special && copy_float(text, size, copy))
        value = strtod(copy, &end);
    if (!is_special && (end == copy || *end != '\0'))
        return value_refuse("a double", text, size, err);
    TRY(text_room(out, JAVA_NUMBER_BYTES, err));
    java_double(out, value);
    return 0;
}

int value_text(const struct column *column, const char *text, size_t size, struct buffer *out,
               struct err *err)
{
    (void)column;
    TRY(text_room(out, TEXT_JSON_BYTES(size), err));
    text_json(out, text, size);
    return 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// bytea as PostgreSQL prints it with bytea_output hex, decoded into the room behind what is
// written: the bytes are at *bytes until the next write.
static int decode_bytea(const char *text, size_t size, struct buffer *out,
                        const unsigned char **bytes, struct err *err)
{
    const size_t count = size / 2 - 1, written = TEXT_BASE64_BYTES(count) + 2;
    if (size < 2 || size % 2 != 0 || text[0] != '\\' || text[1] != 'x')
        return value_refuse("a bytea in hex, which bytea_output gives", text, size, err);
    TRY(text_room(out, written + count, err));
    unsigned char *to = (unsigned char *)out->data + out->size + written;
    *bytes = to;
    for (size_t i = 2; i < size; i += 2) {
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return value_refuse("a bytea in hex, which bytea_output gives", text, size, err);
        *to++ = (unsigned char)(high << 4 | low);
    }
    return 0;
}

static int put_base64(const char *text, size_t size, const char *alphabet, struct buffer *out,
                      struct err *err)
{
    const unsigned char *bytes;
    TRY(decode_bytea(text, size, out, &bytes, err));
    text_char(out, '"');
    text_base64(out, bytes, size / 2 - 1, alphabet);
    text_char(out, '"');
    return 0;
}

int value_bytes(const struct column *column, const char *text, size_t size, struct buffer *out,
                struct err *err)
{
    (void)column;
    return put_base64(text, size, text_base64_standard, out, err);
}

int value_bytes_url(const struct column *column, const char *text, size_t size, struct buffer *out,
                    struct err *err)
{
    (void)column;
    return put_base64(text, size, text_base64_url, out, err);
}

int value_hex(const struct column *column, const char *text, size_t size, struct buffer *out,
              struct err *err)
{
    const unsigned char *bytes;
    (void)column;
    TRY(decode_bytea(text, size, out, &bytes, err));
    TRY(text_room(out, size, err));
    text_char(out, '"');
    text_put(out, text + 2, size - 2);
    text_char(out, '"');
    return 0;
}

// A type that has no mapping: the bytes of its text.
static int put_unknown(const char *text, size_t size, const char *alphabet, struct buffer *out,
                       struct err *err)
{
    TRY(text_room(out, TEXT_BASE64_BYTES(size) + 2, err));
    text_char(out, '"');
    text_base64(out, (const unsigned char *)text, size, alphabet);
    text_char(out, '"');
    return 0;
}

int value_unknown(const struct column *column, const char *text, size_t size, struct buffer *out,
                  struct err *err)
{
    (void)column;
    return put_unknown(text, size, text_base64_standard, out, err);
}

int value_unknown_url(const struct column *column, const char *text, size_t size,
                      struct buffer *out, struct err *err)
{
    (void)column;
    return put_unknown(text, size, text_base64_url, out, err);
}

int value_unknown_hex(const struct column *column, const char *text, size_t size,
                      struct buffer *out, struct err *err)
{
    (void)column;
    TRY(text_room(out, 2 * size + 2, err));
    text_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        text_char(out, "0123456789abcdef"[(unsigned char)text[i] >> 4]);
        text_char(out, "0123456789abcdef"[text[i] & 15]);
    }
    text_char(out, '"');
    return 0;
}

int value_bit(const struct column *column, const char *text, size_t size, struct buffer *out,
              struct err *err)
{
    (void)column;
    if (size != 1 || (*text != '0' && *text != '1'))
        return value_refuse("a bit", text, size, err);
    return value_boolean(column, *text == '1' ? "t" : "f", 1, out, err);
}

// The bits as a number, its bytes from the least on, without zeros at the end, as Java's BitSet has
// them.
int value_bits(const struct column *column, const char *text, size_t size, struct buffer *out,
               struct err *err)
{
    (void)column;
    size_t count = 0;
    const size_t most = (size + 7) / 8, written = TEXT_BASE64_BYTES(most) + 2;
    TRY(text_room(out, written + most, err));
    unsigned char *bytes = (unsigned char *)out->data + out->size + written;
    memset(bytes, 0, most);
    for (size_t i = 0; i < size; i++) {
        const char bit = text[size - 1 - i];
        if (bit != '0' && bit != '1')
            return value_refuse("bits", text, size, err);
        if (bit == '1') {
            bytes[i / 8] |= (unsigned char)(1 << i % 8);
            count = i / 8 + 1;
        }
    }
    text_char(out, '"');
    text_base64(out, bytes, count, text_base64_standard);
    text_char(out, '"');
    return 0;
}

// (x,y)
static bool read_point(const char *text, size_t size, double point[static 2])
{
    char copy[2 * VALUE_FLOAT_BYTES], *end;
    if (size < 5 || size >= sizeof copy || text[0] != '(' || text[size - 1] != ')')
        return false;
    memcpy(copy, text + 1, size - 2);
    copy[size - 2] = '\0';
    point[0] = strtod(copy, &end);
    if (end == copy || *end != ',')
        return false;
    const char *second = end + 1;
    point[1] = strtod(second, &end);
    return end != second && *end == '\0';
}

int value_point(const struct column *column, const char *text, size_t size, struct buffer *out,
                struct err *err)
{
    (void)column;
    double point[2];
    unsigned char wkb[21] = {1, 1}; // little-endian, a point
    if (!read_point(text, size, point))
        return value_refuse("a point", text, size, err);
    memcpy(wkb + 5, point, sizeof point);
    TRY(text_room(out, 2 * JAVA_NUMBER_BYTES + 80, err));
    text_literal(out, "{\"x\":");
    java_double(out, point[0]);
    text_literal(out, ",\"y\":");
    java_double(out, point[1]);
    text_literal(out, ",\"wkb\":\"");
    text_base64(out, wkb, sizeof wkb, text_base64_standard);
    text_literal(out, "\",\"srid\":null}");
    return 0;
}
