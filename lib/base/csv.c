// SPDX-License-Identifier: Apache-2.0
#include "base/csv.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

void csv_open(struct csv_reader *reader, const char *data, size_t size)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    *reader = (struct csv_reader){data, data + size, 0};
    if (size >= 3 && memcmp(data, byte_order_mark, 3) == 0)
        reader->at += 3;
}

bool csv_next(struct csv_reader *reader, struct csv_view *line)
{
    if (reader->at == reader->end)
        return false;
    const size_t left = (size_t)(reader->end - reader->at);
    const char *stop = memchr(reader->at, '\n', left);
    *line = (struct csv_view){reader->at, stop != NULL ? (size_t)(stop - reader->at) : left};
    reader->at = stop != NULL ? stop + 1 : reader->end;
    reader->line++;
    if (line->size != 0 && line->data[line->size - 1] == '\r')
        line->size--;
    return true;
}

// Where the field that begins at `at` ends.
static const char *field_end(const char *at, const char *end)
{
    if (at < end && *at == '"') {
        const char *quote = at + 1;
        while ((quote = memchr(quote, '"', (size_t)(end - quote))) != NULL) {
            if (quote + 1 == end || quote[1] == ',')
                return quote + 1;
            quote += quote[1] == '"' ? 2 : 1;
        }
    }
    while (at < end && *at != ',')
        at++;
    return at;
}

static struct csv_view unquoted(const char *at, const char *stop)
{
    struct csv_view field = {at, (size_t)(stop - at)};
    if (field.size >= 2 && at[0] == '"' && stop[-1] == '"')
        field = (struct csv_view){at + 1, field.size - 2};
    return field;
}

size_t csv_split(struct csv_view line, struct csv_view *fields, size_t capacity)
{
    const char *at = line.data, *end = line.data + line.size;
    for (size_t count = 0;; at++) {
        const char *stop = field_end(at, end);
        if (count < capacity)
            fields[count] = unquoted(at, stop);
        count++;
        if (stop == end)
            return count;
        at = stop;
    }
}

bool csv_is_blank(struct csv_view line)
{
    size_t at = 0;
    while (at < line.size && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    return at == line.size;
}

bool csv_is(struct csv_view view, const char *text)
{
    return strlen(text) == view.size && strncasecmp(view.data, text, view.size) == 0;
}

// Bytes of the UTF-8 sequence at `at`, or 0. `low` and `high` bound its second byte, which keeps
// out overlong forms, surrogates and what lies beyond U+10FFFF.
static size_t utf8_length(const uint8_t *at, size_t left)
{
    const uint8_t first = at[0];
    if (first < 0x80)
        return first != 0;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || length > left)
        return 0;
    const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool csv_is_text(struct csv_view view)
{
    for (size_t at = 0; at < view.size;) {
        const size_t length = utf8_length((const uint8_t *)view.data + at, view.size - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}
