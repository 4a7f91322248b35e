// SPDX-License-Identifier: Apache-2.0
// The columns of facts.def, filled from a model: nn_model's tuple, and rows of `nn models`.
#ifndef TICKHOUSE_NN_FACTS_H
#define TICKHOUSE_NN_FACTS_H

#include "loaded.h"

#define FACT(name, type) FACT_##name,
enum fact {
#include "facts.def"
    FACT_COUNT
};
#undef FACT

extern const char *const fact_names[FACT_COUNT], *const fact_types[FACT_COUNT];

struct facts_size {
    size_t rows, features, classes, metrics, bytes;
};

// Adds what a row of the model wants.
void facts_measure(const struct loaded *loaded, struct facts_size *size);

// Room for all rows measured, in FACT_COUNT columns whose types are set.
int facts_reserve(struct arena *arena, struct native_column *columns, const struct facts_size *size,
                  struct err *err);

// Rows are filled in order; reply_set_rows comes after the last.
void facts_fill(struct native_column *columns, size_t row, const struct loaded *loaded);

// "gru:64,dropout:0.2,dense:3:softmax"
enum { FACTS_LAYERS_BYTES = NETWORK_MAX_LAYERS * 48 };
void facts_layers(const struct network *network, char text[static FACTS_LAYERS_BYTES]);

#endif
