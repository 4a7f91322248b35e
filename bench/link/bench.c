// SPDX-License-Identifier: Apache-2.0
// How fast aliases are found: look-ups of whole names in tables of three sizes, and the search in
// rows of free text. Usage: link_bench ALIASES [TEXT...]: ALIASES has a name a line; of each TEXT
// the MB/s are printed as a line `ours<TAB>text<TAB>MB/s<TAB>matches`.
#include "base/buffer.h"
#include "market/alias_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, WORDS = 4096, MATCHES = 512, LOOKUPS = 2000000 };

// Of this thread alone: the machine may be shared.
static double cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void stop(const struct err *err)
{
    (void)fprintf(stderr, "link_bench: %s\n", err->text);
    exit(err->code);
}

static void read_file(const char *path, struct buffer *text)
{
    struct err err = {0};
    FILE *file = fopen(path, "rb");
    buffer_init(text, 1 << 30);
    if (file == NULL) {
        (void)err_set(&err, EX_NOINPUT, "cannot open %s", path);
        stop(&err);
    }
    for (size_t got = 1; got != 0; text->size += got) {
        char *to = buffer_reserve(text, 1 << 20, &err);
        if (to == NULL)
            stop(&err);
        got = fread(to, 1, 1 << 20, file);
    }
    (void)fclose(file);
}

static void build_table(const char *lines, size_t size, struct alias_table *table)
{
    struct err err = {0};
    struct alias_build *build;
    if (alias_build_open(&build, &err) != 0 ||
        alias_build_file(build, "bench.tsv", lines, size, &err) != 0 ||
        alias_build_done(build, table, &err) != 0)
        stop(&err);
    alias_build_close(build);
}

// ---- look-ups
// ------------------------------------------------------------------------------------

// Names like those of companies, `count` of them, and as many that are none.
static void make_name(char *out, size_t room, uint32_t i, bool known)
{
    static const char *const ends[] = {"Therapeutics",    "Bancorp",  "Technologies", "Energy",
                                       "Pharmaceuticals", "Holdings", "Systems",      "Resources"};
    (void)snprintf(out, room, "%s%x %s", known ? "Co" : "No", i * 2654435761U, ends[i % 8]);
}

static void bench_lookups(uint32_t count)
{
    struct buffer lines, names;
    struct alias_table table;
    char name[64];
    buffer_init(&lines, 1 << 30);
    buffer_init(&names, 1 << 30);
    for (uint32_t i = 0; i < count; i++) {
        make_name(name, sizeof name, i, true);
        (void)buffer_printf(&lines, NULL, "T%u\t%s\tname\t\t\t\n", i / 4, name);
    }
    for (uint32_t i = 0; i < LOOKUPS; i++) {
        make_name(name, sizeof name, (i * 40503U) % count, i % 2 == 0);
        (void)buffer_append(&names, name, sizeof name, NULL);
    }
    build_table(lines.data, lines.size, &table);
    double best = 1e9;
    size_t found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const double start = cpu_seconds();
        found = 0;
        for (size_t i = 0; i < LOOKUPS; i++) {
            struct word words[8];
            struct alias_match match;
            uint16_t classes[8];
            size_t at = 0;
            const char *text = names.data + i * sizeof name;
            const size_t n = words_split(text, strlen(text), &at, words, 8);
            found += alias_scan(&table, text, words, n, false, classes, &match, 1);
        }
        const double seconds = cpu_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    (void)printf("lookup\t%u\t%.1f\t%.1f\t%zu\n", count, LOOKUPS / best / 1e6,
                 (double)table.bytes / 1e6, found);
    alias_table_close(&table);
    buffer_free(&lines);
    buffer_free(&names);
}

// ---- free text
// -----------------------------------------------------------------------------------

static size_t search_rows(const struct alias_table *table, const struct buffer *text, bool capitals)
{
    static struct word words[WORDS];
    static uint16_t classes[WORDS];
    struct alias_match matches[MATCHES];
    size_t found = 0;
    for (size_t from = 0, to; from < text->size; from = to + 1) {
        const char *row = text->data + from, *end = memchr(row, '\n', text->size - from);
        to = end != NULL ? (size_t)(end - text->data) : text->size;
        for (size_t at = 0; at < to - from;) {
            const size_t count = words_split(row, to - from, &at, words, WORDS);
            if (count == 0)
                break;
            found += alias_scan(table, row, words, count, capitals, classes, matches, MATCHES);
        }
    }
    return found;
}

// As the linker reads them: names as they are, in titles only what is written as a name.
static void bench_text(const struct alias_table *table, const char *path)
{
    struct buffer text;
    double best = 1e9;
    size_t found = 0;
    const bool capitals = strstr(path, "titles") != NULL;
    read_file(path, &text);
    for (int round = 0; round < ROUNDS; round++) {
        const double start = cpu_seconds();
        found = search_rows(table, &text, capitals);
        const double seconds = cpu_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    (void)printf("ours\t%s\t%.0f\t%zu\n", path, (double)text.size / best / 1e6, found);
    buffer_free(&text);
}

int main(int argc, char **argv)
{
    struct buffer names, lines;
    struct alias_table table;
    if (argc < 2)
        return EX_USAGE;
    read_file(argv[1], &names);
    buffer_init(&lines, 1 << 30);
    for (size_t at = 0; at < names.size;) {
        const char *end = memchr(names.data + at, '\n', names.size - at);
        const size_t size = end != NULL ? (size_t)(end - names.data) - at : names.size - at;
        (void)buffer_printf(&lines, NULL, "T\t%.*s\tname\t\t\t\n", (int)size, names.data + at);
        at += size + 1;
    }
    build_table(lines.data, lines.size, &table);
    bench_lookups(1000);
    bench_lookups(10000);
    bench_lookups(100000);
    for (int i = 2; i < argc; i++)
        bench_text(&table, argv[i]);
    (void)printf("memory\tours\t%.1f\n", (double)table.bytes / 1e6);
    alias_table_close(&table);
    buffer_free(&names);
    buffer_free(&lines);
    return 0;
}
