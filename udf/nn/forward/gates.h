// SPDX-License-Identifier: Apache-2.0
// tanh and the logistic function of a vector: x P(x^2) / Q(x^2), fitted so that the largest
// relative error on [-9, 9] is small with few coefficients. Over all floats tanh is off by at
// most 3.1e-7 of its value and the logistic function by 1.7e-7, and may pass their limits by as
// much: gates do not care, what leaves a network is cut. The same operations, hence bits,
// everywhere. NaN gives NaN.
#ifndef TICKHOUSE_NN_GATES_H
#define TICKHOUSE_NN_GATES_H

#include "simd.h"

#define GATE_LIMIT 9.0F // the result of what lies beyond is the one here

#define P1 0x1.121a98p-3F
#define P2 0x1.ca9db2p-9F
#define P3 0x1.5a9bd0p-16F
#define P4 0x1.ccf2a8p-27F
#define Q1 0x1.de629ap-2F
#define Q2 0x1.a82f34p-6F
#define Q3 0x1.591436p-12F
#define Q4 0x1.a2efc8p-21F

INLINE vec clamp(vec x, float least, float most)
{
    return vec_min(vec_all(most), vec_max(vec_all(least), x));
}

// x P / Q with the coefficients of (factor x)^2 and all of P times `scale`.
INLINE vec gate_ratio(vec x, float factor, float scale)
{
    const float f1 = factor * factor, f2 = f1 * f1, f3 = f2 * f1, f4 = f2 * f2;
    const vec t = x * x;
    vec p = vec_fma(t, vec_all(P4 * f4 * scale), vec_all(P3 * f3 * scale));
    vec q = vec_fma(t, vec_all(Q4 * f4), vec_all(Q3 * f3));
    p = vec_fma(t, p, vec_all(P2 * f2 * scale));
    q = vec_fma(t, q, vec_all(Q2 * f2));
    p = vec_fma(t, p, vec_all(P1 * f1 * scale));
    q = vec_fma(t, q, vec_all(Q1 * f1));
    p = vec_fma(t, p, vec_all(scale));
    q = vec_fma(t, q, vec_all(1.0F));
    return x * p / q;
}

INLINE vec vec_tanh(vec x)
{
    return gate_ratio(clamp(x, -GATE_LIMIT, GATE_LIMIT), 1, 1);
}

// (1 + tanh(x / 2)) / 2, the halves being part of the coefficients.
INLINE vec vec_sigmoid(vec x)
{
    return vec_all(0.5F) + gate_ratio(clamp(x, -2 * GATE_LIMIT, 2 * GATE_LIMIT), 0.5F, 0.25F);
}

#undef P1
#undef P2
#undef P3
#undef P4
#undef Q1
#undef Q2
#undef Q3
#undef Q4

#endif
