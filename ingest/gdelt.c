// SPDX-License-Identifier: Apache-2.0
// `ingest gdelt`: the options, and three ways to come by files. Local ones are read as they are
// found. A range of days is entered into the ledger from GDELT's master lists, and then the ledger
// says what to download; so a run that was ended goes on where it was. Following adds the lists of
// the newest slot, again and again, or once, and the master lists where those passed slots over.
// A mark in ClickHouse says up to which slot a feed's master list was read. It is the only memory
// of what may be missing, so nothing is forgotten when a list fails or the run is killed.
#include "base/options.h"
#include "base/time.h"
#include "gdelt_fetch.h"
#include "gdelt_load.h"
#include "input.h"
#include "net/backoff.h"
#include "progress.h"
#include "source.h"
#include "stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY_SECONDS = 86400,
    SLOT_SECONDS = 900,
    UNANSWERED_MOST = 3, // files in a row, before the site counts as away
};

struct gdelt_options {
    const char *feeds, *input, *base_url, *url, *user, *database;
    int32_t from, to;
    int64_t poll, probe, connections, stall, tries, catch_up;
    bool follow, once, translingual, drop_gcam, retry, dry_run, quiet;
};

#define OFFSET(field) offsetof(struct gdelt_options, field)

static const struct option option_list[] = {
    {"input", OPTION_TEXT, OFFSET(input), "PATH",
     "a file, a folder, or - for stdin, zip or text; more may follow as words", 0, 0},
    {"from", OPTION_DATE, OFFSET(from), "DATE", "download from this day on (YYYY-MM-DD)", 0, 0},
    {"to", OPTION_DATE, OFFSET(to), "DATE", "up to this day, its last slot included", 0, 0},
    {"follow", OPTION_FLAG, OFFSET(follow), NULL, "keep up with the newest slots until stopped", 0,
     0},
    {"once", OPTION_FLAG, OFFSET(once), NULL,
     "with --follow: load what the newest list names, then end", 0, 0},
    {"catch-up", OPTION_INTEGER, OFFSET(catch_up), "HOURS",
     "with --follow: seek slots that were passed over so long ago at most (all)", 0, INT32_MAX},
    {"feeds", OPTION_TEXT, OFFSET(feeds), "LIST",
     "of gkg, mentions, events (gkg; with --input: all)", 0, 0},
    {"translingual", OPTION_FLAG, OFFSET(translingual), NULL,
     "also what GDELT translated from other languages", 0, 0},
    {"drop-gcam", OPTION_FLAG, OFFSET(drop_gcam), NULL,
     "store the column GCAM empty: 70% of the bytes of gkg", 0, 0},
    {"retry", OPTION_FLAG, OFFSET(retry), NULL,
     "try everything again that is not loaded, whenever it was tried", 0, 0},
    {"dry-run", OPTION_FLAG, OFFSET(dry_run), NULL, "with --input: read and check, store nothing",
     0, 0},
    {"poll", OPTION_INTEGER, OFFSET(poll), "SECONDS", "between looks at the newest list (900)", 1,
     DAY_SECONDS},
    {"probe", OPTION_INTEGER, OFFSET(probe), "SECONDS",
     "until a missing file is looked for again (60); doubles up to a day", 1, DAY_SECONDS},
    {"base-url", OPTION_TEXT, OFFSET(base_url), "URL", "of a mirror (" GDELT_SITE ")", 0, 0},
    {"connections", OPTION_INTEGER, OFFSET(connections), "COUNT",
     "downloads at a time, ahead of what is being stored (3)", 1, GDELT_CONNECTIONS_MOST},
    {"stall", OPTION_INTEGER, OFFSET(stall), "SECONDS",
     "without a byte, until a download is begun anew (60)", 1, DAY_SECONDS},
    {"tries", OPTION_INTEGER, OFFSET(tries), "COUNT",
     "further tries, with growing waits, when the site does not answer (9)", 0, 100},
    SINK_OPTION_LIST(OFFSET),
    {0},
};

static const struct command command = {
    "ingest gdelt",
    "load GDELT's news into warehouse.bronze_gkg, bronze_mentions, bronze_events",
    "ingest gdelt --input PATH [PATH...] [options]\n"
    "       ingest gdelt --from 2025-01-01 --to 2025-01-31 [options]\n"
    "       ingest gdelt --follow [--once] [--from DATE] [options]",
    option_list,
    "environment:\n"
    "  TICKHOUSE_URL            ClickHouse's HTTP port; ./tickhouse sets it to its hub's\n"
    "  TICKHOUSE_PASSWORD       password of the ClickHouse user\n"
    "\n"
    "exit codes: 0 everything is loaded, was there before, or is missing at the site; 64 usage;\n"
    "65 some rows or files were bad and are in warehouse.quarantine; 66 an input cannot be read;\n"
    "69 ClickHouse or the site refuses; 75 try again: the server or the site is away, or the run\n"
    "was stopped\n",
};

// Everything that one run holds.
struct run {
    struct gdelt_options options;
    struct gdelt_range range;
    struct sink *sink;
    struct gdelt_store store;
    struct gdelt_loader loader;
    struct gdelt_site site; // for lists
    struct gdelt_fetch fetch;
    struct progress progress;
    uint32_t since[GDELT_KINDS][2]; // of a list, slots after this are wanted
    uint32_t named[GDELT_KINDS][2]; // newest slot of the lists that were read last
    struct gdelt_entry due[GDELT_DUE_MOST];
    uint64_t unreadable, left; // inputs that gave nothing; entries still to do
    int unanswered;            // files in a row that the site did not give
};

// ---- options ----

static int choose_feed(struct run *run, const char *word, size_t size, struct err *err)
{
    for (int kind = 0; kind < GDELT_KINDS; kind++) {
        const char *known = gdelt_layouts[kind].kind;
        if (strlen(known) != size || memcmp(known, word, size) != 0)
            continue;
        run->range.feeds[kind][0] = true;
        run->range.feeds[kind][1] = run->options.translingual;
        return 0;
    }
    return err_set(err, EX_USAGE, "--feeds wants gkg, mentions or events, not '%.*s'", (int)size,
                   word);
}

static int choose_feeds(struct run *run, bool has_input, struct err *err)
{
    const char *list = run->options.feeds;
    if (list == NULL && has_input) {
        memset(run->range.feeds, true, sizeof run->range.feeds);
        return 0;
    }
    for (const char *word = list != NULL ? list : "gkg";; word++) {
        const char *end = strchrnul(word, ',');
        TRY(choose_feed(run, word, (size_t)(end - word), err));
        word = end;
        if (*end == '\0')
            return 0;
    }
}

static int check_options(struct run *run, bool has_input, struct err *err)
{
    const struct gdelt_options *options = &run->options;
    const bool has_from = options->from != INT32_MIN, has_to = options->to != INT32_MAX;
    if (!has_input && !options->follow && !has_from && !has_to)
        return err_set(err, EX_USAGE,
                       "nothing to load: give --input PATH, --from and --to, or --follow; 'ingest "
                       "gdelt --help' tells more");
    if (has_input && options->follow)
        return err_set(err, EX_USAGE, "--input and --follow are two ways: give one of them");
    if (options->once && !options->follow)
        return err_set(err, EX_USAGE, "--once goes with --follow: one look at the newest list");
    if (!has_input && options->dry_run)
        return err_set(err, EX_USAGE, "--dry-run is for --input: a download is led by the ledger");
    if (!has_input && !options->follow && !(has_from && has_to))
        return err_set(err, EX_USAGE, "a download wants --from and --to, or --follow");
    if (options->follow && has_to)
        return err_set(err, EX_USAGE, "--follow has no end: leave out --to");
    if (options->from > options->to)
        return err_set(err, EX_USAGE, "--from is after --to: no slot can be between them");
    return 0;
}

static uint32_t day_start(int64_t days)
{
    const int64_t seconds = days * DAY_SECONDS;
    return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

static void set_range(struct run *run)
{
    const struct gdelt_options *options = &run->options;
    run->range.from = day_start(options->from);
    run->range.to = day_start((int64_t)options->to + 1);
    run->range.to -= run->range.to != UINT32_MAX;
    run->range.probe_seconds = options->probe;
    run->range.retry = options->retry;
    run->range.once = !options->follow || options->once || options->retry;
    run->range.started = clock_microseconds();
}

// ---- local files ----

static void show_progress(struct run *run, const struct gdelt_slot *slot)
{
    const struct gdelt_counts *counts = &run->loader.counts;
    const unsigned long long gaps =
        counts->missing + counts->mismatched + counts->malformed + counts->unanswered;
    const double seconds = clock_seconds() - run->progress.started;
    char time[15] = "", left[48] = "";
    if (slot != NULL)
        gdelt_time_format(slot->time, time);
    if (run->left != 0 && counts->files != 0)
        (void)snprintf(left, sizeof left, ", %llu to go, %.0f s left",
                       (unsigned long long)run->left,
                       seconds / (double)counts->files * (double)run->left);
    progress_say(&run->progress, "%s %llu files, %llu rows, %.0f MB, %.1f MB/s, %llu gaps%s", time,
                 (unsigned long long)counts->files, (unsigned long long)counts->rows,
                 (double)counts->bytes * 1e-6, (double)counts->bytes * 1e-6 / seconds, gaps, left);
}

static int visit_file(void *context, const char *name, const char *data, size_t size,
                      struct err *err)
{
    struct run *run = context;
    TRY(gdelt_load_local(&run->loader, &run->range, name, data != NULL ? data : "", size, err));
    show_progress(run, NULL);
    return stop_check(err);
}

static int load_inputs(struct run *run, char **words, struct err *err)
{
    struct input input;
    input_init(&input, visit_file, run);
    input.whole_zips = true;
    const int code = input_walk_each(&input, run->options.input, words, err);
    run->unreadable += input.unreadable;
    input_free(&input);
    return code;
}

// ---- downloads ----

static int enter_listed(void *context, const struct gdelt_listed *listed, struct err *err)
{
    struct run *run = context;
    const struct gdelt_slot *slot = &listed->slot;
    uint32_t *named = &run->named[slot->feed.kind][slot->feed.translingual];
    *named = slot->time > *named ? slot->time : *named;
    if (!run->range.feeds[slot->feed.kind][slot->feed.translingual] ||
        slot->time <= run->since[slot->feed.kind][slot->feed.translingual] ||
        slot->time < run->range.from || slot->time > run->range.to)
        return 0;
    return gdelt_store_list(&run->store, listed, err);
}

static bool wants(const struct run *run, bool translingual)
{
    bool any = false;
    for (int kind = 0; kind < GDELT_KINDS; kind++)
        any |= run->range.feeds[kind][translingual] && run->since[kind][translingual] != UINT32_MAX;
    return any;
}

// Reads both lists, of English and of other languages, as far as they are wanted.
static int read_lists(struct run *run, const char *list, const char *translingual_list,
                      struct err *err)
{
    memset(run->named, 0, sizeof run->named);
    if (wants(run, false))
        TRY(gdelt_site_list(&run->site, list, enter_listed, run, err));
    if (wants(run, true))
        TRY(gdelt_site_list(&run->site, translingual_list, enter_listed, run, err));
    return 0;
}

static int enter_master_lists(struct run *run, struct err *err)
{
    TRY(read_lists(run, "masterfilelist.txt", "masterfilelist-translation.txt", err));
    return gdelt_store_list_end(&run->store, err);
}

static int load_entry(struct run *run, size_t index, struct err *err)
{
    struct gdelt_entry *entry = &run->due[index];
    const struct buffer *zip;
    TRY(gdelt_fetch_take(&run->fetch, index, &zip, err));
    run->unanswered = entry->state == GDELT_LISTED ? run->unanswered + 1 : 0;
    TRY(gdelt_load_download(&run->loader, entry, zip, err));
    run->left -= run->left != 0;
    show_progress(run, &entry->slot);
    TRY(stop_check(err));
    if (run->unanswered < UNANSWERED_MOST)
        return 0;
    return err_set_retriable(err, EX_TEMPFAIL,
                             "%d files in a row did not come; the same command again goes on from "
                             "here: %s",
                             UNANSWERED_MOST, entry->message);
}

static int load_batch(struct run *run, size_t count, struct err *err)
{
    int code = gdelt_fetch_open(&run->fetch, &run->site, (size_t)run->options.connections, run->due,
                                count, err);
    for (size_t i = 0; i < count && code == 0; i++)
        code = load_entry(run, i, err);
    gdelt_fetch_close(&run->fetch);
    return code;
}

// Everything in the ledger whose time has come, each once: the batches only go forward.
static int load_due(struct run *run, struct err *err)
{
    struct gdelt_slot last, *after = NULL;
    size_t count;
    run->unanswered = 0;
    TRY(gdelt_store_count_due(&run->store, &run->range, &run->left, err));
    for (;;) {
        TRY(gdelt_store_due(&run->store, &run->range, after, run->due, &count, err));
        if (count == 0)
            return 0;
        TRY(load_batch(run, count, err));
        last = run->due[count - 1].slot;
        after = &last;
    }
}

static int load_range(struct run *run, struct err *err)
{
    TRY(enter_master_lists(run, err));
    return load_due(run, err);
}

// ---- following ----

typedef int feed_visit(struct run *run, struct gdelt_feed feed, struct err *err);

static int each_feed(struct run *run, feed_visit *visit, struct err *err)
{
    for (int kind = 0; kind < GDELT_KINDS; kind++)
        for (int translingual = 0; translingual < 2; translingual++)
            if (run->range.feeds[kind][translingual])
                TRY(visit(run, (struct gdelt_feed){(enum gdelt_kind)kind, translingual != 0}, err));
    return 0;
}

// The first look at a feed begins with the slot that it names; older ones are for --from.
static int begin_mark(struct run *run, struct gdelt_feed feed, struct err *err)
{
    const uint32_t named = run->named[feed.kind][feed.translingual];
    uint32_t mark;
    TRY(gdelt_store_mark(&run->store, feed, &mark, err));
    if (mark != 0 || named < SLOT_SECONDS)
        return 0;
    return gdelt_store_set_mark(&run->store, feed, named - SLOT_SECONDS, err);
}

// A mark is there before the first entry is: without the entry it shows a hole, without the mark
// nothing would.
static int enter_newest_lists(struct run *run, struct err *err)
{
    TRY(read_lists(run, "lastupdate.txt", "lastupdate-translation.txt", err));
    TRY(each_feed(run, begin_mark, err));
    return gdelt_store_list_end(&run->store, err);
}

// What a master list lacks up to its newest slot, GDELT does not have. A list that lags behind the
// newest one leaves the rest to the next look.
static int move_mark(struct run *run, struct gdelt_feed feed, struct err *err)
{
    const uint32_t named = run->named[feed.kind][feed.translingual];
    if (named == 0 || run->since[feed.kind][feed.translingual] == UINT32_MAX)
        return 0;
    return gdelt_store_set_mark(&run->store, feed, named, err);
}

static int follow_master_lists(struct run *run, struct err *err)
{
    TRY(enter_master_lists(run, err));
    return each_feed(run, move_mark, err);
}

// Before this slot nobody wants to know, after --from and --catch-up.
static uint32_t oldest_wanted(const struct run *run)
{
    const int64_t from = (int64_t)run->range.from - SLOT_SECONDS;
    const int64_t ago = clock_microseconds() / 1000000 - 3600 * run->options.catch_up;
    const int64_t oldest = from > ago ? from : ago;
    return oldest > 0 ? (uint32_t)oldest : 0;
}

static int find_hole(struct run *run, struct gdelt_feed feed, struct err *err)
{
    const uint32_t oldest = oldest_wanted(run);
    uint32_t mark;
    bool hole = false;
    TRY(gdelt_store_mark(&run->store, feed, &mark, err));
    if (mark != 0) {
        mark = mark > oldest ? mark : oldest;
        TRY(gdelt_store_has_hole(&run->store, feed, mark, &hole, err));
    }
    run->since[feed.kind][feed.translingual] = hole ? mark : UINT32_MAX;
    return 0;
}

// Where slots were passed over since the mark, the master lists have them.
static int fill_holes(struct run *run, struct err *err)
{
    int code = each_feed(run, find_hole, err);
    if (code == 0 && (wants(run, false) || wants(run, true)))
        code = follow_master_lists(run, err);
    memset(run->since, 0, sizeof run->since);
    return code;
}

// One look. What the newest list names is loaded even when the master list fails.
static int load_newest(struct run *run, struct err *err)
{
    struct err problem = {0};
    if (run->options.from != INT32_MIN)
        TRY(follow_master_lists(run, err));
    TRY(enter_newest_lists(run, err));
    (void)fill_holes(run, &problem);
    TRY(load_due(run, err));
    return problem.code == 0 ? 0 : err_set(err, problem.code, "%s", problem.text);
}

// The site may be away for a while: that is said, and the next look may do better.
static int tolerate(struct run *run, const struct err *problem, struct err *err)
{
    TRY(stop_check(err));
    if (problem->code == 0)
        return 0;
    if (problem->code != EX_UNAVAILABLE && !problem->retriable)
        return err_set(err, problem->code, "%s", problem->text);
    progress_end(&run->progress);
    (void)fprintf(stderr, "%s; the next look is in at most %lld s\n", problem->text,
                  (long long)run->options.poll);
    return 0;
}

static int follow_step(struct run *run, bool look, struct err *err)
{
    struct err problem = {0};
    const bool away = look && enter_newest_lists(run, &problem) != 0;
    if (look && !away)
        (void)fill_holes(run, &problem);
    TRY(tolerate(run, &problem, err));
    problem = (struct err){0};
    if (!away)
        (void)load_due(run, &problem);
    return tolerate(run, &problem, err);
}

static int follow(struct run *run, struct err *err)
{
    double next = clock_seconds();
    const double every = (double)run->options.poll, probe = (double)run->options.probe;
    if (run->options.from != INT32_MIN)
        TRY(follow_master_lists(run, err));
    for (;;) {
        const double now = clock_seconds();
        const bool look = now >= next;
        next = look ? now + every : next;
        TRY(follow_step(run, look, err));
        const double wake = clock_seconds() + (probe < every ? probe : every);
        while (clock_seconds() < wake && clock_seconds() < next) {
            (void)backoff_sleep(0.2);
            TRY(stop_check(err));
        }
    }
}

// ---- the run ----

static int open_parts(struct run *run, struct err *err)
{
    const struct gdelt_options *options = &run->options;
    const struct sink_options sink = {
        .source = "gdelt",
        .url = options->url,
        .user = options->user,
        .password = getenv("TICKHOUSE_PASSWORD"),
        .database = options->database,
        .quiet = options->quiet,
    };
    TRY(options->dry_run ? sink_none_open(&run->sink, &sink, err)
                         : sink_clickhouse_open(&run->sink, &sink, err));
    if (!options->dry_run)
        TRY(gdelt_store_open(&run->store, &sink, err));
    TRY(gdelt_loader_open(&run->loader, options->dry_run ? NULL : &run->store, run->sink, err));
    run->loader.drop_gcam = options->drop_gcam;
    run->loader.quiet = options->quiet;
    const struct gdelt_site site = {.base = options->base_url,
                                    .stall_seconds = (long)options->stall,
                                    .tries_most = (int)options->tries,
                                    .quiet = options->quiet};
    return gdelt_site_open(&run->site, &site, err);
}

static void close_parts(struct run *run)
{
    gdelt_site_close(&run->site);
    gdelt_loader_close(&run->loader);
    gdelt_store_close(&run->store);
    if (run->sink != NULL)
        run->sink->close(run->sink);
}

static void summarize(const struct run *run)
{
    const struct gdelt_counts *counts = &run->loader.counts;
    const double seconds = clock_seconds() - run->progress.started;
    if (run->options.quiet)
        return;
    (void)fprintf(
        stderr,
        "gdelt: %llu files: %llu %s, %llu there before, %llu missing, %llu with a wrong checksum, "
        "%llu malformed, %llu not answered; %llu rows, %llu quarantined, %llu UTF-8 repairs; "
        "%.1f MB in %.2f s, %.1f MB/s\n",
        (unsigned long long)counts->files, (unsigned long long)counts->loaded,
        run->options.dry_run ? "good (dry run)" : "loaded", (unsigned long long)counts->already,
        (unsigned long long)counts->missing, (unsigned long long)counts->mismatched,
        (unsigned long long)counts->malformed, (unsigned long long)counts->unanswered,
        (unsigned long long)counts->rows, (unsigned long long)counts->rejected,
        (unsigned long long)counts->replaced, (double)counts->bytes * 1e-6, seconds,
        (double)counts->bytes * 1e-6 / seconds);
    if (!run->options.dry_run && counts->missing + counts->mismatched + counts->malformed +
                                         counts->unanswered + counts->rejected !=
                                     0)
        (void)fprintf(stderr,
                      "what is missing: SELECT * FROM %s.gdelt_gaps; why rows are in quarantine: "
                      "SELECT file, line, reason, raw FROM %s.quarantine FINAL WHERE source = "
                      "'gdelt'\n",
                      run->options.database, run->options.database);
}

// What was done before a run failed goes into the ledger too, when ClickHouse takes it at once.
static int end_notes(struct run *run, int code, struct err *err)
{
    if (code == 0)
        return gdelt_store_note_end(&run->store, err);
    run->store.server.tries_most = 0;
    (void)gdelt_store_note_end(&run->store, NULL);
    return code;
}

static int load(struct run *run, char **words, struct err *err)
{
    const bool has_input = run->options.input != NULL || *words != NULL;
    TRY(check_options(run, has_input, err));
    TRY(choose_feeds(run, has_input, err));
    set_range(run);
    TRY(open_parts(run, err));
    progress_start(&run->progress, run->options.quiet);
    int code = has_input             ? load_inputs(run, words, err)
               : run->options.once   ? load_newest(run, err)
               : run->options.follow ? follow(run, err)
                                     : load_range(run, err);
    code = end_notes(run, code, err);
    progress_end(&run->progress);
    summarize(run);
    return code;
}

static int exit_code(const struct run *run)
{
    const struct gdelt_counts *counts = &run->loader.counts;
    if (counts->rejected + counts->malformed + counts->mismatched != 0)
        return EX_DATAERR;
    if (counts->unanswered != 0)
        return EX_TEMPFAIL;
    return run->unreadable != 0 ? EX_NOINPUT : 0;
}

static int run_gdelt(struct run *run, int argc, char **argv, struct err *err)
{
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &run->options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    const int code = load(run, argv + 1, err);
    close_parts(run);
    return code != 0 ? code : exit_code(run);
}

int gdelt_run(int argc, char **argv, struct err *err)
{
    const char *url = getenv("TICKHOUSE_URL");
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    run->options = (struct gdelt_options){.base_url = GDELT_SITE,
                                          .url = url != NULL ? url : "http://127.0.0.1:8123",
                                          .user = "default",
                                          .database = "warehouse",
                                          .from = INT32_MIN,
                                          .to = INT32_MAX,
                                          .poll = SLOT_SECONDS,
                                          .catch_up = INT32_MAX,
                                          .probe = 60,
                                          .connections = 3,
                                          .stall = 60,
                                          .tries = BACKOFF_TRIES};
    const int code = run_gdelt(run, argc, argv, err);
    free(run);
    return code;
}
