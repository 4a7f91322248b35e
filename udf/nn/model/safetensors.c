// SPDX-License-Identifier: Apache-2.0
#include "model/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum tensor_type type;
    size_t bytes;
} types[] = {
    {"F32", TENSOR_F32, 4},    {"F64", TENSOR_F64, 8},   {"F16", TENSOR_F16, 2},
    {"BF16", TENSOR_BF16, 2},  {"I64", TENSOR_I64, 8},   {"I32", TENSOR_OTHER, 4},
    {"I16", TENSOR_OTHER, 2},  {"I8", TENSOR_OTHER, 1},  {"U8", TENSOR_OTHER, 1},
    {"BOOL", TENSOR_OTHER, 1}, {"U64", TENSOR_OTHER, 8}, {"U32", TENSOR_OTHER, 4},
    {"U16", TENSOR_OTHER, 2},
};

static int read_shape(struct safetensor *tensor, const json_t *shape, struct err *err)
{
    if (!json_is_array(shape) || json_array_size(shape) > SAFETENSORS_MAX_RANK)
        return err_set(err, EX_DATAERR, "tensor '%s' has no shape of at most %d dimensions",
                       tensor->name, SAFETENSORS_MAX_RANK);
    tensor->rank = json_array_size(shape);
    tensor->elements = 1;
    for (size_t i = 0; i < tensor->rank; i++) {
        const json_t *dimension = json_array_get(shape, i);
        const json_int_t length = json_integer_value(dimension);
        if (!json_is_integer(dimension) || length < 0 ||
            __builtin_mul_overflow(tensor->elements, (size_t)length, &tensor->elements))
            return err_set(err, EX_DATAERR, "dimension %zu of tensor '%s' is not a length", i,
                           tensor->name);
        tensor->shape[i] = (size_t)length;
    }
    return 0;
}

static int read_type(struct safetensor *tensor, const char *name, size_t *bytes, struct err *err)
{
    for (size_t i = 0; name != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            tensor->type = types[i].type;
            tensor->type_name = types[i].name;
            *bytes = types[i].bytes;
            return 0;
        }
    return err_set(err, EX_DATAERR, "tensor '%s' is of type '%.32s', which is not known here",
                   tensor->name, name == NULL ? "" : name);
}

// `data` is where the tensors' bytes begin, `room` how many there are.
static int read_tensor(struct safetensor *tensor, const json_t *entry, const char *data,
                       size_t room, struct err *err)
{
    size_t bytes = 0, wanted;
    const json_t *offsets = json_object_get(entry, "data_offsets");
    TRY(read_type(tensor, json_string_value(json_object_get(entry, "dtype")), &bytes, err));
    TRY(read_shape(tensor, json_object_get(entry, "shape"), err));
    const json_int_t from = json_integer_value(json_array_get(offsets, 0)),
                     to = json_integer_value(json_array_get(offsets, 1));
    if (json_array_size(offsets) != 2 || from < 0 || to < from || (uint64_t)to > room)
        return err_set(err, EX_DATAERR,
                       "tensor '%s' lies at bytes %lld to %lld of %zu: the file is cut off or "
                       "damaged",
                       tensor->name, (long long)from, (long long)to, room);
    if (__builtin_mul_overflow(tensor->elements, bytes, &wanted) || wanted != (size_t)(to - from))
        return err_set(err, EX_DATAERR, "tensor '%s' has %lld bytes, not what its shape wants",
                       tensor->name, (long long)(to - from));
    tensor->data = data + from;
    tensor->size = wanted;
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct safetensor *x = a, *y = b;
    if (x->data != y->data)
        return (const char *)x->data < (const char *)y->data ? -1 : 1;
    return (x->size > y->size) - (x->size < y->size);
}

static int check_overlap(const struct safetensors *file, struct err *err)
{
    for (size_t i = 1; i < file->count; i++) {
        const struct safetensor *before = &file->tensors[i - 1], *tensor = &file->tensors[i];
        if ((const char *)before->data + before->size > (const char *)tensor->data)
            return err_set(err, EX_DATAERR, "tensors '%s' and '%s' overlap", before->name,
                           tensor->name);
    }
    return 0;
}

static int read_metadata(const json_t *object, struct arena *arena, struct safetensors *file,
                         struct err *err)
{
    const size_t count = json_object_size(object);
    const char *key;
    json_t *value;
    file->keys = arena_alloc(arena, count, sizeof *file->keys, err);
    file->values = arena_alloc(arena, count, sizeof *file->values, err);
    if (file->keys == NULL || file->values == NULL)
        return err_code(err, EX_OSERR);
    json_object_foreach((json_t *)object, key, value)
    {
        if (!json_is_string(value))
            return err_set(err, EX_DATAERR, "metadata '%.64s' is not a text", key);
        TRY(arena_text(arena, key, &file->keys[file->metadata_count], err));
        TRY(arena_text(arena, json_string_value(value), &file->values[file->metadata_count], err));
        file->metadata_count++;
    }
    return 0;
}

static int read_entries(const json_t *root, const char *data, size_t room, struct arena *arena,
                        struct safetensors *file, struct err *err)
{
    const char *key;
    json_t *value;
    file->tensors = arena_alloc(arena, json_object_size(root), sizeof *file->tensors, err);
    if (file->tensors == NULL)
        return err_code(err, EX_OSERR);
    json_object_foreach((json_t *)root, key, value)
    {
        if (strcmp(key, "__metadata__") == 0) {
            TRY(read_metadata(value, arena, file, err));
            continue;
        }
        struct safetensor *tensor = &file->tensors[file->count];
        memset(tensor, 0, sizeof *tensor);
        TRY(arena_text(arena, key, &tensor->name, err));
        TRY(read_tensor(tensor, value, data, room, err));
        file->count++;
    }
    qsort(file->tensors, file->count, sizeof *file->tensors, compare_places);
    return check_overlap(file, err);
}

int safetensors_read(const void *bytes, size_t size, struct arena *arena, struct safetensors *file,
                     struct err *err)
{
    uint64_t header_size;
    memset(file, 0, sizeof *file);
    if (size < sizeof header_size)
        return err_set(err, EX_DATAERR, "%zu bytes are too few for a safetensors file", size);
    memcpy(&header_size, bytes, sizeof header_size);
    if (header_size > size - sizeof header_size || header_size > LIMIT_MODEL_HEADER_BYTES)
        return err_set(err, EX_DATAERR,
                       "its header claims %llu bytes, of a file of %zu: not a safetensors file, or "
                       "cut off",
                       (unsigned long long)header_size, size);
    const char *header = (const char *)bytes + sizeof header_size;
    json_error_t why;
    json_t *root = json_loadb(header, header_size, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, EX_DATAERR, "its header is no JSON object: %s", why.text);
    }
    file->data_at = sizeof header_size + header_size;
    const int code =
        read_entries(root, header + header_size, size - file->data_at, arena, file, err);
    json_decref(root);
    return code;
}

const struct safetensor *safetensors_find(const struct safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *safetensors_metadata(const struct safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->keys[i], key) == 0)
            return file->values[i];
    return NULL;
}
