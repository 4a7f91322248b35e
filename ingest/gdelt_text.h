// SPDX-License-Identifier: Apache-2.0
// One file of GDELT, unpacked, as a Native block of its bronze table. Rows are lines of
// tab-separated columns, as many as the feed has; each value is taken over byte for byte. A row
// with other columns goes to quarantine.
#ifndef TICKHOUSE_INGEST_GDELT_TEXT_H
#define TICKHOUSE_INGEST_GDELT_TEXT_H

#include "gdelt_feed.h"
#include "native/native.h"
#include "sink.h"

enum { GDELT_BLOCK_COLUMNS = 3 + GDELT_COLUMNS_MOST }; // feed, slot, row, and the file's own

struct gdelt_text {
    struct arena arena; // types, then what one file needs
    size_t mark;
    const struct native_type *types[4]; // of feed, slot, row, and a text
    struct buffer mended;               // the text, once ill-formed UTF-8 is replaced
    struct quarantine bad;
    struct sink *sink; // where bad rows go
    struct native_column columns[GDELT_BLOCK_COLUMNS];
};

// What became of one file.
struct gdelt_block {
    struct native_block block; // borrowed from struct gdelt_text until the next file
    uint64_t rows, rejected, replaced;
};

int gdelt_text_open(struct gdelt_text *text, struct sink *sink, struct err *err);
void gdelt_text_close(struct gdelt_text *text);

// `name` is what quarantine calls the file.
int gdelt_text_read(struct gdelt_text *text, const struct gdelt_slot *slot, const char *name,
                    const char *data, size_t size, bool drop_gcam, struct gdelt_block *block,
                    struct err *err);

// Sets a whole file aside, with its first line where that is text.
int gdelt_text_refuse(struct gdelt_text *text, const char *name, const char *reason,
                      const char *data, size_t size, struct err *err);

// Which feed and slot a text of another name is: by the columns and the time of its first row.
bool gdelt_text_recognise(const char *data, size_t size, struct gdelt_slot *slot);

#endif
