// SPDX-License-Identifier: Apache-2.0
#include "walk/record.h"
#include "base/buffer.h"
#include "base/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int path_make(char *path, size_t room, struct err *err, const char *folder, const char *name)
{
    return (size_t)snprintf(path, room, "%s/%s", folder, name) < room
               ? 0
               : err_set(err, EX_CONFIG, "the path of %s is too long", name);
}

int record_open(struct record *record, const char *models, const char *name, uint32_t version,
                struct err *err)
{
    char number[16], folder[PATH_MAX];
    (void)snprintf(number, sizeof number, "%u", version);
    TRY(path_make(folder, sizeof folder, err, models, name));
    TRY(folder_make(models, err));
    TRY(folder_make(folder, err));
    TRY(path_make(record->folder, sizeof record->folder, err, folder, number));
    return folder_make(record->folder, err);
}

int record_file(const struct record *record, const char *name, const void *bytes, size_t size,
                struct err *err)
{
    char path[PATH_MAX];
    TRY(path_make(path, sizeof path, err, record->folder, name));
    return file_replace(path, bytes, size, err);
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
