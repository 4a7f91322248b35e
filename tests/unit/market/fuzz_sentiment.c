// SPDX-License-Identifier: Apache-2.0
// A lexicon, emojis and a text, parted by the bytes 0: scores stay in their range.
#include "market/sentiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    const char *parts[3] = {"", "", ""}, *at = (const char *)data, *end = at + size;
    size_t sizes[3] = {0};
    for (size_t i = 0; i < 3 && at <= end && size != 0; i++) {
        const char *stop = i < 2 ? memchr(at, '\0', (size_t)(end - at)) : NULL;
        stop = stop != NULL ? stop : end;
        parts[i] = at;
        sizes[i] = (size_t)(stop - at);
        at = stop < end ? stop + 1 : end;
    }
    if (arena.base == NULL && arena_open(&arena, 1 << 28, NULL) != 0)
        abort();
    struct lexicon lexicon = {0};
    struct sentiment found = {0};
    if (lexicon_read(&lexicon, &arena, parts[0], sizes[0], NULL) == 0 &&
        lexicon_read_emojis(&lexicon, &arena, parts[1], sizes[1], NULL) == 0 &&
        sentiment_score(&lexicon, parts[2], sizes[2], &arena, &found, NULL) == 0 &&
        !(fabs(found.compound) <= 1 && found.neutral >= 0 && found.neutral <= 1))
        abort();
    arena_reset(&arena);
    return 0;
}
