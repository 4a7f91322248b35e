// SPDX-License-Identifier: Apache-2.0
// Writes ONNX for tests: parts of messages, appended to buffers. A test's buffers are large enough
// and its process ends with it, so failures end it loudly.
#ifndef TICKHOUSE_TESTS_ONNX_WRITER_H
#define TICKHOUSE_TESTS_ONNX_WRITER_H

#include "base/buffer.h"

#include <stdint.h>

void put_number(struct buffer *out, unsigned field, uint64_t value);
void put_part(struct buffer *out, unsigned field, const void *data, size_t size);
void put_text(struct buffer *out, unsigned field, const char *text);

// A node without attributes; names are separated by commas.
void put_node(struct buffer *graph, const char *op, const char *inputs, const char *outputs);

// A float initializer of rank 1 to 3, dimensions end with 0; values NULL: zeros.
void put_floats(struct buffer *graph, const char *name, const size_t *dimensions,
                const float *values);

// The graph's input x: one step of one feature, read by a GRU of zeros with that many units, whose
// state is h; and its output y.
void put_idle_gru(struct buffer *graph, size_t units);

// A model around a graph.
void put_model(struct buffer *model, const struct buffer *graph, uint64_t opset);

#endif
