// SPDX-License-Identifier: Apache-2.0
// The safetensors container: 8 bytes that say how long the header is, a header in JSON that names
// tensors, and their bytes one after the other.
#ifndef TICKHOUSE_NN_SAFETENSORS_H
#define TICKHOUSE_NN_SAFETENSORS_H

#include "base/arena.h"

#include <stdint.h>

enum { SAFETENSORS_MAX_RANK = 8 };

enum tensor_type { TENSOR_F32, TENSOR_F64, TENSOR_F16, TENSOR_BF16, TENSOR_I64, TENSOR_OTHER };

// A tensor of the file; `data` points into the file's bytes and may be unaligned.
struct safetensor {
    const char *name;
    enum tensor_type type;
    const char *type_name; // as the file has it: "F32"
    size_t rank, shape[SAFETENSORS_MAX_RANK], elements;
    const void *data;
    size_t size;
};

struct safetensors {
    struct safetensor *tensors; // in the order of their data
    size_t count;
    const char **keys, **values; // of __metadata__
    size_t metadata_count;
    size_t data_at; // where the tensors' bytes begin
};

// Reads the header of `size` bytes that stay where they are; what it points to besides is in the
// arena. Every offset, shape and size is checked: tensors lie in the file, agree with their shapes
// and do not overlap.
int safetensors_read(const void *bytes, size_t size, struct arena *arena, struct safetensors *file,
                     struct err *err);

// The tensor of that name, or NULL; a metadata value, or NULL.
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);
const char *safetensors_metadata(const struct safetensors *file, const char *key);

#endif
