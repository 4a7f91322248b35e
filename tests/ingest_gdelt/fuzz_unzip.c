// SPDX-License-Identifier: Apache-2.0
// Any bytes as a zip archive: its member is unpacked to exactly the size that was found, or there
// is a sentence that says why not; memory is never more than that size.
#include "net/unzip.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct unzip_member member;
    struct unzip *unzip;
    struct buffer out;
    struct err err = {0};
    buffer_init(&out, 1 << 26);
    require(unzip_open(&unzip, &err) == 0, "the test has memory");
    if (unzip_find(data, size, &member, &err) == 0) {
        require(member.packed >= data && member.packed + member.packed_size <= data + size,
                "the packed bytes lie in the archive");
        if (unzip_read(unzip, &member, &out, &err) == 0)
            require(out.size == member.size, "the size is the one that was found");
        require(out.capacity <= member.size || out.capacity <= 4096, "memory is bounded");
    }
    require(err.code == 0 || (err.code == EX_DATAERR && err.text[0] != '\0'),
            "a bad archive has a reason");
    buffer_free(&out);
    unzip_close(unzip);
    return 0;
}
