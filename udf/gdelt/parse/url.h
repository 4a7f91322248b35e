// SPDX-License-Identifier: Apache-2.0
// One form for the many addresses of an article.
#ifndef TICKHOUSE_GDELT_URL_H
#define TICKHOUSE_GDELT_URL_H

#include "view.h"

enum { URL_EXTRA_BYTES = 8 }; // how much longer the canonical form can be: "https://" is added

// Writes the canonical form of `text` to `out`, which has room for text.size + URL_EXTRA_BYTES, and
// returns its length. Canonical forms stay as they are. What is no http or https URL, or has spaces
// or control characters inside, is copied without the white space around it.
size_t url_write_canonical(struct view text, char *out);

#endif
