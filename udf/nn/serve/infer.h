// SPDX-License-Identifier: Apache-2.0
// Requests and replies of KServe's two protocols as JSON.
//   V2: {"id": ..., "parameters": {"key": ...}, "inputs": [{"name", "shape": [n, lookback,
//       features], "datatype": "FP32" | "FP64", "data": [...]}], "outputs": [{"name"}]}
//   V1: {"key": ..., "instances": [[[...], ...], ...]}
// Data is raw, flat or nested; null is a value that is missing.
#ifndef TICKHOUSE_NN_INFER_H
#define TICKHOUSE_NN_INFER_H

#include "base/buffer.h"
#include "model/model.h"

#include <jansson.h>

enum protocol { PROTOCOL_V1, PROTOCOL_V2 };
enum { INFER_MAX_DEPTH = 3 };

struct infer {
    enum protocol protocol;
    json_t *root;
    size_t size;          // of the body
    const char *id, *key; // "" where there is none; in root
    size_t key_size;
    size_t count;           // sequences
    float *x;               // (count, lookback, features)
    bool prediction, label; // outputs that are asked for
};

// Reads what does not depend on the model.
int infer_open(struct infer *infer, enum protocol protocol, const char *json, size_t size,
               struct err *err);
void infer_close(struct infer *infer);

// Reads the sequences, which must have the model's shape.
int infer_take(struct infer *infer, const struct model *model, struct err *err);

// y: (count, outputs).
struct infer_model {
    const char *name;
    uint32_t version;
    bool canary;
    const struct model *model;
};
int infer_write(const struct infer *infer, const struct infer_model *answered, const float *y,
                struct buffer *out, struct err *err);

// What the model takes and gives, in V2's words.
int infer_describe(const struct infer_model *described, struct buffer *out, struct err *err);

// A JSON string with its quotes.
int json_append(struct buffer *out, const char *text, struct err *err);

#endif
