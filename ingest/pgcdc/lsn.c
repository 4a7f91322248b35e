// SPDX-License-Identifier: Apache-2.0
#include "lsn.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

void lsn_format(uint64_t lsn, char out[static LSN_BYTES])
{
    (void)snprintf(out, LSN_BYTES, "%X/%X", (unsigned)(lsn >> 32), (unsigned)lsn);
}

static bool parse_half(const char *text, char after, const char **end, uint64_t *half)
{
    char *stop;
    if (!isxdigit((unsigned char)*text))
        return false;
    *half = strtoull(text, &stop, 16);
    *end = stop;
    return *stop == after && *half <= UINT32_MAX;
}

bool lsn_parse(const char *text, uint64_t *lsn)
{
    uint64_t high, low;
    const char *end;
    if (!parse_half(text, '/', &end, &high) || !parse_half(end + 1, '\0', &end, &low))
        return false;
    *lsn = high << 32 | low;
    return true;
}
