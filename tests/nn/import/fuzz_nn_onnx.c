// SPDX-License-Identifier: Apache-2.0
// ONNX: protobuf, tensors, and graphs that are run.
#include "fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_reader(onnx_read, data, size);
}
