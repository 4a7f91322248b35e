// SPDX-License-Identifier: Apache-2.0
#include "tune/trials.h"
#include "base/hash.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

// ---- the head

static const char head_start[] = "# tickhouse nn tune ";

static void add_text(struct hash *hash, const char *text)
{
    hash_add(hash, text, strlen(text));
}

static void head_line(const struct search *search, const char *identity, char *line, size_t room)
{
    struct hash hash;
    char digits[33];
    hash_init(&hash);
    add_text(&hash, identity);
    hash_add(&hash, &search->seed, sizeof search->seed);
    hash_add(&hash, &search->starts, sizeof search->starts);
    for (size_t d = 0; d < search->space->count; d++) {
        const struct dimension *dimension = &search->space->dimensions[d];
        const unsigned char kind[2] = {(unsigned char)dimension->kind, dimension->log};
        add_text(&hash, dimension->name);
        hash_add(&hash, kind, sizeof kind);
        hash_add(&hash, &dimension->low, sizeof dimension->low);
        hash_add(&hash, &dimension->high, sizeof dimension->high);
        for (size_t i = 0; i < dimension->choice_count; i++)
            add_text(&hash, dimension->choices[i]);
    }
    hash_text(&hash, digits);
    (void)snprintf(line, room, "%s%s", head_start, digits);
}

static int write_head(struct trials *trials, const struct search *search, const char *head)
{
    (void)fprintf(trials->file, "%s\ntrial", head);
    for (size_t d = 0; d < search->space->count; d++)
        (void)fprintf(trials->file, "\t%s", search->space->dimensions[d].name);
    return fprintf(trials->file, "\tscore\tseconds\tstate\n");
}

// ---- reading

struct reader {
    struct trials *trials;
    struct search *search;
    size_t line;
    struct err *err;
};

static int bad_line(const struct reader *r, const char *what, const char *text)
{
    return err_set(r->err, EX_DATAERR, "%s:%zu: %s '%s'; mend the line, or --fresh begins anew",
                   r->trials->path, r->line, what, text);
}

static double sign(const struct trials *trials)
{
    return trials->maximize ? -1 : 1;
}

// What follows the dimensions: score, seconds, state.
static int read_end(const struct reader *r, char **rest, struct trial *trial)
{
    const char *score = strsep(rest, "\t"), *seconds = strsep(rest, "\t"), *state = *rest;
    if (score == NULL || seconds == NULL || state == NULL)
        return bad_line(r, "too few columns in", "the line");
    if (!number_parse(seconds, strlen(seconds), &trial->seconds))
        return bad_line(r, "no number of seconds:", seconds);
    trial->score = NAN;
    if (strcmp(state, "failed") == 0)
        return 0;
    if (strcmp(state, "done") != 0)
        return bad_line(r, "neither done nor failed:", state);
    if (!number_parse(score, strlen(score), &trial->score))
        return bad_line(r, "no score:", score);
    trial->score *= sign(r->trials);
    return 0;
}

static int read_trial(const struct reader *r, char *line)
{
    const struct space *space = r->search->space;
    struct trial trial = {0};
    char number[24];
    char *rest = line;
    const char *word = strsep(&rest, "\t");
    (void)snprintf(number, sizeof number, "%zu", r->search->count + 1);
    if (strcmp(word, number) != 0)
        return bad_line(r, "not the next trial:", word);
    for (size_t d = 0; d < space->count; d++) {
        word = strsep(&rest, "\t");
        if (word == NULL || !dimension_read(&space->dimensions[d], word, &trial.values[d]))
            return bad_line(r, space->dimensions[d].name, word != NULL ? word : "");
    }
    TRY(read_end(r, &rest, &trial));
    return search_tell(r->search, &trial, r->err);
}

// Reads whole lines; what a kill left of another is cut off, so that the next one begins there.
static int read_lines(struct reader *r, const char *head)
{
    char line[LIMIT_LINE_BYTES];
    long end = 0;
    for (r->line = 1; fgets(line, sizeof line, r->trials->file) != NULL; r->line++) {
        const size_t size = strlen(line);
        if (size == 0 || line[size - 1] != '\n')
            break;
        line[size - 1] = '\0';
        if (r->line == 1 && strcmp(line, head) != 0)
            return err_set(r->err, EX_DATAERR,
                           "%s holds trials of another search: other rows, ranges, options or "
                           "seed; --fresh begins anew",
                           r->trials->path);
        if (r->line > 2)
            TRY(read_trial(r, line));
        end = ftell(r->trials->file);
    }
    if (r->line <= 2) // not even the head is whole
        end = 0;
    return fseek(r->trials->file, end, SEEK_SET) == 0 &&
                   ftruncate(fileno(r->trials->file), end) == 0
               ? 0
               : err_set(r->err, EX_IOERR, "%s: %s", r->trials->path, strerror(errno));
}

// ---- writing

static int flush(const struct trials *trials, struct err *err)
{
    if (fflush(trials->file) == 0 && fsync(fileno(trials->file)) == 0)
        return 0;
    return err_set(err, EX_IOERR, "cannot write %s: %s", trials->path, strerror(errno));
}

static FILE *open_locked(const char *path, struct err *err)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "r+") : NULL;
    if (file == NULL) {
        err_set(err, EX_CANTCREAT, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return NULL;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return file;
    err_set(err, EX_TEMPFAIL, "%s: another search is writing it", path);
    (void)fclose(file);
    return NULL;
}

// A file that holds something else is somebody's, and stays as it is.
static int check_own(const struct trials *trials, struct err *err)
{
    char start[sizeof head_start - 1];
    const size_t size = fread(start, 1, sizeof start, trials->file);
    if (size != 0 && (size < sizeof start || memcmp(start, head_start, size) != 0))
        return err_set(err, EX_CANTCREAT,
                       "%s is there already and holds no trials; name another file", trials->path);
    rewind(trials->file);
    return 0;
}

int trials_open(struct trials *trials, const char *path, const char *identity, bool maximize,
                bool fresh, struct search *search, struct err *err)
{
    char head[80];
    *trials = (struct trials){.path = path, .maximize = maximize};
    head_line(search, identity, head, sizeof head);
    if ((trials->file = open_locked(path, err)) == NULL)
        return err_code(err, EX_CANTCREAT);
    TRY(check_own(trials, err));
    if (fresh && ftruncate(fileno(trials->file), 0) != 0)
        return err_set(err, EX_CANTCREAT, "cannot empty %s: %s", path, strerror(errno));
    struct reader reader = {trials, search, 0, err};
    TRY(read_lines(&reader, head));
    if (ftell(trials->file) == 0 && write_head(trials, search, head) < 0)
        return err_set(err, EX_IOERR, "cannot write %s: %s", path, strerror(errno));
    return flush(trials, err);
}

int trials_add(struct trials *trials, const struct search *search, struct err *err)
{
    const struct space *space = search->space;
    const struct trial *trial = &search->trials[search->count - 1];
    const bool done = isfinite(trial->score);
    (void)fprintf(trials->file, "%zu", search->count);
    for (size_t d = 0; d < space->count; d++) {
        char text[SPACE_MAX_TEXT];
        dimension_format(&space->dimensions[d], trial->values[d], text);
        (void)fprintf(trials->file, "\t%s", text);
    }
    (void)fprintf(trials->file, "\t%.17g\t%.3f\t%s\n",
                  done ? trial->score * sign(trials) : (double)NAN, trial->seconds,
                  done ? "done" : "failed");
    return flush(trials, err);
}

void trials_close(struct trials *trials)
{
    if (trials->file != NULL)
        (void)fclose(trials->file);
    trials->file = NULL;
}
