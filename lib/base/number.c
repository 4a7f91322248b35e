// SPDX-License-Identifier: Apache-2.0
// The fast path is Clinger's: an integer up to 2^53 and a power of ten up to 10^22 are both exact
// doubles, so one IEEE division rounds once, and correctly. Everything else goes to strtod.
#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT_BYTES = 1000, NUMBER_FAST_DIGITS = 19 };

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};

// Digits with at most one point and nothing else. 19 digits cannot overflow 64 bits.
static bool parse_short(const char *text, size_t size, double *value)
{
    uint64_t digits = 0;
    size_t point = size, count = 0;
    if (size > NUMBER_FAST_DIGITS + 1)
        return false;
    for (size_t i = 0; i < size; i++) {
        const unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit <= 9) {
            digits = digits * 10 + digit;
            count++;
        } else if (text[i] == '.' && point == size) {
            point = i;
        } else {
            return false;
        }
    }
    if (count == 0 || count > NUMBER_FAST_DIGITS || digits > 1ULL << 53)
        return false;
    const size_t fraction = point == size ? 0 : size - point - 1;
    *value = fraction == 0 ? (double)digits : (double)digits / powers_of_ten[fraction];
    return true;
}

static size_t skip_digits(const char *text, size_t size, size_t at)
{
    while (at < size && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

static size_t skip_sign(const char *text, size_t size, size_t at)
{
    return at + (at < size && (text[at] == '-' || text[at] == '+'));
}

static bool is_number(const char *text, size_t size)
{
    const size_t start = skip_sign(text, size, 0);
    size_t at = skip_digits(text, size, start), digits = at - start;
    if (at < size && text[at] == '.') {
        const size_t fraction = at + 1;
        at = skip_digits(text, size, fraction);
        digits += at - fraction;
    }
    if (digits == 0)
        return false;
    if (at < size && (text[at] == 'e' || text[at] == 'E')) {
        const size_t exponent = skip_sign(text, size, at + 1);
        at = skip_digits(text, size, exponent);
        if (at == exponent)
            return false;
    }
    return at == size;
}

bool number_parse(const char *text, size_t size, double *value)
{
    char copy[NUMBER_TEXT_BYTES + 1];
    if (parse_short(text, size, value))
        return true;
    if (size > NUMBER_TEXT_BYTES || !is_number(text, size))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *value = strtod(copy, NULL);
    return isfinite(*value);
}
