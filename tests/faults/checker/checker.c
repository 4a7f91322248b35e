// SPDX-License-Identifier: Apache-2.0
// checker: says whether every numbered tick that was sent arrived, once.
//
// Ticks of a symbol carry the numbers 1, 2, 3, ... as their volume. The checker is told how many
// were sent, reads what is in one place (a table, a topic, candles), and prints one line of JSON:
// how many are lost, duplicated, were never sent, have another price than they were sent with, and
// how many came after a higher number. It knows nothing of tickhouse and can check any pipe.
#include "base/options.h"
#include "reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct checker_options {
    const char *form, *expected, *name;
    int64_t symbols, ticks, first;
    bool repeats, in_order, quiet;
};

#define OFFSET(field) offsetof(struct checker_options, field)

static const struct option option_list[] = {
    {"as", OPTION_TEXT, OFFSET(form), "FORM",
     "what comes in: rows (default), totals, or kafka; see below", 0, 0},
    {"expected", OPTION_TEXT, OFFSET(expected), "FILE",
     "what was sent: symbol<TAB>count, a line a symbol", 0, 0},
    {"symbols", OPTION_INTEGER, OFFSET(symbols), "N",
     "in its place: S000, S001, ... to so many symbols, with --ticks", 1, LEDGER_SYMBOLS},
    {"ticks", OPTION_INTEGER, OFFSET(ticks), "N",
     "how many ticks were sent altogether, dealt out one to each symbol in turn", 0, INT64_MAX},
    {"name", OPTION_TEXT, OFFSET(name), "NAME", "what the report calls the place", 0, 0},
    {"allow-repeats", OPTION_FLAG, OFFSET(repeats), NULL,
     "duplicates are counted but are no fault: a topic delivers at least once", 0, 0},
    {"in-order", OPTION_FLAG, OFFSET(in_order), NULL,
     "a number after a higher one of its symbol is a fault", 0, 0},
    {"first", OPTION_INTEGER, OFFSET(first), "N", "produce: the first tick that is printed", 1,
     INT64_MAX},
    {"quiet", OPTION_FLAG, OFFSET(quiet), NULL, "no examples of what is wrong on stderr", 0, 0},
    {0},
};

static const struct command command = {
    "checker",
    "whether every numbered tick arrived, once",
    "checker --expected FILE [--as FORM] [options] [FILE]\n"
    "       checker --symbols N --ticks N [--as FORM] [options] [FILE]\n"
    "       checker produce --symbols N --ticks N [--first N]\n"
    "       checker expect --symbols N --ticks N",
    option_list,
    "FILE (stdin when there is none) has a line for\n"
    "  rows    each tick: symbol<TAB>number[<TAB>price]\n"
    "  totals  each symbol: symbol<TAB>trades<TAB>volume, where volume is the sum of the numbers\n"
    "  kafka   each message: Debezium's envelope as kcat -C -e -f '%s\\n' prints it\n"
    "\n"
    "'produce' prints numbered ticks as symbol<TAB>microseconds<TAB>price<TAB>number, and "
    "'expect'\n"
    "how many those are for each symbol: input for a pipe of one's own, and for --expected.\n"
    "\n"
    "exit codes: 0 everything arrived once; 1 not so; 64 usage; 65 --expected cannot be\n"
    "understood; 66 a file cannot be opened\n",
};

// Ticks of symbol i when `total` are dealt out one to each in turn.
static uint64_t share(const struct checker_options *options, uint64_t i)
{
    const uint64_t symbols = (uint64_t)options->symbols, total = (uint64_t)options->ticks;
    return total / symbols + (i < total % symbols ? 1 : 0);
}

static int need_counts(const struct checker_options *options, struct err *err)
{
    if (options->symbols == 0 || options->ticks < 0)
        return err_set(
            err, EX_USAGE,
            "what was sent is not known: give --expected FILE, or --symbols and --ticks");
    return 0;
}

static int produce(const struct checker_options *options, struct err *err)
{
    const int64_t start = 1709303400000000; // 2024-03-01 14:30 UTC, a millisecond a tick
    TRY(need_counts(options, err));
    for (int64_t k = options->first - 1; k < options->ticks; k++) {
        const uint64_t number = (uint64_t)(k / options->symbols) + 1;
        const uint64_t price = numbered_price(number);
        (void)printf("S%03" PRId64 "\t%" PRId64 "\t%" PRIu64 ".%02u\t%" PRIu64 "\n",
                     k % options->symbols, start + 1000 * k, price / 100, (unsigned)(price % 100),
                     number);
    }
    return 0;
}

static int print_expected(const struct checker_options *options, struct err *err)
{
    TRY(need_counts(options, err));
    for (uint64_t i = 0; i < (uint64_t)options->symbols; i++)
        (void)printf("S%03" PRIu64 "\t%" PRIu64 "\n", i, share(options, i));
    return 0;
}

static int expect_counts(struct ledger *ledger, const struct checker_options *options,
                         struct err *err)
{
    TRY(need_counts(options, err));
    for (uint64_t i = 0; i < (uint64_t)options->symbols; i++) {
        char symbol[24];
        const int size = snprintf(symbol, sizeof symbol, "S%03" PRIu64, i);
        TRY(ledger_expect(ledger, symbol, (size_t)size, share(options, i), err));
    }
    return 0;
}

static int open_text(FILE **file, const char *path, struct err *err)
{
    *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (*file == NULL)
        return err_set(err, EX_NOINPUT, "%s: %s", path, strerror(errno));
    return 0;
}

static void close_text(FILE *file)
{
    if (file != stdin)
        (void)fclose(file);
}

static int read_expected(struct ledger *ledger, const struct checker_options *options,
                         struct err *err)
{
    FILE *file;
    if (options->expected == NULL)
        return expect_counts(ledger, options, err);
    TRY(open_text(&file, options->expected, err));
    const int code = reader_expected(ledger, file, err);
    close_text(file);
    if (code == 0 && ledger->count == 0)
        return err_set(err, EX_DATAERR, "%s names no symbol: there is nothing to check",
                       options->expected);
    return code;
}

static bool is_equal(const struct ledger *ledger, const struct checker_options *options)
{
    return ledger->lost == 0 && ledger->never_sent == 0 && ledger->wrong == 0 &&
           ledger->unreadable == 0 && (ledger->duplicated == 0 || options->repeats) &&
           (ledger->disordered == 0 || !options->in_order);
}

static void print_report(const struct ledger *ledger, const struct checker_options *options)
{
    (void)printf("{\"name\":\"%s\",\"as\":\"%s\",\"symbols\":%zu,\"sent\":%" PRIu64
                 ",\"rows\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"duplicated\":%" PRIu64
                 ",\"never_sent\":%" PRIu64 ",\"wrong_price\":%" PRIu64 ",\"disordered\":%" PRIu64
                 ",\"unreadable\":%" PRIu64 ",\"equal\":%s}\n",
                 options->name, options->form, ledger->count, ledger->expected, ledger->rows,
                 ledger->lost, ledger->duplicated, ledger->never_sent, ledger->wrong,
                 ledger->disordered, ledger->unreadable,
                 is_equal(ledger, options) ? "true" : "false");
}

static int check_file(struct ledger *ledger, const struct checker_options *options,
                      const char *path, struct err *err)
{
    FILE *file;
    TRY(read_expected(ledger, options, err));
    TRY(open_text(&file, path, err));
    const int code = reader_found(ledger, options->form, file, err);
    close_text(file);
    return code;
}

static int check(const struct checker_options *options, const char *path, int *verdict,
                 struct err *err)
{
    struct ledger ledger;
    int code = ledger_init(&ledger, options->name, options->quiet ? NULL : stderr, err);
    if (code == 0)
        code = check_file(&ledger, options, path, err);
    if (code == 0) {
        print_report(&ledger, options);
        *verdict = is_equal(&ledger, options) ? 0 : 1;
    }
    ledger_free(&ledger);
    return code;
}

static int run(int argc, char **argv, int *verdict, struct err *err)
{
    struct checker_options options = {.form = "rows", .name = "rows", .ticks = -1, .first = 1};
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &options, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 2)
        return err_set(err, EX_USAGE, "one file at a time: '%s' is too many", argv[2]);
    if (argc == 2 && strcmp(argv[1], "produce") == 0)
        return produce(&options, err);
    if (argc == 2 && strcmp(argv[1], "expect") == 0)
        return print_expected(&options, err);
    return check(&options, argc == 2 ? argv[1] : "-", verdict, err);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int verdict = 0;
    int code = run(argc, argv, &verdict, &err);
    if (fflush(stdout) != 0 && code == 0)
        code = err_set(&err, EX_IOERR, "the report cannot be written");
    if (err.code != 0)
        (void)fprintf(stderr, "checker: %s\n", err.text);
    return code != 0 ? code : verdict;
}
