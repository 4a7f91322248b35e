// SPDX-License-Identifier: Apache-2.0
#include "peak.h"

#include "base/cpu.h"

#include <math.h>
#include <time.h>

enum { CHAINS = 12, TURNS = 100000, ROUNDS = 30 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The best of some rounds; one turn is CHAINS instructions of `operations` each.
static double best_rate(void (*turns)(void), double operations)
{
    double best = INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
        const double start = seconds();
        turns();
        best = fmin(best, seconds() - start);
    }
    return (double)CHAINS * TURNS * operations / best * 1e-9;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Twelve chains, each in a variable of its own so that it stays in a register; the compiler must
// neither merge nor drop them.
#define EACH(apply)                                                                                \
    apply(a) apply(b) apply(c) apply(d) apply(e) apply(f) apply(g) apply(h) apply(i) apply(j)      \
        apply(k) apply(l)
#define CLEAR(chain) __asm__ volatile("vxorps %x0, %x0, %x0" : "=v"(chain));
#define TURNS_OF(name, isa, vector, instruction)                                                   \
    __attribute__((target(isa))) static void name(void)                                            \
    {                                                                                              \
        vector EACH(NAME) x;                                                                       \
        EACH(CLEAR)                                                                                \
        CLEAR(x)                                                                                   \
        for (int turn = 0; turn < TURNS; turn++) {                                                 \
            EACH(instruction)                                                                      \
        }                                                                                          \
    }
#define NAME(chain) chain,
#define MULTIPLY_ADD(chain) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+v"(chain) : "v"(x));
#define MULTIPLY_ADD_BF16(chain) __asm__ volatile("vdpbf16ps %1, %1, %0" : "+v"(chain) : "v"(x));
TURNS_OF(turns_avx2, "avx2,fma", __m256, MULTIPLY_ADD)
TURNS_OF(turns_avx512, "avx512f", __m512, MULTIPLY_ADD)
TURNS_OF(turns_bf16, "avx512f,avx512bf16", __m512, MULTIPLY_ADD_BF16)

double peak_float32(void)
{
    const size_t variants = cpu_variant_count();
    return variants == 3   ? best_rate(turns_avx512, 32)
           : variants == 2 ? best_rate(turns_avx2, 16)
                           : 0;
}

double peak_bf16(void)
{
    return cpu_has_bf16() ? best_rate(turns_bf16, 64) : 0;
}
#else
double peak_float32(void)
{
    (void)best_rate;
    return 0;
}

double peak_bf16(void)
{
    return 0;
}
#endif
