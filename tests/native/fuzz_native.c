// SPDX-License-Identifier: Apache-2.0
// Any bytes as Native blocks: read, converted to what functions declare, spelt out, cut and joined,
// written.
#include "native/native.h"

#include <fcntl.h>
#include <string.h>

static const char *const wanted[] = {"Array(Float64)",
                                     "Float64",
                                     "Int64",
                                     "String",
                                     "DateTime64(6, 'UTC')",
                                     "Array(Tuple(time DateTime64(6, 'UTC'), value Float64))",
                                     "Nullable(Float64)"};

static void use_column(struct arena *arena, struct native_sink *sink,
                       const struct native_column *column)
{
    struct err err = {0};
    const struct native_column *plain, *converted;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct native_type *type;
        struct err ignored = {0};
        if (native_type_parse(arena, wanted[i], strlen(wanted[i]), &type, &ignored) == 0)
            (void)native_convert(arena, column, type, "column", &converted, &ignored);
    }
    if (native_materialize(arena, column, &plain, &err) != 0)
        return;
    struct native_column joined;
    const struct native_slice slices[] = {{plain, 0, plain->rows / 2},
                                          {plain, plain->rows / 2, plain->rows}};
    if (native_concat(arena, slices, 2, &joined, &err) != 0)
        return;
    const struct native_block block = {joined.rows, 1, &joined};
    (void)native_write_block(sink, &block, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct native_sink sink;
    struct native_source source;
    bool more = true;
    if (arena.base == NULL &&
        (arena_open(&arena, 1 << 28, NULL) != 0 ||
         native_sink_fd(&sink, open("/dev/null", O_WRONLY | O_CLOEXEC), NULL) != 0))
        return 0;
    native_source_memory(&source, data, size);
    while (more) {
        struct err err = {0};
        struct native_block block;
        if (native_read_block(&source, &arena, &block, &more, &err) != 0 || !more)
            break;
        for (size_t c = 0; c < block.column_count; c++)
            use_column(&arena, &sink, &block.columns[c]);
        arena_reset(&arena);
    }
    arena_reset(&arena);
    return 0;
}
