// SPDX-License-Identifier: Apache-2.0
// Writing JSON as Jackson writes it for Kafka Connect: into a buffer that has room made once for
// each value, so that what follows are plain stores.
#ifndef TICKHOUSE_CAPTURE_TEXT_H
#define TICKHOUSE_CAPTURE_TEXT_H

#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

// Makes room for `size` bytes more.
static inline int text_room(struct buffer *out, size_t size, struct err *err)
{
    if (__builtin_expect(out->capacity - out->size >= size && out->data != NULL, 1))
        return 0;
    return buffer_reserve(out, size, err) != NULL ? 0 : err_code(err, EX_OSERR);
}

// From here on without asking: the caller has made room.
static inline void text_put(struct buffer *out, const char *text, size_t size)
{
    memcpy(out->data + out->size, text, size);
    out->size += size;
}

static inline void text_char(struct buffer *out, char c)
{
    out->data[out->size++] = c;
}

#define text_literal(out, literal) text_put(out, literal, sizeof(literal) - 1)

// The same with room made.
#define text_append(out, literal, err) buffer_append(out, literal, sizeof(literal) - 1, err)

enum { TEXT_INTEGER_BYTES = 20 };

// At most TEXT_INTEGER_BYTES.
void text_unsigned(struct buffer *out, uint64_t value);
void text_signed(struct buffer *out, int64_t value);
void text_two_digits(struct buffer *out, unsigned value);

// At most so many bytes for `size` bytes of text.
#define TEXT_JSON_BYTES(size) (6 * (size) + 2)

// A JSON string in quotes; bytes that are no UTF-8 become U+FFFD, as Java reads them.
void text_json(struct buffer *out, const char *text, size_t size);

#define TEXT_BASE64_BYTES(size) (((size) + 2) / 3 * 4)

// Without quotes. `alphabet` is one of these two.
extern const char text_base64_standard[], text_base64_url[];
void text_base64(struct buffer *out, const unsigned char *bytes, size_t size, const char *alphabet);

#endif
