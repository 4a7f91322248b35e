// SPDX-License-Identifier: Apache-2.0
// The file of a model: a safetensors container whose header begins with a fixed text, so that the
// hash has a fixed place. The hash is the SHA-256 of the whole file with its own 64 digits as '0':
// it covers the description too. Tensors lie in the order of network_tensors without gaps, from a
// multiple of 64 on: the bytes of the file are the vector of weights.
#include "model/model.h"
#include "base/time.h"
#include "model/describe.h"
#include "model/safetensors.h"

#include <jansson.h>
#include <math.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "{\"__metadata__\":{\"format\":\"tickhouse model 1\",\"sha256\":\""
enum {
    HASH_DIGITS = MODEL_HASH_SIZE - 1,
    HASH_AT = sizeof(uint64_t) + sizeof PREFIX - 1,
    DATA_ALIGNMENT = 64
};

static int name_features(struct model *model, struct arena *arena, struct err *err)
{
    const size_t count = model->network.features;
    model->features = arena_alloc(arena, count, sizeof *model->features, err);
    char(*names)[24] = arena_alloc(arena, count, sizeof *names, err);
    if (model->features == NULL || names == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count; i++) {
        struct model_feature *feature = &model->features[i];
        (void)snprintf(names[i], sizeof names[i], "f%zu", i);
        *feature = (struct model_feature){.name = names[i], .scale = 1};
        for (size_t e = 0; e < MODEL_BINS - 1; e++)
            feature->edges[e] = NAN;
        for (size_t b = 0; b < MODEL_BINS; b++)
            feature->shares[b] = NAN;
    }
    return 0;
}

int model_new(struct model *model, const struct network *layout, struct arena *arena,
              struct err *err)
{
    *model = (struct model){.network = *layout,
                            .target_scale = 1,
                            .scaler = "none",
                            .target = "",
                            .horizon = 1,
                            .source = "",
                            .snapshot = "",
                            .rows_hash = "",
                            .created_at = clock_microseconds(),
                            .origin = "",
                            .notes = ""};
    TRY(network_lay_out(&model->network, err));
    model->network.weights = arena_alloc(arena, model->network.weight_count, sizeof(float), err);
    if (model->network.weights == NULL)
        return err_code(err, EX_OSERR);
    memset(model->network.weights, 0, model->network.weight_count * sizeof(float));
    return name_features(model, arena, err);
}

void model_scale(const struct model *model, const float *x, float *out)
{
    for (size_t i = 0; i < model->network.features; i++)
        out[i] = (float)(((double)x[i] - model->features[i].offset) * model->features[i].scale);
}

// ---- reading

static void hash_file(const char *bytes, size_t size, char digits[static MODEL_HASH_SIZE])
{
    static const char zeros[HASH_DIGITS + 1] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)bytes, HASH_AT);
    SHA256Update(&context, (const uint8_t *)zeros, HASH_DIGITS);
    SHA256Update(&context, (const uint8_t *)bytes + HASH_AT + HASH_DIGITS,
                 size - HASH_AT - HASH_DIGITS);
    (void)SHA256End(&context, digits);
}

static int check_hash(const char *bytes, size_t size, struct model *model, struct err *err)
{
    if (size < HASH_AT + HASH_DIGITS ||
        memcmp(bytes + sizeof(uint64_t), PREFIX, sizeof PREFIX - 1) != 0)
        return err_set(err, EX_DATAERR,
                       "it is no model of tickhouse; './tickhouse nn import' reads those of Keras, "
                       "PyTorch and ONNX");
    hash_file(bytes, size, model->hash);
    if (memcmp(bytes + HASH_AT, model->hash, HASH_DIGITS) != 0)
        return err_set(err, EX_DATAERR,
                       "its SHA-256 is not the one that it was written with: it is damaged; fetch "
                       "or train it again");
    return 0;
}

static bool tensor_is(const struct safetensor *found, const struct network_tensor *wanted,
                      const char *data)
{
    const size_t rank = wanted->rows == 0 ? 1 : 2;
    return strcmp(found->name, wanted->name) == 0 && found->type == TENSOR_F32 &&
           found->rank == rank && found->shape[rank - 1] == wanted->columns &&
           (rank == 1 || found->shape[0] == wanted->rows) &&
           found->data == data + wanted->offset * sizeof(float);
}

static int check_tensors(const char *bytes, const struct safetensors *file, struct network *network,
                         struct err *err)
{
    struct network_tensor wanted[NETWORK_MAX_TENSORS];
    const size_t count = network_tensors(network, wanted);
    const char *data = bytes + file->data_at;
    if (file->data_at % DATA_ALIGNMENT != 0 || file->count != count)
        return err_set(err, EX_DATAERR, "it has %zu tensors, its layers want %zu", file->count,
                       count);
    for (size_t i = 0; i < count; i++)
        if (!tensor_is(&file->tensors[i], &wanted[i], data))
            return err_set(err, EX_DATAERR, "tensor '%s' is not the '%s' that its layers want",
                           file->tensors[i].name, wanted[i].name);
    network->weights = (float *)(uintptr_t)data;
    const size_t bad = network_first_not_finite(network);
    if (bad == network->weight_count)
        return 0;
    size_t t = count - 1;
    while (wanted[t].offset > bad)
        t--;
    return err_set(err, EX_DATAERR, "value %zu of tensor '%s' is not finite",
                   bad - wanted[t].offset, wanted[t].name);
}

int model_read(const void *bytes, size_t size, struct model *model, struct arena *arena,
               struct err *err)
{
    struct safetensors file;
    memset(model, 0, sizeof *model);
    TRY(check_hash(bytes, size, model, err));
    TRY(safetensors_read(bytes, size, arena, &file, err));
    const char *description = safetensors_metadata(&file, "model");
    if (description == NULL)
        return err_set(err, EX_DATAERR, "it says nothing of its layers");
    TRY(model_undescribe(description, model, arena, err));
    return check_tensors(bytes, &file, &model->network, err);
}

int model_open(const char *path, struct model *model, struct model_bytes *bytes,
               struct arena *arena, struct err *err)
{
    int code = model_file_read(path, LIMIT_MODEL_BYTES, bytes, err);
    if (code == 0)
        code = model_read(bytes->base, bytes->size, model, arena, err);
    if (code != 0)
        model_close(bytes);
    return code != 0 ? err_prefix(err, "%s", path) : 0;
}

// ---- writing

static int write_tensors(const struct network *network, struct buffer *out, struct err *err)
{
    struct network_tensor tensors[NETWORK_MAX_TENSORS];
    const size_t count = network_tensors(network, tensors);
    for (size_t i = 0; i < count; i++) {
        const struct network_tensor *t = &tensors[i];
        const size_t from = t->offset * sizeof(float),
                     to = from + (t->rows == 0 ? 1 : t->rows) * t->columns * sizeof(float);
        TRY(buffer_printf(out, err, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[", t->name));
        if (t->rows != 0)
            TRY(buffer_printf(out, err, "%zu,", t->rows));
        TRY(buffer_printf(out, err, "%zu],\"data_offsets\":[%zu,%zu]}", t->columns, from, to));
    }
    return 0;
}

// The description is a text in the header's JSON, so it is quoted once more.
static int write_description(const struct model *model, struct buffer *out, struct err *err)
{
    struct buffer description;
    buffer_init(&description, LIMIT_MODEL_HEADER_BYTES / 4);
    int code = model_describe(model, &description, err);
    json_t *text = code == 0 ? json_stringn(description.data, description.size) : NULL;
    char *quoted = text == NULL ? NULL : json_dumps(text, JSON_ENCODE_ANY);
    if (code == 0 && quoted == NULL)
        code = err_set(err, EX_OSERR, "no memory to describe the model");
    if (code == 0)
        code = buffer_append(out, quoted, strlen(quoted), err);
    free(quoted);
    json_decref(text);
    buffer_free(&description);
    return code;
}

// What is written is read, so that nobody keeps a file that cannot be used.
static int read_back(const struct buffer *file, struct err *err)
{
    struct arena arena;
    struct model model;
    TRY(arena_open(&arena, LIMIT_MODEL_HEADER_BYTES, err));
    const int code = model_read(file->data, file->size, &model, &arena, err);
    arena_close(&arena);
    return code == 0 ? 0 : err_prefix(err, "the model would not be readable");
}

int model_write(struct model *model, struct buffer *out, struct err *err)
{
    const size_t bad = network_first_not_finite(&model->network);
    if (bad != model->network.weight_count)
        return err_set(err, EX_DATAERR, "parameter %zu of the network is not finite", bad);
    uint64_t header_size = 0;
    TRY(buffer_append(out, &header_size, sizeof header_size, err));
    TRY(buffer_printf(out, err, PREFIX "%0*d\",\"model\":", HASH_DIGITS, 0));
    TRY(write_description(model, out, err));
    TRY(buffer_append(out, "}", 1, err));
    TRY(write_tensors(&model->network, out, err));
    TRY(buffer_append(out, "}", 1, err));
    while (out->size % DATA_ALIGNMENT != 0)
        TRY(buffer_append(out, " ", 1, err));
    header_size = out->size - sizeof header_size;
    memcpy(out->data, &header_size, sizeof header_size);
    TRY(buffer_append(out, model->network.weights, model->network.weight_count * sizeof(float),
                      err));
    hash_file(out->data, out->size, model->hash);
    memcpy(out->data + HASH_AT, model->hash, HASH_DIGITS);
    return read_back(out, err);
}
