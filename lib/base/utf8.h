// SPDX-License-Identifier: Apache-2.0
// Well-formed UTF-8 (RFC 3629): finding where it ends, and mending what is not.
#ifndef TICKHOUSE_BASE_UTF8_H
#define TICKHOUSE_BASE_UTF8_H

#include "base/buffer.h"
#include <stddef.h>

// How many bytes at the start of `text` are well-formed: `size` when all are.
size_t utf8_valid_prefix(const char *text, size_t size);

// Appends `text` to `out` with each maximal ill-formed part replaced by U+FFFD, as browsers and
// Python do it (Unicode 3.9, table 3-8). *replaced counts them. ASCII is never touched.
int utf8_mend(const char *text, size_t size, struct buffer *out, size_t *replaced, struct err *err);

#endif
