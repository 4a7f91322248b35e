// SPDX-License-Identifier: Apache-2.0
#include "config.h"
#include "base/file.h"

#include <stdlib.h>

enum { FILE_BYTES_MOST = 1 << 20 };

int config_read(const char *path, struct arena *arena, struct capture_settings *settings,
                struct err *err)
{
    struct buffer text;
    if (path == NULL)
        return err_set(err, EX_USAGE,
                       "--config FILE is missing: the connector's file, for example "
                       "schemas/connectors/sourcedb-cdc.json");
    buffer_init(&text, FILE_BYTES_MOST);
    int code = file_read(path, &text, err);
    if (code == 0)
        code = capture_settings_read(path, text.data, text.size, getenv, arena, settings, err);
    buffer_free(&text);
    return code;
}
