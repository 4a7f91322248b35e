// SPDX-License-Identifier: Apache-2.0
// A connector's configuration, and with what it says a table and a column by name.
#include "capture/settings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct capture_settings settings;
    struct err err = {0};
    if (size > 1 << 16 || (arena.base == NULL && arena_open(&arena, 1 << 24, NULL) != 0))
        return 0;
    if (capture_settings_read("config.json", (const char *)data, size, getenv, &arena, &settings,
                              &err) == 0) {
        (void)capture_settings_includes(&settings, "public", "finnhub_stocks");
        (void)capture_settings_includes_column(&settings, "public", "finnhub_stocks", "price");
    } else if (err.text[0] == '\0') {
        abort();
    }
    arena_reset(&arena);
    return 0;
}
