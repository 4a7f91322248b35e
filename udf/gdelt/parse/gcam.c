// SPDX-License-Identifier: Apache-2.0
// `key:value,key:value`: the largest field of a row, hundreds of scores.
#include "fields.h"

#include <math.h>

bool gdelt_next_score(struct view *rest, struct gdelt_score *score)
{
    struct view entry;
    while (view_next(rest, ',', &entry)) {
        const size_t colon = view_find(entry, ':');
        score->key = view_to(entry, colon);
        if (colon != 0 && colon < entry.size &&
            view_number(view_from(entry, colon + 1), &score->value))
            return true;
    }
    return false;
}

// Looks for the key as bytes, and only then whether an entry begins and ends there. No key holds
// what stands behind keys and between entries.
double gdelt_find_score(struct view gcam, struct view key)
{
    double value;
    if (view_find(key, ':') != key.size || view_find(key, ',') != key.size)
        return NAN;
    for (size_t at = 0; key.size != 0 && at + key.size < gcam.size; at += key.size) {
        const char *found = memmem(gcam.data + at, gcam.size - at, key.data, key.size);
        if (found == NULL)
            break;
        at = (size_t)(found - gcam.data);
        struct view after = view_from(gcam, at + key.size);
        if ((at != 0 && gcam.data[at - 1] != ',') || after.size == 0 || after.data[0] != ':')
            continue;
        after = view_from(after, 1);
        if (view_number(view_to(after, view_find(after, ',')), &value))
            return value;
    }
    return NAN;
}
