// SPDX-License-Identifier: Apache-2.0
// numeric and money: as the two's complement of an integer and its scale, as doubles, or as text.
#include "base/number.h"
#include "capture/column.h"
#include "capture/java_number.h"
#include "capture/text.h"

#include <math.h>
#include <stdlib.h>

enum {
    NUMBER_DIGITS = 147455, // the most that a numeric has
    NUMBER_LIMBS = 15400,   // 32 bits each, for so many digits and a sign
    NUMBER_WORD_DIGITS = 18
};

// A numeric's text in parts.
struct decimal {
    enum { DECIMAL_FINITE, DECIMAL_NAN, DECIMAL_INFINITE, DECIMAL_MINUS_INFINITE } kind;
    bool is_negative;
    struct text_view whole, fraction; // digits
};

static size_t count_digits(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && (unsigned char)(text[at] - '0') <= 9)
        at++;
    return at;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

static bool read_decimal(const char *text, size_t size, struct decimal *d)
{
    memset(d, 0, sizeof *d);
    d->is_negative = size > 0 && *text == '-';
    const char *at = text + d->is_negative;
    size_t left = size - d->is_negative;
    d->whole.text = at;
    d->whole.size = count_digits(at, left);
    at += d->whole.size;
    left -= d->whole.size;
    d->fraction.text = at;
    if (left > 0 && *at == '.') {
        d->fraction.text = at + 1;
        d->fraction.size = count_digits(at + 1, left - 1);
        left -= d->fraction.size + 1;
    }
    if (left == 0)
        return d->whole.size + d->fraction.size > 0 &&
               d->whole.size + d->fraction.size <= NUMBER_DIGITS;
    d->kind = is_word(text, size, "NaN")         ? DECIMAL_NAN
              : is_word(text, size, "Infinity")  ? DECIMAL_INFINITE
              : is_word(text, size, "-Infinity") ? DECIMAL_MINUS_INFINITE
                                                 : DECIMAL_FINITE;
    return d->kind != DECIMAL_FINITE;
}

// limbs = limbs * factor + digit; returns how many limbs there are.
static size_t multiply_add(uint32_t *limbs, size_t count, uint32_t factor, uint32_t digit)
{
    uint64_t carry = digit;
    for (size_t i = 0; i < count; i++) {
        carry += (uint64_t)limbs[i] * factor;
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        limbs[count++] = (uint32_t)carry;
    return count;
}

static size_t add_digits(uint32_t *limbs, size_t count, struct text_view digits)
{
    for (size_t i = 0; i < digits.size;) {
        uint32_t group = 0, factor = 1;
        for (; i < digits.size && factor < 1000000000; i++) {
            group = group * 10 + (uint32_t)(digits.text[i] - '0');
            factor *= 10;
        }
        count = multiply_add(limbs, count, factor, group);
    }
    return count;
}

// The magnitude as a two's complement of as few bytes as hold it, the highest first.
static void put_complement(struct buffer *out, uint32_t *limbs, size_t count, bool is_negative)
{
    limbs[count++] = 0; // room for the sign
    if (is_negative) {
        uint64_t carry = 1;
        for (size_t i = 0; i < count; i++) {
            carry += ~limbs[i];
            limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    size_t size = count * 4;
    unsigned char *const bytes = (unsigned char *)limbs; // turned in place
    for (size_t i = 0; i < count / 2; i++) {
        const uint32_t low = limbs[i];
        limbs[i] = __builtin_bswap32(limbs[count - 1 - i]);
        limbs[count - 1 - i] = __builtin_bswap32(low);
    }
    if (count % 2 != 0)
        limbs[count / 2] = __builtin_bswap32(limbs[count / 2]);
    const unsigned char *first = bytes;
    while (size > 1 &&
           ((first[0] == 0 && first[1] < 128) || (first[0] == 255 && first[1] >= 128))) {
        first++;
        size--;
    }
    text_char(out, '"');
    text_base64(out, first, size, text_base64_standard);
    text_char(out, '"');
}

static uint64_t read_digits(uint64_t value, struct text_view digits)
{
    for (size_t i = 0; i < digits.size; i++)
        value = value * 10 + (uint64_t)(digits.text[i] - '0');
    return value;
}

// As JSON: the bytes of the integer that the digits and then `zeros` zeros make, in base 64.
static int put_integer(const struct decimal *d, size_t zeros, struct buffer *out, struct err *err)
{
    const size_t digits = d->whole.size + d->fraction.size + zeros;
    if (digits > NUMBER_DIGITS)
        return err_set(err, EX_DATAERR, "a numeric of %zu digits", digits);
    TRY(text_room(out, TEXT_BASE64_BYTES(digits / 2 + 9) + 2, err));
    if (digits <= NUMBER_WORD_DIGITS) {
        uint64_t value = read_digits(read_digits(0, d->whole), d->fraction);
        for (; zeros > 0; zeros--)
            value *= 10;
        uint32_t limbs[3] = {(uint32_t)value, (uint32_t)(value >> 32)};
        put_complement(out, limbs, 2, d->is_negative);
        return 0;
    }
    uint32_t limbs[NUMBER_LIMBS];
    size_t count = add_digits(limbs, add_digits(limbs, 0, d->whole), d->fraction);
    for (; zeros > 0; zeros--)
        count = multiply_add(limbs, count, 10, 0);
    put_complement(out, limbs, count, d->is_negative);
    return 0;
}

static int put_null(struct buffer *out, struct err *err)
{
    TRY(text_room(out, 4, err));
    text_literal(out, "null");
    return 0;
}

// The column's scale says how many digits follow the point; what is missing is zeros.
int value_decimal(const struct column *column, const char *text, size_t size, struct buffer *out,
                  struct err *err)
{
    struct decimal d;
    if (!read_decimal(text, size, &d))
        return value_refuse("a numeric", text, size, err);
    if (d.kind != DECIMAL_FINITE)
        return put_null(out, err);
    for (int scale = column->scale; scale < 0 && d.whole.size > 1; scale++)
        d.whole.size--;
    const size_t scale = column->scale > 0 ? (size_t)column->scale : 0;
    if (d.fraction.size > scale)
        return value_refuse("a numeric of the column's scale", text, size, err);
    return put_integer(&d, scale - d.fraction.size, out, err);
}

int value_variable_decimal(const struct column *column, const char *text, size_t size,
                           struct buffer *out, struct err *err)
{
    struct decimal d;
    (void)column;
    if (!read_decimal(text, size, &d))
        return value_refuse("a numeric", text, size, err);
    if (d.kind != DECIMAL_FINITE)
        return put_null(out, err);
    while (d.fraction.size > 0 && d.fraction.text[d.fraction.size - 1] == '0')
        d.fraction.size--;
    TRY(text_room(out, 64, err));
    text_literal(out, "{\"scale\":");
    text_unsigned(out, d.fraction.size);
    text_literal(out, ",\"value\":");
    TRY(put_integer(&d, 0, out, err));
    TRY(text_room(out, 1, err));
    text_char(out, '}');
    return 0;
}

int value_decimal_text(const struct column *column, const char *text, size_t size,
                       struct buffer *out, struct err *err)
{
    static const char *const names[] = {NULL, "NAN", "POSITIVE_INFINITY", "NEGATIVE_INFINITY"};
    struct decimal d;
    if (!read_decimal(text, size, &d))
        return value_refuse("a numeric", text, size, err);
    if (d.kind != DECIMAL_FINITE)
        return value_text(column, names[d.kind], strlen(names[d.kind]), out, err);
    return value_text(column, text, size, out, err);
}

// Longer than number_parse takes, or beyond what a double holds.
static int long_double(const char *text, size_t size, double *value, struct err *err)
{
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return err_set(err, EX_OSERR, "out of memory: cannot get %zu bytes", size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    *value = strtod(copy, NULL);
    free(copy);
    return 0;
}

int value_decimal_double(const struct column *column, const char *text, size_t size,
                         struct buffer *out, struct err *err)
{
    static const double specials[] = {0, NAN, INFINITY, -INFINITY};
    struct decimal d;
    (void)column;
    if (!read_decimal(text, size, &d))
        return value_refuse("a numeric", text, size, err);
    double value = specials[d.kind];
    if (d.kind == DECIMAL_FINITE && !number_parse(text, size, &value))
        TRY(long_double(text, size, &value, err));
    TRY(text_room(out, JAVA_NUMBER_BYTES, err));
    java_double(out, value);
    return 0;
}

enum { MONEY_BYTES = 40 };

// $1,234.56 and -$0.01: without currency and separators of thousands. False for what has no digit
// or is too long for money.
static bool strip_money(const char *text, size_t size, char plain[static MONEY_BYTES],
                        size_t *plain_size)
{
    size_t count = 0, digits = 0;
    for (size_t i = 0; i < size; i++) {
        const bool is_digit = (unsigned char)(text[i] - '0') <= 9;
        if (!is_digit && text[i] != '.' && text[i] != '-' && text[i] != '(')
            continue;
        if (count == MONEY_BYTES)
            return false;
        plain[count++] = text[i] == '(' ? '-' : text[i];
        digits += is_digit;
    }
    *plain_size = count;
    return digits != 0;
}

static int put_money(value_put *put, const struct column *column, const char *text, size_t size,
                     struct buffer *out, struct err *err)
{
    char plain[MONEY_BYTES];
    size_t plain_size;
    if (!strip_money(text, size, plain, &plain_size))
        return value_refuse("an amount of money", text, size, err);
    return put(column, plain, plain_size, out, err);
}

int value_money(const struct column *column, const char *text, size_t size, struct buffer *out,
                struct err *err)
{
    return put_money(value_decimal, column, text, size, out, err);
}

int value_money_text(const struct column *column, const char *text, size_t size, struct buffer *out,
                     struct err *err)
{
    return put_money(value_decimal_text, column, text, size, out, err);
}

int value_money_double(const struct column *column, const char *text, size_t size,
                       struct buffer *out, struct err *err)
{
    return put_money(value_decimal_double, column, text, size, out, err);
}
