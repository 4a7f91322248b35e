// SPDX-License-Identifier: Apache-2.0
// Reading zip archives, thin over libzip.
#ifndef TICKHOUSE_NET_ZIP_H
#define TICKHOUSE_NET_ZIP_H

#include "base/buffer.h"
#include "base/err.h"
#include <stdint.h>

struct zip_archive;

int zip_archive_open(struct zip_archive **archive, const char *path, struct err *err);
// The same from bytes in memory that stay where they are.
int zip_archive_open_bytes(struct zip_archive **archive, const void *bytes, size_t size,
                           struct err *err);
void zip_archive_close(struct zip_archive *archive);

uint64_t zip_archive_members(const struct zip_archive *archive);

// NULL for a member whose name cannot be read.
const char *zip_archive_name(const struct zip_archive *archive, uint64_t member);

// Unpacks a member into `out`, which is emptied first; its ceiling bounds what is unpacked.
int zip_archive_read(struct zip_archive *archive, uint64_t member, struct buffer *out,
                     struct err *err);

#endif
