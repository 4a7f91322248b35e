// SPDX-License-Identifier: Apache-2.0
// Two passes over the text. The first finds the tabs of every row and keeps where each value ends,
// four bytes a value; a row with the wrong number of columns is set aside there. The second walks
// column by column and copies the values to where a Native block wants them, one after the other.
#include "gdelt_text.h"
#include "base/time.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    REASON_BYTES = 160,
    SHOWN_BYTES = 200,
    COLUMN_FEED = 0,
    COLUMN_SLOT = 1,
    COLUMN_ROW = 2,
    COLUMN_FIRST = 3
};

static const char *const type_names[4] = {"LowCardinality(String)", "DateTime('UTC')", "UInt32",
                                          "String"};

// The good rows of a text: where each begins, its line, and where its values end, counted from its
// beginning.
struct rows {
    const struct gdelt_layout *layout;
    const char *file;
    size_t count, capacity;
    const char **start;
    uint32_t *line, *ends;
};

int gdelt_text_open(struct gdelt_text *text, struct sink *sink, struct err *err)
{
    *text = (struct gdelt_text){.sink = sink};
    buffer_init(&text->mended, 3 * LIMIT_UNZIP_BYTES);
    TRY(arena_open(&text->arena, LIMIT_ARENA_BYTES, err));
    TRY(quarantine_init(&text->bad, &text->arena, err));
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        TRY(native_type_parse(&text->arena, type_names[i], strlen(type_names[i]), &text->types[i],
                              err));
    text->mark = arena_mark(&text->arena);
    return 0;
}

void gdelt_text_close(struct gdelt_text *text)
{
    quarantine_free(&text->bad);
    buffer_free(&text->mended);
    arena_close(&text->arena);
}

static int flush_bad(struct gdelt_text *text, struct err *err)
{
    if (text->bad.rows != 0)
        TRY(text->sink->quarantine(text->sink, &text->bad, err));
    quarantine_clear(&text->bad);
    return 0;
}

static int set_aside(struct gdelt_text *text, const char *file, uint64_t line, struct csv_view raw,
                     const char *reason, struct err *err)
{
    if (text->bad.rows == QUARANTINE_CAPACITY)
        TRY(flush_bad(text, err));
    return quarantine_add(&text->bad, file, line, reason, raw, err);
}

// Where each value ends; returns how many there are, stores no more than `capacity`.
static size_t split(struct csv_view row, uint32_t *ends, size_t capacity)
{
    size_t count = 0;
    for (const char *at = row.data, *end = row.data + row.size;;) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        if (count < capacity)
            ends[count] = (uint32_t)((tab != NULL ? tab : end) - row.data);
        count++;
        if (tab == NULL)
            return count;
        at = tab + 1;
    }
}

// False with a reason for a row that cannot be loaded.
static bool take_row(struct rows *rows, struct csv_view row, uint32_t line,
                     char reason[static REASON_BYTES])
{
    const size_t wanted = rows->layout->column_count;
    if (row.size > LIMIT_NEWS_ROW_BYTES) {
        (void)snprintf(reason, REASON_BYTES, "the row has %zu bytes, above the limit of %llu",
                       row.size, LIMIT_NEWS_ROW_BYTES);
        return false;
    }
    const size_t found = split(row, rows->ends + rows->count * wanted, wanted);
    if (found != wanted) {
        (void)snprintf(reason, REASON_BYTES, "%zu columns where %s has %zu", found,
                       rows->layout->kind, wanted);
        return false;
    }
    rows->start[rows->count] = row.data;
    rows->line[rows->count++] = line;
    return true;
}

static size_t count_lines(const char *data, size_t size)
{
    size_t lines = 1;
    for (const char *at = data, *end = data + size;
         (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        lines++;
    return lines;
}

static int rows_init(struct rows *rows, struct gdelt_text *text, const char *data, size_t size,
                     struct err *err)
{
    rows->capacity = count_lines(data, size);
    if (rows->capacity > LIMIT_NEWS_ROWS)
        return err_set(err, EX_DATAERR, "the file has %zu lines, above the limit of %llu",
                       rows->capacity, LIMIT_NEWS_ROWS);
    rows->start = arena_alloc(&text->arena, rows->capacity, sizeof *rows->start, err);
    rows->line = arena_alloc(&text->arena, rows->capacity, sizeof *rows->line, err);
    rows->ends = arena_alloc(&text->arena, rows->capacity,
                             rows->layout->column_count * sizeof *rows->ends, err);
    return rows->start != NULL && rows->line != NULL && rows->ends != NULL
               ? 0
               : err_code(err, EX_OSERR);
}

static int take_rows(struct gdelt_text *text, struct rows *rows, const char *data, size_t size,
                     uint64_t *rejected, struct err *err)
{
    char reason[REASON_BYTES];
    uint32_t line = 0;
    for (const char *at = data, *end = data + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const struct csv_view row = {at, (size_t)((stop != NULL ? stop : end) - at)};
        line++;
        at = stop != NULL ? stop + 1 : end;
        if (row.size == 0 || take_row(rows, row, line, reason))
            continue;
        ++*rejected;
        TRY(set_aside(text, rows->file, line, row, reason, err));
    }
    return flush_bad(text, err);
}

static struct native_column *begin_column(struct gdelt_text *text, size_t index, const char *name,
                                          size_t type, size_t rows)
{
    struct native_column *column = &text->columns[index];
    *column = (struct native_column){.name = name, .type = text->types[type], .rows = rows};
    return column;
}

// The feed: a dictionary of one key that every row has.
static int feed_column(struct gdelt_text *text, const char *feed, size_t rows, struct err *err)
{
    struct native_column *column = begin_column(text, COLUMN_FEED, "feed", COLUMN_FEED, rows);
    struct native_column *key = arena_alloc(&text->arena, 1, sizeof *key, err);
    uint64_t *end = arena_alloc(&text->arena, 1, sizeof *end, err);
    char *bytes = arena_alloc(&text->arena, GDELT_NAME_BYTES, 1, err);
    column->indexes = arena_alloc(&text->arena, rows, 1, err);
    if (key == NULL || end == NULL || bytes == NULL || column->indexes == NULL)
        return err_code(err, EX_OSERR);
    memset(column->indexes, 0, rows);
    *end = strlen(feed);
    memcpy(bytes, feed, *end);
    *key = (struct native_column){
        .type = &column->type->children[0], .rows = 1, .ends = end, .bytes = bytes};
    column->index_width = 1;
    column->children = key;
    return 0;
}

static int slot_column(struct gdelt_text *text, uint32_t time, size_t rows, struct err *err)
{
    uint32_t *times = arena_alloc(&text->arena, rows, sizeof *times, err);
    if (times == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < rows; i++)
        times[i] = time;
    begin_column(text, COLUMN_SLOT, "slot", COLUMN_SLOT, rows)->values = times;
    return 0;
}

// The values of column `index` of every row, one after the other.
static int text_column(struct gdelt_text *text, const struct rows *rows, size_t index, bool drop,
                       struct err *err)
{
    const size_t count = rows->layout->column_count;
    struct native_column *column =
        begin_column(text, COLUMN_FIRST + index, rows->layout->columns[index], 3, rows->count);
    size_t used = 0;
    column->ends = arena_alloc(&text->arena, rows->count, sizeof *column->ends, err);
    if (column->ends == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < rows->count; row++) {
        const uint32_t *ends = rows->ends + row * count;
        used += drop ? 0 : ends[index] - (index == 0 ? 0 : ends[index - 1] + 1);
        column->ends[row] = used;
    }
    column->bytes = arena_alloc(&text->arena, used, 1, err);
    if (column->bytes == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < rows->count && !drop; row++) {
        const uint32_t *ends = rows->ends + row * count;
        const uint32_t from = index == 0 ? 0 : ends[index - 1] + 1;
        memcpy(column->bytes + native_start(column->ends, row), rows->start[row] + from,
               ends[index] - from);
    }
    return 0;
}

static int fill_columns(struct gdelt_text *text, const struct gdelt_slot *slot,
                        const struct rows *rows, bool drop_gcam, struct err *err)
{
    TRY(feed_column(text, gdelt_feed_name(slot->feed), rows->count, err));
    TRY(slot_column(text, slot->time, rows->count, err));
    begin_column(text, COLUMN_ROW, "row", COLUMN_ROW, rows->count)->values = rows->line;
    for (size_t i = 0; i < rows->layout->column_count; i++)
        TRY(text_column(text, rows, i, drop_gcam && i == rows->layout->dropped_column, err));
    return 0;
}

// The text itself, nearly always.
static int mend(struct gdelt_text *text, const char **data, size_t *size, uint64_t *replaced,
                struct err *err)
{
    size_t count = 0;
    if (utf8_valid_prefix(*data, *size) == *size)
        return 0;
    text->mended.size = 0;
    TRY(utf8_mend(*data, *size, &text->mended, &count, err));
    *data = text->mended.data;
    *size = text->mended.size;
    *replaced = count;
    return 0;
}

int gdelt_text_read(struct gdelt_text *text, const struct gdelt_slot *slot, const char *name,
                    const char *data, size_t size, bool drop_gcam, struct gdelt_block *block,
                    struct err *err)
{
    struct rows rows = {.layout = &gdelt_layouts[slot->feed.kind], .file = name};
    *block = (struct gdelt_block){0};
    arena_rewind(&text->arena, text->mark);
    TRY(mend(text, &data, &size, &block->replaced, err));
    TRY(rows_init(&rows, text, data, size, err));
    TRY(take_rows(text, &rows, data, size, &block->rejected, err));
    TRY(fill_columns(text, slot, &rows, drop_gcam, err));
    block->rows = rows.count;
    block->block =
        (struct native_block){rows.count, COLUMN_FIRST + rows.layout->column_count, text->columns};
    return 0;
}

int gdelt_text_refuse(struct gdelt_text *text, const char *name, const char *reason,
                      const char *data, size_t size, struct err *err)
{
    const char *stop = size != 0 ? memchr(data, '\n', size) : NULL;
    const struct csv_view line = {data, stop != NULL ? (size_t)(stop - data) : size};
    const size_t shown =
        utf8_valid_prefix(line.data, line.size < SHOWN_BYTES ? line.size : SHOWN_BYTES);
    TRY(set_aside(text, name, 0, (struct csv_view){line.data, shown}, reason, err));
    return flush_bad(text, err);
}

// A translingual record says so in its id; mentions and events do not.
static bool is_translingual(struct csv_view row, size_t id_end)
{
    return memmem(row.data, id_end, "-T", 2) != NULL;
}

bool gdelt_text_recognise(const char *data, size_t size, struct gdelt_slot *slot)
{
    const char *end = memchr(data, '\n', size);
    const struct csv_view row = {data, end != NULL ? (size_t)(end - data) : size};
    uint32_t ends[GDELT_COLUMNS_MOST];
    if (row.size > LIMIT_NEWS_ROW_BYTES)
        return false;
    const size_t count = split(row, ends, GDELT_COLUMNS_MOST);
    for (int kind = 0; kind < GDELT_KINDS; kind++) {
        const struct gdelt_layout *layout = &gdelt_layouts[kind];
        if (layout->column_count != count)
            continue;
        const uint32_t from = ends[layout->time_column - 1] + 1;
        slot->feed = (struct gdelt_feed){(enum gdelt_kind)kind,
                                         kind == GDELT_GKG && is_translingual(row, ends[0])};
        return time_parse(row.data + from, ends[layout->time_column] - from, &slot->time);
    }
    return false;
}
