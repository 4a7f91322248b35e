// SPDX-License-Identifier: Apache-2.0
// One form for the many addresses of an article.
#ifndef TICKHOUSE_GDELT_URL_H
#define TICKHOUSE_GDELT_URL_H

#include "view.h"

enum {
    URL_EXTRA_BYTES = 8,     // how much longer the canonical form can be: "https://" is added
    URL_MAX_BYTES = 1 << 16, // nobody links to a longer one
    URL_MAX_WRAPS = 4        // AMP caches and viewers around a page's address
};

// Writes the canonical form of `text` to `out`, which has room for text.size + URL_EXTRA_BYTES, and
// returns its length. Canonical forms stay as they are. What is no http or https URL, has spaces or
// control characters inside, or passes a ceiling, is copied without the white space around it.
size_t url_write_canonical(struct view text, char *out);

#endif
