// SPDX-License-Identifier: Apache-2.0
// `nn sequences`: rows in, look-back windows out, for ClickHouse's executable() table function.
//
// Rows come ordered by ticker and date; model/windows.h says which of them end a window. Each
// block is worked on behind what the one before left: the lookback - 1 rows that the next window
// needs, and the `horizon` rows whose target could still turn out to lie behind a gap. So memory
// does not grow with the table.
#include "base/options.h"
#include "columns.h"
#include "model/network.h"
#include "model/windows.h"
#include "nn.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    SEQUENCES_ARENAS = 5,
    SEQUENCES_BLOCK_FLOATS = 1 << 22 // of a block that is written, about
};

struct sequences_options {
    int64_t lookback, horizon, max_gap;
    const char *target;
};

static const struct option option_list[] = {
    {"lookback", OPTION_INTEGER, offsetof(struct sequences_options, lookback), "ROWS",
     "rows of a window (default 60)", 1, NETWORK_MAX_LOOKBACK},
    {"horizon", OPTION_INTEGER, offsetof(struct sequences_options, horizon), "ROWS",
     "rows from a window's last to the one that its target is about (default 1)", 0, 4096},
    {"max-gap", OPTION_INTEGER, offsetof(struct sequences_options, max_gap), "DAYS",
     "neighbours further apart than this are not of one window (default 10)", 0, 100000},
    {"target", OPTION_TEXT, offsetof(struct sequences_options, target), "COLUMN",
     "the column that is predicted (default target)", 0, 0},
    {0}};

static const struct command command_page = {
    "nn sequences", "rows in, look-back windows out, for executable()", "nn sequences [options]",
    option_list,
    "Input: blocks in Native format, ordered by ticker, date: ticker (or symbol), date (or time, "
    "timestamp, ts),\nthe target, and every other column a feature, in their order. Output: "
    "ticker, "
    "date (of the window's last\nrow), seq (look-back, features) and target, for each row that "
    "ends "
    "a window; target is NaN where it is not\nknown or lies behind a gap.\n"};

// The columns that are wanted of a block, converted.
struct part {
    size_t rows;
    struct native_column *columns; // TICKER, DATE, INSTANT, TARGET, then the features
};
enum { TICKER, DATE, INSTANT, TARGET, FEATURES };

struct sequences {
    struct window_rule rule;
    const char *target;
    size_t features, column_count; // of the input
    size_t *places;                // of the input's columns, one for each of a part's
    const struct native_type **types, *array, *number;
    struct arena all, input, tail, next, work; // for the whole life; a block; what stays of it, and
                                               // what will; one round
    struct part kept;
    size_t kept_written;  // of its rows, those that have been answered
    uint64_t rows_before; // the kept ones
    struct native_source source;
    struct native_sink sink;
};

static bool is_named(const struct native_column *column, const char *const *names)
{
    while (*names != NULL && strcasecmp(column->name, *names) != 0)
        names++;
    return *names != NULL;
}

static const struct native_type *bare_type(const struct native_type *type)
{
    while (type->kind == NATIVE_NULLABLE || type->kind == NATIVE_LOW_CARDINALITY)
        type = &type->children[0];
    return type;
}

static int parse_type(struct sequences *s, const char *text, const struct native_type **type,
                      struct err *err)
{
    return native_type_parse(&s->all, text, strlen(text), type, err);
}

// Which column is what.
static int find_places(struct sequences *s, const struct native_block *block, struct err *err)
{
    static const char *const tickers[] = {"ticker", "symbol", NULL};
    static const char *const dates[] = {"date", "time", "timestamp", "ts", NULL};
    size_t ticker = SIZE_MAX, date = SIZE_MAX, target = SIZE_MAX;
    for (size_t c = 0; c < block->column_count; c++) {
        const struct native_column *column = &block->columns[c];
        if (strcmp(column->name, s->target) == 0)
            target = c;
        else if (ticker == SIZE_MAX && is_named(column, tickers))
            ticker = c;
        else if (date == SIZE_MAX && is_named(column, dates))
            date = c;
        else {
            const enum native_holds holds = bare_type(column->type)->holds;
            if (holds != HOLDS_FLOAT && holds != HOLDS_SIGNED && holds != HOLDS_UNSIGNED)
                return err_set(err, EX_DATAERR,
                               "column '%s' is %s and cannot be a feature; leave it out",
                               column->name, column->type->text);
            s->places[FEATURES + s->features++] = c;
        }
    }
    if (ticker == SIZE_MAX || date == SIZE_MAX || target == SIZE_MAX)
        return err_set(err, EX_DATAERR,
                       "the input has no column '%s'; wanted are ticker, date, the target and "
                       "features%s",
                       ticker == SIZE_MAX ? "ticker"
                       : date == SIZE_MAX ? "date"
                                          : s->target,
                       target == SIZE_MAX
                           ? ". --target names another one; where there is none yet, "
                             "SELECT nan AS target"
                           : "");
    if (s->features == 0 || s->features > NETWORK_MAX_UNITS)
        return err_set(err, EX_DATAERR, "the input has %zu features; wanted are 1 to %d",
                       s->features, NETWORK_MAX_UNITS);
    s->places[TICKER] = ticker;
    s->places[DATE] = s->places[INSTANT] = date;
    s->places[TARGET] = target;
    return 0;
}

// The types of a part's columns. The date keeps its own.
static int choose_types(struct sequences *s, const struct native_block *block, struct err *err)
{
    const struct native_column *date = &block->columns[s->places[DATE]];
    if (bare_type(date->type)->holds != HOLDS_TIME)
        return err_set(err, EX_DATAERR, "column '%s' is %s; cast it to Date or DateTime",
                       date->name, date->type->text);
    TRY(parse_type(s, "String", &s->types[TICKER], err));
    TRY(parse_type(s, bare_type(date->type)->text, &s->types[DATE], err));
    TRY(parse_type(s, "DateTime64(6, 'UTC')", &s->types[INSTANT], err));
    for (size_t c = TARGET; c < FEATURES + s->features; c++)
        s->types[c] = s->number;
    return 0;
}

static int look_at_first(struct sequences *s, const struct native_block *block, struct err *err)
{
    s->column_count = block->column_count;
    s->places = arena_alloc(&s->all, block->column_count + FEATURES, sizeof *s->places, err);
    s->types = arena_alloc(&s->all, block->column_count + FEATURES, sizeof(void *), err);
    if (s->places == NULL || s->types == NULL)
        return err_code(err, EX_OSERR);
    TRY(find_places(s, block, err));
    return choose_types(s, block, err);
}

// The rows [from, to) of the parts, one after the other, as columns that outlive them.
static int join(const struct sequences *s, struct arena *arena, const struct part *parts,
                size_t count, size_t from, size_t to, struct part *joined, struct err *err)
{
    struct native_slice slices[2];
    joined->rows = to - from;
    joined->columns = arena_alloc(arena, FEATURES + s->features, sizeof *joined->columns, err);
    if (joined->columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t c = 0; c < FEATURES + s->features; c++) {
        size_t used = 0;
        for (size_t p = 0, first = 0; p < count; first += parts[p++].rows)
            if (parts[p].rows != 0)
                slices[used++] =
                    (struct native_slice){&parts[p].columns[c], from > first ? from - first : 0,
                                          to - first < parts[p].rows ? to - first : parts[p].rows};
        TRY(native_concat(arena, slices, used, &joined->columns[c], err));
        joined->columns[c].type = s->types[c];
    }
    return 0;
}

// A block's columns behind the rows that were kept.
static int take_block(struct sequences *s, const struct native_block *block, struct part *joined,
                      struct err *err)
{
    struct part parts[2] = {s->kept, {.rows = block->rows}};
    if (block->column_count != s->column_count)
        return err_set(err, EX_DATAERR, "a block of %zu columns follows one of %zu",
                       block->column_count, s->column_count);
    parts[1].columns = arena_alloc(&s->work, FEATURES + s->features, sizeof *parts[1].columns, err);
    if (parts[1].columns == NULL)
        return err_code(err, EX_OSERR);
    for (size_t c = 0; c < FEATURES + s->features; c++) {
        const struct native_column *column = &block->columns[s->places[c]], *converted;
        TRY(native_convert(&s->work, column, s->types[c], column->name, &converted, err));
        parts[1].columns[c] = *converted;
    }
    return join(s, &s->work, parts, 2, 0, s->kept.rows + block->rows, joined, err);
}

static int compare_tickers(const struct native_column *tickers, size_t row)
{
    const uint64_t *ends = tickers->ends;
    const uint64_t start = native_start(ends, row - 1), middle = ends[row - 1];
    const size_t size = middle - start, next_size = ends[row] - middle;
    const int order = memcmp(tickers->bytes + start, tickers->bytes + middle,
                             size < next_size ? size : next_size);
    return order != 0 ? order : (size > next_size) - (size < next_size);
}

// Numbers the tickers; tickers ascend, and dates within them.
static int number_series(const struct sequences *s, const struct part *part, uint32_t *series,
                         struct err *err)
{
    const struct native_column *tickers = &part->columns[TICKER];
    const int64_t *times = part->columns[INSTANT].values;
    series[0] = 0;
    for (size_t row = 1; row < part->rows; row++) {
        const int order = compare_tickers(tickers, row);
        const uint64_t start = tickers->ends[row - 1];
        const size_t size = tickers->ends[row] - start;
        if (order > 0 || (order == 0 && times[row] <= times[row - 1]))
            return err_set(err, EX_DATAERR, "row %" PRIu64 ": %s '%.*s' %s; ORDER BY ticker, date",
                           s->rows_before + row + 1, order > 0 ? "ticker" : "the date of",
                           (int)(size < 40 ? size : 40), tickers->bytes + start,
                           order > 0                      ? "comes after a greater one"
                           : times[row] == times[row - 1] ? "comes twice"
                                                          : "falls");
        series[row] = series[row - 1] + (order != 0);
    }
    return 0;
}

// What windows_mark asks of rows, and the features as windows have them: (rows, features).
struct marked {
    uint8_t *kinds;
    float *features;
};

static int mark_rows(struct sequences *s, const struct part *part, struct marked *marked,
                     struct err *err)
{
    const size_t rows = part->rows, width = s->features;
    assert(part->columns != NULL);
    const int64_t *times = part->columns[INSTANT].values;
    const double *targets = part->columns[TARGET].values;
    uint32_t *series = arena_alloc(&s->work, rows, sizeof *series, err);
    int32_t *days = arena_alloc(&s->work, rows, sizeof *days, err);
    uint8_t *finite = arena_alloc(&s->work, 2 * rows, 1, err), *known = finite + rows;
    marked->kinds = arena_alloc(&s->work, rows, 1, err);
    marked->features = arena_alloc(&s->work, rows * width, sizeof(float), err);
    if (series == NULL || days == NULL || finite == NULL || marked->kinds == NULL ||
        marked->features == NULL)
        return err_code(err, EX_OSERR);
    memset(finite, 1, rows);
    for (size_t f = 0; f < width; f++) {
        const double *values = part->columns[FEATURES + f].values;
        for (size_t row = 0; row < rows; row++) {
            const float value = (float)values[row];
            marked->features[row * width + f] = value;
            finite[row] &= isfinite(value) != 0;
        }
    }
    for (size_t row = 0; row < rows; row++) {
        const int64_t day = 86400 * INT64_C(1000000);
        days[row] = (int32_t)(times[row] / day - (times[row] % day < 0));
        known[row] = isfinite(targets[row]) != 0;
    }
    TRY(number_series(s, part, series, err));
    windows_mark(&s->rule, rows, series, days, finite, known, marked->kinds);
    return 0;
}

enum { OUT_TICKER, OUT_DATE, OUT_SEQ, OUT_TARGET, OUT_COLUMNS };

// Room for `count` windows, with their tickers and dates.
static int make_windows(struct sequences *s, const struct part *part, const size_t *ends,
                        size_t count, struct native_column *out, struct err *err)
{
    const size_t steps = count * s->rule.lookback;
    struct native_slice *slices = arena_alloc(&s->work, count, sizeof *slices, err);
    if (slices == NULL)
        return err_code(err, EX_OSERR);
    for (size_t c = TICKER; c <= DATE; c++) {
        for (size_t i = 0; i < count; i++)
            slices[i] = (struct native_slice){&part->columns[c], ends[i], ends[i] + 1};
        TRY(native_concat(&s->work, slices, count, &out[c], err));
    }
    TRY(native_column_new(&s->work, s->number, count, &out[OUT_TARGET], err));
    TRY(native_column_new(&s->work, s->array, count, &out[OUT_SEQ], err));
    struct native_column *step = &out[OUT_SEQ].children[0];
    TRY(native_column_new(&s->work, step->type, steps, step, err));
    return native_column_new(&s->work, step->children[0].type, steps * s->features,
                             &step->children[0], err);
}

static void fill_windows(const struct sequences *s, const struct part *part,
                         const struct marked *marked, const size_t *ends, size_t count,
                         struct native_column *out)
{
    const size_t lookback = s->rule.lookback, width = s->features;
    const double *targets = part->columns[TARGET].values;
    struct native_column *step = out[OUT_SEQ].children;
    assert(step != NULL && step->children != NULL);
    float *values = step->children[0].values;
    for (size_t i = 0; i < count; i++) {
        memcpy(values + i * lookback * width, marked->features + (ends[i] + 1 - lookback) * width,
               lookback * width * sizeof *values);
        out[OUT_SEQ].ends[i] = (i + 1) * lookback;
        reply_float64(&out[OUT_TARGET], i,
                      marked->kinds[ends[i]] == WINDOW_LABELLED ? targets[ends[i]] : (double)NAN);
    }
    for (size_t i = 0; i < count * lookback; i++)
        step->ends[i] = (i + 1) * width;
}

// The windows that end at `count` of the rows, as a block.
static int write_windows(struct sequences *s, const struct part *part, const struct marked *marked,
                         const size_t *ends, size_t count, struct err *err)
{
    static const char *const names[OUT_COLUMNS] = {"ticker", "date", "seq", "target"};
    const size_t mark = arena_mark(&s->work);
    struct native_column out[OUT_COLUMNS] = {0};
    TRY(make_windows(s, part, ends, count, out, err));
    fill_windows(s, part, marked, ends, count, out);
    for (size_t c = 0; c < OUT_COLUMNS; c++)
        out[c].name = names[c];
    const struct native_block block = {count, OUT_COLUMNS, out};
    TRY(native_write_block(&s->sink, &block, err));
    arena_rewind(&s->work, mark);
    return 0;
}

// Answers the rows [from, to).
static int answer_rows(struct sequences *s, const struct part *part, size_t from, size_t to,
                       struct err *err)
{
    struct marked marked;
    size_t room = SEQUENCES_BLOCK_FLOATS / (s->rule.lookback * s->features), count = 0;
    room = room == 0 ? 1 : room;
    size_t *ends = arena_alloc(&s->work, room, sizeof *ends, err);
    if (ends == NULL)
        return err_code(err, EX_OSERR);
    TRY(mark_rows(s, part, &marked, err));
    for (size_t row = from; row < to; row++) {
        if (marked.kinds[row] == WINDOW_NONE)
            continue;
        ends[count++] = row;
        if (count == room) {
            TRY(write_windows(s, part, &marked, ends, count, err));
            count = 0;
        }
    }
    return count != 0 ? write_windows(s, part, &marked, ends, count, err) : 0;
}

// Keeps what the next block's rows need: from the first row of a window that ends at row `written`.
static int keep_rows(struct sequences *s, const struct part *part, size_t written, struct err *err)
{
    const size_t context = s->rule.lookback - 1;
    const size_t from = written > context ? written - context : 0;
    TRY(join(s, &s->next, part, 1, from, part->rows, &s->kept, err));
    s->kept_written = written - from;
    s->rows_before += from;
    const struct arena swap = s->tail;
    s->tail = s->next;
    s->next = swap;
    arena_reset(&s->next);
    arena_reset(&s->input);
    arena_reset(&s->work);
    return 0;
}

static int loop(struct sequences *s, struct err *err)
{
    for (;;) {
        struct native_block block;
        struct part part = {0};
        bool more;
        TRY(native_read_block(&s->source, &s->input, &block, &more, err));
        if (!more)
            break;
        if (block.rows == 0)
            continue;
        if (s->places == NULL)
            TRY(look_at_first(s, &block, err));
        TRY(take_block(s, &block, &part, err));
        const size_t ready = part.rows > s->rule.horizon ? part.rows - s->rule.horizon : 0;
        const size_t written = ready > s->kept_written ? ready : s->kept_written;
        TRY(answer_rows(s, &part, s->kept_written, written, err));
        TRY(keep_rows(s, &part, written, err));
    }
    if (s->kept.rows != 0)
        TRY(answer_rows(s, &s->kept, s->kept_written, s->kept.rows, err));
    return native_sink_flush(&s->sink, err);
}

static int sequences_open(struct sequences *s, struct err *err)
{
    struct arena *const arenas[SEQUENCES_ARENAS] = {&s->all, &s->input, &s->tail, &s->next,
                                                    &s->work};
    TRY(native_source_fd(&s->source, STDIN_FILENO, err));
    for (size_t i = 0; i < SEQUENCES_ARENAS; i++)
        TRY(arena_open(arenas[i], LIMIT_ARENA_BYTES / SEQUENCES_ARENAS, err));
    TRY(parse_type(s, "Array(Array(Float32))", &s->array, err));
    return parse_type(s, "Float64", &s->number, err);
}

static void sequences_close(struct sequences *s)
{
    arena_close(&s->all);
    arena_close(&s->input);
    arena_close(&s->tail);
    arena_close(&s->next);
    arena_close(&s->work);
    native_source_close(&s->source);
    native_sink_close(&s->sink);
}

static int read_options(struct sequences *s, int argc, char **argv, bool *done, struct err *err)
{
    struct sequences_options options = {60, 1, 10, "target"};
    enum options_result result = OPTIONS_RUN;
    TRY(options_parse(&command_page, &argc, argv, &options, &result, err));
    *done = result == OPTIONS_DONE;
    if (!*done && argc != 1)
        return err_set(err, EX_USAGE, "sequences takes options only, not '%s'", argv[1]);
    s->rule = (struct window_rule){(size_t)options.lookback, (size_t)options.horizon,
                                   (int32_t)options.max_gap};
    s->target = options.target;
    return 0;
}

// The sink is opened first: a wrong option must not look like a table without rows either.
int nn_sequences_command(int argc, char **argv, struct err *err)
{
    static struct sequences s;
    bool done = false;
    TRY(native_sink_fd(&s.sink, STDOUT_FILENO, err));
    int code = read_options(&s, argc, argv, &done, err);
    if (code == 0 && !done) {
        udf_isolate();
        code = sequences_open(&s, err);
        if (code == 0)
            code = loop(&s, err);
    }
    if (code != 0 && !isatty(STDOUT_FILENO)) {
        (void)native_write_error(&s.sink, err);
        udf_drain();
    }
    sequences_close(&s);
    return code;
}
