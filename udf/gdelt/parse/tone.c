// SPDX-License-Identifier: Apache-2.0
// `tone,positive,negative,polarity,activity density,self density,words`.
#include "fields.h"

#include <math.h>

enum { TONE_NUMBERS = 6 };

bool gdelt_read_tone(struct view text, struct gdelt_tone *tone)
{
    double numbers[TONE_NUMBERS];
    struct view piece;
    *tone = (struct gdelt_tone){NAN, NAN, NAN, NAN, NAN, NAN, 0};
    for (size_t i = 0; i < TONE_NUMBERS; i++)
        if (!view_next(&text, ',', &piece) || !view_number(piece, &numbers[i]))
            return false;
    uint32_t words = 0;
    if (text.size != 0 && !view_unsigned(text, &words))
        return false;
    *tone = (struct gdelt_tone){numbers[0], numbers[1], numbers[2], numbers[3],
                                numbers[4], numbers[5], words};
    return true;
}
