// SPDX-License-Identifier: Apache-2.0
// Comma-separated text in memory, line by line and field by field. Nothing is copied or allocated:
// every view points into the caller's text, so the reader cannot fail.
//
// Lines end in LF or CR LF; the last one may lack its end. A field may stand in double quotes and
// then hold commas; quotes doubled inside it stay doubled, and a quoted field cannot hold a line
// end.
#ifndef TICKHOUSE_BASE_CSV_H
#define TICKHOUSE_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv_view {
    const char *data;
    size_t size;
};

struct csv_reader {
    const char *at, *end;
    size_t line; // number of the line read last, from 1
};

// A UTF-8 byte order mark at the start is skipped.
void csv_open(struct csv_reader *reader, const char *data, size_t size);

// The next line without its end; false when there is none.
bool csv_next(struct csv_reader *reader, struct csv_view *line);

// Splits a line and returns how many fields it has; only the first `capacity` are stored.
size_t csv_split(struct csv_view line, struct csv_view *fields, size_t capacity);

// True when there is nothing but spaces and tabs.
bool csv_is_blank(struct csv_view line);

// Equal without regard to the case of ASCII letters.
bool csv_is(struct csv_view view, const char *text);

// True when every byte belongs to well-formed UTF-8 (RFC 3629) and none is NUL.
bool csv_is_text(struct csv_view view);

#endif
