// SPDX-License-Identifier: Apache-2.0
// `name,offset;name,offset`: a name may hold commas, so that the offset stands after the last.
#include "fields.h"

bool gdelt_next_name(struct view *rest, struct gdelt_name *name)
{
    struct view entry;
    while (view_next(rest, ';', &entry)) {
        const size_t comma = view_find_last(entry, ',');
        *name = (struct gdelt_name){.name = entry};
        if (comma < entry.size && view_unsigned(view_from(entry, comma + 1), &name->offset))
            name->name = view_to(entry, comma);
        if (name->name.size != 0)
            return true;
    }
    return false;
}
