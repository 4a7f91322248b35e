// SPDX-License-Identifier: Apache-2.0
// TensorProto: a type, a shape, and the values in one of several places.
#include "import/onnx/graph.h"

#include <string.h>

enum {
    TENSOR_DIMS = 1,
    TENSOR_TYPE = 2,
    TENSOR_FLOATS = 4,
    TENSOR_INT32S = 5,
    TENSOR_INT64S = 7,
    TENSOR_NAME = 8,
    TENSOR_RAW = 9,
    TENSOR_DOUBLES = 10,
    TENSOR_EXTERNAL = 13,
    TENSOR_LOCATION = 14
};

struct parts {
    struct proto name, raw, list; // list: packed floats, doubles or integers
    unsigned list_number;
    uint64_t type;
    bool external;
};

static enum element element_of(uint64_t type)
{
    static const struct {
        uint64_t type;
        enum element element;
    } known[] = {{1, ELEMENT_F32},  {6, ELEMENT_I32},  {7, ELEMENT_I64},  {9, ELEMENT_BOOL},
                 {10, ELEMENT_F16}, {11, ELEMENT_F64}, {16, ELEMENT_BF16}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].type == type)
            return known[i].element;
    return ELEMENT_OTHER;
}

static int add_dimension(struct tensor *tensor, uint64_t value, struct err *err)
{
    if (tensor->rank == TENSOR_MAX_RANK)
        return err_set(err, EX_DATAERR, "a tensor has more than %d dimensions", TENSOR_MAX_RANK);
    tensor->shape[tensor->rank++] = (size_t)value;
    return 0;
}

static int add_dimensions(struct tensor *tensor, const struct proto_field *field, struct err *err)
{
    struct proto packed = field->bytes;
    uint64_t value;
    if (field->wire == WIRE_VARINT)
        return add_dimension(tensor, field->value, err);
    while (packed.at < packed.end) {
        TRY(proto_varint(&packed, &value, err));
        TRY(add_dimension(tensor, value, err));
    }
    return 0;
}

static int split(struct proto message, struct tensor *tensor, struct parts *parts, struct err *err)
{
    struct proto_field field;
    bool more;
    *parts = (struct parts){0};
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        switch (field.number) {
        case TENSOR_DIMS:
            TRY(add_dimensions(tensor, &field, err));
            break;
        case TENSOR_TYPE:
            parts->type = field.value;
            break;
        case TENSOR_NAME:
            parts->name = field.bytes;
            break;
        case TENSOR_RAW:
            parts->raw = field.bytes;
            break;
        case TENSOR_FLOATS:
        case TENSOR_DOUBLES:
        case TENSOR_INT32S:
        case TENSOR_INT64S:
            if (field.wire != WIRE_BYTES)
                return err_set(err, EX_DATAERR, "a tensor's values are not packed");
            parts->list = field.bytes;
            parts->list_number = field.number;
            break;
        case TENSOR_EXTERNAL:
        case TENSOR_LOCATION:
            parts->external = parts->external || field.value != 0 || field.bytes.at != NULL;
            break;
        default:
            break;
        }
    }
}

static int decode_varints(struct proto list, const struct tensor *tensor, enum element element,
                          double *values, struct err *err)
{
    for (size_t i = 0; i < tensor->elements; i++) {
        uint64_t value;
        TRY(proto_varint(&list, &value, err));
        if (element == ELEMENT_F16 || element == ELEMENT_BF16)
            return err_set(err, EX_DATAERR,
                           "tensor '%s' keeps halves as numbers, which is not read", tensor->name);
        values[i] = element == ELEMENT_I32 ? (double)(int32_t)value : (double)(int64_t)value;
    }
    return 0;
}

static int decode(const struct parts *parts, enum element element, struct tensor *tensor,
                  struct arena *arena, struct err *err)
{
    const bool listed = parts->list.at != NULL && parts->raw.at == NULL,
               varints = listed && (parts->list_number == TENSOR_INT32S ||
                                    parts->list_number == TENSOR_INT64S);
    const struct proto bytes = listed ? parts->list : parts->raw;
    const size_t room = varints ? proto_size(bytes) : proto_size(bytes) / element_size(element);
    if (room < tensor->elements)
        return err_set(err, EX_DATAERR,
                       "tensor '%s' has %zu bytes, too few for its %zu values: the file is cut off "
                       "or damaged",
                       tensor->name, proto_size(bytes), tensor->elements);
    if (!varints)
        return tensor_decode(bytes.at, element, tensor->elements, arena, &tensor->values, err);
    double *values = arena_alloc(arena, tensor->elements, sizeof *values, err);
    if (values == NULL)
        return err_code(err, EX_OSERR);
    tensor->values = values;
    return decode_varints(bytes, tensor, element, values, err);
}

int onnx_tensor(struct proto message, struct arena *arena, struct tensor *tensor, struct err *err)
{
    struct parts parts;
    *tensor = (struct tensor){0};
    TRY(split(message, tensor, &parts, err));
    const size_t size = proto_size(parts.name);
    char *name = arena_alloc(arena, size + 1, 1, err);
    if (name == NULL)
        return err_code(err, EX_OSERR);
    if (size > 0)
        memcpy(name, parts.name.at, size);
    name[size] = '\0';
    tensor->name = name;
    const enum element element = element_of(parts.type);
    if (parts.external)
        return err_set(err, EX_DATAERR,
                       "tensor '%s' lies in another file; export the model with its weights in it "
                       "(external_data=False)",
                       name);
    if (element == ELEMENT_OTHER)
        return err_set(err, EX_DATAERR, "tensor '%s' is of type %u, which is not read", name,
                       (unsigned)parts.type);
    if (!tensor_count(tensor->shape, tensor->rank, &tensor->elements))
        return err_set(err, EX_DATAERR, "tensor '%s' is too large", name);
    return decode(&parts, element, tensor, arena, err);
}

struct proto onnx_tensor_name(struct proto message)
{
    struct proto_field field;
    bool more = true;
    while (proto_next(&message, &field, &more, NULL) == 0 && more)
        if (field.number == TENSOR_NAME && field.wire == WIRE_BYTES)
            return field.bytes;
    return (struct proto){0};
}
