// SPDX-License-Identifier: Apache-2.0
#include "input.h"
#include "net/zip.h"
#include "stop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_READ_BYTES = 1 << 18, INPUT_NAME_BYTES = 4096, INPUT_DEPTH = 32 };

void input_init(struct input *input, input_visit *visit, void *context)
{
    *input = (struct input){.visit = visit, .context = context};
    buffer_init(&input->text, LIMIT_FILE_BYTES);
}

void input_free(struct input *input)
{
    buffer_free(&input->text);
}

static int read_descriptor(struct input *input, int fd, size_t expected, struct err *err)
{
    struct buffer *text = &input->text;
    text->size = 0;
    if (buffer_reserve(text, expected + 1, err) == NULL)
        return err_code(err, EX_OSERR);
    for (;;) {
        const size_t room = text->capacity - text->size;
        char *to = buffer_reserve(text, room != 0 ? room : INPUT_READ_BYTES, err);
        if (to == NULL)
            return err_code(err, EX_OSERR);
        const ssize_t done = read(fd, to, text->capacity - text->size);
        if (done < 0 && errno != EINTR)
            return err_set(err, EX_IOERR, "cannot read: %s", strerror(errno));
        input->ended = done < 0 && stop_check(err) != 0;
        if (input->ended)
            return err_code(err, EX_TEMPFAIL);
        if (done == 0)
            return 0;
        if (done > 0)
            text->size += (size_t)done;
    }
}

static int visit_text(struct input *input, const char *name, struct err *err)
{
    const int code = input->visit(input->context, name, input->text.data, input->text.size, err);
    input->ended = code != 0;
    return code;
}

static int visit_file(struct input *input, const char *path, size_t expected, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, EX_NOINPUT, "cannot open: %s", strerror(errno));
    const int code = read_descriptor(input, fd, expected, err);
    (void)close(fd);
    TRY(code);
    return visit_text(input, path, err);
}

static bool has_extension(const char *name, const char *extension)
{
    const size_t size = strlen(name), wanted = strlen(extension);
    return size > wanted && strcasecmp(name + size - wanted, extension) == 0;
}

// What cannot be read is said and counted; errors of the visitor end the walk.
static int tolerate(struct input *input, const char *name, struct err *problem)
{
    (void)fprintf(stderr, "%s: %s; skipped\n", name, problem->text);
    input->unreadable++;
    return 0;
}

static int visit_member(struct input *input, struct zip_archive *archive, const char *path,
                        uint64_t member, struct err *err)
{
    char name[INPUT_NAME_BYTES];
    struct err problem = {0};
    const char *inside = zip_archive_name(archive, member);
    (void)snprintf(name, sizeof name, "%s:%s", path, inside != NULL ? inside : "?");
    if (!has_extension(name, ".csv") && !has_extension(name, ".txt"))
        return 0;
    if (zip_archive_read(archive, member, &input->text, &problem) != 0)
        return tolerate(input, name, &problem);
    return visit_text(input, name, err);
}

static int visit_zip(struct input *input, const char *path, struct err *err)
{
    struct zip_archive *archive;
    int code = 0;
    TRY(zip_archive_open(&archive, path, err));
    const uint64_t members = zip_archive_members(archive);
    for (uint64_t i = 0; i < members && code == 0; i++)
        code = visit_member(input, archive, path, i, err);
    zip_archive_close(archive);
    return code;
}

static int visit_path(struct input *input, const char *path, int depth, struct err *err);

static int keep_entry(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

// Folders and price files below a folder; its other files are none of our business. Symbolic links
// to folders are not followed: they can lead in circles.
static bool is_candidate(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || S_ISDIR(status.st_mode))
        return true;
    const bool prices =
        has_extension(path, ".csv") || has_extension(path, ".txt") || has_extension(path, ".zip");
    return prices && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int visit_entry(struct input *input, const char *path, int depth, struct err *err)
{
    struct err problem = {0};
    if (!is_candidate(path))
        return 0;
    const int code = visit_path(input, path, depth, &problem);
    if (code != 0 && !input->ended)
        return tolerate(input, path, &problem);
    return code == 0 ? 0 : err_set(err, code, "%s", problem.text);
}

static int visit_folder(struct input *input, const char *path, int depth, struct err *err)
{
    struct dirent **entries;
    char name[INPUT_NAME_BYTES];
    int code = 0;
    const size_t length = strlen(path);
    const char *slash = length != 0 && path[length - 1] == '/' ? "" : "/";
    const int count = scandir(path, &entries, keep_entry, by_name);
    if (count < 0)
        return err_set(err, EX_NOINPUT, "cannot list the folder: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s%s%s", path, slash, entries[i]->d_name);
        if (code == 0)
            code = visit_entry(input, name, depth + 1, err);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int visit_path(struct input *input, const char *path, int depth, struct err *err)
{
    struct stat status;
    if (depth > INPUT_DEPTH)
        return err_set(err, EX_DATAERR, "folders are nested deeper than %d", INPUT_DEPTH);
    if (stat(path, &status) != 0)
        return err_set(err, EX_NOINPUT, "cannot read: %s", strerror(errno));
    if (S_ISDIR(status.st_mode))
        return visit_folder(input, path, depth, err);
    if (has_extension(path, ".zip") && !input->whole_zips)
        return visit_zip(input, path, err);
    return visit_file(input, path, S_ISREG(status.st_mode) ? (size_t)status.st_size : 0, err);
}

static int visit_stdin(struct input *input, struct err *err)
{
    TRY(read_descriptor(input, STDIN_FILENO, INPUT_READ_BYTES, err));
    return visit_text(input, "stdin", err);
}

int input_walk(struct input *input, const char *path, struct err *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    const int code = is_stdin ? visit_stdin(input, err) : visit_path(input, path, 0, err);
    if (code != 0 && !input->ended)
        (void)err_prefix(err, "%s", is_stdin ? "stdin" : path);
    return code;
}

static int walk_or_say(struct input *input, const char *path, struct err *err)
{
    struct err problem = {0};
    const int code = input_walk(input, path, &problem);
    if (code != 0 && !input->ended) {
        (void)fprintf(stderr, "ingest: %s\n", problem.text);
        input->unreadable++;
        return 0;
    }
    return code == 0 ? 0 : err_set(err, code, "%s", problem.text);
}

int input_walk_each(struct input *input, const char *first, char **words, struct err *err)
{
    int code = first != NULL ? walk_or_say(input, first, err) : 0;
    for (; code == 0 && *words != NULL; words++)
        code = walk_or_say(input, *words, err);
    return code;
}
