// SPDX-License-Identifier: Apache-2.0
#include "line.h"

static void print_string(FILE *out, const char *text, size_t size)
{
    (void)putc_unlocked('"', out);
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            (void)putc_unlocked('\\', out);
        if (c < 0x20)
            (void)fprintf(out, "\\u%04x", c);
        else
            (void)putc_unlocked(c, out);
    }
    (void)putc_unlocked('"', out);
}

static void print_member(FILE *out, const char *name, const char *text, size_t size)
{
    (void)fprintf(out, ",\"%s\":", name);
    if (text == NULL)
        (void)fputs("null", out);
    else
        print_string(out, text, size);
}

int line_print(FILE *out, const struct capture_message *message, struct err *err)
{
    (void)fprintf(out, "{\"topic\":\"%s\"", message->topic);
    print_member(out, "key", message->key, message->key_size);
    print_member(out, "value", message->value, message->value_size);
    (void)fputs("}\n", out);
    if (ferror(out))
        return err_set(err, EX_IOERR, "stdout takes no more lines");
    return 0;
}
