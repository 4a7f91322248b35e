// SPDX-License-Identifier: Apache-2.0
// From what the caller sends to what the function declares. Servers up to 26.5 send the caller's
// own types (UInt8 for the 5 in f(5), Array(UInt8) for [1, 2]); newer ones convert before they
// send, and then nothing here has work to do.
#include "native/native.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct conversion {
    struct arena *arena;
    const char *what;
    struct err *err;
};

static int convert(struct conversion *c, const struct native_column *from,
                   const struct native_type *wanted, struct native_column *to);

static int refuse(struct conversion *c, const struct native_type *from,
                  const struct native_type *wanted)
{
    return err_set(c->err, EX_DATAERR,
                   "%s is %s, wanted %s, and the one cannot be turned into the other", c->what,
                   from->text, wanted->text);
}

static int does_not_fit(struct conversion *c, size_t row, const struct native_type *from,
                        const struct native_type *wanted)
{
    return err_set(c->err, EX_DATAERR, "%s: value %zu of type %s does not fit into %s", c->what,
                   row, from->text, wanted->text);
}

// An integer of any width as its two's complement 64-bit halves' sum; exact up to 64 bits, rounded
// above.
static double wide_integer(const unsigned char *value, size_t width, bool is_signed)
{
    double result = 0;
    for (size_t word = width / 8; word-- > 0;) {
        uint64_t bits;
        memcpy(&bits, value + word * 8, 8);
        const bool top = word == width / 8 - 1;
        result = result * 0x1p64 + (top && is_signed ? (double)(int64_t)bits : (double)bits);
    }
    return result;
}

static int64_t small_integer(const unsigned char *value, size_t width, bool is_signed)
{
    uint64_t bits = 0;
    memcpy(&bits, value, width);
    const unsigned unused = (unsigned)(64 - 8 * width);
    return is_signed ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
}

static double load_number(const struct native_type *type, const unsigned char *value)
{
    if (type->kind == NATIVE_FLOAT64 || type->kind == NATIVE_FLOAT32) {
        double wide;
        float narrow;
        if (type->width == 8)
            memcpy(&wide, value, 8);
        else {
            memcpy(&narrow, value, 4);
            wide = (double)narrow;
        }
        return wide;
    }
    const bool is_signed = type->holds == HOLDS_SIGNED;
    double number = type->width >= 8 ? wide_integer(value, type->width, is_signed)
                                     : (double)small_integer(value, type->width, is_signed);
    return type->kind == NATIVE_DECIMAL ? number / pow(10, type->scale) : number;
}

static int to_float(struct conversion *c, const struct native_column *from,
                    struct native_column *to)
{
    const unsigned char *values = from->values;
    (void)c;
    for (size_t row = 0; row < from->rows; row++) {
        const double number = load_number(from->type, values + row * from->type->width);
        if (to->type->width == 8)
            ((double *)to->values)[row] = number;
        else
            ((float *)to->values)[row] = (float)number;
    }
    return 0;
}

static bool integer_fits(int64_t value, bool wraps, const struct native_type *wanted)
{
    const unsigned bits = 8 * wanted->width;
    if (wanted->kind == NATIVE_BOOL)
        return value == 0 || value == 1;
    if (wanted->holds == HOLDS_UNSIGNED)
        return wraps ? bits == 64 : value >= 0 && (bits == 64 || value >> bits == 0);
    return !wraps && (bits == 64 ||
                      (value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1)));
}

// Whole numbers up to 64 bits; a float must hold a whole number.
static int to_integer(struct conversion *c, const struct native_column *from,
                      struct native_column *to)
{
    const struct native_type *type = from->type, *wanted = to->type;
    const unsigned char *values = from->values;
    if (type->width > 8 || type->kind == NATIVE_DECIMAL || wanted->width > 8)
        return refuse(c, type, wanted);
    for (size_t row = 0; row < from->rows; row++) {
        const unsigned char *value = values + row * type->width;
        int64_t number;
        if (type->holds == HOLDS_FLOAT) {
            const double real = load_number(type, value);
            if (!(real >= -0x1p63 && real < 0x1p63) || real != trunc(real))
                return does_not_fit(c, row, type, wanted);
            number = (int64_t)real;
        } else {
            number = small_integer(value, type->width, type->holds == HOLDS_SIGNED);
        }
        if (!integer_fits(number, type->kind == NATIVE_UINT64 && number < 0, wanted))
            return does_not_fit(c, row, type, wanted);
        memcpy((char *)to->values + row * wanted->width, &number, wanted->width);
    }
    return 0;
}

static int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

// Dates and times to DateTime64, or between the two widths of Date.
static int to_time(struct conversion *c, const struct native_column *from, struct native_column *to)
{
    const struct native_type *type = from->type, *wanted = to->type;
    const bool from_date = type->kind == NATIVE_DATE || type->kind == NATIVE_DATE32;
    if (wanted->kind == NATIVE_DATE32 ? !from_date : wanted->kind != NATIVE_DATETIME64)
        return refuse(c, type, wanted);
    int64_t factor = 1, divisor = 1;
    if (wanted->kind == NATIVE_DATETIME64) {
        factor = power_of_ten(wanted->scale) * (from_date ? 86400 : 1);
        divisor = power_of_ten(type->scale);
    }
    const bool is_signed = type->kind == NATIVE_DATE32 || type->kind == NATIVE_DATETIME64;
    for (size_t row = 0; row < from->rows; row++) {
        int64_t value = small_integer((const unsigned char *)from->values + row * type->width,
                                      type->width, is_signed);
        if (factor >= divisor ? __builtin_mul_overflow(value, factor / divisor, &value)
                              : (value /= divisor / factor, false))
            return does_not_fit(c, row, type, wanted);
        memcpy((char *)to->values + row * wanted->width, &value, wanted->width);
    }
    return 0;
}

static int to_string(struct conversion *c, const struct native_column *from,
                     struct native_column *to)
{
    if (from->type->kind != NATIVE_FIXED_STRING)
        return refuse(c, from->type, to->type);
    to->bytes = from->values;
    for (size_t row = 0; row < from->rows; row++)
        to->ends[row] = (row + 1) * from->type->width;
    return 0;
}

// A column without NULLs from a Nullable one: NaN where the target is a float, else the first NULL
// is an error.
static int drop_nulls(struct conversion *c, const struct native_column *from,
                      const struct native_type *wanted, struct native_column *to)
{
    TRY(convert(c, &from->children[0], wanted, to));
    const uint8_t *first = from->rows != 0 ? memchr(from->nulls, 1, from->rows) : NULL;
    if (first == NULL)
        return 0;
    if (wanted->kind != NATIVE_FLOAT64)
        return err_set(c->err, EX_DATAERR, "%s: value %zu is NULL, wanted %s", c->what,
                       (size_t)(first - from->nulls), wanted->text);
    double *values = arena_alloc(c->arena, from->rows, sizeof *values, c->err);
    if (values == NULL)
        return err_code(c->err, EX_OSERR);
    for (size_t row = 0; row < from->rows; row++)
        values[row] = from->nulls[row] ? (double)NAN : ((const double *)to->values)[row];
    to->values = values;
    return 0;
}

static int add_nulls(struct conversion *c, const struct native_column *from,
                     const struct native_type *wanted, struct native_column *to)
{
    TRY(native_column_new(c->arena, wanted, from->rows, to, c->err));
    if (from->rows != 0)
        memset(to->nulls, 0, from->rows);
    return convert(c, from, &wanted->children[0], &to->children[0]);
}

static int convert_leaf(struct conversion *c, const struct native_column *from,
                        const struct native_type *wanted, struct native_column *to)
{
    TRY(native_column_new(c->arena, wanted, from->rows, to, c->err));
    const enum native_holds holds = from->type->holds;
    const bool number = holds == HOLDS_UNSIGNED || holds == HOLDS_SIGNED || holds == HOLDS_FLOAT;
    if (wanted->kind == NATIVE_FLOAT32 || wanted->kind == NATIVE_FLOAT64)
        return number ? to_float(c, from, to) : refuse(c, from->type, wanted);
    if ((wanted->holds == HOLDS_UNSIGNED || wanted->holds == HOLDS_SIGNED) &&
        wanted->kind != NATIVE_DECIMAL)
        return number ? to_integer(c, from, to) : refuse(c, from->type, wanted);
    if (wanted->holds == HOLDS_TIME)
        return holds == HOLDS_TIME ? to_time(c, from, to) : refuse(c, from->type, wanted);
    if (wanted->kind == NATIVE_STRING)
        return to_string(c, from, to);
    return refuse(c, from->type, wanted);
}

// Array, Tuple and Map keep their ends; their elements convert.
static int convert_nested(struct conversion *c, const struct native_column *from,
                          const struct native_type *wanted, struct native_column *to)
{
    if (from->type->kind != wanted->kind || from->type->child_count != wanted->child_count)
        return refuse(c, from->type, wanted);
    *to = *from;
    to->type = wanted;
    to->children = arena_alloc(c->arena, wanted->child_count, sizeof *to->children, c->err);
    if (to->children == NULL)
        return err_code(c->err, EX_OSERR);
    for (size_t i = 0; i < wanted->child_count; i++)
        TRY(convert(c, &from->children[i], &wanted->children[i], &to->children[i]));
    return 0;
}

static int convert(struct conversion *c, const struct native_column *from,
                   const struct native_type *wanted, struct native_column *to)
{
    const enum native_kind kind = from->type->kind;
    if (native_type_same(from->type, wanted)) {
        *to = *from;
        return 0;
    }
    if (kind == NATIVE_LOW_CARDINALITY) {
        const struct native_column *plain;
        TRY(native_materialize(c->arena, from, &plain, c->err));
        return convert(c, plain, wanted, to);
    }
    if (kind == NATIVE_NULLABLE && wanted->kind != NATIVE_NULLABLE)
        return drop_nulls(c, from, wanted, to);
    if (kind != NATIVE_NULLABLE && wanted->kind == NATIVE_NULLABLE)
        return add_nulls(c, from, wanted, to);
    if (kind == NATIVE_NOTHING && from->rows == 0)
        return native_column_new(c->arena, wanted, 0, to, c->err);
    if (from->type->holds == HOLDS_NESTED || wanted->holds == HOLDS_NESTED)
        return convert_nested(c, from, wanted, to);
    return convert_leaf(c, from, wanted, to);
}

int native_convert(struct arena *arena, const struct native_column *column,
                   const struct native_type *wanted, const char *what,
                   const struct native_column **result, struct err *err)
{
    *result = column;
    if (native_type_same(column->type, wanted))
        return 0;
    struct conversion c = {arena, what, err};
    struct native_column *converted = arena_alloc(arena, 1, sizeof *converted, err);
    if (converted == NULL)
        return err_code(err, EX_OSERR);
    TRY(convert(&c, column, wanted, converted));
    converted->name = column->name;
    *result = converted;
    return 0;
}
