// SPDX-License-Identifier: Apache-2.0
// `amount,object,offset;`
#include "fields.h"

bool gdelt_next_amount(struct view *rest, struct gdelt_amount *amount)
{
    struct view entry;
    while (view_next(rest, ';', &entry)) {
        const size_t first = view_find(entry, ','), last = view_find_last(entry, ',');
        if (first == last)
            continue;
        amount->object = view_to(view_from(entry, first + 1), last - first - 1);
        if (view_number(view_to(entry, first), &amount->amount) &&
            view_unsigned(view_from(entry, last + 1), &amount->offset))
            return true;
    }
    return false;
}
