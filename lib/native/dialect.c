// SPDX-License-Identifier: Apache-2.0
// Versions 54405 to 54453 and 54454 to 54479 of the native protocol begin their blocks alike, but
// the later ones put a byte before each column's data: 0, "serialized as usual". No header tells
// them apart, so the first column has to.
//
// A String that begins with 0 would be empty, which no first argument of a function is. An array's
// data begins with the ends of its rows. Read one byte too late, ends of the older form look sound
// only where all are multiples of 256; read one byte too early, ends of the newer form look 256
// times too large, which is sound too. Where both readings are possible, what follows the shorter
// one decides: the next column's header, or after the last column nothing.
#include "native/stream.h"

#include <string.h>

enum { SILENCE_MS = 50, TYPE_MOST = 1024 };

// Ends of an array's rows at `bytes`: in order and below the ceiling? *last is the number of
// elements.
static bool ends_are_sound(const uint8_t *bytes, size_t rows, uint64_t *last)
{
    *last = 0;
    for (size_t row = 0; row < rows; row++) {
        uint64_t end;
        memcpy(&end, bytes + row * sizeof end, sizeof end);
        if (end < *last || end > LIMIT_COLUMN_ELEMENTS)
            return false;
        *last = end;
    }
    return true;
}

// Does a column's header, a name and a type that can be read, begin `at` bytes from here? Its bytes
// are asked for one after the other: where there is none, so many bytes of data follow that none is
// waited for in vain.
static int find_header(struct native_source *source, struct arena *arena, size_t at, bool *found,
                       struct err *err)
{
    const uint8_t *bytes;
    size_t got, end = at + 1;
    *found = false;
    TRY(native_peek(source, end, -1, &bytes, &got, err));
    if (got < end || bytes[at] == 0 || bytes[at] >= 0x80)
        return 0;
    const size_t length_at = end + bytes[at];
    end = length_at + 2; // a type's name has two bytes at least
    TRY(native_peek(source, end, -1, &bytes, &got, err));
    if (got < end)
        return 0;
    size_t text = length_at + 1, length = bytes[length_at];
    if (length >= 0x80)
        length = (length & 0x7f) | (size_t)bytes[text++] << 7;
    end = text + length;
    if (length > TYPE_MOST)
        return 0;
    TRY(native_peek(source, end, -1, &bytes, &got, err));
    if (got < end)
        return 0;
    const struct native_type *type;
    struct err ignored = {0};
    const size_t mark = arena_mark(arena);
    *found = native_type_parse(arena, (const char *)bytes + text, length, &type, &ignored) == 0;
    arena_rewind(arena, mark);
    return 0;
}

static int guess_by_array(struct native_source *source, struct arena *arena, uint32_t width,
                          size_t rows, size_t columns, bool *newer, struct err *err)
{
    const uint8_t *bytes;
    size_t got;
    uint64_t older_last, newer_last;
    const size_t ends = 1 + rows * sizeof newer_last;
    TRY(native_peek(source, ends, SILENCE_MS, &bytes, &got, err));
    *newer = got == ends && ends_are_sound(bytes + 1, rows, &newer_last);
    if (!*newer || !ends_are_sound(bytes, rows, &older_last))
        return 0;
    const size_t data = ends + newer_last * width;
    if (columns > 1)
        return find_header(source, arena, data, newer, err);
    TRY(native_peek(source, data + 1, SILENCE_MS, &bytes, &got, err));
    *newer = got == data;
    return 0;
}

int native_guess_dialect(struct native_source *source, struct arena *arena,
                         const struct native_type *type, size_t rows, size_t columns,
                         bool *says_serialization, struct err *err)
{
    const uint8_t *bytes;
    size_t got;
    *says_serialization = false;
    if (rows == 0)
        return 0;
    TRY(native_peek(source, 1, -1, &bytes, &got, err));
    if (got != 1 || bytes[0] != 0)
        return 0;
    if (type->kind == NATIVE_ARRAY && type->children[0].width != 0)
        return guess_by_array(source, arena, type->children[0].width, rows, columns,
                              says_serialization, err);
    *says_serialization = type->kind == NATIVE_STRING || type->kind == NATIVE_LOW_CARDINALITY;
    return 0;
}
