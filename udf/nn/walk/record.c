// SPDX-License-Identifier: Apache-2.0
#include "walk/record.h"
#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_make(char *path, size_t room, struct err *err, const char *folder, const char *name)
{
    return (size_t)snprintf(path, room, "%s/%s", folder, name) < room
               ? 0
               : err_set(err, EX_CONFIG, "the path of %s is too long", name);
}

static int make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    return err_set(err, EX_CANTCREAT, "cannot make the folder %s: %s", path, strerror(errno));
}

int record_open(struct record *record, const char *models, const char *name, uint32_t version,
                struct err *err)
{
    char number[16], folder[PATH_MAX];
    (void)snprintf(number, sizeof number, "%u", version);
    TRY(path_make(folder, sizeof folder, err, models, name));
    TRY(make_folder(models, err));
    TRY(make_folder(folder, err));
    TRY(path_make(record->folder, sizeof record->folder, err, folder, number));
    return make_folder(record->folder, err);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size != 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

int write_by_rename(const char *path, const void *bytes, size_t size, struct err *err)
{
    char part[PATH_MAX];
    if ((size_t)snprintf(part, sizeof part, "%s.XXXXXX", path) >= sizeof part)
        return err_set(err, EX_CONFIG, "the path %s is too long", path);
    const int fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, EX_CANTCREAT, "cannot write %s: %s", path, strerror(errno));
    bool good = write_all(fd, bytes, size) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (good && rename(part, path) == 0)
        return 0;
    const int reason = errno;
    (void)unlink(part);
    return err_set(err, EX_IOERR, "cannot write %s: %s", path, strerror(reason));
}

int record_file(const struct record *record, const char *name, const void *bytes, size_t size,
                struct err *err)
{
    char path[PATH_MAX];
    TRY(path_make(path, sizeof path, err, record->folder, name));
    return write_by_rename(path, bytes, size, err);
}

static int append_json(json_t *object, struct buffer *out, struct err *err)
{
    char *text = object != NULL ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (text == NULL)
        return err_set(err, EX_OSERR, "out of memory for JSON");
    const int code = buffer_append(out, text, strlen(text), err);
    free(text);
    return code;
}

int record_parameters(const struct recipe *recipe, const struct record_input *input,
                      struct buffer *out, struct err *err)
{
    struct recipe_parameter parameters[RECIPE_PARAMETERS];
    const size_t count = recipe_parameters(recipe, parameters);
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        (void)json_object_set_new(object, parameters[i].name, json_string(parameters[i].value));
    (void)json_object_set_new(object, "source", json_string(input->source));
    (void)json_object_set_new(object, "snapshot", json_string(input->snapshot));
    (void)json_object_set_new(object, "rows_hash", json_string(input->rows_hash));
    if (input->validation_to != NULL)
        (void)json_object_set_new(object, "validation_to", json_string(input->validation_to));
    return append_json(object, out, err);
}

int record_metrics(const struct model_metric *metrics, size_t count, struct buffer *out,
                   struct err *err)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        if (isfinite(metrics[i].value))
            (void)json_object_set_new(object, metrics[i].name, json_real(metrics[i].value));
    return append_json(object, out, err);
}
