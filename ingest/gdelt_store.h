// SPDX-License-Identifier: Apache-2.0
// Bronze tables and the ledger in ClickHouse. The ledger is also the list of what is left to do:
// lists are entered into it, the work is read from it, so that a run can end anywhere.
#ifndef TICKHOUSE_INGEST_GDELT_STORE_H
#define TICKHOUSE_INGEST_GDELT_STORE_H

#include "clickhouse.h"
#include "gdelt_feed.h"
#include "pack.h"

// As the column `state` numbers them.
enum gdelt_state {
    GDELT_UNKNOWN,
    GDELT_LISTED,
    GDELT_FETCHED,
    GDELT_LOADED,
    GDELT_MISSING,
    GDELT_CHECKSUM_MISMATCH,
    GDELT_MALFORMED,
};

// A row of the ledger.
struct gdelt_entry {
    struct gdelt_slot slot;
    enum gdelt_state state;
    const char *file; // NULL: the name of its zip
    uint64_t size_listed, size_received, size_raw;
    char md5_listed[MD5_TEXT_BYTES], md5_received[MD5_TEXT_BYTES];
    uint64_t rows_loaded, rows_rejected, utf8_replaced;
    uint32_t attempts;
    int64_t fetched_at, loaded_at; // microseconds since 1970
    char message[LIMIT_ERROR_TEXT];
    uint64_t version; // of the ledger's row that this was read from, 0 for none
};

// Which entries a run cares about.
struct gdelt_range {
    bool feeds[GDELT_KINDS][2]; // by kind and translingual
    uint32_t from, to;          // slots, both included
    int64_t probe_seconds;      // until the second try; the wait doubles, up to a day
    bool retry;                 // everything that is not loaded, however lately it was tried
    bool once;                  // nothing twice that was tried since `started`, in microseconds
    int64_t started;
};

enum { GDELT_DUE_MOST = 256, GDELT_NOTES_MOST = 64 };

struct gdelt_store {
    struct clickhouse server;
    const char *database;
    struct packer packer;
    struct buffer body, sql, settings, reply;
    struct buffer listed; // rows for the ledger that wait for company
    uint32_t listed_first, listed_last;
    size_t listed_count;
    struct buffer notes; // likewise, of slots whose rows are in bronze or will not be
    struct gdelt_slot noted[GDELT_NOTES_MOST];
    size_t noted_count;
    double noted_first; // when the first of them came, by clock_seconds()
};

int gdelt_store_open(struct gdelt_store *store, const struct sink_options *options,
                     struct err *err);
void gdelt_store_close(struct gdelt_store *store);

// Enters what a list says, gathered; what the ledger has with the same MD5, or has loaded, stays.
int gdelt_store_list(struct gdelt_store *store, const struct gdelt_listed *listed, struct err *err);
int gdelt_store_list_end(struct gdelt_store *store, struct err *err);

// The oldest entries that are to be tried now, at most GDELT_DUE_MOST, of those that follow `after`
// by slot and feed; NULL for all.
int gdelt_store_due(struct gdelt_store *store, const struct gdelt_range *range,
                    const struct gdelt_slot *after, struct gdelt_entry *entries, size_t *count,
                    struct err *err);
int gdelt_store_count_due(struct gdelt_store *store, const struct gdelt_range *range,
                          uint64_t *count, struct err *err);

// What the ledger says of a slot; its state is GDELT_UNKNOWN when that is nothing.
int gdelt_store_find(struct gdelt_store *store, const struct gdelt_slot *slot,
                     struct gdelt_entry *entry, struct err *err);

// Up to which slot the feed's master list was read into the ledger, 0 for never. It only moves on.
int gdelt_store_mark(struct gdelt_store *store, struct gdelt_feed feed, uint32_t *mark,
                     struct err *err);
int gdelt_store_set_mark(struct gdelt_store *store, struct gdelt_feed feed, uint32_t mark,
                         struct err *err);

// Whether a quarter of an hour between `mark` and the feed's newest listed slot is not listed.
int gdelt_store_has_hole(struct gdelt_store *store, struct gdelt_feed feed, uint32_t mark,
                         bool *hole, struct err *err);

// Stores the rows of a slot unless they are there; *rows is how many the table then holds.
int gdelt_store_load(struct gdelt_store *store, const struct gdelt_slot *slot,
                     const struct native_block *block, uint64_t *rows, struct err *err);

// Writes the entry into the ledger, as of now, gathered for a tenth of a second while others come.
// Whoever reads the ledger here finds it written.
int gdelt_store_note(struct gdelt_store *store, struct gdelt_entry *entry, struct err *err);
int gdelt_store_note_end(struct gdelt_store *store, struct err *err);

#endif
