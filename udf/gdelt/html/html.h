// SPDX-License-Identifier: Apache-2.0
// What a reader sees of an HTML page.
#ifndef TICKHOUSE_GDELT_HTML_H
#define TICKHOUSE_GDELT_HTML_H

#include "base/arena.h"
#include "parse/view.h"

enum {
    HTML_BYTES = 16 << 20,       // of a page that are read; what follows is not
    HTML_TREE_BYTES = 1 << 30,   // memory for the tree of one page
    HTML_CPU_MILLISECONDS = 2000 // time for the tree of one page
};

// Writes the text of `page` to `out`, which has room for page.size bytes, and returns its length. A
// page whose text would be longer than itself (<isindex>, bytes that are no UTF-8) is cut there.
// The arena holds the tree meanwhile. A page that passes the ceiling on memory or time has no text:
// only one that was made to do so needs more.
size_t html_write_text(struct view page, struct arena *arena, char *out);

#endif
