// SPDX-License-Identifier: Apache-2.0
// Any bytes as one of GDELT's lists: a line that is taken names a file whose name can be written
// and read again.
#include "gdelt_feed.h"
#include "require.h"

#include <string.h>

static void check_line(const char *line, size_t size)
{
    struct gdelt_listed listed;
    struct gdelt_slot again;
    char name[GDELT_NAME_BYTES];
    if (!gdelt_list_line(line, size, &listed))
        return;
    gdelt_name_format(&listed.slot, name);
    require(gdelt_name_parse(name, strlen(name), &again), "the name is one");
    require(again.time == listed.slot.time && again.feed.kind == listed.slot.feed.kind &&
                again.feed.translingual == listed.slot.feed.translingual,
            "it is the same slot");
    require(strspn(listed.md5, "0123456789abcdef") == 32 && listed.md5[32] == '\0',
            "the MD5 is one");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *at = (const char *)bytes, *end = at + size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        check_line(at, (size_t)((stop != NULL ? stop : end) - at));
        at = stop != NULL ? stop + 1 : end;
    }
    return 0;
}
