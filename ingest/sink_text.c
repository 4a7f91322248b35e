// SPDX-License-Identifier: Apache-2.0
// Sinks without a server: bars as CSV on stdout, or nowhere; bad rows as sentences on stderr.
#include "base/time.h"
#include "sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_quarantine(struct sink *sink, const struct quarantine *rows, struct err *err)
{
    (void)sink;
    (void)err;
    for (size_t i = 0; i < rows->rows; i++) {
        const struct csv_view file = strings_at(&rows->file, i);
        const struct csv_view reason = strings_at(&rows->reason, i);
        (void)fprintf(stderr, "%.*s:%llu: %.*s\n", (int)file.size, file.data,
                      (unsigned long long)rows->line[i], (int)reason.size, reason.data);
    }
    return 0;
}

static int drop_bars(struct sink *sink, const struct bars *bars, struct err *err)
{
    (void)err;
    sink->loaded += bars->rows;
    return 0;
}

// The shortest of 15, 16 and 17 digits that reads back as the same number.
static void print_number(double value)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    (void)printf(",%s", text);
}

static int print_bars(struct sink *sink, const struct bars *bars, struct err *err)
{
    char date[11];
    if (sink->loaded == 0)
        (void)printf("ticker,date,open,high,low,close,volume\n");
    for (size_t i = 0; i < bars->rows; i++) {
        const struct csv_view ticker = strings_at(&bars->tickers, bars->ticker[i]);
        date_format(bars->date[i], date);
        (void)printf("%.*s,%s", (int)ticker.size, ticker.data, date);
        for (size_t column = 0; column < BAR_COLUMNS; column++)
            print_number(bars->columns[column][i]);
        (void)printf("\n");
    }
    sink->loaded += bars->rows;
    if (fflush(stdout) != 0)
        return err_set(err, EX_IOERR, "cannot write to stdout: %s", strerror(errno));
    return 0;
}

static void close_text(struct sink *sink)
{
    free(sink);
}

static int open_text(struct sink **sink,
                     int (*bars)(struct sink *, const struct bars *, struct err *), struct err *err)
{
    *sink = malloc(sizeof **sink);
    if (*sink == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    **sink = (struct sink){bars, print_quarantine, close_text, 0, 0};
    return 0;
}

int sink_csv_open(struct sink **sink, const struct sink_options *options, struct err *err)
{
    (void)options;
    return open_text(sink, print_bars, err);
}

int sink_none_open(struct sink **sink, const struct sink_options *options, struct err *err)
{
    (void)options;
    return open_text(sink, drop_bars, err);
}
