// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int err_record(struct err *err, int code, bool retriable, const char *format,
                      va_list arguments)
{
    if (err == NULL || err->code != 0)
        return err != NULL ? err->code : code;
    err->code = code;
    err->retriable = retriable;
    (void)vsnprintf(err->text, sizeof err->text, format, arguments);
    return code;
}

int err_set(struct err *err, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    code = err_record(err, code, false, format, arguments);
    va_end(arguments);
    return code;
}

int err_set_retriable(struct err *err, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    code = err_record(err, code, true, format, arguments);
    va_end(arguments);
    return code;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (err == NULL)
        return EX_SOFTWARE;
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    if (used < 0 || (size_t)used >= sizeof err->text)
        return err->code;
    if (snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", old) < 0)
        err->text[used] = '\0'; // too long a sentence is cut
    return err->code;
}
