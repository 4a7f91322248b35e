// SPDX-License-Identifier: Apache-2.0
// The matrix products of a training step beside OpenBLAS's, one thread, in GFLOP/s: c += a b, and
// c += a' b for gradients of weights. Results are compared first; both take turns, and the shortest
// time of each counts.
#define FIT_VARIANT scalar
#include "core/matrix.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern void multiply_avx2(const struct product *), multiply_avx512(const struct product *);
extern void openblas_set_num_threads(int threads);

enum { TURNS = 25 };

static const struct shape {
    const char *what;
    size_t rows, columns, depth;
    bool transposed;
} shapes[] = {
    {"GRU 64, step of 32 sequences: states", 32, 192, 64, false},
    {"GRU 64, step of 32: 20 features", 32, 192, 20, false},
    {"GRU 64, step of 32 back", 32, 64, 192, false},
    {"GRU 64, weight gradient over 4 steps", 64, 192, 128, true},
    {"GRU 64, weight gradient over 60 steps", 64, 192, 1920, true},
    {"LSTM 128, step of 32", 32, 512, 128, false},
    {"LSTM 128, step of 32 back", 32, 128, 512, false},
    {"LSTM 128, weight gradient over 4 steps", 128, 512, 128, true},
    {"LSTM 256, step of 32", 32, 1024, 256, false},
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static real *random_values(size_t count)
{
    real *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
    if (values == NULL)
        exit(71);
    for (size_t i = 0; i < count; i++)
        values[i] = (real)rand() / (real)RAND_MAX - 0.5F;
    return values;
}

static const struct fit_core *core; // that TICKHOUSE_CPU selects

static void by_ours(const struct product *product)
{
    if (strcmp(core->name, "avx512") == 0)
        multiply_avx512(product);
    else
        multiply_avx2(product);
}

static void by_openblas(const struct product *p)
{
    const bool transposed = p->a_row == 1;
    cblas_sgemm(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)p->rows,
                (int)p->columns, (int)p->depth, 1, p->a, (int)(transposed ? p->a_step : p->a_row),
                p->b, (int)p->b_row, 1, p->c, (int)p->c_row);
}

static double time_calls(void (*call)(const struct product *), const struct product *product,
                         size_t calls)
{
    const double begin = seconds();
    for (size_t i = 0; i < calls; i++)
        call(product);
    return (seconds() - begin) / (double)calls;
}

// The largest difference of two products.
static double difference(struct product p, size_t count)
{
    double most = 0;
    real *ours = random_values(count), *theirs = random_values(count);
    memset(ours, 0, count * sizeof *ours);
    memset(theirs, 0, count * sizeof *theirs);
    p.start = p.c = ours;
    by_ours(&p);
    p.start = p.c = theirs;
    by_openblas(&p);
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)ours[i] - (double)theirs[i]));
    free(ours);
    free(theirs);
    return most;
}

static int measure(const struct shape *shape)
{
    const size_t width = padded(shape->transposed ? shape->rows : shape->depth);
    const size_t stride = odd_stride(shape->columns);
    real *a = random_values((shape->transposed ? shape->depth : shape->rows) * width);
    real *b = random_values(shape->depth * stride), *c = random_values(shape->rows * stride);
    const struct product product = {shape->rows,
                                    shape->columns,
                                    shape->depth,
                                    a,
                                    shape->transposed ? 1 : width,
                                    shape->transposed ? width : 1,
                                    b,
                                    stride,
                                    c,
                                    stride,
                                    c,
                                    stride};
    const double operations = 2.0 * (double)(shape->rows * shape->columns * shape->depth);
    const size_t calls = (size_t)(5e7 / operations) + 1;
    double ours = 1e9, theirs = 1e9;
    if (difference(product, shape->rows * stride) > 1e-5 * (double)shape->depth) {
        (void)fprintf(stderr, "%s: the products differ\n", shape->what);
        return 1;
    }
    for (int turn = 0; turn < TURNS; turn++) {
        ours = fmin(ours, time_calls(by_ours, &product, calls));
        theirs = fmin(theirs, time_calls(by_openblas, &product, calls));
    }
    (void)printf("| %s | %zu×%zu×%zu | %.0f | %.0f |\n", shape->what, shape->rows, shape->columns,
                 shape->depth, operations / ours * 1e-9, operations / theirs * 1e-9);
    free(a);
    free(b);
    free(c);
    return 0;
}

int main(void)
{
    if (fit_core_count() < 2) {
        (void)fprintf(stderr, "skipped: this CPU has no AVX2\n");
        return 77;
    }
    struct err err = {0};
    if (fit_core_select(&core, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return err.code;
    }
    openblas_set_num_threads(1);
    (void)printf("| product | rows × columns × depth | ours, GFLOP/s | OpenBLAS |\n");
    (void)printf("| --- | --- | ---: | ---: |\n");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (measure(&shapes[i]) != 0)
            return 1;
    return 0;
}
