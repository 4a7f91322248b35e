// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = "TICKFIT1";

// All but the arrays, which follow: weights, best, first, second; then the hash of the whole.
struct header {
    char magic[8];
    uint64_t real_size, weight_count;
    struct hash identity;
    struct checkpoint_state state;
};

enum { ARRAYS = 4 };

static void list_arrays(const struct trainer *trainer, void *arrays[ARRAYS])
{
    arrays[0] = trainer->weights;
    arrays[1] = trainer->best;
    arrays[2] = trainer->first;
    arrays[3] = trainer->second;
}

static size_t array_bytes(const struct trainer *trainer)
{
    return trainer->network->weight_count * trainer->core->real_size;
}

#define ADD(hash, value) hash_add(hash, &(value), sizeof(value))

static void add_options(struct hash *hash, const struct fit_options *o)
{
    const double numbers[] = {o->huber_delta, o->learning_rate, o->momentum,
                              o->beta1,       o->beta2,         o->epsilon,
                              o->clip_norm,   o->weight_decay,  o->step_factor};
    const uint64_t counts[] = {o->loss,  o->optimizer, o->schedule, o->step_epochs,
                               o->batch, o->epochs,    o->patience, o->seed};
    ADD(hash, numbers);
    ADD(hash, counts);
}

static void add_network(struct hash *hash, const struct network *network)
{
    const uint64_t sizes[] = {network->lookback, network->features, network->layer_count};
    ADD(hash, sizes);
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        const uint64_t facts[] = {layer->kind,        layer->units,         layer->activation,
                                  layer->reset_after, layer->bidirectional, layer->last_step};
        ADD(hash, facts);
        ADD(hash, layer->dropout);
    }
}

static void add_set(struct hash *hash, const struct trainer *trainer, const struct fit_set *set)
{
    const size_t real_size = trainer->core->real_size;
    const size_t width =
        trainer->options->loss == FIT_CROSS_ENTROPY ? 1 : trainer->network->outputs;
    size_t rows = 0;
    for (size_t i = 0; i < set->count; i++)
        rows = set->ends[i] >= rows ? (size_t)set->ends[i] + 1 : rows;
    hash_add(hash, set->ends, set->count * sizeof *set->ends);
    hash_add(hash, set->targets, set->count * width * real_size);
    hash_add(hash, set->rows, rows * set->features * real_size);
}

struct hash checkpoint_identity(const struct trainer *trainer, const struct fit_set *train,
                                const struct fit_set *validation)
{
    struct hash hash;
    hash_init(&hash);
    add_options(&hash, trainer->options);
    add_network(&hash, trainer->network);
    hash_add(&hash, trainer->weights, array_bytes(trainer));
    add_set(&hash, trainer, train);
    if (validation != NULL)
        add_set(&hash, trainer, validation);
    return hash;
}

static bool write_part(FILE *file, struct hash *hash, const void *data, size_t size)
{
    hash_add(hash, data, size);
    return fwrite(data, size, 1, file) == 1;
}

static bool write_all(FILE *file, const struct trainer *trainer, const struct hash *identity)
{
    struct header header = {.real_size = trainer->core->real_size,
                            .weight_count = trainer->network->weight_count,
                            .identity = *identity,
                            .state = trainer->state};
    void *arrays[ARRAYS];
    struct hash hash;
    memcpy(header.magic, magic, sizeof magic);
    list_arrays(trainer, arrays);
    hash_init(&hash);
    bool written = write_part(file, &hash, &header, sizeof header);
    for (size_t i = 0; i < ARRAYS && written; i++)
        written = write_part(file, &hash, arrays[i], array_bytes(trainer));
    return written && fwrite(&hash, sizeof hash, 1, file) == 1;
}

int checkpoint_write(const char *path, const struct trainer *trainer, const struct hash *identity,
                     struct err *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return err_set(err, EX_CANTCREAT, "the checkpoint's name %s is too long", path);
    FILE *file = fopen(part, "wbe");
    bool written = file != NULL && write_all(file, trainer, identity);
    if (file != NULL)
        written = fclose(file) == 0 && written;
    if (written && rename(part, path) == 0)
        return 0;
    const int reason = errno;
    (void)unlink(part);
    return err_set(err, EX_CANTCREAT, "the checkpoint %s could not be written: %s", path,
                   strerror(reason));
}

static bool read_part(FILE *file, struct hash *hash, void *data, size_t size)
{
    if (fread(data, size, 1, file) != 1)
        return false;
    hash_add(hash, data, size);
    return true;
}

static bool same_hash(const struct hash *a, const struct hash *b)
{
    return a->low == b->low && a->high == b->high;
}

static int read_header(FILE *file, const char *path, const struct trainer *trainer,
                       const struct hash *identity, struct hash *hash, struct header *header,
                       struct err *err)
{
    if (!read_part(file, hash, header, sizeof *header) ||
        memcmp(header->magic, magic, sizeof magic) != 0)
        return err_set(err, EX_DATAERR,
                       "%s is no checkpoint, or was cut off; remove it to begin anew", path);
    if (header->real_size != trainer->core->real_size ||
        header->weight_count != trainer->network->weight_count ||
        !same_hash(&header->identity, identity))
        return err_set(err, EX_DATAERR,
                       "%s is the checkpoint of another training: its options, data or start "
                       "weights differ; --fresh begins anew",
                       path);
    return 0;
}

// Into arrays of its own first, so that a damaged file changes nothing.
static int read_arrays(FILE *file, const char *path, struct trainer *trainer, struct hash *hash,
                       struct err *err)
{
    const size_t bytes = array_bytes(trainer);
    void *arrays[ARRAYS];
    struct hash stored;
    list_arrays(trainer, arrays);
    char *copy = malloc(ARRAYS * bytes);
    if (copy == NULL)
        return err_set(err, EX_OSERR, "out of memory for the checkpoint %s", path);
    bool read = true;
    for (size_t i = 0; i < ARRAYS && read; i++)
        read = read_part(file, hash, copy + i * bytes, bytes);
    read = read && fread(&stored, sizeof stored, 1, file) == 1 && same_hash(&stored, hash);
    for (size_t i = 0; i < ARRAYS && read; i++)
        memcpy(arrays[i], copy + i * bytes, bytes);
    free(copy);
    return read ? 0
                : err_set(err, EX_DATAERR, "the checkpoint %s is damaged; remove it to begin anew",
                          path);
}

int checkpoint_read(const char *path, struct trainer *trainer, const struct hash *identity,
                    bool *found, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    *found = file != NULL;
    if (file == NULL)
        return errno == ENOENT ? 0
                               : err_set(err, EX_NOINPUT, "the checkpoint %s cannot be read: %s",
                                         path, strerror(errno));
    struct hash hash;
    struct header header;
    hash_init(&hash);
    int code = read_header(file, path, trainer, identity, &hash, &header, err);
    if (code == 0)
        code = read_arrays(file, path, trainer, &hash, err);
    if (code == 0)
        trainer->state = header.state;
    (void)fclose(file);
    return code;
}
