// SPDX-License-Identifier: Apache-2.0
// What the files of the HDF5 reader share: bytes with their end, and the messages of an object.
#ifndef TICKHOUSE_NN_IMPORT_HDF5_PARTS_H
#define TICKHOUSE_NN_IMPORT_HDF5_PARTS_H

#include "import/keras/hdf5.h"

// Bytes to read one after the other. What goes beyond the end gives 0 and sets `cut`, so that a
// reader asks once, when it is done.
struct bytes {
    const unsigned char *at, *end;
    bool cut;
};

const unsigned char *take_bytes(struct bytes *from, uint64_t count); // NULL beyond the end
uint64_t take_number(struct bytes *from, size_t width);              // little-endian, 1 to 8 bytes
struct bytes take_part(struct bytes *from, uint64_t count);

// `size` bytes at an address of the file.
int hdf5_at(struct hdf5 *file, uint64_t address, uint64_t size, const char *what,
            struct bytes *bytes, struct err *err);

// All from an address to the end of the file, which begins with a signature of four letters.
int hdf5_signed(struct hdf5 *file, uint64_t address, const char *signature, struct bytes *bytes,
                struct err *err);

// Takes one step from the budget.
int hdf5_step(struct hdf5 *file, struct err *err);

enum message_type {
    MESSAGE_DATASPACE = 0x01,
    MESSAGE_LINK_INFO = 0x02,
    MESSAGE_DATATYPE = 0x03,
    MESSAGE_LINK = 0x06,
    MESSAGE_LAYOUT = 0x08,
    MESSAGE_FILTERS = 0x0b,
    MESSAGE_ATTRIBUTE = 0x0c,
    MESSAGE_CONTINUATION = 0x10,
    MESSAGE_SYMBOL_TABLE = 0x11,
};

struct message {
    unsigned type;
    struct bytes bytes;
};

// Goes through the messages of an object's header, also where it goes on elsewhere.
enum { HDF5_MAX_BLOCKS = 64 };
struct messages {
    struct hdf5 *file;
    unsigned version;
    bool numbered; // messages of version 2 have a creation order
    struct bytes now;
    struct bytes later[HDF5_MAX_BLOCKS];
    size_t later_count;
};
int messages_open(struct messages *messages, struct hdf5 *file, uint64_t object, struct err *err);

// *more is false, and the message as it was, when there are no more.
int messages_next(struct messages *messages, struct message *message, bool *more, struct err *err);

#endif
