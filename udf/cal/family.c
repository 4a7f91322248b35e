// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it. The calendars are built before the first block.
#include "cal.h"
#include "list.h"

#include <string.h>

static struct calendar calendars[EXCHANGE_COUNT];

const struct calendar *cal_calendar(unsigned exchange)
{
    return &calendars[exchange];
}

int cal_exchanges(const struct udf_call *call, const struct native_column *mic,
                  const uint8_t **exchanges, struct err *err)
{
    uint8_t *of_row = arena_alloc(call->arena, call->rows, sizeof *of_row, err);
    if (of_row == NULL)
        return err_code(err, EX_OSERR);
    const char *last = NULL;
    size_t last_length = 0;
    for (size_t row = 0; row < call->rows; row++) {
        const uint64_t start = native_start(mic->ends, row);
        const char *text = mic->bytes + start;
        const size_t length = mic->ends[row] - start;
        if (last != NULL && length == last_length && memcmp(text, last, length) == 0) {
            of_row[row] = of_row[row - 1];
            continue;
        }
        enum exchange exchange;
        TRY(exchange_parse(text, length, &exchange, err));
        of_row[row] = (uint8_t)exchange;
        last = text;
        last_length = length;
    }
    *exchanges = of_row;
    return 0;
}

static int setup(struct err *err)
{
    (void)err;
    for (int i = 0; i < EXCHANGE_COUNT; i++)
        calendar_build(&calendars[i], (enum exchange)i);
    return 0;
}

static void document(FILE *out)
{
    (void)fprintf(
        out,
        "`mic` is the exchange: `XNYS` (or `NYSE`), `XNAS` (or `NASDAQ`), in any case; another one "
        "is an "
        "error. The calendars reach from 1990-01-01 to 2035-12-31: holidays as they were observed, "
        "half "
        "days, closings that nobody foresaw (among them 11 to 14 September 2001, Hurricane Sandy, "
        "state "
        "funerals), and five sessions that opened late or closed early, where they are truer than "
        "the "
        "usual tables: 1994-02-11 (to 14:30), 1995-12-18 (NYSE from 10:30), 1996-01-08 (11:00 to "
        "14:00), "
        "1997-10-27 (to 15:30), 2002-09-11 (from 12:00). Years to come follow the rules of today. "
        "`ts` is an instant: a `DateTime` or `DateTime64` of any time zone means the same "
        "moment.\n\n"
        "All days with their hours are a table function, `warehouse.trading_calendar`, and a "
        "table, "
        "`warehouse.dim_date`:\n\n"
        "```sql\n"
        "SELECT date, open_at, close_at, reason FROM warehouse.trading_calendar(from = "
        "'2025-11-24', to = "
        "'2025-11-30', mic = 'XNYS');\n"
        "```\n\n"
        "Without the schema: `executable('cal calendar', Native, 'date Date, is_open Bool, ...', "
        "(SELECT toDate('2025-11-24') AS from, toDate('2025-11-30') AS to, 'XNYS' AS mic))`; "
        "`schemas/0040_calendar.sql` has all its columns.\n\n");
}

static int command(int argc, char **argv, struct err *err)
{
    return strcmp(argv[0], "calendar") == 0 ? cal_table_command(argc, argv, err) : -1;
}

static void complete(FILE *out)
{
    (void)fprintf(out, "calendar\n");
}

const struct udf_family udf_family = {
    .name = "cal",
    .summary = "trading sessions of the New York exchanges",
    .functions = udf_list_functions,
    .setup = setup,
    .document = document,
    .command = command,
    .usage =
        "       cal calendar        rows of from, to, mic in, their days out: for executable()\n",
    .complete = complete,
};
