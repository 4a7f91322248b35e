// SPDX-License-Identifier: Apache-2.0
#include "capture/text.h"
#include "base/utf8.h"

static const char two_digits[] = "00010203040506070809101112131415161718192021222324252627282930"
                                 "3132333435363738394041424344454647484950515253545556575859606162"
                                 "6364656667686970717273747576777879808182838485868788899091929394"
                                 "9596979899";

void text_two_digits(struct buffer *out, unsigned value)
{
    text_put(out, two_digits + (size_t)value * 2, 2);
}

void text_unsigned(struct buffer *out, uint64_t value)
{
    char digits[TEXT_INTEGER_BYTES];
    size_t at = sizeof digits;
    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, two_digits + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(digits + at, two_digits + value * 2, 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    text_put(out, digits + at, sizeof digits - at);
}

void text_signed(struct buffer *out, int64_t value)
{
    if (value < 0)
        text_char(out, '-');
    text_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_unit(struct buffer *out, unsigned unit)
{
    static const char hex[] = "0123456789ABCDEF";
    const char escape[] = {
        '\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
    text_put(out, escape, sizeof escape);
}

static void put_control(struct buffer *out, unsigned char c)
{
    static const char short_forms[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (short_forms[c] != 0) {
        text_char(out, '\\');
        text_char(out, short_forms[c]);
    } else {
        put_unit(out, c);
    }
}

// Beyond the basic plane Jackson writes both halves of the surrogate pair as escapes.
static void put_pair(struct buffer *out, const unsigned char *text)
{
    const unsigned point =
        ((text[0] & 7U) << 18 | (text[1] & 63U) << 12 | (text[2] & 63U) << 6 | (text[3] & 63U)) -
        0x10000;
    put_unit(out, 0xD800 + (point >> 10));
    put_unit(out, 0xDC00 + (point & 0x3FF));
}

// How long the well-formed character at the start of `text` is; 0 when it is none.
static size_t character_size(const char *text, size_t size)
{
    const unsigned char lead = (unsigned char)text[0];
    const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return length <= size && utf8_valid_prefix(text, length) == length ? length : 0;
}

static size_t put_character(struct buffer *out, const char *text, size_t size)
{
    const size_t length = character_size(text, size);
    if (length == 0) {
        text_literal(out, "\xEF\xBF\xBD");
        return 1;
    }
    if (length == 4)
        put_pair(out, (const unsigned char *)text);
    else
        text_put(out, text, length);
    return length;
}

// 1 where a byte cannot be copied as it is.
static const unsigned char is_special[256] = {
    [0 ... 31] = 1, ['"'] = 1, ['\\'] = 1, [128 ... 255] = 1};

void text_json(struct buffer *out, const char *text, size_t size)
{
    size_t at = 0;
    text_char(out, '"');
    while (at < size) {
        const size_t start = at;
        while (at < size && !is_special[(unsigned char)text[at]])
            at++;
        text_put(out, text + start, at - start);
        if (at == size)
            break;
        const unsigned char c = (unsigned char)text[at];
        if (c >= 128) {
            at += put_character(out, text + at, size - at);
            continue;
        }
        if (c < 32) {
            put_control(out, c);
        } else {
            text_char(out, '\\');
            text_char(out, (char)c);
        }
        at++;
    }
    text_char(out, '"');
}

const char text_base64_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const char text_base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_base64(struct buffer *out, const unsigned char *bytes, size_t size, const char *alphabet)
{
    char *to = out->data + out->size;
    size_t at = 0;
    for (; at + 3 <= size; at += 3) {
        const unsigned group =
            (unsigned)bytes[at] << 16 | (unsigned)bytes[at + 1] << 8 | bytes[at + 2];
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = alphabet[group >> 6 & 63];
        *to++ = alphabet[group & 63];
    }
    if (at < size) {
        const unsigned group =
            (unsigned)bytes[at] << 16 | (at + 1 < size ? (unsigned)bytes[at + 1] << 8 : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = at + 1 < size ? alphabet[group >> 6 & 63] : '=';
        *to++ = '=';
    }
    out->size = (size_t)(to - out->data);
}
