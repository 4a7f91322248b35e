// SPDX-License-Identifier: Apache-2.0
// `gdelt aliases`: the alias files as rows of TSV, for warehouse.dim_alias. What it prints is what
// the linker reads: the same folder, the same reader.
#include "aliases.h"
#include "base/options.h"
#include "base/time.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>

struct settings {
    bool check;
};
static const struct option options[] = {
    {.name = "check",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, check),
     .doc = "instead list the names that stand for two tickers on the same day, and those of more "
            "words than are looked up; exit code 65 when there are any"},
    {0},
};
static const struct command command = {
    .name = "gdelt aliases",
    .summary = "the aliases that the linker knows, as rows",
    .usage = "gdelt aliases [--check]",
    .options = options,
    .notes = "Columns: ticker, alias, kind, valid_from, valid_to, needs, file; \\N where no date "
             "was given.\n",
};

static void print_day(int32_t day, int32_t none)
{
    char text[11];
    if (day == none) {
        (void)printf("\t\\N");
        return;
    }
    date_format(day, text);
    (void)printf("\t%s", text);
}

// TSV has no tabs within its values here; a backslash is doubled.
static void print_value(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\')
            (void)putchar('\\');
        (void)putchar(text[i]);
    }
}

static int print_file(void *state, const char *name, const char *data, size_t size, struct err *err)
{
    struct alias_reader reader = {.file = name, .data = data, .size = size};
    struct alias_line line;
    const char *base = strrchr(name, '/') != NULL ? strrchr(name, '/') + 1 : name;
    (void)state;
    for (bool more;;) {
        TRY(alias_read(&reader, &line, &more, err));
        if (!more)
            return 0;
        print_value(line.ticker, line.ticker_size);
        (void)putchar('\t');
        print_value(line.alias, line.alias_size);
        (void)printf("\t%s", alias_kind_names[line.kind]);
        print_day(line.from, 0);
        print_day(line.to, INT32_MAX);
        (void)printf("\t%s\t%s\n", alias_needs_names[line.needs], base);
    }
}

// ---- what is wrong with them
// ------------------------------------------------------------------------------------

static size_t word_count(const char *key, size_t size)
{
    size_t words = size != 0;
    for (size_t i = 0; i < size; i++)
        words += key[i] == ' ';
    return words;
}

static int find_long_names(void *state, const char *name, const char *data, size_t size,
                           struct err *err)
{
    struct alias_reader reader = {.file = name, .data = data, .size = size};
    struct alias_line line;
    size_t *faults = state;
    for (bool more;;) {
        char key[ALIAS_MAX_BYTES];
        TRY(alias_read(&reader, &line, &more, err));
        if (!more)
            return 0;
        size_t length = words_fold(line.alias, line.alias_size, key, sizeof key);
        if (line.kind == ALIAS_legal)
            length = alias_without_legal_form(key, length);
        const size_t words = word_count(key, length);
        if (words <= ALIAS_MAX_WORDS)
            continue;
        (void)printf("%s, line %zu: '%.*s' has %zu words; names of up to %d are looked up\n", name,
                     reader.line, (int)line.alias_size, line.alias, words, ALIAS_MAX_WORDS);
        ++*faults;
    }
}

static void print_overlap(const struct alias_table *table, const struct alias *a,
                          const struct alias *b)
{
    char from[11], to[11];
    date_format(a->from > b->from ? a->from : b->from, from);
    date_format(a->to < b->to ? a->to : b->to, to);
    const bool always = a->to == UINT16_MAX && b->to == UINT16_MAX;
    (void)printf("'%s' stands for %s and for %s from %s to %s\n", table->text + a->key,
                 table->text + a->ticker, table->text + b->ticker, from, always ? "today" : to);
}

// Aliases of one key are chained: each pair is met once.
static size_t find_overlaps(const struct alias_table *table)
{
    size_t faults = 0;
    for (const struct alias *a = table->aliases; a < table->aliases + table->count; a++)
        for (const struct alias *b = alias_next(table, a); b != NULL; b = alias_next(table, b)) {
            const bool one = strcmp(table->text + a->ticker, table->text + b->ticker) == 0;
            if (one || a->kind == ALIAS_not || b->kind == ALIAS_not || a->from > b->to ||
                b->from > a->to)
                continue;
            print_overlap(table, a, b);
            faults++;
        }
    return faults;
}

static int check(struct err *err)
{
    struct aliases aliases;
    size_t faults = 0;
    TRY(aliases_each_file(find_long_names, &faults, err));
    TRY(aliases_open(&aliases, err));
    faults += find_overlaps(&aliases.table);
    aliases_close(&aliases);
    return faults == 0
               ? 0
               : err_set(err, EX_DATAERR,
                         "%zu aliases to look at: give them dates, or remove all but one", faults);
}

int gdelt_aliases_command(int argc, char **argv, struct err *err)
{
    struct settings settings = {.check = false};
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &settings, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    return settings.check ? check(err) : aliases_each_file(print_file, NULL, err);
}
