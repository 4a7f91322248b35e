// SPDX-License-Identifier: Apache-2.0
// A batch as ClickHouse receives it: one Native block of a table, compressed with zstd, and what
// the sink must know about it.
#ifndef TICKHOUSE_INGEST_SHIPMENT_H
#define TICKHOUSE_INGEST_SHIPMENT_H

#include "base/hash.h"
#include "native/native.h"
#include "pack.h"
#include "rows.h"

enum { TABLE_COLUMNS = 9 };

struct table_column {
    const char *name, *type;
};

// A table as it is written.
struct table {
    const char *name;
    struct table_column columns[TABLE_COLUMNS];
    size_t column_count;
    const char *key;   // tells rows apart
    const char *range; // the column whose first and last value a shipment knows
};

extern const struct table table_stock_daily, table_quarantine;

struct shipment {
    const struct table *table;
    size_t rows;
    int64_t ingested_at;         // of every row
    struct csv_view first, last; // of the range column
    struct hash hash;            // of all columns but ingested_at: the same rows are the same batch
    struct native_column columns[TABLE_COLUMNS];
};

// What every shipment of a run shares.
struct shipper {
    const char *source;
    struct arena arena; // types, then what one shipment needs
    size_t mark;
    const struct native_type *types[2][TABLE_COLUMNS];
    struct packer packer;
};

int shipper_open(struct shipper *shipper, const char *source, struct err *err);
void shipper_close(struct shipper *shipper);

// Each drops the shipment before. Texts and numbers are borrowed until then.
int shipment_of_bars(struct shipper *shipper, const struct bars *bars, int64_t ingested_at,
                     struct shipment *shipment, struct err *err);
int shipment_of_quarantine(struct shipper *shipper, const struct quarantine *rows,
                           int64_t ingested_at, struct shipment *shipment, struct err *err);

// The compressed block, into `body`, which is emptied first.
int shipment_pack(struct shipper *shipper, struct shipment *shipment, struct buffer *body,
                  struct err *err);

#endif
