// SPDX-License-Identifier: Apache-2.0
// Models in the memory of a worker: as many as a block names, and of others those that were used
// last. Of more weights than fit the oldest are dropped, and read again when they are asked. Which
// file a name means is asked anew for each block, so a
// model that was promoted answers from the next block on; what was loaded stays while its file is
// the same.
#ifndef TICKHOUSE_NN_LOADED_H
#define TICKHOUSE_NN_LOADED_H

#include "forward/forward.h"
#include "model/folder.h"
#include "model/model.h"
#include "udf.h"

struct loaded {
    struct model model;
    struct model_reference reference; // with the version as its tag
    struct model_location location;
    size_t text_bytes; // what all texts of the model have at most
};

// Finds the models folder. In a family's setup().
int loaded_setup(struct err *err);
const char *loaded_folder(void);

// The model of each row, `names` being a String column. They stay until the next call of this or of
// loaded_find.
int loaded_of_rows(const struct udf_call *call, const struct native_column *names,
                   const struct loaded ***models, struct err *err);

// The model that `text` refers to. Where its file cannot be read, the one that it meant before
// goes on answering, with a sentence on standard error; without one it is an error.
int loaded_find(const char *text, size_t size, const struct loaded **loaded, struct err *err);

// Its network, ready to run until the next call of any of these.
int loaded_forward(const struct loaded *loaded, struct forward **forward, struct err *err);

#endif
