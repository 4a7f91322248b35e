// SPDX-License-Identifier: Apache-2.0
#include "onnx_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct buffer *out, const void *data, size_t size)
{
    if (buffer_append(out, data, size, NULL) != 0)
        abort();
}

static void put_varint(struct buffer *out, uint64_t value)
{
    unsigned char bytes[10];
    size_t size = 0;
    for (; value > 127; value >>= 7)
        bytes[size++] = (unsigned char)(value & 127) | 128;
    bytes[size++] = (unsigned char)value;
    put(out, bytes, size);
}

void put_number(struct buffer *out, unsigned field, uint64_t value)
{
    put_varint(out, (uint64_t)field << 3);
    put_varint(out, value);
}

void put_part(struct buffer *out, unsigned field, const void *data, size_t size)
{
    put_varint(out, (uint64_t)field << 3 | 2);
    put_varint(out, size);
    put(out, data, size);
}

void put_text(struct buffer *out, unsigned field, const char *text)
{
    put_part(out, field, text, strlen(text));
}

static void put_names(struct buffer *node, unsigned field, const char *names)
{
    for (;;) {
        const size_t size = strcspn(names, ",");
        put_part(node, field, names, size);
        if (names[size] == '\0')
            return;
        names += size + 1;
    }
}

void put_node(struct buffer *graph, const char *op, const char *inputs, const char *outputs)
{
    struct buffer node;
    buffer_init(&node, 1 << 16);
    put_names(&node, 1, inputs);
    put_names(&node, 2, outputs);
    put_text(&node, 4, op);
    put_part(graph, 1, node.data, node.size);
    buffer_free(&node);
}

void put_floats(struct buffer *graph, const char *name, const size_t *dimensions,
                const float *values)
{
    struct buffer tensor;
    size_t count = 1;
    buffer_init(&tensor, 1 << 20);
    for (; *dimensions != 0; dimensions++) {
        put_number(&tensor, 1, *dimensions);
        count *= *dimensions;
    }
    float *zeros = calloc(count, sizeof *zeros);
    if (zeros == NULL)
        abort();
    put_number(&tensor, 2, 1); // FLOAT
    put_text(&tensor, 8, name);
    put_part(&tensor, 9, values != NULL ? values : zeros, count * sizeof *values);
    put_part(graph, 5, tensor.data, tensor.size);
    free(zeros);
    buffer_free(&tensor);
}

// (1, b, 1)
static void put_shape(struct buffer *tensor_type)
{
    static const unsigned char batch[] = {2 << 3 | 2, 1, 'b'}, one[] = {1 << 3, 1};
    struct buffer shape;
    buffer_init(&shape, 1 << 10);
    put_part(&shape, 1, one, sizeof one);
    put_part(&shape, 1, batch, sizeof batch);
    put_part(&shape, 1, one, sizeof one);
    put_part(tensor_type, 2, shape.data, shape.size);
    buffer_free(&shape);
}

static void put_input(struct buffer *graph)
{
    struct buffer port, type, tensor_type;
    buffer_init(&port, 1 << 10);
    buffer_init(&type, 1 << 10);
    buffer_init(&tensor_type, 1 << 10);
    put_number(&tensor_type, 1, 1); // FLOAT
    put_shape(&tensor_type);
    put_part(&type, 1, tensor_type.data, tensor_type.size);
    put_text(&port, 1, "x");
    put_part(&port, 2, type.data, type.size);
    put_part(graph, 11, port.data, port.size);
    buffer_free(&port);
    buffer_free(&type);
    buffer_free(&tensor_type);
}

void put_idle_gru(struct buffer *graph, size_t units)
{
    const size_t kernel[] = {1, 3 * units, 1, 0}, recurrent[] = {1, 3 * units, units, 0};
    struct buffer output;
    put_input(graph);
    put_floats(graph, "W", kernel, NULL);
    put_floats(graph, "R", recurrent, NULL);
    put_node(graph, "GRU", "x,W,R", "steps,state");
    put_node(graph, "Squeeze", "state", "h");
    buffer_init(&output, 1 << 10);
    put_text(&output, 1, "y");
    put_part(graph, 12, output.data, output.size);
    buffer_free(&output);
}

void put_model(struct buffer *model, const struct buffer *graph, uint64_t opset)
{
    struct buffer version;
    buffer_init(&version, 64);
    put_number(&version, 2, opset);
    put_number(model, 1, 8);
    put_part(model, 7, graph->data, graph->size);
    put_part(model, 8, version.data, version.size);
    buffer_free(&version);
}
