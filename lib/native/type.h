// SPDX-License-Identifier: Apache-2.0
// ClickHouse data types, read from the text that a block header carries.
#ifndef TICKHOUSE_NATIVE_TYPE_H
#define TICKHOUSE_NATIVE_TYPE_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One line a type whose values have a fixed width: kind, ClickHouse's name, bytes (0: from its
// parameters), what it holds.
#define NATIVE_FIXED_KINDS(X)                                                                      \
    X(NOTHING, "Nothing", 1, HOLDS_OPAQUE)                                                         \
    X(UINT8, "UInt8", 1, HOLDS_UNSIGNED)                                                           \
    X(UINT16, "UInt16", 2, HOLDS_UNSIGNED)                                                         \
    X(UINT32, "UInt32", 4, HOLDS_UNSIGNED)                                                         \
    X(UINT64, "UInt64", 8, HOLDS_UNSIGNED)                                                         \
    X(UINT128, "UInt128", 16, HOLDS_UNSIGNED)                                                      \
    X(UINT256, "UInt256", 32, HOLDS_UNSIGNED)                                                      \
    X(INT8, "Int8", 1, HOLDS_SIGNED)                                                               \
    X(INT16, "Int16", 2, HOLDS_SIGNED)                                                             \
    X(INT32, "Int32", 4, HOLDS_SIGNED)                                                             \
    X(INT64, "Int64", 8, HOLDS_SIGNED)                                                             \
    X(INT128, "Int128", 16, HOLDS_SIGNED)                                                          \
    X(INT256, "Int256", 32, HOLDS_SIGNED)                                                          \
    X(FLOAT32, "Float32", 4, HOLDS_FLOAT)                                                          \
    X(FLOAT64, "Float64", 8, HOLDS_FLOAT)                                                          \
    X(BFLOAT16, "BFloat16", 2, HOLDS_OPAQUE)                                                       \
    X(BOOL, "Bool", 1, HOLDS_UNSIGNED)                                                             \
    X(FIXED_STRING, "FixedString", 0, HOLDS_OPAQUE)                                                \
    X(DATE, "Date", 2, HOLDS_TIME)                                                                 \
    X(DATE32, "Date32", 4, HOLDS_TIME)                                                             \
    X(DATETIME, "DateTime", 4, HOLDS_TIME)                                                         \
    X(DATETIME64, "DateTime64", 8, HOLDS_TIME)                                                     \
    X(TIME, "Time", 4, HOLDS_OPAQUE)                                                               \
    X(TIME64, "Time64", 8, HOLDS_OPAQUE)                                                           \
    X(DECIMAL, "Decimal", 0, HOLDS_SIGNED)                                                         \
    X(DECIMAL32, "Decimal32", 4, HOLDS_SIGNED)                                                     \
    X(DECIMAL64, "Decimal64", 8, HOLDS_SIGNED)                                                     \
    X(DECIMAL128, "Decimal128", 16, HOLDS_SIGNED)                                                  \
    X(DECIMAL256, "Decimal256", 32, HOLDS_SIGNED)                                                  \
    X(ENUM8, "Enum8", 1, HOLDS_OPAQUE)                                                             \
    X(ENUM16, "Enum16", 2, HOLDS_OPAQUE)                                                           \
    X(UUID, "UUID", 16, HOLDS_OPAQUE)                                                              \
    X(IPV4, "IPv4", 4, HOLDS_OPAQUE)                                                               \
    X(IPV6, "IPv6", 16, HOLDS_OPAQUE)

#define NATIVE_OTHER_KINDS(X)                                                                      \
    X(STRING, "String", 0, HOLDS_OPAQUE)                                                           \
    X(NULLABLE, "Nullable", 0, HOLDS_NESTED)                                                       \
    X(ARRAY, "Array", 0, HOLDS_NESTED)                                                             \
    X(TUPLE, "Tuple", 0, HOLDS_NESTED)                                                             \
    X(MAP, "Map", 0, HOLDS_NESTED)                                                                 \
    X(LOW_CARDINALITY, "LowCardinality", 0, HOLDS_NESTED)

enum native_kind {
#define X(kind, name, width, holds) NATIVE_##kind,
    NATIVE_FIXED_KINDS(X) NATIVE_OTHER_KINDS(X)
#undef X
};

enum native_holds {
    HOLDS_OPAQUE,
    HOLDS_UNSIGNED,
    HOLDS_SIGNED,
    HOLDS_FLOAT,
    HOLDS_TIME,
    HOLDS_NESTED
};

struct native_type {
    enum native_kind kind;
    enum native_holds holds;
    uint32_t width;     // bytes of one value; 0 where values have no fixed width
    uint32_t scale;     // digits after the point: Decimal, DateTime64, Time64
    const char *text;   // as ClickHouse writes it, ended by NUL
    size_t child_count; // Nullable, Array, LowCardinality 1; Map 2; Tuple its elements
    const struct native_type *children;
    const char *const *names; // of a named Tuple's elements, else NULL
};

// Reads a type's name. The result lives in the arena and copies the text.
int native_type_parse(struct arena *arena, const char *text, size_t length,
                      const struct native_type **type, struct err *err);

// Same layout and meaning, element names aside.
bool native_type_same(const struct native_type *a, const struct native_type *b);

#endif
