// SPDX-License-Identifier: Apache-2.0
// What the files of the Keras reader share.
#ifndef TICKHOUSE_NN_IMPORT_KERAS_H
#define TICKHOUSE_NN_IMPORT_KERAS_H

#include "import/import.h"
#include "import/keras/hdf5.h"

#include <jansson.h>

enum { KERAS_MAX_PATH = 512, KERAS_PARTS = 3 }; // kernel, recurrent kernel, bias

struct keras {
    const struct import_source *source;
    struct drawing *drawing;
    struct hdf5 file;
    bool legacy;
    uint64_t weights;   // the group of layers
    const char *before; // name of the layer before
    bool sequence;      // what it hands on is a sequence
    json_t *counts;     // of .keras: how many layers of a class there were, which names its group
};

struct layer_source {
    const char *name, *class;
    const json_t *config;
    char group[KERAS_MAX_PATH]; // of its weights
};

static inline const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static inline bool truth_of(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static inline int refuse(const struct layer_source *layer, const char *what, struct err *err)
{
    return err_set(err, EX_DATAERR, "layer '%s' %s", layer->name, what);
}

// Which group holds the layer's weights; to be asked of every layer, in their order.
int keras_name_group(struct keras *keras, struct layer_source *layer, struct err *err);

// `count` tensors of a layer: by number below `part` in a .keras file, by the layer's list of
// names, from `first` on, in an .h5 file.
int keras_load(struct keras *keras, const struct layer_source *layer, const char *part,
               size_t first, size_t count, const struct tensor **tensors, struct err *err);

// Adds the layer to the drawing, or does nothing for one that does nothing when it predicts.
int keras_draw(struct keras *keras, const struct layer_source *layer, struct err *err);

#endif
