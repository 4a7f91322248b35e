// SPDX-License-Identifier: Apache-2.0
#include "capture/unwrap.h"
#include "capture/text.h"

#include <stdlib.h>

int unwrap_read_fields(const char *list, const char *prefix, struct unwrap_field **fields,
                       size_t *count, struct err *err)
{
    (void)prefix;
    *fields = NULL;
    *count = 0;
    return list == NULL || *list == '\0' ? 0 : err_set(err, EX_CONFIG, "add.fields");
}

void unwrap_free_fields(struct unwrap_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(fields[i].name);
    free(fields);
}

int unwrap_schema(const struct capture_settings *settings, struct buffer *out, struct err *err)
{
    (void)settings;
    (void)out;
    (void)err;
    return 0;
}

int unwrap_headers(struct events *events, const struct change *change, struct err *err)
{
    (void)events;
    (void)change;
    (void)err;
    return 0;
}

bool unwrap_keeps_tombstone(const struct capture_settings *settings)
{
    return !settings->unwrap.on ||
           settings->unwrap.deletes == CAPTURE_DELETE_REWRITE_WITH_TOMBSTONE;
}

int unwrap_value(struct events *events, const struct change *change, bool *is_dropped,
                 struct err *err)
{
    (void)events;
    (void)change;
    *is_dropped = true;
    (void)err;
    return 0;
}
