// SPDX-License-Identifier: Apache-2.0
// V2EXTRASXML is a row of <TAG>text</TAG>, and text may hold bare '&' and '<': it is no XML, so the
// borders are looked for as they are written.
#include "entities.h"
#include "fields.h"

// Where `tag` stands with `before` in front and '>' behind; text.size when nowhere.
static size_t find_tag(struct view text, struct view before, struct view tag)
{
    for (size_t at = 0; at < text.size;) {
        const char *found = memmem(text.data + at, text.size - at, tag.data, tag.size);
        if (found == NULL)
            return text.size;
        at = (size_t)(found - text.data);
        const size_t end = at + tag.size;
        if (at >= before.size && end < text.size && text.data[end] == '>' &&
            memcmp(found - before.size, before.data, before.size) == 0)
            return at - before.size;
        at = end;
    }
    return text.size;
}

struct view gdelt_extra(struct view extras, struct view tag)
{
    const size_t open = find_tag(extras, VIEW("<"), tag);
    if (open == extras.size)
        return view_from(extras, extras.size);
    const struct view text = view_from(extras, open + tag.size + 2);
    return view_to(text, find_tag(text, VIEW("</"), tag));
}

// The first ';' that does not end a reference.
static size_t find_border(struct view text)
{
    struct entity entity;
    size_t at = 0;
    while (at < text.size && text.data[at] != ';')
        at += entity_read_encoded(view_from(text, at), &entity) ? entity.length : 1;
    return at;
}

bool gdelt_next_author(struct view *rest, struct view *author)
{
    while (rest->size != 0) {
        const size_t at = find_border(*rest);
        *author = view_to(*rest, at);
        *rest = view_from(*rest, at + (at < rest->size));
        if (author->size != 0)
            return true;
    }
    return false;
}
