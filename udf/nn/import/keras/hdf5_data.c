// SPDX-License-Identifier: Apache-2.0
// Types, shapes and values: datasets of numbers, attributes of text.
#include "import/keras/hdf5_parts.h"

#include <string.h>

enum { CLASS_INTEGER = 0, CLASS_FLOAT = 1, CLASS_TEXT = 3, CLASS_VARIABLE = 9 };
enum { SPACE_MAX_RANK = 32, HEAP_REFERENCE = 16 };

struct type {
    unsigned class, bits; // bits of the class
    uint64_t size;        // of one element in the file
    enum element element;
    bool text; // fixed or, with CLASS_VARIABLE, of variable length
};

// ---- types and shapes

static enum element float_element(const struct type *type, struct bytes properties)
{
    const uint64_t offset = take_number(&properties, 2), precision = take_number(&properties, 2),
                   exponent_at = take_number(&properties, 1),
                   exponent = take_number(&properties, 1),
                   mantissa_at = take_number(&properties, 1);
    static const struct {
        uint64_t size, exponent;
        enum element element;
    } known[] = {
        {4, 8, ELEMENT_F32}, {8, 11, ELEMENT_F64}, {2, 5, ELEMENT_F16}, {2, 8, ELEMENT_BF16}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (type->size == known[i].size && exponent == known[i].exponent &&
            precision == 8 * type->size && exponent_at == precision - 1 - exponent && offset == 0 &&
            mantissa_at == 0 && !properties.cut && (type->bits & 0x41) == 0)
            return known[i].element;
    return ELEMENT_OTHER;
}

static enum element integer_element(const struct type *type)
{
    const bool is_signed = type->bits & 8, little = (type->bits & 1) == 0;
    if (!is_signed || !little)
        return ELEMENT_OTHER;
    return type->size == 4 ? ELEMENT_I32 : type->size == 8 ? ELEMENT_I64 : ELEMENT_OTHER;
}

static int read_type(struct bytes bytes, struct type *type, struct err *err)
{
    const unsigned first = (unsigned)take_number(&bytes, 1);
    *type = (struct type){.class = first & 15, .element = ELEMENT_OTHER};
    type->bits = (unsigned)take_number(&bytes, 3);
    type->size = take_number(&bytes, 4);
    if (type->class == CLASS_FLOAT)
        type->element = float_element(type, bytes);
    else if (type->class == CLASS_INTEGER)
        type->element = integer_element(type);
    type->text =
        type->class == CLASS_TEXT ||
        (type->class == CLASS_VARIABLE && (type->bits & 15) == 1 && type->size == HEAP_REFERENCE);
    return bytes.cut ? err_set(err, EX_DATAERR, "a type is cut off") : 0;
}

struct space {
    size_t rank, shape[SPACE_MAX_RANK], count;
};

static int read_space(struct bytes bytes, struct space *space, struct err *err)
{
    const uint64_t version = take_number(&bytes, 1), rank = take_number(&bytes, 1);
    (void)take_number(&bytes, 1); // flags
    const uint64_t kind = take_number(&bytes, 1);
    (void)take_bytes(&bytes, version == 1 ? 4 : 0);
    if (rank > SPACE_MAX_RANK)
        return err_set(err, EX_DATAERR, "an array has %u dimensions", (unsigned)rank);
    *space = (struct space){.rank = (size_t)rank};
    for (size_t i = 0; i < space->rank; i++)
        space->shape[i] = (size_t)take_number(&bytes, 8);
    if (bytes.cut || !tensor_count(space->shape, space->rank, &space->count))
        return err_set(err, EX_DATAERR, "the shape of an array is cut off or too large");
    if (version >= 2 && kind == 2) // no values at all
        space->count = 0;
    return 0;
}

// ---- datasets

struct dataset {
    struct bytes type, space, layout;
    bool filtered;
};

static int read_dataset(struct hdf5 *file, uint64_t object, struct dataset *dataset,
                        struct err *err)
{
    struct messages messages;
    struct message message;
    bool more;
    *dataset = (struct dataset){0};
    TRY(messages_open(&messages, file, object, err));
    for (;;) {
        TRY(messages_next(&messages, &message, &more, err));
        if (!more)
            return 0;
        if (message.type == MESSAGE_DATATYPE)
            dataset->type = message.bytes;
        else if (message.type == MESSAGE_DATASPACE)
            dataset->space = message.bytes;
        else if (message.type == MESSAGE_LAYOUT)
            dataset->layout = message.bytes;
        else if (message.type == MESSAGE_FILTERS)
            dataset->filtered = true;
    }
}

// Where the values lie: in the header itself, or in one piece elsewhere.
static int read_layout(struct hdf5 *file, struct bytes layout, const char *name, uint64_t size,
                       struct bytes *values, struct err *err)
{
    const uint64_t version = take_number(&layout, 1), class = take_number(&layout, 1);
    if (version != 3 && version != 4)
        return err_set(err, EX_DATAERR, "dataset '%s' has a layout of version %u; 3 and 4 are read",
                       name, (unsigned)version);
    if (class == 0) {
        *values = take_part(&layout, take_number(&layout, 2));
        return (uint64_t)(values->end - values->at) >= size && !layout.cut
                   ? 0
                   : err_set(err, EX_DATAERR, "dataset '%s' is cut off", name);
    }
    if (class != 1)
        return err_set(
            err, EX_DATAERR,
            "dataset '%s' lies in chunks, which are not read; save the model with Keras' "
            "own save(), without compression",
            name);
    const uint64_t address = take_number(&layout, 8), length = take_number(&layout, 8);
    if (layout.cut || length < size)
        return err_set(err, EX_DATAERR, "dataset '%s' has %llu bytes, its shape wants %llu", name,
                       (unsigned long long)length, (unsigned long long)size);
    return hdf5_at(file, address, size, "it", values, err) == 0
               ? 0
               : err_prefix(err, "dataset '%s'", name);
}

int hdf5_tensor(struct hdf5 *file, uint64_t object, const char *name, const struct tensor **out,
                struct err *err)
{
    struct dataset dataset;
    struct space space = {0};
    struct type type = {0};
    struct bytes values = {0};
    uint64_t size;
    TRY(read_dataset(file, object, &dataset, err));
    if (dataset.type.at == NULL || dataset.space.at == NULL || dataset.layout.at == NULL)
        return err_set(err, EX_DATAERR, "'%s' is not a dataset", name);
    TRY(read_type(dataset.type, &type, err));
    TRY(read_space(dataset.space, &space, err));
    if (type.element == ELEMENT_OTHER || space.rank > TENSOR_MAX_RANK || dataset.filtered)
        return err_set(err, EX_DATAERR,
                       "dataset '%s' is compressed, has more than %d dimensions, or is of a type "
                       "other than little-endian float and integer",
                       name, TENSOR_MAX_RANK);
    if (__builtin_mul_overflow((uint64_t)space.count, type.size, &size))
        return err_set(err, EX_DATAERR, "dataset '%s' is too large", name);
    TRY(read_layout(file, dataset.layout, name, size, &values, err));
    struct tensor *tensor = arena_alloc(file->arena, 1, sizeof *tensor, err);
    if (tensor == NULL)
        return err_code(err, EX_OSERR);
    *tensor = (struct tensor){.name = name, .rank = space.rank, .elements = space.count};
    memcpy(tensor->shape, space.shape, sizeof tensor->shape);
    *out = tensor;
    return tensor_decode(values.at, type.element, space.count, file->arena, &tensor->values, err);
}

// ---- attributes

static int copy_text(struct hdf5 *file, const unsigned char *text, uint64_t size, const char **copy,
                     struct err *err)
{
    char *to = arena_alloc(file->arena, (size_t)size + 1, 1, err);
    if (to == NULL)
        return err_code(err, EX_OSERR);
    memcpy(to, text, (size_t)size);
    to[size] = '\0';
    *copy = to;
    return 0;
}

// A text of variable length: its length, the address of a heap, and which of its objects it is.
static int read_heap_text(struct hdf5 *file, struct bytes reference, const char **text,
                          struct err *err)
{
    const uint64_t length = take_number(&reference, 4), address = take_number(&reference, 8),
                   wanted = take_number(&reference, 4);
    struct bytes heap = {0};
    if (length == 0)
        return copy_text(file, (const unsigned char *)"", 0, text, err);
    TRY(hdf5_signed(file, address, "GCOL", &heap, err));
    (void)take_bytes(&heap, 4); // version, reserved
    const uint64_t size = take_number(&heap, 8);
    TRY(hdf5_at(file, address, size, "a heap of texts", &heap, err));
    (void)take_bytes(&heap, 16);
    while (heap.end - heap.at >= 16) {
        const uint64_t index = take_number(&heap, 2);
        (void)take_bytes(&heap, 6); // references, reserved
        const uint64_t bytes = take_number(&heap, 8);
        TRY(hdf5_step(file, err));
        if (index == 0)
            break;
        const struct bytes object = take_part(&heap, bytes);
        if (index == wanted && !object.cut && length <= bytes)
            return copy_text(file, object.at, length, text, err);
        (void)take_bytes(&heap, (8 - bytes % 8) % 8);
    }
    return err_set(err, EX_DATAERR, "a text is missing from the heap at byte %llu",
                   (unsigned long long)address);
}

static int read_texts(struct hdf5 *file, const struct type *type, size_t count, struct bytes data,
                      const char **texts, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes one = take_part(&data, type->size);
        TRY(hdf5_step(file, err));
        if (one.cut)
            return err_set(err, EX_DATAERR, "an attribute's texts are cut off");
        TRY(type->class == CLASS_VARIABLE
                ? read_heap_text(file, one, &texts[i], err)
                : copy_text(file, one.at, strnlen((const char *)one.at, (size_t)type->size),
                            &texts[i], err));
    }
    return 0;
}

struct attribute {
    const char *name;
    struct bytes type, space, data;
};

static int split_attribute(struct bytes bytes, struct attribute *attribute, struct err *err)
{
    const uint64_t version = take_number(&bytes, 1);
    const bool shared = take_number(&bytes, 1) != 0 && version > 1;
    uint64_t sizes[3];
    for (size_t i = 0; i < 3; i++)
        sizes[i] = take_number(&bytes, 2);
    (void)take_bytes(&bytes, version == 3 ? 1 : 0); // characters
    struct bytes parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = take_part(&bytes, sizes[i]);
        (void)take_bytes(&bytes, version == 1 ? (8 - sizes[i] % 8) % 8 : 0);
    }
    if (bytes.cut || shared || sizes[0] == 0 || parts[0].end[-1] != '\0')
        return err_set(err, EX_DATAERR, "an attribute is cut off, or of a type that is shared");
    *attribute = (struct attribute){(const char *)parts[0].at, parts[1], parts[2], bytes};
    return 0;
}

static int attribute_texts(struct hdf5 *file, const struct attribute *attribute,
                           const char ***texts, size_t *count, struct err *err)
{
    struct type type = {0};
    struct space space = {0};
    TRY(read_type(attribute->type, &type, err));
    TRY(read_space(attribute->space, &space, err));
    if (space.count == 0)
        return 0;
    if (!type.text)
        return err_set(err, EX_DATAERR, "attribute '%s' is not of text", attribute->name);
    if (type.size == 0 || space.count > (size_t)(attribute->data.end - attribute->data.at))
        return err_set(err, EX_DATAERR, "attribute '%s' is cut off", attribute->name);
    *texts = arena_alloc(file->arena, space.count, sizeof **texts, err);
    if (*texts == NULL)
        return err_code(err, EX_OSERR);
    *count = space.count;
    return read_texts(file, &type, space.count, attribute->data, *texts, err);
}

int hdf5_texts(struct hdf5 *file, uint64_t object, const char *name, const char ***texts,
               size_t *count, struct err *err)
{
    struct messages messages;
    struct message message;
    bool more;
    *count = 0;
    TRY(messages_open(&messages, file, object, err));
    for (;;) {
        struct attribute attribute = {0};
        TRY(messages_next(&messages, &message, &more, err));
        if (!more)
            return 0;
        if (message.type != MESSAGE_ATTRIBUTE)
            continue;
        TRY(split_attribute(message.bytes, &attribute, err));
        if (attribute.name != NULL && strcmp(attribute.name, name) == 0)
            return attribute_texts(file, &attribute, texts, count, err);
    }
}
