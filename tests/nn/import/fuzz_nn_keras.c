// SPDX-License-Identifier: Apache-2.0
// Keras: archives and HDF5 files with a configuration.
#include "fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return size == 0 ? 0 : fuzz_reader(keras_read, data, size);
}
