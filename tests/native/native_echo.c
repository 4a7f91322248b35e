// SPDX-License-Identifier: Apache-2.0
// Reads Native blocks and writes them back: the round trip of every type through lib/native against
// the real engine. `native_echo split` puts each block together again from slices first,
// `native_echo plain` spells dictionaries out.
#include "native/native.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int rebuild(struct arena *arena, struct native_block *block, struct err *err)
{
    for (size_t c = 0; c < block->column_count; c++) {
        const struct native_column *plain;
        TRY(native_materialize(arena, &block->columns[c], &plain, err));
        const size_t third = block->rows / 3;
        const struct native_slice slices[] = {
            {plain, 0, third}, {plain, third, third}, {plain, third, block->rows}};
        TRY(native_concat(arena, slices, 3, &block->columns[c], err));
    }
    return 0;
}

static int plain(struct arena *arena, struct native_block *block, struct err *err)
{
    for (size_t c = 0; c < block->column_count; c++) {
        const struct native_column *column;
        TRY(native_materialize(arena, &block->columns[c], &column, err));
        block->columns[c] = *column;
    }
    return 0;
}

static int echo(const char *mode, struct err *err)
{
    struct arena arena;
    struct native_source source;
    struct native_sink sink;
    bool more;
    TRY(arena_open(&arena, LIMIT_ARENA_BYTES, err));
    TRY(native_source_fd(&source, STDIN_FILENO, err));
    TRY(native_sink_fd(&sink, STDOUT_FILENO, err));
    for (;;) {
        struct native_block block;
        TRY(native_read_block(&source, &arena, &block, &more, err));
        if (!more)
            break;
        if (strcmp(mode, "split") == 0)
            TRY(rebuild(&arena, &block, err));
        if (strcmp(mode, "plain") == 0)
            TRY(plain(&arena, &block, err));
        TRY(native_write_block(&sink, &block, err));
        TRY(native_sink_flush(&sink, err));
        arena_reset(&arena);
    }
    native_source_close(&source);
    native_sink_close(&sink);
    arena_close(&arena);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    const int code = echo(argc > 1 ? argv[1] : "whole", &err);
    if (code != 0)
        (void)fprintf(stderr, "native_echo: %s\n", err.text);
    return code;
}
