// SPDX-License-Identifier: Apache-2.0
// A reader of the part of HDF5 that Keras writes: groups by symbol table or by links, datasets that
// lie in one piece or in the header, floats and integers, attributes of text. What is chunked,
// compressed, shared or kept in fractal heaps is refused by name.
//
// The file is a graph of addresses that nothing keeps from being wrong, so every read is checked
// against the file's end, and every step along an address is taken from one budget: a loop, or a
// tree that branches into itself, ends with a sentence. Format: "HDF5 File Format Specification
// Version 3.0", The HDF Group.
#ifndef TICKHOUSE_NN_IMPORT_HDF5_H
#define TICKHOUSE_NN_IMPORT_HDF5_H

#include "import/tensor.h"

struct hdf5 {
    const unsigned char *bytes;
    size_t size;
    struct arena *arena;
    size_t steps;  // how many may still be taken
    uint64_t root; // address of the root group's header
};

int hdf5_open(struct hdf5 *file, const void *bytes, size_t size, struct arena *arena,
              struct err *err);

// The object at "a/b/c" below a group; *object is 0 where there is none of that name.
int hdf5_find(struct hdf5 *file, uint64_t group, const char *path, uint64_t *object,
              struct err *err);

// An attribute of one or many texts; *count is 0 where there is none of that name.
int hdf5_texts(struct hdf5 *file, uint64_t object, const char *attribute, const char ***texts,
               size_t *count, struct err *err);

// A dataset's values; `name` is how it will be called.
int hdf5_tensor(struct hdf5 *file, uint64_t dataset, const char *name, const struct tensor **tensor,
                struct err *err);

#endif
