// SPDX-License-Identifier: Apache-2.0
// Digits are made as Steele and White's and Dragon4 do it: B / S is the number scaled to 1..10, M
// is half a unit in its last place; each step takes a digit off B, until what is left is nearer
// than M to nothing or to one more. Java (before 19) does this with M symmetric also at powers of
// two, asks for a second digit where it will write an exponent, and takes a short cut for whole
// numbers; all three are visible in the text, so they are done here too. Numbers of up to 63 bits
// go through machine words, others through naturals of 32-bit limbs.
#include "capture/java_number.h"

#include <math.h>
#include <stdbool.h>

enum { FRACTION_BITS = 52, LIMBS = 80, DIGITS = 26 };

struct natural {
    uint32_t limb[LIMBS];
    int size;
};

static void natural_set(struct natural *a, uint64_t value)
{
    a->size = 0;
    for (; value != 0; value >>= 32)
        a->limb[a->size++] = (uint32_t)value;
}

static void natural_times(struct natural *a, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < a->size; i++) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        a->limb[a->size++] = (uint32_t)carry;
}

static void natural_shift(struct natural *a, int bits)
{
    const int limbs = bits / 32;
    natural_times(a, 1U << bits % 32);
    if (limbs == 0 || a->size == 0)
        return;
    memmove(a->limb + limbs, a->limb, (size_t)a->size * sizeof *a->limb);
    memset(a->limb, 0, (size_t)limbs * sizeof *a->limb);
    a->size += limbs;
}

// value * 5^fives * 2^twos
static void natural_make(struct natural *a, uint64_t value, int fives, int twos)
{
    natural_set(a, value);
    for (; fives >= 13; fives -= 13)
        natural_times(a, 1220703125); // 5^13
    for (; fives > 0; fives--)
        natural_times(a, 5);
    natural_shift(a, twos);
}

static int natural_compare(const struct natural *a, const struct natural *b)
{
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    for (int i = a->size - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

// a -= b, where a is at least b.
static void natural_subtract(struct natural *a, const struct natural *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < a->size; i++) {
        borrow += (int64_t)a->limb[i] - (i < b->size ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    while (a->size > 0 && a->limb[a->size - 1] == 0)
        a->size--;
}

// Compares a + b with c.
static int natural_compare_sum(const struct natural *a, const struct natural *b,
                               const struct natural *c)
{
    struct natural rest = *c;
    if (natural_compare(a, c) > 0)
        return 1;
    natural_subtract(&rest, a);
    return natural_compare(b, &rest);
}

// What is known of a number while its digits are made.
struct digits {
    char digit[DIGITS];
    int count;
    int exponent;   // of ten, of the first digit
    bool low, high; // what is left is small enough to drop, or to round up
    int tie;        // both: whether it is less than half, half, or more
};

// The powers of two and five in B, S and M.
struct scale {
    int b2, b5, s2, s5, m2;
};

static int bits_of_five(int power)
{
    static const unsigned char bits[] = {0,  3,  5,  7,  10, 12, 14, 17, 19, 21, 24, 26, 28, 31,
                                         33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61};
    return power < (int)sizeof bits ? bits[power] : power * 3;
}

static uint64_t power_of_five(int power)
{
    uint64_t value = 1;
    while (power-- > 0)
        value *= 5;
    return value;
}

static void take_digit(struct digits *d, int digit, bool is_first)
{
    if (is_first && digit == 0 && !d->high)
        d->exponent--; // the estimate was one too high
    else
        d->digit[d->count++] = (char)digit;
    if (is_first && (d->exponent < -3 || d->exponent >= 8))
        d->low = d->high = false; // an exponent will follow: that needs two digits
}

// Java's int and long wrap around, and its stopping test feels it.
static int64_t wrapped(uint64_t value, bool is_narrow)
{
    return is_narrow ? (int32_t)value : (int64_t)value;
}

static void make_digits_in_words(struct digits *d, uint64_t fraction, const struct scale *p,
                                 bool is_narrow)
{
    uint64_t b = fraction * power_of_five(p->b5) << p->b2;
    const uint64_t s = power_of_five(p->s5) << p->s2, tens = s * 10;
    int64_t m = wrapped(power_of_five(p->b5) << p->m2, is_narrow);
    bool is_first = true;
    do {
        const int digit = (int)(b / s);
        b = 10 * (b % s);
        m = wrapped((uint64_t)m * 10, is_narrow);
        d->low = m <= 0 || (int64_t)b < m;
        d->high = m <= 0 || wrapped(b + (uint64_t)m, is_narrow) > (int64_t)tens;
        take_digit(d, digit, is_first);
        is_first = false;
    } while (!d->low && !d->high && d->count < DIGITS);
    d->tie = 2 * b < tens ? -1 : 2 * b > tens;
}

static void make_digits_in_naturals(struct digits *d, uint64_t fraction, const struct scale *p)
{
    struct natural b, s, m, tens;
    natural_make(&b, fraction, p->b5, p->b2);
    natural_make(&s, 1, p->s5, p->s2);
    natural_make(&m, 1, p->b5, p->m2);
    tens = s;
    natural_times(&tens, 10);
    bool is_first = true;
    do {
        int digit = 0;
        for (; natural_compare(&b, &s) >= 0; digit++)
            natural_subtract(&b, &s);
        natural_times(&b, 10);
        natural_times(&m, 10);
        d->low = natural_compare(&b, &m) < 0;
        d->high = natural_compare_sum(&b, &m, &tens) >= 0;
        take_digit(d, digit, is_first);
        is_first = false;
    } while (!d->low && !d->high && d->count < DIGITS);
    natural_times(&b, 2);
    d->tie = natural_compare(&b, &tens);
}

static void round_up(struct digits *d)
{
    int at = d->count - 1;
    while (at > 0 && d->digit[at] == 9)
        d->digit[at--] = 0;
    if (d->digit[at] == 9) {
        d->digit[at] = 1;
        d->exponent++;
    } else {
        d->digit[at]++;
    }
}

// A whole number of at most 63 bits: its decimal digits, less those that its precision does not
// carry.
static void make_whole_digits(struct digits *d, uint64_t value, int dropped)
{
    uint64_t power = 1;
    for (int i = 0; i < dropped; i++)
        power *= 10;
    value = value / power + (power > 1 && value % power >= power / 2);
    while (value % 10 == 0) {
        value /= 10;
        dropped++;
    }
    char reversed[DIGITS];
    int count = 0;
    for (; value != 0; value /= 10)
        reversed[count++] = (char)(value % 10);
    d->count = count;
    d->exponent = dropped + count - 1;
    for (int i = 0; i < count; i++)
        d->digit[i] = reversed[count - 1 - i];
}

// An estimate of floor(log10(number)) that is right or one too high.
static int estimate_exponent(uint64_t fraction, int binary)
{
    const double mantissa = ldexp((double)fraction, -FRACTION_BITS);
    return (int)floor((mantissa - 1.5) * 0.289529654 + 0.176091259 +
                      (double)binary * 0.301029995663981);
}

// fraction has 53 bits, its first is 1, and stands for 1..2; `precise` of them count.
static void make_digits(struct digits *d, uint64_t fraction, int binary, int precise)
{
    const int zeros = __builtin_ctzll(fraction), bits = FRACTION_BITS + 1 - zeros;
    const int tiny = bits - binary - 1 > 0 ? bits - binary - 1 : 0;
    if (tiny == 0 && binary <= 62) {
        const int beyond = binary - precise - 1; // binary digits that the precision leaves open
        make_whole_digits(d,
                          binary >= FRACTION_BITS ? fraction << (binary - FRACTION_BITS)
                                                  : fraction >> (FRACTION_BITS - binary),
                          binary > precise && beyond > 1 ? (int)(beyond * 0.30103) : 0);
        return;
    }
    d->exponent = estimate_exponent(fraction, binary);
    struct scale p = {.b5 = d->exponent < 0 ? -d->exponent : 0,
                      .s5 = d->exponent > 0 ? d->exponent : 0};
    p.b2 = p.b5 + tiny + binary;
    p.s2 = p.s5 + tiny;
    p.m2 = p.b2 - precise;
    p.b2 -= bits - 1;
    const int common = p.b2 < p.s2 ? p.b2 : p.s2;
    p.b2 -= common;
    p.s2 -= common;
    p.m2 -= common + (bits == 1); // below a power of two the next number is half as far
    if (p.m2 < 0) {
        p.b2 -= p.m2;
        p.s2 -= p.m2;
        p.m2 = 0;
    }
    const int b_bits = bits + p.b2 + bits_of_five(p.b5);
    const int s_bits = p.s2 + 1 + bits_of_five(p.s5 + 1);
    if (b_bits < 64 && s_bits < 64)
        make_digits_in_words(d, fraction >> zeros, &p, b_bits < 32 && s_bits < 32);
    else
        make_digits_in_naturals(d, fraction >> zeros, &p);
    if (d->high && (!d->low || d->tie > 0 || (d->tie == 0 && (d->digit[d->count - 1] & 1) != 0)))
        round_up(d);
}

static void put_digits(struct buffer *out, const struct digits *d, int from, int to)
{
    for (int i = from; i < to; i++)
        text_char(out, i < d->count ? (char)('0' + d->digit[i]) : '0');
}

// 0.001 to 9999999 plainly, others with an exponent; at least one digit after the point.
static void put_number(struct buffer *out, const struct digits *d)
{
    const int whole = d->exponent + 1;
    if (whole > 0 && whole < 8) {
        put_digits(out, d, 0, whole);
        text_char(out, '.');
        put_digits(out, d, whole, d->count > whole ? d->count : whole + 1);
    } else if (whole <= 0 && whole > -3) {
        text_literal(out, "0.");
        for (int i = whole; i < 0; i++)
            text_char(out, '0');
        put_digits(out, d, 0, d->count);
    } else {
        put_digits(out, d, 0, 1);
        text_char(out, '.');
        put_digits(out, d, 1, d->count > 1 ? d->count : 2);
        text_char(out, 'E');
        text_signed(out, d->exponent);
    }
}

// precision: 53 of a double, 24 of a float; least: the exponent of the smallest normal number.
static void put_finite(struct buffer *out, double value, int precision, int least)
{
    if (signbit(value))
        text_char(out, '-');
    if (value == 0) {
        text_literal(out, "0.0");
        return;
    }
    struct digits d = {.count = 0};
    int binary;
    const double mantissa = frexp(fabs(value), &binary); // 0.5 to 1
    const uint64_t fraction = (uint64_t)ldexp(mantissa, FRACTION_BITS + 1);
    binary--;
    make_digits(&d, fraction, binary, binary < least ? precision - (least - binary) : precision);
    put_number(out, &d);
}

static void put_special(struct buffer *out, double value)
{
    if (isnan(value))
        text_literal(out, "\"NaN\"");
    else if (value > 0)
        text_literal(out, "\"Infinity\"");
    else
        text_literal(out, "\"-Infinity\"");
}

void java_double(struct buffer *out, double value)
{
    if (isfinite(value))
        put_finite(out, value, 53, -1022);
    else
        put_special(out, value);
}

void java_float(struct buffer *out, float value)
{
    if (isfinite(value))
        put_finite(out, (double)value, 24, -126);
    else
        put_special(out, (double)value);
}
