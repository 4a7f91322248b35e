// SPDX-License-Identifier: Apache-2.0
// Model files. The hash would keep a fuzzer out, so the container and the description are read by
// themselves too.
#include "model/describe.h"
#include "model/safetensors.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (arena.base == NULL && arena_open(&arena, 1ULL << 30, NULL) != 0)
        abort();
    struct model model;
    struct safetensors file;
    (void)model_read(data, size, &model, &arena, NULL);
    arena_reset(&arena);
    if (safetensors_read(data, size, &arena, &file, NULL) == 0) {
        const char *description = safetensors_metadata(&file, "model");
        memset(&model, 0, sizeof model);
        if (description != NULL)
            (void)model_undescribe(description, &model, &arena, NULL);
    }
    arena_reset(&arena);
    return 0;
}
