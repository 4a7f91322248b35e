// SPDX-License-Identifier: Apache-2.0
#include "copy_row.h"

// COPY escapes control characters by letters, and never writes octal or hexadecimal ones.
static char unescape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    default:
        return c;
    }
}

// Reads up to the tab or `end`; returns where it stopped, and the field's size.
static char *take_field(char *field, char *end, size_t *size)
{
    char *out = field, *in = field;
    while (in < end && *in != '\t') {
        if (*in == '\\' && in + 1 < end) {
            in++;
            *out++ = unescape(*in++);
        } else {
            *out++ = *in++;
        }
    }
    *size = (size_t)(out - field);
    return in;
}

int copy_row_split(char *row, size_t size, const char **values, size_t *sizes, size_t count,
                   struct err *err)
{
    char *end = row + size;
    if (size > 0 && end[-1] == '\n')
        end--;
    for (size_t i = 0; i < count; i++) {
        const bool is_null =
            end - row >= 2 && row[0] == '\\' && row[1] == 'N' && (row + 2 == end || row[2] == '\t');
        char *stop = take_field(row, end, &sizes[i]);
        if ((stop == end) != (i + 1 == count))
            return err_set(err, EX_PROTOCOL, "a row of COPY has not the %zu columns of its table",
                           count);
        values[i] = is_null ? NULL : row;
        row[sizes[i]] = '\0';
        row = stop + 1;
    }
    return 0;
}
