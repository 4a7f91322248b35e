// SPDX-License-Identifier: Apache-2.0
// HTML's character references: &eacute; &#233; &#xE9;, as GDELT leaves them in titles and names of
// authors.
#ifndef TICKHOUSE_GDELT_ENTITIES_H
#define TICKHOUSE_GDELT_ENTITIES_H

#include "view.h"

struct entity {
    uint32_t code;
    size_t length; // of the reference, '&' and ';' included
};

// Reads the reference that `text` begins with. Named ones are HTML 4's and the punctuation of HTML
// 5; without its ';' a reference is text. Numbers that no character has give U+FFFD, and 128 to 159
// what browsers show for them: Windows-1252.
bool entity_read(struct view text, struct entity *entity);

// The same, where `&amp;` before the rest of a reference (`&amp;#39;`) was encoded twice, and both
// are undone.
bool entity_read_encoded(struct view text, struct entity *entity);

// Writes `text` with its references replaced to `out`, which has room for text.size bytes: no
// reference is shorter than its character. Returns the bytes written.
size_t entities_decode(struct view text, char *out);

#endif
