// SPDX-License-Identifier: Apache-2.0
#include "pack.h"

#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

int packer_open(struct packer *packer, size_t ceiling, bool compresses, struct err *err)
{
    *packer = (struct packer){.compresses = compresses};
    buffer_init(&packer->block, ceiling);
    packer->zstd = ZSTD_createCCtx();
    return packer->zstd != NULL ? 0 : err_set(err, EX_OSERR, "out of memory for zstd");
}

void packer_close(struct packer *packer)
{
    (void)ZSTD_freeCCtx(packer->zstd);
    buffer_free(&packer->block);
}

static int write_block(const struct native_block *block, struct buffer *to, struct err *err)
{
    struct native_sink out;
    to->size = 0;
    native_sink_buffer(&out, to);
    return native_write_block(&out, block, err);
}

int packer_pack(struct packer *packer, const struct native_block *block, struct buffer *body,
                struct err *err)
{
    if (!packer->compresses)
        return write_block(block, body, err);
    TRY(write_block(block, &packer->block, err));
    const size_t bound = ZSTD_compressBound(packer->block.size);
    body->size = 0;
    char *to = buffer_reserve(body, bound, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    const size_t size = ZSTD_compressCCtx(packer->zstd, to, bound, packer->block.data,
                                          packer->block.size, ZSTD_LEVEL);
    if (ZSTD_isError(size))
        return err_set(err, EX_SOFTWARE, "zstd: %s", ZSTD_getErrorName(size));
    body->size = size;
    return 0;
}
