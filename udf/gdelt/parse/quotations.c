// SPDX-License-Identifier: Apache-2.0
// `offset|length|verb|quote#offset|length|verb|quote`. Quotations are prose: a '#' in one is only a
// border when a new head follows.
#include "fields.h"

// Reads `offset|length|verb|` off the front.
static bool read_head(struct view *text, struct gdelt_quotation *quotation)
{
    struct view rest = *text, offset, length;
    if (!view_next(&rest, '|', &offset) || !view_unsigned(offset, &quotation->offset) ||
        !view_next(&rest, '|', &length) || !view_unsigned(length, &quotation->length))
        return false;
    const size_t bar = view_find(rest, '|');
    if (bar == rest.size)
        return false;
    quotation->verb = view_to(rest, bar);
    *text = view_from(rest, bar + 1);
    return true;
}

// Two numbers with a bar after each: enough to tell a head from prose, and read in a few steps.
static bool is_head(struct view text)
{
    for (int number = 0; number < 2; number++) {
        size_t digits = 0;
        while (digits < text.size && digits <= 10 && text.data[digits] >= '0' &&
               text.data[digits] <= '9')
            digits++;
        if (digits == 0 || digits == text.size || text.data[digits] != '|')
            return false;
        text = view_from(text, digits + 1);
    }
    return true;
}

// Takes what stands before the next head.
static struct view take_entry(struct view *rest)
{
    size_t end = 0;
    while ((end += view_find(view_from(*rest, end), '#')) < rest->size) {
        if (is_head(view_from(*rest, end + 1)))
            break;
        end++;
    }
    const struct view entry = view_to(*rest, end);
    *rest = view_from(*rest, end + (end < rest->size));
    return entry;
}

bool gdelt_next_quotation(struct view *rest, struct gdelt_quotation *quotation)
{
    while (rest->size != 0) {
        struct view entry = take_entry(rest);
        if (read_head(&entry, quotation)) {
            quotation->quote = entry;
            return true;
        }
    }
    return false;
}
