// SPDX-License-Identifier: Apache-2.0
// Field numbers are those of onnx.proto3 (ModelProto, GraphProto, NodeProto, ...).
#include "import/onnx/graph.h"

#include <string.h>

enum {
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    GRAPH_NODE = 1,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    GRAPH_SPARSE = 15,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP = 4,
    NODE_ATTRIBUTE = 5,
    NODE_DOMAIN = 7,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_FLOAT = 2,
    ATTRIBUTE_INTEGER = 3,
    ATTRIBUTE_TEXT = 4,
    ATTRIBUTE_TENSOR = 5,
    ATTRIBUTE_GRAPH = 6,
    ATTRIBUTE_FLOATS = 7,
    ATTRIBUTE_INTEGERS = 8,
    ATTRIBUTE_TEXTS = 9,
    PORT_NAME = 1,
    PORT_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIMENSION = 1,
    DIMENSION_VALUE = 1
};

bool text_is(struct proto text, const char *word)
{
    const size_t size = strlen(word);
    return proto_size(text) == size && (size == 0 || memcmp(text.at, word, size) == 0);
}

// How many fields of that number there are, and room for so many.
static int make_room(struct proto message, unsigned number, size_t size, struct arena *arena,
                     void *array, struct err *err)
{
    struct proto_field field;
    size_t count = 0;
    bool more;
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            break;
        count += field.number == number && field.wire == WIRE_BYTES;
    }
    if (count > ONNX_MAX_PARTS)
        return err_set(err, EX_DATAERR, "a part of its graph has %zu parts; at most %d are read",
                       count, ONNX_MAX_PARTS);
    void *room = arena_alloc(arena, count, size, err);
    if (room == NULL)
        return err_code(err, EX_OSERR);
    if (count > 0)
        memset(room, 0, count * size);
    memcpy(array, &room, sizeof room);
    return 0;
}

// ---- attributes and nodes

// Lists of numbers come packed or one by one; packed ones have at least a byte for each.
static int count_numbers(struct proto message, size_t *most, struct err *err)
{
    struct proto_field field;
    bool more;
    for (*most = 0;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.number == ATTRIBUTE_INTEGERS || field.number == ATTRIBUTE_FLOATS)
            *most += field.wire == WIRE_BYTES ? proto_size(field.bytes) : 1;
    }
}

static int add_integers(struct onnx_attribute *attribute, const struct proto_field *field,
                        struct err *err)
{
    struct proto packed = field->bytes;
    uint64_t value = field->value;
    if (field->wire == WIRE_VARINT) {
        attribute->integers[attribute->integer_count++] = (int64_t)value;
        return 0;
    }
    while (packed.at < packed.end) {
        TRY(proto_varint(&packed, &value, err));
        attribute->integers[attribute->integer_count++] = (int64_t)value;
    }
    return 0;
}

static void add_floats(struct onnx_attribute *attribute, const struct proto_field *field)
{
    const uint32_t bits = (uint32_t)field->value;
    const unsigned char *at =
        field->wire == WIRE_BYTES ? field->bytes.at : (const unsigned char *)&bits;
    size_t count = field->wire == WIRE_BYTES ? proto_size(field->bytes) / 4 : 1;
    for (; count > 0; count--, at += 4)
        memcpy(&attribute->numbers[attribute->number_count++], at, sizeof(float));
}

static int parse_graph(struct proto message, unsigned depth, struct arena *arena,
                       struct onnx_graph *graph, struct err *err);

static int parse_attribute(struct proto message, unsigned depth, struct arena *arena,
                           struct onnx_attribute *attribute, struct err *err)
{
    struct proto_field field;
    size_t most;
    bool more;
    TRY(count_numbers(message, &most, err));
    TRY(make_room(message, ATTRIBUTE_TEXTS, sizeof *attribute->texts, arena, &attribute->texts,
                  err));
    attribute->integers = arena_alloc(arena, most, sizeof *attribute->integers, err);
    attribute->numbers = arena_alloc(arena, most, sizeof *attribute->numbers, err);
    if (attribute->integers == NULL || attribute->numbers == NULL)
        return err_code(err, EX_OSERR);
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.number == ATTRIBUTE_NAME)
            attribute->name = field.bytes;
        else if (field.number == ATTRIBUTE_FLOAT && field.wire == WIRE_FIXED32)
            memcpy(&attribute->number, &field.value, sizeof attribute->number);
        else if (field.number == ATTRIBUTE_INTEGER)
            attribute->integer = (int64_t)field.value;
        else if (field.number == ATTRIBUTE_TEXT)
            attribute->text = field.bytes;
        else if (field.number == ATTRIBUTE_TENSOR)
            attribute->tensor = field.bytes;
        else if (field.number == ATTRIBUTE_INTEGERS)
            TRY(add_integers(attribute, &field, err));
        else if (field.number == ATTRIBUTE_FLOATS &&
                 (field.wire == WIRE_BYTES || field.wire == WIRE_FIXED32))
            add_floats(attribute, &field);
        else if (field.number == ATTRIBUTE_TEXTS && field.wire == WIRE_BYTES)
            attribute->texts[attribute->text_count++] = field.bytes;
        else if (field.number == ATTRIBUTE_GRAPH) {
            attribute->graph = arena_alloc(arena, 1, sizeof *attribute->graph, err);
            if (attribute->graph == NULL)
                return err_code(err, EX_OSERR);
            TRY(parse_graph(field.bytes, depth + 1, arena, attribute->graph, err));
        }
    }
}

static int parse_node(struct proto message, unsigned depth, struct arena *arena,
                      struct onnx_node *node, struct err *err)
{
    struct proto_field field;
    bool more;
    TRY(make_room(message, NODE_INPUT, sizeof *node->inputs, arena, &node->inputs, err));
    TRY(make_room(message, NODE_OUTPUT, sizeof *node->outputs, arena, &node->outputs, err));
    TRY(make_room(message, NODE_ATTRIBUTE, sizeof *node->attributes, arena, &node->attributes,
                  err));
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.wire != WIRE_BYTES)
            continue;
        if ((field.number == NODE_INPUT && node->input_count == ONNX_MAX_INPUTS) ||
            (field.number == NODE_OUTPUT && node->output_count == ONNX_MAX_OUTPUTS))
            return err_set(err, EX_DATAERR, "an operator of its graph has more than %d %s",
                           field.number == NODE_INPUT ? ONNX_MAX_INPUTS : ONNX_MAX_OUTPUTS,
                           field.number == NODE_INPUT ? "inputs" : "outputs");
        if (field.number == NODE_INPUT)
            node->inputs[node->input_count++] = field.bytes;
        else if (field.number == NODE_OUTPUT)
            node->outputs[node->output_count++] = field.bytes;
        else if (field.number == NODE_NAME)
            node->name = field.bytes;
        else if (field.number == NODE_OP)
            node->op = field.bytes;
        else if (field.number == NODE_DOMAIN)
            node->domain = field.bytes;
        else if (field.number == NODE_ATTRIBUTE)
            TRY(parse_attribute(field.bytes, depth, arena,
                                &node->attributes[node->attribute_count++], err));
    }
}

// ---- inputs, outputs, graphs

// The last field of that number, as a message; empty when there is none.
static int find_part(struct proto message, unsigned number, struct proto *part, struct err *err)
{
    struct proto_field field;
    bool more;
    *part = (struct proto){0};
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.number == number && field.wire == WIRE_BYTES)
            *part = field.bytes;
    }
}

static int parse_dimension(struct proto message, size_t *dimension, struct err *err)
{
    struct proto_field field;
    bool more;
    *dimension = 0;
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.number == DIMENSION_VALUE && field.wire == WIRE_VARINT &&
            field.value <= INT32_MAX)
            *dimension = (size_t)field.value;
    }
}

static int parse_port(struct proto message, struct onnx_port *port, struct err *err)
{
    struct proto type, tensor, shape;
    struct proto_field field;
    bool more;
    TRY(find_part(message, PORT_NAME, &port->name, err));
    TRY(find_part(message, PORT_TYPE, &type, err));
    TRY(find_part(type, TYPE_TENSOR, &tensor, err));
    TRY(find_part(tensor, TENSOR_TYPE_SHAPE, &shape, err));
    port->shaped = shape.at != NULL;
    for (;;) {
        TRY(proto_next(&shape, &field, &more, err));
        if (!more)
            return 0;
        if (field.number != SHAPE_DIMENSION || field.wire != WIRE_BYTES)
            continue;
        if (port->rank == TENSOR_MAX_RANK)
            return err_set(err, EX_DATAERR, "'%.*s' has more than %d dimensions", TEXT(port->name),
                           TENSOR_MAX_RANK);
        TRY(parse_dimension(field.bytes, &port->shape[port->rank++], err));
    }
}

static int parse_graph(struct proto message, unsigned depth, struct arena *arena,
                       struct onnx_graph *graph, struct err *err)
{
    struct proto_field field;
    bool more;
    *graph = (struct onnx_graph){0};
    if (depth > ONNX_MAX_DEPTH)
        return err_set(err, EX_DATAERR, "its graphs nest deeper than %d", ONNX_MAX_DEPTH);
    TRY(make_room(message, GRAPH_NODE, sizeof *graph->nodes, arena, &graph->nodes, err));
    TRY(make_room(message, GRAPH_INITIALIZER, sizeof *graph->initializers, arena,
                  &graph->initializers, err));
    TRY(make_room(message, GRAPH_INPUT, sizeof *graph->inputs, arena, &graph->inputs, err));
    TRY(make_room(message, GRAPH_OUTPUT, sizeof *graph->outputs, arena, &graph->outputs, err));
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            return 0;
        if (field.wire != WIRE_BYTES)
            continue;
        if (field.number == GRAPH_NODE)
            TRY(parse_node(field.bytes, depth, arena, &graph->nodes[graph->node_count++], err));
        else if (field.number == GRAPH_INITIALIZER)
            graph->initializers[graph->initializer_count++] = field.bytes;
        else if (field.number == GRAPH_INPUT)
            TRY(parse_port(field.bytes, &graph->inputs[graph->input_count++], err));
        else if (field.number == GRAPH_OUTPUT)
            TRY(parse_port(field.bytes, &graph->outputs[graph->output_count++], err));
        else if (field.number == GRAPH_SPARSE)
            return err_set(err, EX_DATAERR, "it has sparse tensors, which are not read");
    }
}

// The version of the operators without a domain.
static int parse_opset(struct proto message, int64_t *opset, struct err *err)
{
    struct proto_field field;
    struct proto domain = {0};
    int64_t version = 0;
    bool more;
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            break;
        if (field.number == OPSET_DOMAIN)
            domain = field.bytes;
        else if (field.number == OPSET_VERSION)
            version = (int64_t)field.value;
    }
    if (proto_size(domain) == 0 || text_is(domain, "ai.onnx"))
        *opset = version;
    return 0;
}

int onnx_parse(const void *bytes, size_t size, struct arena *arena, struct onnx_model *model,
               struct err *err)
{
    struct proto message = {bytes, (const unsigned char *)bytes + size}, graph = {0};
    struct proto_field field;
    bool more;
    model->opset = 0;
    for (;;) {
        TRY(proto_next(&message, &field, &more, err));
        if (!more)
            break;
        if (field.number == MODEL_GRAPH && field.wire == WIRE_BYTES)
            graph = field.bytes;
        else if (field.number == MODEL_OPSET && field.wire == WIRE_BYTES)
            TRY(parse_opset(field.bytes, &model->opset, err));
    }
    if (graph.at == NULL)
        return err_set(err, EX_DATAERR, "it has no graph");
    return parse_graph(graph, 0, arena, &model->graph, err);
}

const struct onnx_attribute *onnx_attribute(const struct onnx_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (text_is(node->attributes[i].name, name))
            return &node->attributes[i];
    return NULL;
}

int64_t onnx_integer(const struct onnx_node *node, const char *name, int64_t otherwise)
{
    const struct onnx_attribute *attribute = onnx_attribute(node, name);
    return attribute == NULL ? otherwise : attribute->integer;
}
