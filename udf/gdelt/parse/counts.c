// SPDX-License-Identifier: Apache-2.0
// `type#count#object#` and a place, with the offset since V2.1.
#include "place.h"

enum { COUNT_FIELDS = 3 + PLACE_FIELDS };

bool gdelt_next_count(struct view *rest, struct gdelt_count *count)
{
    struct view entry, fields[COUNT_FIELDS + 1];
    while (view_next(rest, ';', &entry)) {
        const bool has_offset = view_split(entry, '#', fields, COUNT_FIELDS + 1);
        if (!has_offset && !view_split(entry, '#', fields, COUNT_FIELDS))
            continue;
        count->type = fields[0];
        count->object = fields[2];
        if (view_number(fields[1], &count->count) &&
            gdelt_read_place(fields + 3, false, &count->location) &&
            (!has_offset || view_unsigned(fields[COUNT_FIELDS], &count->location.offset)))
            return true;
    }
    return false;
}
