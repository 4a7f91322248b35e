// SPDX-License-Identifier: Apache-2.0
#include "line.h"
#include "capture/text.h"

#include <errno.h>
#include <string.h>

static int put_string(struct buffer *line, const char *text, size_t size, struct err *err)
{
    if (text == NULL)
        return text_append(line, "null", err);
    TRY(text_room(line, TEXT_JSON_BYTES(size), err));
    text_json(line, text, size);
    return 0;
}

int line_print(FILE *out, struct buffer *line, const struct capture_message *message,
               struct err *err)
{
    line->size = 0;
    TRY(text_append(line, "{\"topic\":", err));
    TRY(put_string(line, message->topic, strlen(message->topic), err));
    TRY(text_append(line, ",\"key\":", err));
    TRY(put_string(line, message->key, message->key_size, err));
    TRY(text_append(line, ",\"value\":", err));
    TRY(put_string(line, message->value, message->value_size, err));
    TRY(text_append(line, "}\n", err));
    if (fwrite(line->data, 1, line->size, out) != line->size)
        return err_set(err, EX_IOERR, "stdout takes no more lines: %s", strerror(errno));
    return 0;
}
