// SPDX-License-Identifier: Apache-2.0
// `ta ema --period 12 < prices.csv`: the lines of a CSV file with an indicator's columns behind
// them. Columns are known by their names (rows.h); a column of tickers makes several series of one
// file. Numbers are printed so that they read back to the same bits.
#include "base/csv.h"
#include "base/buffer.h"
#include "base/number.h"
#include "base/options.h"
#include "base/time.h"
#include "family.h"
#include "rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { CSV_MAX_COLUMNS = 256, CSV_READ_BYTES = 1 << 20 };

struct csv_line {
    struct csv_view text;
    size_t number;
};

struct csv_input {
    struct buffer text;
    struct csv_view header;
    struct csv_view names[CSV_MAX_COLUMNS];
    size_t column_count, row_count;
    struct csv_line *lines;
};

static int read_all(struct buffer *text, struct err *err)
{
    for (;;) {
        char *to = buffer_reserve(text, CSV_READ_BYTES, err);
        if (to == NULL)
            return err->code;
        const ssize_t got = read(STDIN_FILENO, to, CSV_READ_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, EX_IOERR, "cannot read standard input: %s", strerror(errno));
        if (got == 0)
            return 0;
        text->size += (size_t)got;
    }
}

static int split_lines(struct csv_input *in, struct arena *arena, struct err *err)
{
    struct csv_reader reader;
    struct csv_view line;
    csv_open(&reader, in->text.data, in->text.size);
    if (!csv_next(&reader, &in->header))
        return err_set(
            err, EX_DATAERR,
            "standard input is empty; a header such as Date,Open,High,Low,Close,Volume is wanted");
    in->column_count = csv_split(in->header, in->names, CSV_MAX_COLUMNS);
    if (in->column_count > CSV_MAX_COLUMNS)
        return err_set(err, EX_DATAERR, "line 1: more than %d columns", CSV_MAX_COLUMNS);
    in->lines = arena_alloc(arena, 0, sizeof *in->lines, err);
    if (in->lines == NULL)
        return err->code;
    for (size_t room = 0; csv_next(&reader, &line);) {
        if (line.size == 0)
            continue; // as an editor leaves one at the end
        if (in->row_count == room) {
            room = 2 * room + 4096;
            TRY(arena_resize_last(arena, in->lines, room * sizeof *in->lines, err));
        }
        in->lines[in->row_count++] = (struct csv_line){line, reader.line};
    }
    return 0;
}

static void store_string(struct native_column *column, size_t row, struct csv_view field,
                         uint64_t *used)
{
    memcpy(column->bytes + *used, field.data, field.size);
    *used += field.size;
    column->ends[row] = *used;
}

static int store_field(struct native_column *column, size_t row, struct csv_view field,
                       uint64_t *used, struct err *err)
{
    if (column->type->kind == NATIVE_STRING) {
        store_string(column, row, field, used);
    } else if (column->type->kind == NATIVE_DATE32) {
        if (!date_parse(field.data, field.size, (int32_t *)column->values + row))
            return err_set(err, EX_DATAERR, "column '%s': '%.*s' is no date (YYYY-MM-DD)",
                           column->name, (int)(field.size < 40 ? field.size : 40), field.data);
    } else if (field.size == 0 || csv_is(field, "nan") || csv_is(field, "null")) {
        ((double *)column->values)[row] = (double)NAN;
    } else if (!number_parse(field.data, field.size, (double *)column->values + row)) {
        return err_set(err, EX_DATAERR, "column '%s': '%.*s' is no number", column->name,
                       (int)(field.size < 40 ? field.size : 40), field.data);
    }
    return 0;
}

// The column's type by its role: key a String, date a Date32, a series Float64; others are not
// read.
static const char *type_of_column(const struct ta_rows *rows, size_t column)
{
    if (column == rows->roles.key)
        return "String";
    if (column == rows->roles.time)
        return "Date32";
    for (size_t i = 0; i < rows->plan.step_count; i++)
        for (size_t k = 0; k < ta_functions[rows->plan.steps[i].function].input_count; k++)
            if (rows->roles.series[rows->plan.steps[i].inputs[k]] == column)
                return "Float64";
    return NULL;
}

static int read_column(const struct csv_input *in, size_t number, struct arena *arena,
                       struct native_column *column, struct err *err)
{
    uint64_t used = 0;
    if (column->type->kind == NATIVE_STRING &&
        (column->bytes = arena_alloc(arena, in->text.size, 1, err)) == NULL)
        return err->code;
    for (size_t row = 0; row < in->row_count; row++) {
        struct csv_view fields[CSV_MAX_COLUMNS];
        const size_t count = csv_split(in->lines[row].text, fields, CSV_MAX_COLUMNS);
        if (count != in->column_count)
            return err_set(err, EX_DATAERR, "line %zu has %zu columns, the header has %zu",
                           in->lines[row].number, count, in->column_count);
        if (store_field(column, row, fields[number], &used, err) != 0)
            return err_prefix(err, "line %zu", in->lines[row].number);
    }
    return 0;
}

// A block of the CSV's columns. Types are given in two steps, since the roles follow from the
// names.
static int build_block(struct csv_input *in, struct ta_rows *rows, struct arena *arena,
                       struct native_block *block, struct err *err)
{
    const struct native_type *string;
    TRY(native_type_parse(arena, "String", strlen("String"), &string, err));
    block->rows = in->row_count;
    block->column_count = in->column_count;
    block->columns =
        arena_alloc(arena, in->column_count + rows->plan.output_count, sizeof *block->columns, err);
    if (block->columns == NULL)
        return err->code;
    for (size_t c = 0; c < in->column_count; c++) {
        char *name = arena_alloc(arena, in->names[c].size + 1, 1, err);
        if (name == NULL)
            return err->code;
        memcpy(name, in->names[c].data, in->names[c].size);
        name[in->names[c].size] = '\0';
        block->columns[c] = (struct native_column){.name = name, .type = string};
    }
    TRY(ta_rows_roles(rows, block, err));
    for (size_t c = 0; c < in->column_count; c++) {
        const char *text = type_of_column(rows, c), *name = block->columns[c].name;
        const struct native_type *type;
        if (text == NULL)
            continue;
        TRY(native_type_parse(arena, text, strlen(text), &type, err));
        TRY(native_column_new(arena, type, in->row_count, &block->columns[c], err));
        block->columns[c].name = name;
        TRY(read_column(in, c, arena, &block->columns[c], err));
    }
    return 0;
}

static void print_rows(const struct csv_input *in, const struct native_block *block)
{
    (void)printf("%.*s", (int)in->header.size, in->header.data);
    for (size_t c = in->column_count; c < block->column_count; c++)
        (void)printf(",%s", block->columns[c].name);
    (void)putchar('\n');
    for (size_t row = 0; row < in->row_count; row++) {
        (void)fwrite(in->lines[row].text.data, 1, in->lines[row].text.size, stdout);
        for (size_t c = in->column_count; c < block->column_count; c++) {
            const double value = ((const double *)block->columns[c].values)[row];
            if (isnan(value))
                (void)printf(",nan");
            else
                (void)printf(",%.17g", value);
        }
        (void)putchar('\n');
    }
}

static int read_and_print(struct csv_input *in, struct ta_rows *rows, struct arena *arena,
                          struct err *err)
{
    struct native_block block;
    TRY(read_all(&in->text, err));
    TRY(split_lines(in, arena, err));
    TRY(build_block(in, rows, arena, &block, err));
    TRY(ta_rows_run(rows, &block, err));
    print_rows(in, &block);
    return 0;
}

static int run(const char *spec, struct err *err)
{
    struct arena arena;
    struct ta_rows rows;
    struct csv_input in = {0};
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    buffer_init(&in.text, LIMIT_FILE_BYTES);
    int code = ta_rows_open(&rows, spec, &arena, err);
    if (code == 0)
        code = read_and_print(&in, &rows, &arena, err);
    ta_rows_close(&rows);
    buffer_free(&in.text);
    arena_close(&arena);
    return code;
}

// The indicator's parameters as options; its period, which SQL calls n, is --period here.
static void make_options(const struct ta_function *function, struct option *options,
                         char docs[][64])
{
    size_t p = 0;
    for (; p < function->param_count; p++) {
        const struct ta_param *param = &function->params[p];
        (void)snprintf(docs[p], sizeof docs[p], "%s (default %g)",
                       param->is_period ? "number of bars" : "factor", param->initial);
        options[p] = (struct option){
            .name = strcmp(param->name, "n") == 0 ? "period" : param->name,
            .kind = OPTION_NUMBER,
            .offset = p * sizeof(double),
            .value = "N",
            .doc = docs[p],
        };
    }
    options[p] = (struct option){0};
}

int ta_csv_command(int argc, char **argv, struct err *err)
{
    const struct ta_function *function = ta_find(argv[0], strlen(argv[0]));
    struct option options[TA_MAX_PARAMS + 1];
    double param[TA_MAX_PARAMS];
    char usage[128], spec[256], notes[512], docs[TA_MAX_PARAMS][64];
    enum options_result result;
    make_options(function, options, docs);
    (void)snprintf(usage, sizeof usage, "ta %s [options] < prices.csv", function->name);
    int used = snprintf(notes, sizeof notes, "Reads columns by name:");
    for (size_t i = 0; i < function->input_count; i++)
        used += snprintf(notes + used, sizeof notes - (size_t)used, "%s %s", i != 0 ? "," : "",
                         strcmp(function->inputs[i], "x") == 0 ? "x, value, price or close"
                                                               : function->inputs[i]);
    (void)snprintf(notes + used, sizeof notes - (size_t)used,
                   "; ticker or symbol starts a new series.\nWarm-up: %s values.\n",
                   function->lookback_text);
    const struct command command = {function->name, function->summary, usage, options, notes};
    for (size_t p = 0; p < function->param_count; p++)
        param[p] = function->params[p].initial;
    TRY(options_parse(&command, &argc, argv, param, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE,
                       "unexpected '%s'; prices come on standard input: ta %s < prices.csv",
                       argv[1], argv[0]);
    used = snprintf(spec, sizeof spec, "%s(", function->name);
    for (size_t p = 0; p < function->param_count; p++)
        used += snprintf(spec + used, sizeof spec - (size_t)used, "%s%.17g", p != 0 ? "," : "",
                         param[p]);
    (void)snprintf(spec + used, sizeof spec - (size_t)used, ")");
    return run(spec, err);
}
