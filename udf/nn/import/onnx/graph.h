// SPDX-License-Identifier: Apache-2.0
// ONNX's messages as structs: graphs of nodes with names for what goes in and out. Names and
// tensors stay views of the file's bytes.
#ifndef TICKHOUSE_NN_IMPORT_ONNX_GRAPH_H
#define TICKHOUSE_NN_IMPORT_ONNX_GRAPH_H

#include "import/onnx/protobuf.h"
#include "import/tensor.h"

enum { ONNX_MAX_DEPTH = 4, ONNX_MAX_PARTS = 4096, ONNX_MAX_INPUTS = 16, ONNX_MAX_OUTPUTS = 16 };

static inline bool text_same(struct proto a, struct proto b)
{
    const size_t size = proto_size(a);
    return size == proto_size(b) && (size == 0 || __builtin_memcmp(a.at, b.at, size) == 0);
}
bool text_is(struct proto text, const char *word);

// For %.*s: as much of it as a sentence holds.
#define TEXT(text) (int)(proto_size(text) < 120 ? proto_size(text) : 120), (const char *)(text).at

struct onnx_attribute {
    struct proto name, text, tensor; // tensor: a message, for onnx_tensor
    int64_t integer;
    float number;
    int64_t *integers;
    size_t integer_count;
    struct proto *texts;
    size_t text_count;
    float *numbers;
    size_t number_count;
    struct onnx_graph *graph; // NULL unless it is one
};

struct onnx_node {
    struct proto op, domain, name;
    struct proto *inputs, *outputs; // an empty name: not there
    size_t input_count, output_count;
    struct onnx_attribute *attributes;
    size_t attribute_count;
};

// A graph's input or output; a dimension is 0 where the file does not know it.
struct onnx_port {
    struct proto name;
    bool shaped;
    size_t rank, shape[TENSOR_MAX_RANK];
};

struct onnx_graph {
    struct onnx_node *nodes;
    struct proto *initializers; // messages, for onnx_tensor
    struct onnx_port *inputs, *outputs;
    size_t node_count, initializer_count, input_count, output_count;
};

struct onnx_model {
    struct onnx_graph graph;
    int64_t opset;
};

int onnx_parse(const void *bytes, size_t size, struct arena *arena, struct onnx_model *model,
               struct err *err);

// Reads a TensorProto; its name may be empty.
int onnx_tensor(struct proto message, struct arena *arena, struct tensor *tensor, struct err *err);
struct proto onnx_tensor_name(struct proto message);

const struct onnx_attribute *onnx_attribute(const struct onnx_node *node, const char *name);
int64_t onnx_integer(const struct onnx_node *node, const char *name, int64_t otherwise);

#endif
