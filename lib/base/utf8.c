// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

// A sequence by its first byte: how long it is, and between what its second byte must be; that is
// where overlong forms, surrogates and values above U+10FFFF are told.
struct lead {
    size_t length;
    uint8_t low, high;
};

static struct lead lead_of(uint8_t byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){2, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return (struct lead){3, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
    if (byte >= 0xF0 && byte <= 0xF4)
        return (struct lead){4, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
    return (struct lead){0, 0, 0};
}

static size_t ascii_prefix(const char *text, size_t size)
{
    size_t at = 0;
    uint64_t word[4];
    for (; at + sizeof word <= size; at += sizeof word) {
        memcpy(word, text + at, sizeof word);
        if ((word[0] | word[1] | word[2] | word[3]) & 0x8080808080808080ULL)
            break;
    }
    while (at < size && (uint8_t)text[at] < 0x80)
        at++;
    return at;
}

// How many bytes of the sequence at `text` are right; *whole when it is complete. At least 1.
static size_t sequence(const char *text, size_t size, bool *whole)
{
    const uint8_t *bytes = (const uint8_t *)text;
    const struct lead lead = lead_of(bytes[0]);
    size_t right = 1;
    if (lead.length != 0 && size > 1 && bytes[1] >= lead.low && bytes[1] <= lead.high)
        for (right = 2; right < lead.length && right < size && (bytes[right] & 0xC0) == 0x80;)
            right++;
    *whole = lead.length != 0 && right == lead.length;
    return right;
}

size_t utf8_valid_prefix(const char *text, size_t size)
{
    size_t at = 0;
    bool whole = true;
    for (;;) {
        at += ascii_prefix(text + at, size - at);
        if (at == size)
            return at;
        const size_t length = sequence(text + at, size - at, &whole);
        if (!whole)
            return at;
        at += length;
    }
}

int utf8_mend(const char *text, size_t size, struct buffer *out, size_t *replaced, struct err *err)
{
    bool whole;
    *replaced = 0;
    for (size_t at = 0;;) {
        const size_t valid = utf8_valid_prefix(text + at, size - at);
        TRY(buffer_append(out, text + at, valid, err));
        at += valid;
        if (at == size)
            return 0;
        TRY(buffer_append(out, "\xEF\xBF\xBD", 3, err));
        at += sequence(text + at, size - at, &whole);
        ++*replaced;
    }
}
