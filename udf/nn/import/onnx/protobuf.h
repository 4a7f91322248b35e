// SPDX-License-Identifier: Apache-2.0
// Protocol Buffers' wire format, read in place: a message is a view of bytes, a field one of its
// parts. Nothing is copied and nothing recurses; how deep messages nest is their reader's business.
#ifndef TICKHOUSE_NN_IMPORT_PROTOBUF_H
#define TICKHOUSE_NN_IMPORT_PROTOBUF_H

#include "base/err.h"

#include <stdint.h>

struct proto {
    const unsigned char *at, *end;
};

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct proto_field {
    unsigned number;
    enum wire wire;
    uint64_t value;     // of all but WIRE_BYTES
    struct proto bytes; // of WIRE_BYTES
};

// The next field of a message; *more is false at its end.
int proto_next(struct proto *message, struct proto_field *field, bool *more, struct err *err);

// One number of a packed list.
int proto_varint(struct proto *bytes, uint64_t *value, struct err *err);

static inline size_t proto_size(struct proto bytes)
{
    return (size_t)(bytes.end - bytes.at);
}

#endif
