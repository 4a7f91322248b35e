// SPDX-License-Identifier: Apache-2.0
// GDELT's feeds: what their files are called, which columns they have, which table they go to.
// A file is of one feed and one slot, the 15 minutes after which it is named:
// YYYYMMDDHHMMSS[.translation].{gkg.csv,mentions.CSV,export.CSV}.zip
#ifndef TICKHOUSE_INGEST_GDELT_FEED_H
#define TICKHOUSE_INGEST_GDELT_FEED_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GDELT_COLUMNS_MOST = 61, GDELT_NAME_BYTES = 64, MD5_TEXT_BYTES = 33 };

enum gdelt_kind { GDELT_GKG, GDELT_MENTIONS, GDELT_EVENTS, GDELT_KINDS };

// What the files of one kind are, translingual or not.
struct gdelt_layout {
    const char *kind; // as --feeds names it
    const char *suffix, *table;
    const char *const *columns;
    size_t column_count;
    size_t time_column;    // holds YYYYMMDDHHMMSS of the slot
    size_t dropped_column; // of --drop-gcam, else SIZE_MAX
};

extern const struct gdelt_layout gdelt_layouts[GDELT_KINDS];

struct gdelt_feed {
    enum gdelt_kind kind;
    bool translingual;
};

enum { GDELT_FEEDS = 2 * GDELT_KINDS };

// "gkg", "gkg_translingual", ... as the column `feed` says.
const char *gdelt_feed_name(struct gdelt_feed feed);
bool gdelt_feed_of_name(const char *name, size_t size, struct gdelt_feed *feed);

struct gdelt_slot {
    struct gdelt_feed feed;
    uint32_t time; // seconds since 1970, UTC
};

bool gdelt_slot_equal(const struct gdelt_slot *a, const struct gdelt_slot *b);

// Whether a list may name the slot: a quarter of an hour, at most a day after `now`, in seconds.
bool gdelt_time_is_plausible(uint32_t time, int64_t now);

// YYYYMMDDHHMMSS and a NUL.
void gdelt_time_format(uint32_t time, char out[static 15]);

// Reads a file's name, with or without .zip and folders before it.
bool gdelt_name_parse(const char *name, size_t size, struct gdelt_slot *slot);

// The name of the zip, without a folder.
void gdelt_name_format(const struct gdelt_slot *slot, char out[static GDELT_NAME_BYTES]);

// One line of a list: size, MD5, address.
struct gdelt_listed {
    struct gdelt_slot slot;
    uint64_t size;
    char md5[MD5_TEXT_BYTES]; // lower case
};

// False for a line of another form: the lists have some, and files that are no feed's.
bool gdelt_list_line(const char *line, size_t size, struct gdelt_listed *listed);

#endif
