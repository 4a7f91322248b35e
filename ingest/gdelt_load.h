// SPDX-License-Identifier: Apache-2.0
// One file of GDELT, from the bytes as they came to rows in bronze and a line in the ledger.
#ifndef TICKHOUSE_INGEST_GDELT_LOAD_H
#define TICKHOUSE_INGEST_GDELT_LOAD_H

#include "gdelt_store.h"
#include "gdelt_text.h"
#include "net/unzip.h"

struct gdelt_counts {
    uint64_t files, loaded, already, rows, rejected, replaced;
    uint64_t missing, mismatched, malformed, unanswered;
    uint64_t bytes, packed; // unpacked, and as they came
};

struct gdelt_loader {
    struct gdelt_store *store; // NULL: read and check only
    struct gdelt_text text;
    struct unzip *unzip;
    struct buffer raw;
    bool drop_gcam, quiet;
    struct gdelt_counts counts;
};

int gdelt_loader_open(struct gdelt_loader *loader, struct gdelt_store *store, struct sink *sink,
                      struct err *err);
void gdelt_loader_close(struct gdelt_loader *loader);

// A download, as gdelt_site_get left `entry`.
int gdelt_load_download(struct gdelt_loader *loader, struct gdelt_entry *entry,
                        const struct buffer *zip, struct err *err);

// A local file, zip or text, called `name`. What is not in `range` is passed by.
int gdelt_load_local(struct gdelt_loader *loader, const struct gdelt_range *range, const char *name,
                     const char *data, size_t size, struct err *err);

#endif
