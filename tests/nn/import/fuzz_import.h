// SPDX-License-Identifier: Apache-2.0
// Any bytes as a model of another program: it is read, and then is a network that can be written,
// or there is a sentence that says why not.
#ifndef TICKHOUSE_TESTS_FUZZ_IMPORT_H
#define TICKHOUSE_TESTS_FUZZ_IMPORT_H

#include "import/import.h"

#include <stdio.h>
#include <stdlib.h>

static inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

typedef int reader(const struct import_source *source, struct drawing *drawing, struct err *err);

// Reads and builds; the look-back is 4 where the file does not say.
static inline int fuzz_reader(reader *read, const uint8_t *data, size_t size)
{
    static struct arena arena;
    const struct import_options options = {.lookback = 4, .activation = "relu"};
    struct err err = {0};
    struct model model;
    if (arena.base == NULL)
        require(arena_open(&arena, LIMIT_IMPORT_MEMORY, NULL) == 0, "there is memory");
    struct drawing *drawing = arena_alloc(&arena, 1, sizeof *drawing, NULL);
    const struct import_source source = {
        .bytes = data, .size = size, .options = &options, .arena = &arena};
    *drawing = (struct drawing){0};
    if (read(&source, drawing, &err) == 0) {
        if (drawing->lookback == 0)
            drawing->lookback = 4;
        if (drawing_build(drawing, &arena, &model, &err) == 0)
            require(network_first_not_finite(&model.network) == model.network.weight_count,
                    "weights are finite");
    }
    require(err.code == 0 || err.text[0] != '\0', "a bad file has a reason");
    require(arena.used < 1ULL << 30, "memory is bounded");
    arena_reset(&arena);
    return 0;
}

#endif
