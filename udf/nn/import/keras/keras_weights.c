// SPDX-License-Identifier: Apache-2.0
// Where the weights of a layer lie in the file.
#include "import/keras/keras_parts.h"

#include <stdio.h>
#include <string.h>

// "GRU" -> "gru", "InputLayer" -> "input_layer": Keras' to_snake_case.
static void snake_case(const char *class, char *out, size_t room)
{
    size_t size = 0;
    for (size_t i = 0; class[i] != '\0' && size + 2 < room; i++) {
        const bool upper = class[i] >= 'A' && class[i] <= 'Z',
                   next_lower = class[i + 1] >= 'a' && class[i + 1] <= 'z',
                   before_upper = i > 0 && class[i - 1] >= 'A' && class[i - 1] <= 'Z';
        if (upper && i > 0 && (next_lower || !before_upper))
            out[size++] = '_';
        out[size++] = class[i];
        if (upper)
            out[size - 1] = (char)(class[i] + ('a' - 'A'));
    }
    out[size] = '\0';
}

// Groups of a .keras file are called after the class, with a number from the second on.
int keras_name_group(struct keras *keras, struct layer_source *layer, struct err *err)
{
    if (keras->legacy) {
        (void)snprintf(layer->group, sizeof layer->group, "%s", layer->name);
        return 0;
    }
    char snake[128];
    snake_case(layer->class, snake, sizeof snake);
    const json_int_t count = json_integer_value(json_object_get(keras->counts, snake));
    if (json_object_set_new(keras->counts, snake, json_integer(count + 1)) != 0)
        return err_set(err, EX_OSERR, "out of memory");
    if (count == 0)
        (void)snprintf(layer->group, sizeof layer->group, "%s", snake);
    else
        (void)snprintf(layer->group, sizeof layer->group, "%s_%lld", snake, (long long)count);
    return 0;
}

static int load_at(struct keras *keras, uint64_t group, const char *path, const char *layer,
                   const struct tensor **tensor, struct err *err)
{
    uint64_t object;
    char name[2 * KERAS_MAX_PATH];
    const char *kept = NULL;
    (void)snprintf(name, sizeof name, "%s/%s", layer, path);
    TRY(hdf5_find(&keras->file, group, path, &object, err));
    if (object == 0)
        return err_set(err, EX_DATAERR, "the weights '%s' are missing from the file", name);
    TRY(arena_text(keras->source->arena, name, &kept, err));
    return hdf5_tensor(&keras->file, object, kept, tensor, err);
}

int keras_load(struct keras *keras, const struct layer_source *layer, const char *part,
               size_t first, size_t count, const struct tensor **tensors, struct err *err)
{
    uint64_t group;
    const char **names = NULL;
    size_t listed = 0;
    TRY(hdf5_find(&keras->file, keras->weights, layer->group, &group, err));
    if (group == 0)
        return err_set(err, EX_DATAERR, "the weights of layer '%s' are missing: no group '%s'",
                       layer->name, layer->group);
    if (keras->legacy)
        TRY(hdf5_texts(&keras->file, group, "weight_names", &names, &listed, err));
    if (keras->legacy && (names == NULL || listed < first + count))
        return err_set(err, EX_DATAERR, "layer '%s' has %zu weights, it wants %zu", layer->name,
                       listed, first + count);
    for (size_t i = 0; i < count; i++) {
        char path[KERAS_MAX_PATH];
        (void)snprintf(path, sizeof path, "%s/%zu", part, i);
        TRY(load_at(keras, group, names != NULL ? names[first + i] : path, layer->name, &tensors[i],
                    err));
    }
    return 0;
}
