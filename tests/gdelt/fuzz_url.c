// SPDX-License-Identifier: Apache-2.0
// Any bytes as a URL: the canonical form keeps to its room, and is its own canonical form.
#include "parse/url.h"

#include <stdio.h>
#include <stdlib.h>

static char *canonical(struct view text, size_t *size)
{
    char *out = malloc(text.size + URL_EXTRA_BYTES);
    if (out == NULL)
        abort();
    *size = url_write_canonical(text, out);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t once_size, twice_size;
    char *once = canonical((struct view){(const char *)bytes, size}, &once_size);
    char *twice = canonical((struct view){once, once_size}, &twice_size);
    if (once_size > size + URL_EXTRA_BYTES || once_size != twice_size ||
        memcmp(once, twice, once_size) != 0) {
        (void)fprintf(stderr, "'%.*s' gives '%.*s', which gives '%.*s'\n", (int)size,
                      (const char *)bytes, (int)once_size, once, (int)twice_size, twice);
        abort();
    }
    free(once);
    free(twice);
    return 0;
}
