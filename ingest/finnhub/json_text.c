// SPDX-License-Identifier: Apache-2.0
#include "json_text.h"
#include "base/number.h"
#include "live/batch.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SAFE_DIGITS = 16 }; // a number that is shorter, and has no exponent, is in range

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_digits(struct json_text *json)
{
    const char *first = json->at;
    while (is_digit(*json->at))
        json->at++;
    return json->at != first;
}

// jansson and others refuse numbers that a double or 64 bits do not hold; only long ones can be.
static bool is_in_range(const struct csv_view *text, bool is_whole)
{
    double value;
    if (!number_parse(text->data, text->size, &value))
        return false;
    return !is_whole || (value < 0x1p63 && value >= -0x1p63);
}

static bool take_fraction(struct json_text *json)
{
    json->at++;
    return take_digits(json);
}

static bool take_exponent(struct json_text *json)
{
    json->at++;
    if (*json->at == '+' || *json->at == '-')
        json->at++;
    return take_digits(json);
}

static bool take_number(struct json_text *json, struct csv_view *text)
{
    const char *first = json->at;
    if (*json->at == '-')
        json->at++;
    if (*json->at == '0')
        json->at++;
    else if (!take_digits(json))
        return false;
    const bool has_fraction = *json->at == '.';
    if (has_fraction && !take_fraction(json))
        return false;
    const bool has_exponent = (*json->at | 32) == 'e';
    if (has_exponent && !take_exponent(json))
        return false;
    *text = (struct csv_view){first, (size_t)(json->at - first)};
    return (text->size < SAFE_DIGITS && !has_exponent) ||
           is_in_range(text, !has_fraction && !has_exponent);
}

// ---- strings ----

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Four hexadecimal digits; -1 when they are none.
static int32_t take_hex(struct json_text *json)
{
    int32_t code = 0;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(*json->at);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
        json->at++;
    }
    return code;
}

// After \u: half a pair and U+0000 are no text.
static int32_t take_code_point(struct json_text *json)
{
    const int32_t code = take_hex(json);
    if (code <= 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return -1;
    if (code < 0xD800 || code > 0xDBFF)
        return code;
    if (json->at[0] != '\\' || json->at[1] != 'u')
        return -1;
    json->at += 2;
    const int32_t low = take_hex(json);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static char *put_code_point(char *out, int32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xE0 | code >> 12);
        } else {
            *out++ = (char)(0xF0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 63));
        }
        *out++ = (char)(0x80 | (code >> 6 & 63));
    }
    *out++ = (char)(0x80 | (code & 63));
    return out;
}

static bool take_escape(struct json_text *json, char **out)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char c = *json->at++;
    if (c == 'u') {
        const int32_t code = take_code_point(json);
        if (code >= 0)
            *out = put_code_point(*out, code);
        return code >= 0;
    }
    const char *found = c != '\0' ? strchr(names, c) : NULL;
    if (found == NULL)
        return false;
    *(*out)++ = meanings[found - names];
    return true;
}

static inline const char *plain_end(const char *at)
{
    while ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

// The rest of a string that has escapes, from the first of them on. What is decoded is shorter.
static bool take_escaped(struct json_text *json, const char *first, struct csv_view *text)
{
    char *copy = arena_alloc(json->arena, 1, (size_t)(json->end - first), NULL), *out = copy;
    if (copy == NULL)
        return false;
    for (json->at = first;;) {
        const char *stop = plain_end(json->at);
        memcpy(out, json->at, (size_t)(stop - json->at));
        out += stop - json->at;
        json->at = stop + 1;
        if (*stop == '"')
            break;
        if (*stop != '\\' || !take_escape(json, &out))
            return false;
    }
    *text = (struct csv_view){copy, (size_t)(out - copy)};
    return arena_resize_last(json->arena, copy, text->size + 1, NULL) == 0;
}

// After its first quotation mark.
bool json_take_string(struct json_text *json, struct csv_view *text)
{
    const char *first = json->at, *stop = plain_end(first);
    if (*stop == '\\')
        return take_escaped(json, first, text);
    *text = (struct csv_view){first, (size_t)(stop - first)};
    json->at = stop + 1;
    return *stop == '"';
}

// ---- values that are passed by ----

static bool skip_array(struct json_text *json, int depth)
{
    if (json_take(json, ']'))
        return true;
    do {
        if (!json_skip_value(json, depth))
            return false;
    } while (json_take(json, ','));
    return json_take(json, ']');
}

static bool skip_object(struct json_text *json, int depth)
{
    struct csv_view name;
    if (json_take(json, '}'))
        return true;
    do {
        if (!json_take_name(json, &name) || !json_skip_value(json, depth))
            return false;
    } while (json_take(json, ','));
    return json_take(json, '}');
}

static bool skip_word(struct json_text *json)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t size = strlen(words[i]);
        if (strncmp(json->at, words[i], size) == 0) {
            json->at += size;
            return true;
        }
    }
    return false;
}

bool json_skip_value(struct json_text *json, int depth)
{
    struct csv_view text;
    json_spaces(json);
    if (depth == JSON_DEPTH)
        return false;
    switch (*json->at) {
    case '[':
        json->at++;
        return skip_array(json, depth + 1);
    case '{':
        json->at++;
        return skip_object(json, depth + 1);
    case '"':
        json->at++;
        return json_take_string(json, &text);
    case '-':
    case '0' ... '9':
        return take_number(json, &text);
    default:
        return skip_word(json);
    }
}

bool json_take_value(struct json_text *json, int depth, struct json_value *value)
{
    json_spaces(json);
    const char *first = json->at;
    if (*first == '-' || is_digit(*first)) {
        value->kind = JSON_NUMBER;
        return take_number(json, &value->text);
    }
    if (*first == '"') {
        json->at++;
        value->kind = JSON_STRING_TEXT;
        return json_take_string(json, &value->text);
    }
    value->kind = JSON_OTHER;
    const bool read = json_skip_value(json, depth);
    value->text = (struct csv_view){first, (size_t)(json->at - first)};
    return read;
}

// ---- numbers without an exponent ----

struct decimal {
    bool is_negative;
    char digits[LIVE_NUMBER_BYTES + 1];
    int count;  // of digits
    long point; // how many of them stand before the point; also outside 0..count
};

static bool read_decimal(const struct csv_view *text, const char *mark, struct decimal *decimal)
{
    bool is_fraction = false;
    for (const char *c = text->data; c < mark; c++) {
        if (*c == '-') {
            decimal->is_negative = true;
        } else if (*c == '.') {
            is_fraction = true;
        } else {
            if (decimal->count == LIVE_NUMBER_BYTES)
                return false;
            decimal->digits[decimal->count++] = *c;
            decimal->point += !is_fraction;
        }
    }
    const long exponent = strtol(mark + 1, NULL, 10); // a number ends before the NUL
    if (exponent > LIVE_NUMBER_BYTES || exponent < -LIVE_NUMBER_BYTES)
        return false;
    decimal->point += exponent;
    return true;
}

// Digits from..to, zeros where there are none.
static char *put_digits(char *out, const struct decimal *decimal, long from, long to)
{
    for (long i = from; i < to; i++)
        *out++ = i >= 0 && i < decimal->count ? decimal->digits[i] : '0';
    return out;
}

bool json_plain_number(struct csv_view *text, struct arena *arena)
{
    const char *mark = text->data, *end = text->data + text->size;
    struct decimal decimal = {0};
    while (mark < end && (*mark | 32) != 'e')
        mark++;
    if (mark == end)
        return text->size <= LIVE_NUMBER_BYTES;
    if (!read_decimal(text, mark, &decimal))
        return false;
    char *copy = arena_alloc(arena, 1, 4 * LIVE_NUMBER_BYTES, NULL), *out = copy;
    if (copy == NULL)
        return false;
    if (decimal.is_negative)
        *out++ = '-';
    out = put_digits(out, &decimal, decimal.point > 0 ? 0 : -1,
                     decimal.point > 0 ? decimal.point : 0);
    if (decimal.point < decimal.count) {
        *out++ = '.';
        out = put_digits(out, &decimal, decimal.point, decimal.count);
    }
    *text = (struct csv_view){copy, (size_t)(out - copy)};
    return text->size <= LIVE_NUMBER_BYTES;
}
