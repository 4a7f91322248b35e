// SPDX-License-Identifier: Apache-2.0
// Places, in the three layouts that GDELT has had.
#include "fields.h"
#include "place.h"

bool gdelt_read_place(const struct view *fields, bool has_adm2, struct gdelt_location *place)
{
    const struct view *where = fields + 4 + has_adm2;
    *place =
        (struct gdelt_location){.name = fields[1],
                                .country = fields[2],
                                .adm1 = fields[3],
                                .adm2 = has_adm2 ? fields[4] : (struct view){fields[3].data, 0},
                                .latitude = NAN,
                                .longitude = NAN,
                                .feature = where[2]};
    uint32_t type = 0;
    if (fields[0].size != 0 && (!view_unsigned(fields[0], &type) || type > UINT8_MAX))
        return false;
    place->type = (uint8_t)type;
    return (where[0].size == 0 || view_number(where[0], &place->latitude)) &&
           (where[1].size == 0 || view_number(where[1], &place->longitude));
}

bool gdelt_next_location(struct view *rest, struct gdelt_location *location)
{
    struct view entry, fields[PLACE_FIELDS + 2];
    while (view_next(rest, ';', &entry)) {
        if (view_split(entry, '#', fields, PLACE_FIELDS + 2)) {
            if (gdelt_read_place(fields, true, location) &&
                view_unsigned(fields[PLACE_FIELDS + 1], &location->offset))
                return true;
        } else if (view_split(entry, '#', fields, PLACE_FIELDS + 1)) {
            if (gdelt_read_place(fields, false, location) &&
                view_unsigned(fields[PLACE_FIELDS], &location->offset))
                return true;
        } else if (view_split(entry, '#', fields, PLACE_FIELDS)) {
            if (gdelt_read_place(fields, false, location))
                return true;
        }
    }
    return false;
}
