// SPDX-License-Identifier: Apache-2.0
// gkg_bench ARCHIVE ROUNDS: a whole GKG file on one core, from its zip to the tickers of its rows,
// as `ingest gdelt` and the functions of SQL do it, beside zlib's inflate of the same bytes. Prints
// one line a step: name, milliseconds (best), milliseconds (median).
//
// A step does all that stands before it. Cells are views into the inflated text.
#include "base/time.h"
#include "link/aliases.h"
#include "link/link.h"
#include "net/unzip.h"
#include "parse/entities.h"
#include "parse/fields.h"
#include "parse/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { COLUMNS = 27, ROW_LINKS = 256, TEXT_BYTES = 1 << 20, MAX_ROUNDS = 1000 };
enum { DOCUMENT = 4, ORGANIZATIONS = 14, TONE = 15, ALL_NAMES = 23, EXTRAS = 26 };

enum step { STEP_INFLATE, STEP_SPLIT, STEP_PARSE, STEP_LINK, STEP_COUNT };
static const char *const step_names[] = {"inflate", "split", "parse", "link"};

struct bench {
    struct buffer archive, text;
    struct unzip_member member;
    struct unzip *unzip;
    struct aliases aliases;
    struct link_work work;
    struct arena arena;
    char *title, *url;
    size_t rows, links;
    double tone; // a sum, so that nothing is left out
};

static int read_file(const char *path, struct buffer *out, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return err_set(err, EX_NOINPUT, "cannot open %s", path);
    int code = 0;
    for (size_t got = 1; got != 0 && code == 0;) {
        char *to = buffer_reserve(out, 1 << 20, err);
        got = to != NULL ? fread(to, 1, 1 << 20, file) : 0;
        out->size += got;
        code = to != NULL ? 0 : err_code(err, EX_OSERR);
    }
    (void)fclose(file);
    return code;
}

static int open_bench(struct bench *b, const char *path, struct err *err)
{
    buffer_init(&b->archive, LIMIT_FILE_BYTES);
    buffer_init(&b->text, LIMIT_FILE_BYTES);
    TRY(read_file(path, &b->archive, err));
    TRY(unzip_find(b->archive.data, b->archive.size, &b->member, err));
    TRY(unzip_open(&b->unzip, err));
    TRY(aliases_setup(err));
    TRY(aliases_open(&b->aliases, err));
    TRY(arena_open(&b->arena, 64 << 20, err));
    b->title = arena_alloc(&b->arena, TEXT_BYTES, 1, err);
    b->url = arena_alloc(&b->arena, TEXT_BYTES, 1, err);
    return b->url == NULL ? err_code(err, EX_OSERR) : link_work_open(&b->work, &b->arena, err);
}

static void parse_row(struct bench *b, const struct view *cells, bool link)
{
    struct gdelt_tone tone;
    (void)gdelt_read_tone(cells[TONE], &tone);
    b->tone += tone.tone;
    const struct view encoded = gdelt_extra(cells[EXTRAS], VIEW("PAGE_TITLE"));
    const struct view title = {b->title, entities_decode(encoded, b->title)};
    b->rows += url_write_canonical(cells[DOCUMENT], b->url) != 0;
    if (!link)
        return;
    const struct link_row row = {.texts = {cells[ORGANIZATIONS], cells[ALL_NAMES], title},
                                 .day = LINK_ANY_DAY};
    struct link links[ROW_LINKS];
    b->links += link_run(&b->work, &b->aliases.table, &row, links, ROW_LINKS);
}

static int run_step(struct bench *b, enum step step, struct err *err)
{
    b->rows = b->links = 0;
    b->tone = 0;
    TRY(unzip_read(b->unzip, &b->member, &b->text, err));
    if (step == STEP_INFLATE)
        return 0;
    struct view rest = {b->text.data, b->text.size}, line, cells[COLUMNS];
    while (view_next(&rest, '\n', &line)) {
        if (line.size > TEXT_BYTES / 2 || !view_split(line, '\t', cells, COLUMNS))
            return err_set(err, EX_DATAERR, "a row has not %d columns", COLUMNS);
        if (step == STEP_SPLIT)
            b->rows++;
        else
            parse_row(b, cells, step == STEP_LINK);
    }
    return 0;
}

// zlib, its state reused, and no check of the result: the fastest that it can be.
static int run_zlib(struct bench *b, z_stream *stream, struct err *err)
{
    (void)inflateReset(stream);
    stream->next_in = (Bytef *)b->member.packed;
    stream->avail_in = (uInt)b->member.packed_size;
    stream->next_out = (Bytef *)b->text.data;
    stream->avail_out = (uInt)b->text.size;
    return inflate(stream, Z_FINISH) == Z_STREAM_END
               ? 0
               : err_set(err, EX_DATAERR, "zlib cannot inflate the archive");
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double *seconds, size_t rounds)
{
    qsort(seconds, rounds, sizeof *seconds, compare);
    (void)printf("%s\t%.3f\t%.3f\n", name, 1e3 * seconds[0], 1e3 * seconds[rounds / 2]);
}

// Rounds go over all steps in turn, so that what disturbs the machine disturbs them alike.
static int measure(struct bench *b, size_t rounds, struct err *err)
{
    static double seconds[STEP_COUNT + 1][MAX_ROUNDS];
    z_stream stream = {0};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return err_set(err, EX_SOFTWARE, "zlib does not start");
    for (size_t round = 0; round < rounds; round++) {
        for (int step = 0; step < STEP_COUNT; step++) {
            const double start = clock_seconds();
            TRY(run_step(b, (enum step)step, err));
            seconds[step][round] = clock_seconds() - start;
        }
        const double start = clock_seconds();
        TRY(run_zlib(b, &stream, err));
        seconds[STEP_COUNT][round] = clock_seconds() - start;
    }
    (void)inflateEnd(&stream);
    (void)printf("bytes\t%zu\nrows\t%zu\nlinks\t%zu\n", b->text.size, b->rows, b->links);
    print_times("zlib " ZLIB_VERSION, seconds[STEP_COUNT], rounds);
    for (int step = 0; step < STEP_COUNT; step++)
        print_times(step_names[step], seconds[step], rounds);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct err err = {0};
    const long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (rounds < 1 || rounds > MAX_ROUNDS) {
        (void)fprintf(stderr, "usage: gkg_bench ARCHIVE ROUNDS (1 to %d)\n", MAX_ROUNDS);
        return EX_USAGE;
    }
    int code = open_bench(&b, argv[1], &err);
    code = code != 0 ? code : measure(&b, (size_t)rounds, &err);
    if (code != 0)
        (void)fprintf(stderr, "gkg_bench: %s\n", err.text);
    return code;
}
