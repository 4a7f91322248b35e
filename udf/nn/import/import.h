// SPDX-License-Identifier: Apache-2.0
// Models of other programs as models of ours. A reader for each format says what it understood
// (drawing.h); import_model makes the model of that and of what the user adds.
#ifndef TICKHOUSE_NN_IMPORT_H
#define TICKHOUSE_NN_IMPORT_H

#include "import/drawing.h"

struct import_options {
    int64_t lookback;     // 0: as the file says
    const char *features; // "a,b,c"; NULL: f0, f1, ...
    const char *scaler;   // a JSON text, see scaler.h; NULL: none
    const char *task;     // "regression" or "classes"; NULL: as the last activation says
    const char *classes;  // "down,neutral,up"; NULL: class0, class1, ...
    const char *target;   // NULL: ""
    int64_t horizon;      // 0: 1
    const char *modules; // "rnn,fc1,fc2": the order of a state_dict's modules; NULL: of their names
    const char *activation; // between the dense layers of a state_dict; NULL: not told
    bool last_step;         // a bidirectional state_dict is read at out[:, -1]
};

// The file's bytes, which stay where they are, and where readers put what they need.
struct import_source {
    const unsigned char *bytes;
    size_t size;
    const struct import_options *options;
    struct arena *arena;
};

// What was understood, beyond the model.
struct import_report {
    const char *format;
    bool own; // the file is a model of ours already, which is checked and takes no options
    const struct drawing *drawing; // NULL when it is our own
};

// Tells the format and reads it.
int import_model(const struct import_source *source, struct model *model,
                 struct import_report *report, struct err *err);

// The readers.
struct safetensors;
int torch_read(const struct import_source *source, const struct safetensors *file,
               struct drawing *drawing, struct err *err);
int keras_read(const struct import_source *source, struct drawing *drawing, struct err *err);
int onnx_read(const struct import_source *source, struct drawing *drawing, struct err *err);

#endif
