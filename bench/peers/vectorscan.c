// SPDX-License-Identifier: Apache-2.0
// Vectorscan's literal matcher over rows, for bench/link.sh:
//   vectorscan scan NAMES TEXTS PASSES      facts, as link_bench prints them
//   vectorscan pairs NAMES TEXTS            row and line of the name for each match, nested ones
//   too
// ASCII case is ignored. It reports where a match ends; a match counts where words begin and end at
// its ends. Nothing is done about matches inside others.
#include "../link/rows.h"

#include <hs/hs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    hs_database_t *database;
    hs_scratch_t *scratch;
    const struct rows *names;
    const struct row *row;
    size_t number, matches; // number: of the row, when pairs are to be printed
};

static bool in_word(char c)
{
    const unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || (byte >= '0' && byte <= '9') ||
           ((byte | 32) >= 'a' && (byte | 32) <= 'z');
}

static int on_match(unsigned name, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    struct scan *s = context;
    const char *text = s->row->text;
    const size_t start = (size_t)to - s->names->rows[name].size;
    (void)from;
    (void)flags;
    if ((start != 0 && in_word(text[start - 1])) || (to != s->row->size && in_word(text[to])))
        return 0;
    s->matches++;
    if (s->number != 0)
        printf("%zu\t%u\t%zu\t%llu\n", s->number, name + 1, start, to);
    return 0;
}

static void check(hs_error_t code, const char *what)
{
    if (code == HS_SUCCESS)
        return;
    (void)fprintf(stderr, "vectorscan: %s: error %d\n", what, code);
    exit(70);
}

static void build(struct scan *s)
{
    const size_t count = s->names->count;
    const char **text = calloc(count, sizeof *text);
    unsigned *flags = calloc(count, sizeof *flags), *ids = calloc(count, sizeof *ids);
    size_t *sizes = calloc(count, sizeof *sizes);
    hs_compile_error_t *error = NULL;
    if (text == NULL || flags == NULL || ids == NULL || sizes == NULL)
        exit(71);
    for (size_t i = 0; i < count; i++) {
        text[i] = s->names->rows[i].text;
        sizes[i] = s->names->rows[i].size;
        flags[i] = HS_FLAG_CASELESS;
        ids[i] = (unsigned)i;
    }
    check(hs_compile_lit_multi(text, flags, ids, sizes, (unsigned)count, HS_MODE_BLOCK, NULL,
                               &s->database, &error),
          error != NULL ? error->message : "compile");
    check(hs_alloc_scratch(s->database, &s->scratch), "scratch");
    free(text);
    free(flags);
    free(ids);
    free(sizes);
}

static void scan_rows(struct scan *s, const struct rows *texts, bool print)
{
    s->matches = 0;
    for (size_t i = 0; i < texts->count; i++) {
        s->row = &texts->rows[i];
        s->number = print ? i + 1 : 0;
        check(
            hs_scan(s->database, s->row->text, (unsigned)s->row->size, 0, s->scratch, on_match, s),
            "scan");
    }
}

int main(int count, char **arguments)
{
    if (count < 4)
        return 64;
    const struct rows names = rows_read(arguments[2]), texts = rows_read(arguments[3]);
    struct scan s = {.names = &names};
    struct facts facts = {.engine = "Vectorscan", .aliases = names.count, .rows = texts.count};
    const size_t before = resident_bytes();
    double from = seconds_now();
    build(&s);
    facts.build_seconds = seconds_now() - from;
    facts.bytes = texts.bytes;
    facts.seconds = 1e9;
    if (strcmp(arguments[1], "pairs") == 0) {
        scan_rows(&s, &texts, true);
        return 0;
    }
    for (int pass = atoi(arguments[4]); pass > 0; pass--) {
        from = seconds_now();
        scan_rows(&s, &texts, false);
        const double took = seconds_now() - from;
        facts.seconds = took < facts.seconds ? took : facts.seconds;
    }
    facts.matches = s.matches;
    facts.memory = resident_bytes() - before;
    facts_print(&facts);
    return 0;
}
