// SPDX-License-Identifier: Apache-2.0
// The cursor of every parser of this folder: a borrowed piece of text. Parsers move its start
// forward, hand out pieces of it, and copy nothing; nothing here ends in a NUL.
#ifndef TICKHOUSE_GDELT_VIEW_H
#define TICKHOUSE_GDELT_VIEW_H

#include "base/number.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *data;
    size_t size;
};

// Of a string constant.
#define VIEW(text) ((struct view){(text), sizeof(text) - 1})

static inline struct view view_from(struct view text, size_t at)
{
    return (struct view){text.data + at, text.size - at};
}

static inline struct view view_to(struct view text, size_t size)
{
    return (struct view){text.data, size};
}

// Where `byte` first stands, or text.size.
static inline size_t view_find(struct view text, char byte)
{
    const char *found = text.size != 0 ? memchr(text.data, byte, text.size) : NULL;
    return found != NULL ? (size_t)(found - text.data) : text.size;
}

// Where `byte` last stands, or text.size.
static inline size_t view_find_last(struct view text, char byte)
{
    const char *found = text.size != 0 ? memrchr(text.data, byte, text.size) : NULL;
    return found != NULL ? (size_t)(found - text.data) : text.size;
}

// Takes what stands before the next separator, or all that is left. False at the end; a separator
// that ends the text is followed by nothing.
static inline bool view_next(struct view *rest, char separator, struct view *piece)
{
    if (rest->size == 0)
        return false;
    const size_t at = view_find(*rest, separator);
    *piece = view_to(*rest, at);
    *rest = view_from(*rest, at + (at < rest->size));
    return true;
}

// Cuts `text` at every separator into exactly `count` fields; false when it has another number.
static inline bool view_split(struct view text, char separator, struct view *fields, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        const size_t at = view_find(text, separator);
        if (at == text.size)
            return false;
        fields[i] = view_to(text, at);
        text = view_from(text, at + 1);
    }
    fields[count - 1] = text;
    return view_find(text, separator) == text.size;
}

static inline bool view_equal(struct view a, struct view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool view_starts(struct view text, struct view start)
{
    return text.size >= start.size && memcmp(text.data, start.data, start.size) == 0;
}

// All of `text` is digits, and the value fits.
static inline bool view_unsigned(struct view text, uint32_t *value)
{
    uint64_t sum = 0;
    if (text.size == 0 || text.size > 10)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

// All of `text` is a number. A sign is taken off first: what follows it is then short enough for
// the fast path of number_parse.
static inline bool view_number(struct view text, double *value)
{
    const bool negative =
        text.size > 1 && text.data[0] == '-' && text.data[1] != '-' && text.data[1] != '+';
    if (!number_parse(text.data + negative, text.size - negative, value))
        return false;
    *value = negative ? -*value : *value;
    return true;
}

#endif
