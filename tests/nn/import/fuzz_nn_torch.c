// SPDX-License-Identifier: Apache-2.0
// PyTorch: safetensors of any names, types and shapes.
#include "fuzz_import.h"
#include "model/safetensors.h"

static int read_safetensors(const struct import_source *source, struct drawing *drawing,
                            struct err *err)
{
    struct safetensors file;
    TRY(safetensors_read(source->bytes, source->size, source->arena, &file, err));
    return torch_read(source, &file, drawing, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_reader(read_safetensors, data, size);
}
