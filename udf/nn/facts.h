// SPDX-License-Identifier: Apache-2.0
// What is said of a model in SQL: nn_model's tuple, and the columns of `nn models`.
#ifndef TICKHOUSE_NN_FACTS_H
#define TICKHOUSE_NN_FACTS_H

#include "loaded.h"

// The list: name and type of each, with AND in between.
#define FACTS(FACT, AND)                                                                           \
    FACT(name, "String")                                                                           \
    AND FACT(version, "UInt32") AND FACT(hash, "String") AND FACT(task, "String") AND FACT(        \
        layers, "String") AND                                                                      \
    FACT(parameters, "UInt64") AND                                                                 \
    FACT(lookback, "UInt32") AND                                                                   \
    FACT(horizon, "UInt32") AND                                                                    \
    FACT(features,                                                                                 \
         "Array(Tuple(name String, offset Float64, scale Float64, edges Array(Float64), "          \
         "shares Array(Float64)))") AND                                                            \
    FACT(classes, "Array(String)") AND                                                             \
    FACT(scaler, "String") AND                                                                     \
    FACT(target, "String") AND                                                                     \
    FACT(source, "String") AND                                                                     \
    FACT(snapshot, "String") AND                                                                   \
    FACT(train_from, "Date32") AND                                                                 \
    FACT(train_to, "Date32") AND                                                                   \
    FACT(seed, "UInt64") AND                                                                       \
    FACT(rows_sha256, "String") AND                                                                \
    FACT(created_at, "DateTime64(6,'UTC')") AND                                                    \
    FACT(origin, "String") AND                                                                     \
    FACT(metrics, "Array(Tuple(name String, value Float64))") AND                                  \
    FACT(notes, "String")

#define FACT_ENTRY(name, type) FACT_##name
#define FACT_COMMA ,
enum fact { FACTS(FACT_ENTRY, FACT_COMMA), FACT_COUNT };

// The type of nn_model's answer.
#define FACT_FIELD(name, type) #name " " type
#define FACTS_TUPLE "Tuple(" FACTS(FACT_FIELD, ", ") ")"

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

#endif
