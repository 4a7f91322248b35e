// SPDX-License-Identifier: Apache-2.0
// A model: a network and what must be known to use it and to believe it. One .safetensors file
// holds both: the weights as float32 tensors, the rest in its metadata.
#ifndef TICKHOUSE_NN_MODEL_H
#define TICKHOUSE_NN_MODEL_H

#include "base/arena.h"
#include "model/network.h"

#include <stdint.h>
#include <sys/types.h>

enum { MODEL_HASH_SIZE = 65, MODEL_MAX_CLASSES = 64, MODEL_BINS = 10 };

enum model_task { TASK_REGRESSION, TASK_CLASSES };

// What a feature was in training: what the scaler does with it, (x - offset) x scale, and the edges
// between its ten equally frequent bins with the share of rows that each bin had, by which drift is
// told (NaN: not known). metric_edges and metric_shares make them; a share is not a tenth where
// many values are equal.
struct model_feature {
    const char *name;
    double offset, scale;
    double edges[MODEL_BINS - 1], shares[MODEL_BINS];
};

struct model_metric {
    const char *name;
    double value;
};

struct model {
    struct network network;
    enum model_task task;
    size_t class_count;                     // outputs of a TASK_CLASSES network; 2 where it has one
                                            // sigmoid output
    const char *classes[MODEL_MAX_CLASSES]; // their names
    struct model_feature *features;         // network.features of them
    double target_offset, target_scale;     // prediction = offset + scale x output (regression)
    const char *scaler;                     // "standard", "minmax", "none": how offsets were fitted
    const char *target;                     // what is predicted, in words: "target_next_return"
    size_t horizon;                         // bars from the last step to what is predicted
    const char *source;                     // the table or query it was trained on; "" unknown
    const char *snapshot;                   // Iceberg snapshot id; "" none
    int32_t train_from, train_to;           // days since 1970-01-01; 0 unknown
    uint64_t seed;
    const char *rows_hash; // SHA-256 of the training rows; "" unknown
    int64_t created_at;    // microseconds since 1970-01-01 UTC
    const char *origin;    // "train", or what it was imported from
    const char *notes;     // JSON of whatever made it: options, software; "" none
    struct model_metric *metrics;
    size_t metric_count;
    char hash[MODEL_HASH_SIZE]; // of the file; filled by model_read and model_write
};

// A model with `features` of the network named f0, f1, ..., a scaler that does nothing, and
// nothing else known; network.weights are zero. What it points to is in the arena.
int model_new(struct model *model, const struct network *layout, struct arena *arena,
              struct err *err);

// The bytes of a file of at most `limit` bytes, in memory that model_close gives back. They are
// this process's own: whatever becomes of the file, they stay.
struct model_bytes {
    void *base;
    size_t size;
};
int model_file_read(const char *path, size_t limit, struct model_bytes *bytes, struct err *err);

// Reads a model file of at most LIMIT_MODEL_BYTES; weights point into the bytes. Everything is
// checked first: sizes, names, shapes, finite values, the hash.
int model_open(const char *path, struct model *model, struct model_bytes *bytes,
               struct arena *arena, struct err *err);
void model_close(struct model_bytes *bytes);

// The same from bytes in memory that stay where they are (aligned to 8).
int model_read(const void *bytes, size_t size, struct model *model, struct arena *arena,
               struct err *err);

// The bytes of the file, which model_read has read without an error; fills model->hash.
struct buffer;
int model_write(struct model *model, struct buffer *out, struct err *err);

// One row's raw features scaled to what the network wants. x, out: network.features values.
void model_scale(const struct model *model, const float *x, float *out);

#endif
