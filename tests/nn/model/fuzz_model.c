// SPDX-License-Identifier: Apache-2.0
// Model files. The hash would keep a fuzzer out, so the right one is written into the input first;
// a small network that is read is run. The container and the description are read by themselves
// too.
#include "forward/forward.h"
#include "model/describe.h"
#include "model/safetensors.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WEIGHTS = 4096, MOST_VALUES = 4096, BATCH = 3 };

// model_read says which hash the file should have, also where it has another one.
static void write_hash(char *bytes, size_t size, const char *hash)
{
    static const char mark[] = "\"sha256\":\"";
    char *place = memmem(bytes, size, mark, sizeof mark - 1);
    if (*hash != '\0' && place != NULL)
        memcpy(place + sizeof mark - 1, hash, MODEL_HASH_SIZE - 1);
}

static void run(const struct network *network)
{
    static float x[BATCH * MOST_VALUES];
    struct forward *forward;
    const size_t size = network->lookback * network->features;
    float *y = calloc(BATCH * network->outputs, sizeof *y);
    if (y == NULL || forward_open(network, &forward, NULL) != 0)
        abort();
    for (size_t i = 0; i < BATCH * size; i++)
        x[i] = (float)(i % 17) / 8 - 1;
    forward_run(forward, x, BATCH, y);
    forward_close(forward);
    free(y);
}

static void read_and_run(const uint8_t *data, size_t size, struct arena *arena)
{
    struct model model = {.hash = ""};
    char *bytes = malloc(size + 1); // aligned, and written to
    if (bytes == NULL)
        abort();
    memcpy(bytes, data, size);
    (void)model_read(bytes, size, &model, arena, NULL);
    arena_reset(arena);
    write_hash(bytes, size, model.hash);
    if (model_read(bytes, size, &model, arena, NULL) == 0 &&
        model.network.weight_count <= MOST_WEIGHTS &&
        model.network.lookback * model.network.features <= MOST_VALUES)
        run(&model.network);
    arena_reset(arena);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (arena.base == NULL && arena_open(&arena, 1ULL << 30, NULL) != 0)
        abort();
    struct model model;
    struct safetensors file;
    read_and_run(data, size, &arena);
    if (safetensors_read(data, size, &arena, &file, NULL) == 0) {
        const char *description = safetensors_metadata(&file, "model");
        memset(&model, 0, sizeof model);
        if (description != NULL)
            (void)model_undescribe(description, &model, &arena, NULL);
    }
    arena_reset(&arena);
    return 0;
}
