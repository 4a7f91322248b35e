// SPDX-License-Identifier: Apache-2.0
// The linker's look-ups and its scan of free text, alone, for bench/link.sh:
//   link_bench keys FILE.tsv...            the phrases that a table of these alias files finds
//   link_bench size NAMES                  bytes of the table, four names a ticker
//   link_bench fold TEXTS                  each row's words as the table sees them, a space between
//   link_bench scan NAMES TEXTS PASSES     facts of a scan row by row; a delimited name is a row,
//   too link_bench pairs NAMES TEXTS           row and line of the alias for each match
// NAMES: an alias a line. TEXTS: a row a line.
#include "base/buffer.h"
#include "market/alias_scan.h"
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const struct err *err)
{
    (void)fprintf(stderr, "link_bench: %s\n", err->text);
    exit(err->code);
}

static void *need(void *memory)
{
    if (memory == NULL) {
        (void)fputs("link_bench: no memory\n", stderr);
        exit(EX_OSERR);
    }
    return memory;
}

// ---- tables
// ---------------------------------------------------------------------------------------

static int build_of_files(struct alias_table *table, char **paths, struct err *err)
{
    struct alias_build *build;
    TRY(alias_build_open(&build, err));
    int code = 0;
    for (; *paths != NULL && code == 0; paths++) {
        struct rows file = rows_read(*paths);
        const struct row last = file.count != 0 ? file.rows[file.count - 1] : (struct row){NULL, 0};
        const size_t size = file.count != 0 ? (size_t)(last.text + last.size - file.data) : 0;
        code = alias_build_file(build, *paths, file.data, size, err);
        rows_free(&file);
    }
    if (code == 0)
        code = alias_build_done(build, table, err);
    alias_build_close(build);
    return code;
}

// With one name a ticker, the ticker is the number of its line: a match says which line it was.
static int names_as_aliases(const struct rows *names, size_t a_ticker, struct buffer *lines,
                            struct err *err)
{
    for (size_t i = 0; i < names->count; i++)
        TRY(buffer_printf(lines, err, "%zu\t%.*s\tname\t\t\t\n", i / a_ticker + 1,
                          (int)names->rows[i].size, names->rows[i].text));
    return 0;
}

static int build_of_names(struct alias_table *table, const struct rows *names, size_t a_ticker,
                          struct err *err)
{
    struct alias_build *build;
    struct buffer lines;
    buffer_init(&lines, (size_t)1 << 30);
    TRY(alias_build_open(&build, err));
    int code = names_as_aliases(names, a_ticker, &lines, err);
    if (code == 0)
        code = alias_build_file(build, "names", lines.data, lines.size, err);
    if (code == 0)
        code = alias_build_done(build, table, err);
    alias_build_close(build);
    buffer_free(&lines);
    return code;
}

static struct alias_table table_of_names(const char *path, size_t a_ticker)
{
    struct err err = {0};
    struct alias_table table;
    struct rows names = rows_read(path);
    if (build_of_names(&table, &names, a_ticker, &err) != 0)
        give_up(&err);
    rows_free(&names);
    return table;
}

// ---- scanning
// -------------------------------------------------------------------------------------

struct scanner {
    struct alias_table table;
    struct word *words;
    uint16_t *classes;
    struct alias_match *matches;
    size_t room;
};

static struct scanner scanner_open(const char *names, size_t longest)
{
    struct scanner s = {.table = table_of_names(names, 1), .room = longest + 1};
    s.words = need(calloc(s.room, sizeof *s.words));
    s.classes = need(calloc(s.room, sizeof *s.classes));
    s.matches = need(calloc(s.room, sizeof *s.matches));
    return s;
}

static void scanner_close(struct scanner *s)
{
    alias_table_close(&s->table);
    free(s->words);
    free(s->classes);
    free(s->matches);
}

static size_t scan_row(struct scanner *s, const struct row *row)
{
    size_t at = 0;
    const size_t words = words_split(row->text, row->size, &at, s->words, s->room);
    return alias_scan(&s->table, row->text, s->words, words, false, s->classes, s->matches,
                      s->room);
}

static size_t scan_rows(struct scanner *s, const struct rows *texts)
{
    size_t matches = 0;
    for (size_t i = 0; i < texts->count; i++)
        matches += scan_row(s, &texts->rows[i]);
    return matches;
}

static int command_scan(char **arguments)
{
    struct rows texts = rows_read(arguments[1]);
    struct facts facts = {.engine = "tickhouse", .rows = texts.count, .bytes = texts.bytes};
    const size_t before = resident_bytes();
    const double start = seconds_now();
    struct scanner s = scanner_open(arguments[0], texts.longest);
    facts.build_seconds = seconds_now() - start;
    facts.aliases = s.table.count;
    facts.seconds = 1e9;
    for (int pass = atoi(arguments[2]); pass > 0; pass--) {
        const double from = seconds_now();
        facts.matches = scan_rows(&s, &texts);
        const double took = seconds_now() - from;
        facts.seconds = took < facts.seconds ? took : facts.seconds;
    }
    facts.memory = resident_bytes() - before;
    facts_print(&facts);
    scanner_close(&s);
    rows_free(&texts);
    return 0;
}

static int command_pairs(char **arguments)
{
    struct rows texts = rows_read(arguments[1]);
    struct scanner s = scanner_open(arguments[0], texts.longest);
    for (size_t i = 0; i < texts.count; i++) {
        const size_t found = scan_row(&s, &texts.rows[i]);
        for (size_t k = 0; k < found; k++)
            printf("%zu\t%s%s\n", i + 1, s.table.text + s.matches[k].alias->ticker,
                   s.matches[k].stem ? "\tstem" : "");
    }
    scanner_close(&s);
    rows_free(&texts);
    return 0;
}

// ---- what the peers are given
// ---------------------------------------------------------------------

static int command_keys(char **paths)
{
    struct err err = {0};
    struct alias_table table;
    if (build_of_files(&table, paths, &err) != 0)
        give_up(&err);
    for (size_t i = 0; i < table.count; i++)
        if (table.text[table.aliases[i].key] != '$')
            puts(table.text + table.aliases[i].key);
    alias_table_close(&table);
    return 0;
}

// Word by word: one that is too long for a name is left out, and not the row with it.
static void print_folded(const struct row *row, const struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char folded[2 * WORD_BYTES];
        const size_t size = words_fold(row->text + words[i].from, words[i].to - words[i].from,
                                       folded, sizeof folded);
        if (size != 0)
            printf("%s%.*s", i != 0 ? " " : "", (int)size, folded);
    }
    (void)putchar('\n');
}

static int command_size(char **arguments)
{
    struct alias_table table = table_of_names(arguments[0], 4);
    printf("%zu\n", table.bytes);
    alias_table_close(&table);
    return 0;
}

static int command_fold(char **arguments)
{
    struct rows texts = rows_read(arguments[0]);
    struct word *words = need(calloc(texts.longest + 1, sizeof *words));
    for (size_t i = 0; i < texts.count; i++) {
        size_t at = 0;
        const struct row *row = &texts.rows[i];
        print_folded(row, words, words_split(row->text, row->size, &at, words, texts.longest + 1));
    }
    free(words);
    rows_free(&texts);
    return 0;
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*run)(char **arguments);
        int least;
    } commands[] = {{"keys", command_keys, 1},
                    {"fold", command_fold, 1},
                    {"size", command_size, 1},
                    {"scan", command_scan, 3},
                    {"pairs", command_pairs, 2}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands && count > 1; i++)
        if (strcmp(arguments[1], commands[i].name) == 0 && count - 2 >= commands[i].least)
            return commands[i].run(arguments + 2);
    (void)fputs("usage: link_bench keys FILE... | size NAMES | fold TEXTS | scan NAMES TEXTS "
                "PASSES | pairs "
                "NAMES TEXTS\n",
                stderr);
    return EX_USAGE;
}
