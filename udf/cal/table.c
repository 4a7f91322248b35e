// SPDX-License-Identifier: Apache-2.0
// `cal calendar`: rows of (from, to, mic) come in, a row for each day from `from` to `to` goes out,
// for ClickHouse's executable() table function. warehouse.trading_calendar wraps it.
#include "base/options.h"
#include "base/time.h"
#include "cal.h"

#include <string.h>
#include <unistd.h>

// Name, type. open_at and close_at are NULL on a day without a session.
#define COLUMNS(X)                                                                                 \
    X(DATE, "date", "Date")                                                                        \
    X(MIC, "mic", "String")                                                                        \
    X(IS_OPEN, "is_open", "Bool")                                                                  \
    X(OPEN_AT, "open_at", "Nullable(DateTime64(6, 'UTC'))")                                        \
    X(CLOSE_AT, "close_at", "Nullable(DateTime64(6, 'UTC'))")                                      \
    X(IS_HALF_DAY, "is_half_day", "Bool")                                                          \
    X(REASON, "reason", "String")                                                                  \
    X(SESSION_NUMBER, "session_number", "UInt16")                                                  \
    X(PREV_SESSION, "prev_session", "Date")                                                        \
    X(NEXT_SESSION, "next_session", "Date")                                                        \
    X(ISO_YEAR, "iso_year", "UInt16")                                                              \
    X(ISO_WEEK, "iso_week", "UInt8")                                                               \
    X(IS_MONTH_END, "is_month_end", "Bool")                                                        \
    X(IS_YEAR_END, "is_year_end", "Bool")

enum column {
#define X(id, name, type) COLUMN_##id,
    COLUMNS(X)
#undef X
        COLUMN_COUNT
};

static const char *const column_names[] = {
#define X(id, name, type) name,
    COLUMNS(X)
#undef X
};

static const char *const column_types[] = {
#define X(id, name, type) type,
    COLUMNS(X)
#undef X
};

enum { FROM, TO, MIC, INPUT_COUNT };
static const char *const input_names[INPUT_COUNT] = {"from", "to", "mic"};
static const char *const input_types[INPUT_COUNT] = {"Date32", "Date32", "String"};

enum { REGULAR_CLOSE = 16 * 60, MAX_REASON = 64 };

struct table {
    struct arena types, input, output; // for the whole life; a block that came; a block to write
    const struct native_type *wanted[INPUT_COUNT], *made[COLUMN_COUNT];
    struct native_source source;
    struct native_sink sink;
};

static bool last_session_of(const struct calendar *calendar, int32_t date, bool of_year)
{
    int year, month, day, next_year, next_month;
    const int32_t next = calendar_next(calendar, date);
    if (!calendar_is_open(calendar, date))
        return false;
    if (next == CALENDAR_NO_DATE) // the calendar ends with a year
        return true;
    date_to_civil(date, &year, &month, &day);
    date_to_civil(next, &next_year, &next_month, &day);
    return year != next_year || (!of_year && month != next_month);
}

// The week belongs to the year that holds its Thursday. 1970-01-01 was one.
static void iso_week(int32_t date, uint16_t *iso_year, uint8_t *week)
{
    const int32_t monday_of_1970 = -3;
    const int32_t thursday = date - (date - monday_of_1970) % 7 + 3;
    int year, month, day;
    date_to_civil(thursday, &year, &month, &day);
    *iso_year = (uint16_t)year;
    *week = (uint8_t)((thursday - date_from_civil(year, 1, 1)) / 7 + 1);
}

static void set_text(struct native_column *column, size_t row, const char *text)
{
    const size_t length = strlen(text);
    const uint64_t start = native_start(column->ends, row);
    memcpy(column->bytes + start, text, length);
    column->ends[row] = start + length;
}

static void set_instant(struct native_column *column, size_t row, const struct calendar *calendar,
                        int32_t date, unsigned minute)
{
    column->nulls[row] = minute == 0;
    ((int64_t *)column->children[0].values)[row] =
        minute == 0 ? 0 : calendar_instant(calendar, date, minute) * 1000000;
}

#define CELL(id, type) (((type *)c[COLUMN_##id].values)[row])

static void set_day(struct native_column *c, size_t row, enum exchange exchange, int32_t date)
{
    const struct calendar *calendar = cal_calendar(exchange);
    const struct calendar_day *day = calendar_day(calendar, date);
    CELL(DATE, uint16_t) = (uint16_t)date;
    set_text(&c[COLUMN_MIC], row, exchange_mic(exchange));
    CELL(IS_OPEN, uint8_t) = day->close != 0;
    set_instant(&c[COLUMN_OPEN_AT], row, calendar, date, day->open);
    set_instant(&c[COLUMN_CLOSE_AT], row, calendar, date, day->close);
    CELL(IS_HALF_DAY, uint8_t) = day->close != 0 && day->close < REGULAR_CLOSE;
    set_text(&c[COLUMN_REASON], row, calendar_reason(day));
    CELL(SESSION_NUMBER, uint16_t) = day->sessions;
    CELL(PREV_SESSION, uint16_t) = (uint16_t)calendar_prev(calendar, date);
    CELL(NEXT_SESSION, uint16_t) = (uint16_t)calendar_next(calendar, date);
    iso_week(date, &CELL(ISO_YEAR, uint16_t), &CELL(ISO_WEEK, uint8_t));
    CELL(IS_MONTH_END, uint8_t) = last_session_of(calendar, date, false);
    CELL(IS_YEAR_END, uint8_t) = last_session_of(calendar, date, true);
}

static int make_columns(struct table *t, size_t rows, struct native_column *columns,
                        struct err *err)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        struct native_column *column = &columns[i];
        TRY(native_column_new(&t->output, t->made[i], rows, column, err));
        column->name = column_names[i];
        if (column->type->kind == NATIVE_NULLABLE)
            TRY(native_column_new(&t->output, &t->made[i]->children[0], rows, column->children,
                                  err));
        if (column->type->kind == NATIVE_STRING &&
            (column->bytes = arena_alloc(&t->output, rows, MAX_REASON, err)) == NULL)
            return err_code(err, EX_OSERR);
    }
    return 0;
}

static int check_date(const char *name, int32_t date, struct err *err)
{
    char text[11];
    if (date >= CALENDAR_FIRST_DAY && date <= CALENDAR_LAST_DAY)
        return 0;
    date_format(date, text);
    return err_set(err, EX_DATAERR,
                   "'%s' is %s; the calendar reaches from 1990-01-01 to 2035-12-31", name, text);
}

static int write_days(struct table *t, enum exchange exchange, int32_t from, int32_t to,
                      struct err *err)
{
    TRY(check_date("from", from, err));
    TRY(check_date("to", to, err));
    if (from > to)
        return 0;
    struct native_column columns[COLUMN_COUNT];
    const size_t rows = (size_t)(to - from) + 1;
    TRY(make_columns(t, rows, columns, err));
    for (size_t row = 0; row < rows; row++)
        set_day(columns, row, exchange, from + (int32_t)row);
    const struct native_block block = {rows, COLUMN_COUNT, columns};
    TRY(native_write_block(&t->sink, &block, err));
    arena_reset(&t->output);
    return 0;
}

static int answer_block(struct table *t, const struct native_block *block, struct err *err)
{
    const struct native_column *in[INPUT_COUNT];
    if (block->column_count != INPUT_COUNT)
        return err_set(err, EX_DATAERR, "got %zu columns; give it three: (SELECT from, to, mic)",
                       block->column_count);
    for (size_t i = 0; i < INPUT_COUNT; i++)
        TRY(native_convert(&t->input, &block->columns[i], t->wanted[i], input_names[i], &in[i],
                           err));
    for (size_t row = 0; row < block->rows; row++) {
        const uint64_t start = native_start(in[MIC]->ends, row);
        enum exchange exchange;
        TRY(exchange_parse(in[MIC]->bytes + start, in[MIC]->ends[row] - start, &exchange, err));
        TRY(write_days(t, exchange, ((const int32_t *)in[FROM]->values)[row],
                       ((const int32_t *)in[TO]->values)[row], err));
    }
    return 0;
}

static int table_loop(struct table *t, struct err *err)
{
    for (;;) {
        struct native_block block;
        bool more;
        TRY(native_read_block(&t->source, &t->input, &block, &more, err));
        if (!more)
            return native_sink_flush(&t->sink, err);
        TRY(answer_block(t, &block, err));
        arena_reset(&t->input);
    }
}

static int table_open(struct table *t, struct err *err)
{
    TRY(native_source_fd(&t->source, STDIN_FILENO, err));
    TRY(arena_open(&t->types, 1 << 20, err));
    TRY(arena_open(&t->input, LIMIT_ARENA_BYTES / 2, err));
    TRY(arena_open(&t->output, LIMIT_ARENA_BYTES / 2, err));
    for (size_t i = 0; i < INPUT_COUNT; i++)
        TRY(native_type_parse(&t->types, input_types[i], strlen(input_types[i]), &t->wanted[i],
                              err));
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        TRY(native_type_parse(&t->types, column_types[i], strlen(column_types[i]), &t->made[i],
                              err));
    return 0;
}

static void table_close(struct table *t)
{
    arena_close(&t->types);
    arena_close(&t->input);
    arena_close(&t->output);
    native_source_close(&t->source);
    native_sink_close(&t->sink);
}

static int read_words(int argc, char **argv, bool *done, struct err *err)
{
    static const struct option none[] = {{0}};
    static const struct command command = {
        "cal calendar", "rows of from, to, mic in, their days out, for executable()",
        "cal calendar", none,
        "Input and output are blocks in ClickHouse's Native format; schemas/0040_calendar.sql has "
        "the columns.\n"};
    enum options_result result = OPTIONS_RUN;
    TRY(options_parse(&command, &argc, argv, NULL, &result, err));
    *done = result == OPTIONS_DONE;
    if (!*done && argc != 1)
        return err_set(err, EX_USAGE, "calendar takes no words; its input is (from, to, mic)");
    return 0;
}

// The sink is opened first: a wrong word must not look like a table without rows.
int cal_table_command(int argc, char **argv, struct err *err)
{
    static struct table t;
    bool done = false;
    TRY(native_sink_fd(&t.sink, STDOUT_FILENO, err));
    int code = read_words(argc, argv, &done, err);
    if (code == 0 && !done) {
        udf_isolate();
        code = table_open(&t, err);
        if (code == 0)
            code = table_loop(&t, err);
    }
    if (code != 0 && !isatty(STDOUT_FILENO)) {
        (void)native_write_error(&t.sink, err);
        udf_drain();
    }
    table_close(&t);
    return code;
}
