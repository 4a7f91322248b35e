// SPDX-License-Identifier: Apache-2.0
// A Native block as the body of an insert: written, and compressed with zstd
// where it has a way to go: to a server on this machine that costs more than it saves.
#ifndef TICKHOUSE_INGEST_PACK_H
#define TICKHOUSE_INGEST_PACK_H

#include "base/buffer.h"
#include "native/native.h"

struct packer {
    struct buffer block;
    struct ZSTD_CCtx_s *zstd;
    bool compresses;
};

// No block may be larger than `ceiling`.
int packer_open(struct packer *packer, size_t ceiling, bool compresses, struct err *err);
void packer_close(struct packer *packer);

// The block, into `body`, which is emptied first.
int packer_pack(struct packer *packer, const struct native_block *block, struct buffer *body,
                struct err *err);

#endif
