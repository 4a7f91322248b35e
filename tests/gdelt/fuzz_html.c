// SPDX-License-Identifier: Apache-2.0
// Any bytes as a page: its text is no longer than itself, and the arena is as it was.
#include "html/html.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena;
    char *out = malloc(size + 1);
    if (out == NULL || arena_open(&arena, LIMIT_ARENA_BYTES, NULL) != 0)
        abort();
    if (html_write_text((struct view){(const char *)bytes, size}, html_block_deadline(), &arena,
                        out) > size ||
        arena_mark(&arena) != 0)
        abort();
    arena_close(&arena);
    free(out);
    return 0;
}
