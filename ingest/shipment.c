// SPDX-License-Identifier: Apache-2.0
#include "shipment.h"

#include <string.h>

enum { BLOCK_BYTES = 256 << 20 };

const struct table table_stock_daily = {
    "stock_daily",
    {{"ticker", "LowCardinality(String)"},
     {"date", "Date"},
     {"open", "Float64"},
     {"high", "Float64"},
     {"low", "Float64"},
     {"close", "Float64"},
     {"volume", "Float64"},
     {"source", "LowCardinality(String)"},
     {"ingested_at", "DateTime64(6, 'UTC')"}},
    9,
    "ticker, date",
    "ticker",
};

const struct table table_quarantine = {
    "quarantine",
    {{"source", "LowCardinality(String)"},
     {"file", "String"},
     {"line", "UInt64"},
     {"reason", "String"},
     {"raw", "String"},
     {"ingested_at", "DateTime64(6, 'UTC')"}},
    6,
    "source, file, line",
    "file",
};

static struct native_column *next_column(const struct shipper *shipper, struct shipment *shipment,
                                         size_t index)
{
    const struct native_type *type = shipper->types[shipment->table == &table_quarantine][index];
    struct native_column *column = &shipment->columns[index];
    *column = (struct native_column){
        .name = shipment->table->columns[index].name, .type = type, .rows = shipment->rows};
    return column;
}

static void fixed_column(const struct shipper *shipper, struct shipment *shipment, size_t index,
                         void *values)
{
    struct native_column *column = next_column(shipper, shipment, index);
    column->values = values;
    hash_add(&shipment->hash, values, shipment->rows * column->type->width);
}

static void string_column(const struct shipper *shipper, struct shipment *shipment, size_t index,
                          const struct strings *strings)
{
    struct native_column *column = next_column(shipper, shipment, index);
    column->ends = strings->ends;
    column->bytes = strings->bytes.data;
    hash_add(&shipment->hash, strings->ends, strings->count * sizeof *strings->ends);
    hash_add(&shipment->hash, strings->bytes.data, strings->bytes.size);
}

static int dictionary_column(struct shipper *shipper, struct shipment *shipment, size_t index,
                             uint32_t *indexes, const struct strings *strings, struct err *err)
{
    struct native_column *column = next_column(shipper, shipment, index);
    struct native_column *keys = arena_alloc(&shipper->arena, 1, sizeof *keys, err);
    if (keys == NULL)
        return err_code(err, EX_OSERR);
    *keys = (struct native_column){.type = &column->type->children[0],
                                   .rows = strings->count,
                                   .ends = strings->ends,
                                   .bytes = strings->bytes.data};
    column->children = keys;
    column->indexes = indexes;
    column->index_width = sizeof *indexes;
    hash_add(&shipment->hash, indexes, shipment->rows * sizeof *indexes);
    hash_add(&shipment->hash, strings->ends, strings->count * sizeof *strings->ends);
    hash_add(&shipment->hash, strings->bytes.data, strings->bytes.size);
    return 0;
}

// One value in every row.
static int constant_source(struct shipper *shipper, struct shipment *shipment, size_t index,
                           struct err *err)
{
    const size_t size = strlen(shipper->source);
    uint32_t *indexes = arena_alloc(&shipper->arena, shipment->rows, sizeof *indexes, err);
    uint64_t *end = arena_alloc(&shipper->arena, 1, sizeof *end, err);
    char *text = arena_alloc(&shipper->arena, size, 1, err);
    if (indexes == NULL || end == NULL || text == NULL)
        return err_code(err, EX_OSERR);
    memset(indexes, 0, shipment->rows * sizeof *indexes);
    memcpy(text, shipper->source, size);
    *end = size;
    const struct strings source = {1, end, {text, size, size, size}};
    return dictionary_column(shipper, shipment, index, indexes, &source, err);
}

// Not hashed: the same rows are the same batch whenever they are sent.
static int constant_time(struct shipper *shipper, struct shipment *shipment, size_t index,
                         struct err *err)
{
    struct native_column *column = next_column(shipper, shipment, index);
    int64_t *times = arena_alloc(&shipper->arena, shipment->rows, sizeof *times, err);
    if (times == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < shipment->rows; i++)
        times[i] = shipment->ingested_at;
    column->values = times;
    return 0;
}

static int compare(struct csv_view a, struct csv_view b)
{
    const int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static void note_range(struct shipment *shipment, const struct strings *strings)
{
    shipment->first = shipment->last = strings_at(strings, 0);
    for (size_t i = 1; i < strings->count; i++) {
        const struct csv_view text = strings_at(strings, i);
        if (compare(text, shipment->first) < 0)
            shipment->first = text;
        if (compare(text, shipment->last) > 0)
            shipment->last = text;
    }
}

static void begin(struct shipper *shipper, struct shipment *shipment, const struct table *table,
                  size_t rows, int64_t ingested_at)
{
    arena_rewind(&shipper->arena, shipper->mark);
    *shipment = (struct shipment){.table = table, .rows = rows, .ingested_at = ingested_at};
    hash_init(&shipment->hash);
    hash_add(&shipment->hash, table->name, strlen(table->name));
}

int shipment_of_bars(struct shipper *shipper, const struct bars *bars, int64_t ingested_at,
                     struct shipment *shipment, struct err *err)
{
    begin(shipper, shipment, &table_stock_daily, bars->rows, ingested_at);
    note_range(shipment, &bars->tickers);
    TRY(dictionary_column(shipper, shipment, 0, bars->ticker, &bars->tickers, err));
    fixed_column(shipper, shipment, 1, bars->date);
    for (size_t i = 0; i < BAR_COLUMNS; i++)
        fixed_column(shipper, shipment, 2 + i, bars->columns[i]);
    TRY(constant_source(shipper, shipment, 7, err));
    return constant_time(shipper, shipment, 8, err);
}

int shipment_of_quarantine(struct shipper *shipper, const struct quarantine *rows,
                           int64_t ingested_at, struct shipment *shipment, struct err *err)
{
    begin(shipper, shipment, &table_quarantine, rows->rows, ingested_at);
    note_range(shipment, &rows->file);
    TRY(constant_source(shipper, shipment, 0, err));
    string_column(shipper, shipment, 1, &rows->file);
    fixed_column(shipper, shipment, 2, rows->line);
    string_column(shipper, shipment, 3, &rows->reason);
    string_column(shipper, shipment, 4, &rows->raw);
    return constant_time(shipper, shipment, 5, err);
}

int shipment_pack(struct shipper *shipper, struct shipment *shipment, struct buffer *body,
                  struct err *err)
{
    const struct native_block block = {shipment->rows, shipment->table->column_count,
                                       shipment->columns};
    return packer_pack(&shipper->packer, &block, body, err);
}

static int parse_types(struct shipper *shipper, const struct table *table,
                       const struct native_type **types, struct err *err)
{
    for (size_t i = 0; i < table->column_count; i++)
        TRY(native_type_parse(&shipper->arena, table->columns[i].type,
                              strlen(table->columns[i].type), &types[i], err));
    return 0;
}

int shipper_open(struct shipper *shipper, const char *source, struct err *err)
{
    *shipper = (struct shipper){.source = source};
    TRY(arena_open(&shipper->arena, BLOCK_BYTES, err));
    TRY(parse_types(shipper, &table_stock_daily, shipper->types[0], err));
    TRY(parse_types(shipper, &table_quarantine, shipper->types[1], err));
    shipper->mark = arena_mark(&shipper->arena);
    return packer_open(&shipper->packer, BLOCK_BYTES, true, err);
}

void shipper_close(struct shipper *shipper)
{
    packer_close(&shipper->packer);
    arena_close(&shipper->arena);
}
