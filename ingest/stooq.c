// SPDX-License-Identifier: Apache-2.0
// `ingest stooq`: the options, the inputs one after the other, and the summary.
#include "base/options.h"
#include "base/time.h"
#include "input.h"
#include "source.h"
#include "stooq_http.h"
#include "stooq_text.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOOQ_ARENA_BYTES = 1 << 30, STOOQ_TICKERS = 65536, STOOQ_REPLY_BYTES = 64 << 20 };

struct stooq_options {
    const char *tickers, *input, *sink, *url, *user, *database;
    int32_t from, to;
    bool overwrite, dry_run, quiet;
};

#define OFFSET(field) offsetof(struct stooq_options, field)

static const struct option option_list[] = {
    {"input", OPTION_TEXT, OFFSET(input), "PATH",
     "a file, a folder, a zip archive, or - for stdin; more may follow as words", 0, 0},
    {"tickers", OPTION_TEXT, OFFSET(tickers), "LIST",
     "only these, separated by commas (nvda.us,^spx); without --input: download them", 0, 0},
    {"from", OPTION_DATE, OFFSET(from), "DATE", "leave out bars before this day (YYYY-MM-DD)", 0,
     0},
    {"to", OPTION_DATE, OFFSET(to), "DATE", "leave out bars after this day", 0, 0},
    {"sink", OPTION_TEXT, OFFSET(sink), "NAME", "clickhouse (default), or csv: print on stdout", 0,
     0},
    {"overwrite", OPTION_FLAG, OFFSET(overwrite), NULL,
     "store every row anew, also what was loaded before", 0, 0},
    {"dry-run", OPTION_FLAG, OFFSET(dry_run), NULL, "read and check everything, store nothing", 0,
     0},
    SINK_OPTION_LIST(OFFSET),
    {0},
};

static const struct command command = {
    "ingest stooq",
    "load daily prices of Stooq into warehouse.stock_daily",
    "ingest stooq --input PATH [PATH...] [options]\n"
    "       ingest stooq --tickers nvda.us,msft.us --from 2020-01-01 --to 2025-12-31 [options]",
    option_list,
    "environment:\n"
    "  TICKHOUSE_URL            ClickHouse's HTTP port; ./tickhouse sets it to its hub's\n"
    "  TICKHOUSE_PASSWORD       password of the ClickHouse user\n"
    "  TICKHOUSE_STOOQ_KEY      Stooq's API key, for downloads\n"
    "  TICKHOUSE_STOOQ_URL      another download address, for tests\n"
    "\n"
    "exit codes: 0 all rows loaded or there before; 64 usage; 65 some rows were bad and are in\n"
    "warehouse.quarantine, the good ones are loaded; 66 an input cannot be read; 69 Stooq or\n"
    "ClickHouse refuses; 75 try again: the server is away, or the run was stopped\n",
};

// Everything that one run holds.
struct run {
    struct stooq_options options;
    struct arena arena, marks;
    struct progress progress;
    struct sink *sink;
    struct batcher batcher;
    struct stooq_text text;
    struct ticker_set wanted;
    const struct ticker *only; // the ticker of a CSV without a name: stdin with one of --tickers
    uint64_t unreadable;       // inputs and downloads that gave nothing
};

static struct csv_view next_word(const char **list)
{
    const char *comma = strchrnul(*list, ',');
    const struct csv_view word = {*list, (size_t)(comma - *list)};
    *list = *comma != '\0' ? comma + 1 : comma;
    return word;
}

static int read_tickers(struct run *run, struct err *err)
{
    const char *rest = run->options.tickers;
    struct ticker_entry *entry = NULL;
    TRY(ticker_set_init(&run->wanted, &run->arena, err));
    while (rest != NULL && *rest != '\0') {
        const struct csv_view word = next_word(&rest);
        struct ticker ticker;
        if (!ticker_parse(word.data, word.size, &ticker) || run->wanted.count == STOOQ_TICKERS)
            return err_set(err, EX_USAGE,
                           "--tickers: '%.*s' is no ticker; write for example "
                           "nvda.us,^spx",
                           (int)word.size, word.data);
        entry = ticker_set_add(&run->wanted, &ticker, err);
        if (entry == NULL)
            return err_code(err, EX_OSERR);
    }
    if (run->wanted.count != 0)
        run->text.wanted = &run->wanted;
    if (run->wanted.count == 1)
        run->only = &entry->ticker;
    return 0;
}

static int visit_text(void *context, const char *name, const char *data, size_t size,
                      struct err *err)
{
    struct run *run = context;
    const struct ticker *ticker = strcmp(name, "stdin") == 0 ? run->only : NULL;
    TRY(stooq_text_load(&run->text, name, ticker, data != NULL ? data : "", size, err));
    progress_show(&run->progress, run->batcher.files, run->batcher.rows, run->batcher.bytes);
    return stop_check(err);
}

static int load_inputs(struct run *run, char **words, struct err *err)
{
    struct input input;
    input_init(&input, visit_text, run);
    const int code = input_walk_each(&input, run->options.input, words, err);
    run->unreadable += input.unreadable;
    input_free(&input);
    return code;
}

static int load_download(struct run *run, struct stooq_site *site, const char *symbol,
                         struct buffer *text, struct err *err)
{
    struct err problem = {0};
    struct ticker ticker;
    char name[64];
    if (stooq_site_get(site, symbol, run->options.from, run->options.to, text, &problem) != 0) {
        if (problem.code != EX_NOINPUT)
            return err_set(err, problem.code, "%s: %s", symbol, problem.text);
        (void)fprintf(stderr, "ingest: %s: %s\n", symbol, problem.text);
        run->unreadable++;
        return 0;
    }
    (void)ticker_parse(symbol, strlen(symbol), &ticker); // --tickers was checked
    (void)snprintf(name, sizeof name, "download:%s", symbol);
    TRY(stooq_text_load(&run->text, name, &ticker, text->data, text->size, err));
    return stop_check(err);
}

static int load_downloads(struct run *run, struct err *err)
{
    const char *rest = run->options.tickers;
    struct stooq_site site;
    struct buffer text;
    int code = stooq_site_open(&site, err);
    buffer_init(&text, STOOQ_REPLY_BYTES);
    while (code == 0 && *rest != '\0') {
        const struct csv_view word = next_word(&rest);
        char symbol[TICKER_BYTES];
        (void)snprintf(symbol, sizeof symbol, "%.*s", (int)word.size, word.data);
        code = load_download(run, &site, symbol, &text, err);
    }
    buffer_free(&text);
    stooq_site_close(&site);
    return code;
}

static int open_sink(struct run *run, struct err *err)
{
    const struct stooq_options *options = &run->options;
    const struct sink_options sink = {
        .source = "stooq",
        .url = options->url,
        .user = options->user,
        .password = getenv("TICKHOUSE_PASSWORD"),
        .database = options->database,
        .overwrite = options->overwrite,
        .quiet = options->quiet,
    };
    if (options->dry_run)
        return sink_none_open(&run->sink, &sink, err);
    if (strcmp(options->sink, "csv") == 0)
        return sink_csv_open(&run->sink, &sink, err);
    if (strcmp(options->sink, "clickhouse") == 0)
        return sink_clickhouse_open(&run->sink, &sink, err);
    return err_set(err, EX_USAGE, "--sink wants clickhouse or csv, not '%s'", options->sink);
}

static int check_options(const struct stooq_options *options, bool has_input, struct err *err)
{
    if (options->tickers != NULL && *options->tickers == '\0')
        return err_set(err, EX_USAGE,
                       "--tickers is empty; write for example nvda.us,^spx, or leave it out to "
                       "load every ticker of the input");
    if (!has_input && options->tickers == NULL)
        return err_set(err, EX_USAGE,
                       "nothing to load: give --input PATH, or --tickers to download; "
                       "'ingest stooq --help' tells more");
    if (!has_input && (options->from == INT32_MIN || options->to == INT32_MAX))
        return err_set(err, EX_USAGE,
                       "a download wants --from and --to: no date is taken for granted");
    if (options->from > options->to)
        return err_set(err, EX_USAGE, "--from is after --to: no bar can be between them");
    return 0;
}

static void summarize(const struct run *run)
{
    const struct batcher *batcher = &run->batcher;
    const double seconds = clock_seconds() - run->progress.started;
    const bool stores = strcmp(run->options.sink, "clickhouse") == 0 && !run->options.dry_run;
    if (run->options.quiet)
        return;
    (void)fprintf(
        stderr,
        "stooq: %llu files, %llu rows read, %llu %s, %llu there before, %llu quarantined, "
        "%.2f s, %.1f MB/s%s%s\n",
        (unsigned long long)batcher->files, (unsigned long long)batcher->rows,
        (unsigned long long)run->sink->loaded, run->options.dry_run ? "good (dry run)" : "loaded",
        (unsigned long long)run->sink->already, (unsigned long long)batcher->quarantined, seconds,
        (double)batcher->bytes * 1e-6 / seconds, stores ? ", into " : "",
        stores ? run->options.url : "");
    if (batcher->quarantined != 0 && !run->options.dry_run)
        (void)fprintf(stderr,
                      "why rows are in quarantine: SELECT file, line, reason, raw FROM "
                      "%s.quarantine FINAL ORDER BY ingested_at DESC\n",
                      run->options.database);
}

static int load(struct run *run, char **words, struct err *err)
{
    const bool has_input = run->options.input != NULL || *words != NULL;
    TRY(check_options(&run->options, has_input, err));
    TRY(arena_open(&run->arena, STOOQ_ARENA_BYTES, err));
    TRY(arena_open(&run->marks, STOOQ_ARENA_BYTES, err));
    TRY(stooq_text_init(&run->text, &run->arena, &run->marks, &run->batcher, err));
    TRY(read_tickers(run, err));
    run->text.from = run->options.from;
    run->text.to = run->options.to;
    TRY(open_sink(run, err));
    progress_start(&run->progress, run->options.quiet);
    TRY(batcher_init(&run->batcher, &run->arena, run->sink, &run->progress, err));
    int code = has_input ? load_inputs(run, words, err) : load_downloads(run, err);
    if (code == 0)
        code = batcher_flush(&run->batcher, err);
    progress_end(&run->progress);
    summarize(run);
    return code;
}

static int exit_code(const struct run *run)
{
    if (run->batcher.quarantined != 0)
        return EX_DATAERR;
    return run->unreadable != 0 ? EX_NOINPUT : 0;
}

int stooq_run(int argc, char **argv, struct err *err)
{
    const char *url = getenv("TICKHOUSE_URL");
    struct run run = {.options = {.sink = "clickhouse",
                                  .url = url != NULL ? url : "http://127.0.0.1:8123",
                                  .user = "default",
                                  .database = "warehouse",
                                  .from = INT32_MIN,
                                  .to = INT32_MAX}};
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &run.options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    const int code = load(&run, argv + 1, err);
    if (run.sink != NULL)
        run.sink->close(run.sink);
    batcher_free(&run.batcher);
    arena_close(&run.arena);
    arena_close(&run.marks);
    return code != 0 ? code : exit_code(&run);
}
