// SPDX-License-Identifier: Apache-2.0
// One member out of a zip archive in memory, for archives that must hold exactly one. What the
// archive says of itself is checked before anything is allocated: several members, encryption,
// zip64, a place outside the archive, and sizes that only a bomb has are errors.
#ifndef TICKHOUSE_NET_UNZIP_H
#define TICKHOUSE_NET_UNZIP_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stdint.h>

struct unzip_member {
    const char *name; // in the archive, not ended by NUL
    size_t name_size;
    const uint8_t *packed; // in the archive
    size_t packed_size, size;
    uint32_t crc;
    bool deflated; // else stored
};

// Does it begin like a zip archive?
bool unzip_is_archive(const void *data, size_t size);

// Finds the only member. EX_DATAERR with a sentence that says what is wrong with the archive.
int unzip_find(const void *data, size_t size, struct unzip_member *member, struct err *err);

struct unzip;
int unzip_open(struct unzip **unzip, struct err *err);
void unzip_close(struct unzip *unzip);

// Unpacks into `out`, which is emptied first and whose ceiling bounds the size; size and CRC must
// be those that the archive gives.
int unzip_read(struct unzip *unzip, const struct unzip_member *member, struct buffer *out,
               struct err *err);

#endif
