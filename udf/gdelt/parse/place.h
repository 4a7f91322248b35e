// SPDX-License-Identifier: Apache-2.0
// What counts.c and locations.c share: the seven fields of a V1 place.
#ifndef TICKHOUSE_GDELT_PLACE_H
#define TICKHOUSE_GDELT_PLACE_H

#include "fields.h"

#include <math.h>

enum { PLACE_FIELDS = 7 };

// type, name, country, adm1, [adm2,] latitude, longitude, feature. Empty numbers are 0 and NaN;
// false when one is no number.
bool gdelt_read_place(const struct view *fields, bool has_adm2, struct gdelt_location *place);

#endif
