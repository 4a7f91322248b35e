// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_FIRST_BYTES = 4096 };

static size_t fail_countdown;

void buffer_fail_after(size_t n)
{
    fail_countdown = n;
}

void buffer_init(struct buffer *buffer, size_t ceiling)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->ceiling = ceiling;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    memset(buffer, 0, sizeof *buffer);
}

static char *buffer_grow(struct buffer *buffer, size_t needed, struct err *err)
{
    size_t capacity =
        buffer->capacity < BUFFER_FIRST_BYTES ? BUFFER_FIRST_BYTES : buffer->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    if (capacity > buffer->ceiling)
        capacity = buffer->ceiling;
    char *data =
        fail_countdown != 0 && --fail_countdown == 0 ? NULL : realloc(buffer->data, capacity);
    if (data == NULL) {
        (void)err_set(err, EX_OSERR, "out of memory: cannot get %zu bytes", capacity);
        return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return data + buffer->size;
}

char *buffer_reserve(struct buffer *buffer, size_t extra, struct err *err)
{
    if (extra > buffer->ceiling - buffer->size) {
        (void)err_set(err, EX_DATAERR, "%zu bytes more would pass the limit of %zu bytes", extra,
                      buffer->ceiling);
        return NULL;
    }
    if (buffer->size + extra <= buffer->capacity && buffer->data != NULL)
        return buffer->data + buffer->size;
    return buffer_grow(buffer, buffer->size + extra, err);
}

int buffer_append(struct buffer *buffer, const void *data, size_t size, struct err *err)
{
    char *to = buffer_reserve(buffer, size, err);
    if (to == NULL)
        return err != NULL ? err->code : EX_OSERR;
    if (size != 0)
        memcpy(to, data, size);
    buffer->size += size;
    return 0;
}

int buffer_printf(struct buffer *buffer, struct err *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return err_set(err, EX_SOFTWARE, "cannot format '%s'", format);
    char *to = buffer_reserve(buffer, (size_t)length + 1, err);
    if (to == NULL)
        return err != NULL ? err->code : EX_OSERR;
    va_start(arguments, format);
    (void)vsnprintf(to, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return 0;
}
