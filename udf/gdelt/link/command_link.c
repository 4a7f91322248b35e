// SPDX-License-Identifier: Apache-2.0
// `gdelt link < rows.tsv`: links of rows outside of ClickHouse. A line in is `id, date, orgs,
// names, title`; a line out is `id, ticker, score, rule, surface, offset`. With --explain the names
// that became no link follow with the reason, which is how a wrong link is found.
#include "aliases.h"
#include "base/options.h"
#include "base/time.h"
#include "commands.h"
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINK_MAX = 256, FIELDS = 5 };

struct settings {
    bool explain;
};

static const struct option options[] = {
    {.name = "explain",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, explain),
     .doc = "also print the names that became no link, and why"},
    {0},
};
static const struct command command = {
    .name = "gdelt link",
    .summary = "which companies rows of text name",
    .usage = "gdelt link [options] < rows.tsv",
    .options = options,
    .notes = "A line in: id, date (YYYY-MM-DD or empty), orgs, names, title, separated by tabs.\n"
             "A line out: id, ticker, score, rule, surface, offset.\n"
             "The aliases are those of the folder TICKHOUSE_ALIASES, else of 'aliases' beside the "
             "program.\n",
};

static void print_text(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        (void)putchar(text[i] == '\t' || text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
}

static void print_links(const char *id, const struct link *links, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)printf("%s\t%s\t%.3f\t%s\t", id, links[i].ticker, (double)links[i].score,
                     link_rule_names[links[i].rule]);
        print_text(links[i].surface, links[i].surface_size);
        (void)printf("\t%u\n", links[i].offset);
    }
}

// What was found and became no link: "id, -, 0, blocker, surface, offset, sentence".
static void print_blocked(const char *id, const struct link_work *work)
{
    for (size_t i = 0; i < work->candidate_count; i++) {
        const struct link_candidate *c = &work->candidates[i];
        const struct link_segment *s = c->segment;
        if (!c->blocked)
            continue;
        const uint32_t from = c->symbol ? c->from : link_word(work, c, c->from)->from;
        const uint32_t to = c->symbol ? c->to : link_word(work, c, c->to - 1)->to;
        (void)printf("%s\t-%s\t0\t%s\t", id,
                     c->alias != NULL ? work->table->text + c->alias->ticker : "",
                     link_blocker_names[c->blocker]);
        print_text(s->text + from, to - from);
        (void)printf("\t%u\tno link, from %s: %s\n", s->source == LINK_TITLE ? from : s->offset,
                     link_source_names[s->source], link_blocker_texts[c->blocker]);
    }
}

static int split_line(char *line, size_t size, size_t number, char **fields, size_t *sizes,
                      struct err *err)
{
    size_t count = 0;
    for (char *at = line, *end = line + size;;) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        char *stop = tab != NULL && count + 1 < FIELDS ? tab : end;
        fields[count] = at;
        sizes[count++] = (size_t)(stop - at);
        *stop = '\0';
        if (stop == end)
            break;
        at = stop + 1;
    }
    return count == FIELDS
               ? 0
               : err_set(err, EX_DATAERR,
                         "line %zu has %zu columns, not the 5 of id, date, orgs, names, "
                         "title",
                         number, count);
}

static int link_line(struct link_work *work, const struct alias_table *table, char *line,
                     size_t size, size_t number, bool explain, struct err *err)
{
    char *fields[FIELDS] = {NULL};
    size_t sizes[FIELDS] = {0};
    struct link links[LINK_MAX];
    struct link_row row = {.day = LINK_ANY_DAY};
    TRY(split_line(line, size, number, fields, sizes, err));
    if (sizes[1] != 0 && !date_parse(fields[1], sizes[1], &row.day))
        return err_set(err, EX_DATAERR, "line %zu: '%.40s' is no date (YYYY-MM-DD)", number,
                       fields[1]);
    for (size_t i = 0; i < LINK_SOURCES; i++)
        row.texts[i] = (struct view){fields[2 + i], sizes[2 + i]};
    print_links(fields[0], links, link_run(work, table, &row, links, LINK_MAX));
    if (explain)
        print_blocked(fields[0], work);
    return 0;
}

static int link_lines(const struct alias_table *table, bool explain, struct err *err)
{
    struct arena arena;
    struct link_work work;
    char *line = NULL;
    size_t room = 0, number = 0;
    TRY(arena_open(&arena, 64 << 20, err));
    int code = link_work_open(&work, &arena, err);
    for (ssize_t size; code == 0 && (size = getline(&line, &room, stdin)) >= 0;) {
        if (size > 0 && line[size - 1] == '\n')
            size--;
        code = link_line(&work, table, line, (size_t)size, ++number, explain, err);
    }
    free(line);
    arena_close(&arena);
    return code;
}

int gdelt_link_command(int argc, char **argv, struct err *err)
{
    struct settings settings = {0};
    enum options_result result;
    struct aliases aliases;
    TRY(options_parse(&command, &argc, argv, &settings, &result, err));
    if (result == OPTIONS_DONE)
        return 0;
    if (argc > 1)
        return err_set(err, EX_USAGE, "'%s' is not wanted; rows are read from standard input",
                       argv[1]);
    TRY(aliases_open(&aliases, err));
    const int code = link_lines(&aliases.table, settings.explain, err);
    aliases_close(&aliases);
    return code;
}
