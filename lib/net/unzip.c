// SPDX-License-Identifier: Apache-2.0
// The parts of a zip archive (PKWARE's APPNOTE.TXT 4.3), read from its end: the end record says
// where the central directory is, its one entry where the member's local header is, and behind that
// are the packed bytes. Inflating is libdeflate's work. It wants to know the size beforehand, which
// the central directory gives: a member that unpacks to more ends there, whatever it holds.
#include "net/unzip.h"
#include "base/limits.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum {
    END_BYTES = 22,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_BYTES = 65535,
    STORED = 0,
    DEFLATED = 8,
    ENCRYPTED = 1 << 0,
};

static const uint32_t end_mark = 0x06054b50, entry_mark = 0x02014b50, local_mark = 0x04034b50;

struct unzip {
    struct libdeflate_decompressor *inflate;
};

static uint32_t u16(const uint8_t *at)
{
    return (uint32_t)(at[0] | at[1] << 8);
}

static uint32_t u32(const uint8_t *at)
{
    return u16(at) | u16(at + 2) << 16;
}

bool unzip_is_archive(const void *data, size_t size)
{
    return size >= 4 && (u32(data) == local_mark || u32(data) == end_mark);
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, EX_DATAERR, "the zip archive %s", why);
}

// The last end record whose comment reaches exactly to the end of the archive.
static const uint8_t *find_end(const uint8_t *zip, size_t size)
{
    if (size < END_BYTES)
        return NULL;
    const size_t first = size > END_BYTES + COMMENT_BYTES ? size - END_BYTES - COMMENT_BYTES : 0;
    for (size_t at = size - END_BYTES + 1; at-- > first;)
        if (u32(zip + at) == end_mark && at + END_BYTES + u16(zip + at + 20) == size)
            return zip + at;
    return NULL;
}

static int find_entry(const uint8_t *zip, size_t size, const uint8_t **entry, struct err *err)
{
    const uint8_t *end = find_end(zip, size);
    if (end == NULL)
        return refuse(err, "is cut off: it has no directory at its end");
    const uint32_t members = u16(end + 10), at = u32(end + 16);
    if (members != 1)
        return err_set(err, EX_DATAERR, "the zip archive holds %u members where one is wanted",
                       members);
    if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != 1)
        return refuse(err, "is one part of several");
    if ((size_t)(end - zip) < ENTRY_BYTES || at > (size_t)(end - zip) - ENTRY_BYTES ||
        u32(zip + at) != entry_mark)
        return refuse(err, "is damaged: its directory is not where it says");
    if (u16(zip + at + 28) > (size_t)(end - zip) - at - ENTRY_BYTES)
        return refuse(err, "is damaged: its member's name ends behind the directory");
    *entry = zip + at;
    return 0;
}

static int check_claims(const struct unzip_member *member, struct err *err)
{
    if (member->size > LIMIT_UNZIP_BYTES)
        return err_set(err, EX_DATAERR,
                       "the zip archive's member claims %zu bytes, above the limit of %llu",
                       member->size, LIMIT_UNZIP_BYTES);
    if (member->size > LIMIT_UNZIP_FREE_BYTES &&
        member->size / LIMIT_UNZIP_RATIO > member->packed_size)
        return err_set(err, EX_DATAERR,
                       "the zip archive claims to unpack %zu bytes to %zu: more than %d times as "
                       "many, which only a bomb does",
                       member->packed_size, member->size, LIMIT_UNZIP_RATIO);
    if (!member->deflated && member->size != member->packed_size)
        return refuse(err, "is damaged: a stored member has two sizes");
    return 0;
}

static int find_packed(const uint8_t *zip, const uint8_t *entry, struct unzip_member *member,
                       struct err *err)
{
    const size_t room = (size_t)(entry - zip), at = u32(entry + 42);
    if (room < LOCAL_BYTES || at > room - LOCAL_BYTES || u32(zip + at) != local_mark)
        return refuse(err, "is damaged: its member is not where it says");
    const size_t head = LOCAL_BYTES + u16(zip + at + 26) + u16(zip + at + 28);
    if (head > room - at || member->packed_size > room - at - head)
        return refuse(err, "is cut off: its member ends behind the directory");
    member->packed = zip + at + head;
    return 0;
}

int unzip_find(const void *data, size_t size, struct unzip_member *member, struct err *err)
{
    const uint8_t *zip = data, *entry = NULL;
    TRY(find_entry(zip, size, &entry, err));
    const uint32_t method = u16(entry + 10);
    *member = (struct unzip_member){
        .name = (const char *)entry + ENTRY_BYTES,
        .name_size = u16(entry + 28),
        .packed_size = u32(entry + 20),
        .size = u32(entry + 24),
        .crc = u32(entry + 16),
        .deflated = method == DEFLATED,
    };
    if (u16(entry + 8) & ENCRYPTED)
        return refuse(err, "is encrypted");
    if (method != DEFLATED && method != STORED)
        return err_set(err, EX_DATAERR,
                       "the zip archive is packed by method %u; only 8 (deflate) and 0 (stored) "
                       "are read",
                       method);
    if (member->packed_size == UINT32_MAX || member->size == UINT32_MAX)
        return refuse(err, "is in zip64 format, for members of 4 GB and more");
    TRY(check_claims(member, err));
    return find_packed(zip, entry, member, err);
}

int unzip_open(struct unzip **unzip, struct err *err)
{
    *unzip = calloc(1, sizeof **unzip);
    if (*unzip != NULL && ((*unzip)->inflate = libdeflate_alloc_decompressor()) != NULL)
        return 0;
    free(*unzip);
    *unzip = NULL;
    return err_set(err, EX_OSERR, "out of memory for inflating");
}

void unzip_close(struct unzip *unzip)
{
    if (unzip == NULL)
        return;
    libdeflate_free_decompressor(unzip->inflate);
    free(unzip);
}

static int inflate(struct unzip *unzip, const struct unzip_member *member, char *to,
                   struct err *err)
{
    size_t used = 0, size = 0;
    switch (libdeflate_deflate_decompress_ex(unzip->inflate, member->packed, member->packed_size,
                                             to, member->size, &used, &size)) {
    case LIBDEFLATE_SUCCESS:
        break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
        return err_set(err, EX_DATAERR,
                       "the zip archive's member unpacks to more than the %zu bytes that it claims",
                       member->size);
    default:
        return refuse(err, "is damaged: its member cannot be unpacked");
    }
    if (size != member->size || used != member->packed_size)
        return err_set(err, EX_DATAERR,
                       "the zip archive's member unpacks to %zu bytes, not to the %zu that it "
                       "claims",
                       size, member->size);
    return 0;
}

int unzip_read(struct unzip *unzip, const struct unzip_member *member, struct buffer *out,
               struct err *err)
{
    out->size = 0;
    char *to = buffer_reserve(out, member->size, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    if (member->deflated)
        TRY(inflate(unzip, member, to, err));
    else if (member->size != 0)
        memcpy(to, member->packed, member->size);
    if (libdeflate_crc32(0, to, member->size) != member->crc)
        return refuse(err, "is damaged: the checksum of its member is wrong");
    out->size = member->size;
    return 0;
}
