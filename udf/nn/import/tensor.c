// SPDX-License-Identifier: Apache-2.0
#include "import/tensor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

size_t element_size(enum element element)
{
    static const size_t sizes[] = {4, 8, 2, 2, 4, 8, 1, 0};
    return sizes[element];
}

static double from_float16(uint16_t half)
{
    const int exponent = half >> 10 & 31, mantissa = half & 1023;
    const double sign = half >> 15 ? -1 : 1;
    if (exponent == 31)
        return mantissa == 0 ? sign * INFINITY : NAN;
    return sign * (exponent == 0 ? ldexp(mantissa, -24) : ldexp(mantissa + 1024, exponent - 25));
}

static double from_bits32(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double decode_one(const unsigned char *at, enum element element)
{
    uint16_t bits16;
    uint32_t bits32;
    int64_t integer;
    double value;
    switch (element) {
    case ELEMENT_F32:
        memcpy(&bits32, at, sizeof bits32);
        return from_bits32(bits32);
    case ELEMENT_F64:
        memcpy(&value, at, sizeof value);
        return value;
    case ELEMENT_F16:
        memcpy(&bits16, at, sizeof bits16);
        return from_float16(bits16);
    case ELEMENT_BF16:
        memcpy(&bits16, at, sizeof bits16);
        return from_bits32((uint32_t)bits16 << 16);
    case ELEMENT_I32:
        memcpy(&bits32, at, sizeof bits32);
        return (double)(int32_t)bits32;
    case ELEMENT_I64:
        memcpy(&integer, at, sizeof integer);
        return (double)integer;
    case ELEMENT_BOOL:
        return *at != 0;
    case ELEMENT_OTHER:
        break;
    }
    return NAN;
}

int tensor_decode(const void *bytes, enum element element, size_t count, struct arena *arena,
                  const double **values, struct err *err)
{
    const size_t size = element_size(element);
    double *out = arena_alloc(arena, count, sizeof *out, err);
    if (out == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = 0; i < count; i++)
        out[i] = decode_one((const unsigned char *)bytes + i * size, element);
    *values = out;
    return 0;
}

bool tensor_count(const size_t *shape, size_t rank, size_t *count)
{
    *count = 1;
    for (size_t i = 0; i < rank; i++)
        if (__builtin_mul_overflow(*count, shape[i], count))
            return false;
    return true;
}

int tensor_piece(const struct tensor *whole, size_t from, size_t rows, size_t columns,
                 struct arena *arena, const struct tensor **piece, struct err *err)
{
    struct tensor *out = arena_alloc(arena, 1, sizeof *out, err);
    if (out == NULL)
        return err_code(err, EX_OSERR);
    *out = (struct tensor){.name = whole->name, .rank = rows == 0 ? 1 : 2};
    out->shape[0] = rows == 0 ? columns : rows;
    out->shape[1] = rows == 0 ? 0 : columns;
    out->elements = (rows == 0 ? 1 : rows) * columns;
    assert(from + out->elements <= whole->elements);
    out->values = whole->values + from;
    *piece = out;
    return 0;
}
