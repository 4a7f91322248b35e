// SPDX-License-Identifier: Apache-2.0
#include "import/onnx/protobuf.h"

#include <string.h>

enum { VARINT_BYTES = 10 };

int proto_varint(struct proto *bytes, uint64_t *value, struct err *err)
{
    *value = 0;
    for (unsigned i = 0; i < VARINT_BYTES && bytes->at < bytes->end; i++) {
        const unsigned char byte = *bytes->at++;
        *value |= (uint64_t)(byte & 127) << (7 * i);
        if (byte < 128)
            return 0;
    }
    return err_set(err, EX_DATAERR, "a number is cut off or too long: the file is damaged");
}

static int take_fixed(struct proto *message, size_t width, uint64_t *value, struct err *err)
{
    *value = 0;
    if (proto_size(*message) < width)
        return err_set(err, EX_DATAERR, "a message is cut off");
    for (size_t i = width; i-- > 0;)
        *value = *value << 8 | message->at[i];
    message->at += width;
    return 0;
}

static int take_part(struct proto *message, struct proto *part, struct err *err)
{
    uint64_t size;
    TRY(proto_varint(message, &size, err));
    if (size > proto_size(*message))
        return err_set(err, EX_DATAERR,
                       "a message claims %llu bytes where %zu are left: the file is cut off or "
                       "damaged",
                       (unsigned long long)size, proto_size(*message));
    *part = (struct proto){message->at, message->at + size};
    message->at += size;
    return 0;
}

int proto_next(struct proto *message, struct proto_field *field, bool *more, struct err *err)
{
    uint64_t key;
    *field = (struct proto_field){0};
    *more = message->at < message->end;
    if (!*more)
        return 0;
    TRY(proto_varint(message, &key, err));
    field->number = (unsigned)(key >> 3);
    field->wire = (enum wire)(key & 7);
    if (key >> 3 == 0 || key >> 3 > (1U << 29))
        return err_set(err, EX_DATAERR, "a field has no number: the file is damaged");
    switch (key & 7) {
    case WIRE_VARINT:
        return proto_varint(message, &field->value, err);
    case WIRE_FIXED64:
        return take_fixed(message, 8, &field->value, err);
    case WIRE_BYTES:
        return take_part(message, &field->bytes, err);
    case WIRE_FIXED32:
        return take_fixed(message, 4, &field->value, err);
    default:
        return err_set(err, EX_DATAERR, "field %u is of wire type %u: the file is damaged",
                       field->number, (unsigned)(key & 7));
    }
}
