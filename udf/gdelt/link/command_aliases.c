// SPDX-License-Identifier: Apache-2.0
// `gdelt aliases`: the alias files as rows of TSV, for warehouse.dim_alias. What it prints is what
// the linker reads: the same folder, the same reader.
#include "aliases.h"
#include "base/options.h"
#include "base/time.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>

static const struct option options[] = {{0}};
static const struct command command = {
    .name = "gdelt aliases",
    .summary = "the aliases that the linker knows, as rows",
    .usage = "gdelt aliases",
    .options = options,
    .notes = "Columns: ticker, alias, kind, valid_from, valid_to, needs, file; \\N where no date "
             "was given.",
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

int gdelt_aliases_command(int argc, char **argv, struct err *err)
{
    struct {
        char none;
    } settings;
    enum options_result result;
    TRY(options_parse(&command, &argc, argv, &settings, &result, err));
    return result == OPTIONS_DONE ? 0 : aliases_each_file(print_file, NULL, err);
}
