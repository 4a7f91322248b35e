// SPDX-License-Identifier: Apache-2.0
// What a reader sees of an HTML page.
#ifndef TICKHOUSE_GDELT_HTML_H
#define TICKHOUSE_GDELT_HTML_H

#include "base/arena.h"
#include "parse/view.h"
#include <time.h>

enum {
    HTML_BYTES = 16 << 20,      // of a page that are read; what follows is not
    HTML_TREE_BYTES = 1 << 30,  // memory for the tree of one page
    HTML_PAGE_CPU_SECONDS = 2,  // time for the tree of one page
    HTML_BLOCK_CPU_SECONDS = 60 // and of a block's pages: well below ClickHouse's patience
};

// When the pages of a block that begins now must be done, by clock().
clock_t html_block_deadline(void);

// Writes the text of `page` to `out`, which has room for page.size bytes, and returns its length. A
// page whose text would be longer than itself (<isindex>, bytes that are no UTF-8) is cut there.
// The arena holds the tree meanwhile. A page that passes the ceiling on memory or time has no text:
// only one that was made to do so needs more. Nor has one that begins when the deadline has passed.
size_t html_write_text(struct view page, clock_t block_deadline, struct arena *arena, char *out);

#endif
