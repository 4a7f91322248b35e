// SPDX-License-Identifier: Apache-2.0
// Our side of ./tickhouse bench nn:
//   nn_bench write FOLDER    the networks, their inputs and what we and a reference in double make
//                            of them, for the peers to read; then errors and times of loading
//   nn_bench time            microseconds of CPU a sequence, the shortest of many
//   nn_bench peak            GFLOP/s of multiply-adds in registers
// Prints lines of fields that tabs separate.
#include "peak.h"

#include "base/buffer.h"
#include "base/cpu.h"
#include "forward/forward.h"
#include "model/model.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 1024, LOOKBACK = 60 };

static const struct {
    const char *name;
    struct network network;
} measured[] = {
    {"gru64",
     {.lookback = LOOKBACK,
      .features = 20,
      .layer_count = 2,
      .layers = {{.kind = LAYER_GRU, .units = 64, .reset_after = true},
                 {.kind = LAYER_DENSE, .units = 1}}}},
    {"gru64x2",
     {.lookback = LOOKBACK,
      .features = 20,
      .layer_count = 3,
      .layers = {{.kind = LAYER_GRU, .units = 64, .reset_after = true},
                 {.kind = LAYER_GRU, .units = 64, .reset_after = true},
                 {.kind = LAYER_DENSE, .units = 1}}}},
    {"lstm128_64",
     {.lookback = LOOKBACK,
      .features = 5,
      .layer_count = 4,
      .layers = {{.kind = LAYER_LSTM, .units = 128},
                 {.kind = LAYER_LSTM, .units = 64},
                 {.kind = LAYER_DENSE, .units = 32, .activation = ACTIVATION_RELU},
                 {.kind = LAYER_DENSE, .units = 3, .activation = ACTIVATION_SOFTMAX}}}},
};
enum { MEASURED = sizeof measured / sizeof *measured };

static struct arena arena;
static struct err err;

static void check(int code)
{
    if (code == 0)
        return;
    fprintf(stderr, "nn_bench: %s\n", err.text);
    exit(code);
}

static void *take(size_t count, size_t size)
{
    void *p = arena_alloc(&arena, count, size, &err);
    check(p == NULL ? EX_OSERR : 0);
    return p;
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Uniform in [-1, 1), the same in every run.
static float next_float(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (float)(int32_t)(*seed >> 32) * 0x1p-31F;
}

struct subject {
    struct model model;
    float *x, *y;
    double *truth;
    size_t outputs; // of the whole batch
};

// Weights as training leaves them: uniform with the variance that keeps that of the values.
static void fill_weights(struct network *network, uint64_t *seed)
{
    struct network_tensor tensors[NETWORK_MAX_TENSORS];
    const size_t count = network_tensors(network, tensors);
    for (size_t i = 0; i < count; i++) {
        const struct network_tensor *t = &tensors[i];
        const size_t rows = t->rows == 0 ? 1 : t->rows;
        const float bound = t->rows == 0 ? 0.1F : sqrtf(3.0F / (float)t->rows);
        for (size_t k = 0; k < rows * t->columns; k++)
            network->weights[t->offset + k] = bound * next_float(seed);
    }
}

static struct subject subject_new(size_t which)
{
    struct subject s;
    struct network layout = measured[which].network;
    uint64_t seed = which + 1;
    check(network_lay_out(&layout, &err));
    check(model_new(&s.model, &layout, &arena, &err));
    fill_weights(&s.model.network, &seed);
    const size_t values = (size_t)MOST * LOOKBACK * layout.features;
    s.outputs = MOST * layout.outputs;
    s.x = take(values, sizeof *s.x);
    s.y = take(s.outputs, sizeof *s.y);
    s.truth = take(s.outputs, sizeof *s.truth);
    for (size_t i = 0; i < values; i++)
        s.x[i] = 1.7F * next_float(&seed);
    return s;
}

static struct forward *open_network(const struct subject *s)
{
    struct forward *forward;
    check(forward_open(&s->model.network, &forward, &err));
    return forward;
}

// ---- write

static void write_file(const char *folder, const char *name, const char *suffix, const void *bytes,
                       size_t size)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(EX_IOERR);
    }
}

static double error_of(struct subject *s, const char *cpu, const char *precision)
{
    check(forward_select(cpu, precision, &err));
    struct forward *forward = open_network(s);
    double worst = 0;
    forward_run(forward, s->x, MOST, s->y);
    forward_close(forward);
    for (size_t i = 0; i < s->outputs; i++)
        worst = fmax(worst, fabs((double)s->y[i] - s->truth[i]));
    return worst;
}

// Opening the file, checking all of it, and packing its weights: what a worker does when an alias
// moves. The file is in the page cache.
static double load_time(const char *folder, const char *name)
{
    char path[4096];
    double best = INFINITY;
    (void)snprintf(path, sizeof path, "%s/%s.safetensors", folder, name);
    for (int i = 0; i < 30; i++) {
        struct model model;
        struct model_bytes bytes;
        struct forward *forward;
        const size_t mark = arena_mark(&arena);
        const double start = seconds(CLOCK_MONOTONIC);
        check(model_open(path, &model, &bytes, &arena, &err));
        check(forward_open(&model.network, &forward, &err));
        model_close(&bytes);
        best = fmin(best, seconds(CLOCK_MONOTONIC) - start);
        forward_close(forward);
        arena_rewind(&arena, mark);
    }
    return best;
}

static void write_subject(size_t which, const char *folder)
{
    const char *name = measured[which].name;
    struct subject s = subject_new(which);
    struct buffer file;
    buffer_init(&file, 1 << 28);
    check(forward_reference(&s.model.network, s.x, MOST, s.truth, &err));
    if (cpu_has_bf16())
        printf("error\t%s\tbf16\t%.1e\n", name, error_of(&s, NULL, "bf16"));
    for (size_t v = 0; v < cpu_variant_count(); v++)
        printf("error\t%s\t%s\t%.1e\n", name, cpu_variant_name(v),
               error_of(&s, cpu_variant_name(v), NULL));
    check(model_write(&s.model, &file, &err));
    write_file(folder, name, "safetensors", file.data, file.size);
    write_file(folder, name, "weights", s.model.network.weights,
               s.model.network.weight_count * sizeof(float));
    write_file(folder, name, "x", s.x,
               (size_t)MOST * LOOKBACK * s.model.network.features * sizeof(float));
    write_file(folder, name, "y", s.y, s.outputs * sizeof *s.y);
    write_file(folder, name, "y64", s.truth, s.outputs * sizeof *s.truth);
    buffer_free(&file);
    printf("load\t%s\t%.0f\n", name, 1e6 * load_time(folder, name));
}

// ---- time

// Multiply-adds count two; gates' own work does not count.
static double operations(const struct network *network)
{
    double sum = 0;
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        const bool recurrent = layer->kind == LAYER_GRU || layer->kind == LAYER_LSTM;
        sum += 2.0 * (double)(layer_gates(layer->kind) * layer->units) *
               (double)(layer->inputs + (recurrent ? layer->units : 0)) *
               (recurrent ? (double)network->lookback : 1);
    }
    return sum;
}

static void time_subject(size_t which, const char *variant, double least)
{
    static const size_t batches[] = {1, 32, MOST};
    struct subject s = subject_new(which);
    struct forward *forward = open_network(&s);
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        double best = INFINITY;
        const double start = seconds(CLOCK_MONOTONIC);
        const size_t repeat = batches[b] == 1 ? 8 : 1;
        while (seconds(CLOCK_MONOTONIC) - start < least) {
            const double from = seconds(CLOCK_THREAD_CPUTIME_ID);
            for (size_t i = 0; i < repeat; i++)
                forward_run(forward, s.x, batches[b], s.y);
            best = fmin(best, seconds(CLOCK_THREAD_CPUTIME_ID) - from);
        }
        best /= (double)(batches[b] * repeat);
        printf("time\t%s\t%zu\t%s\t%.2f\t%.1f\n", measured[which].name, batches[b], variant,
               1e6 * best, operations(&s.model.network) / best * 1e-9);
    }
    forward_close(forward);
}

static void time_all(double least)
{
    for (size_t which = 0; which < MEASURED; which++) {
        for (size_t v = 1; v < cpu_variant_count(); v++) {
            check(forward_select(cpu_variant_name(v), NULL, &err));
            time_subject(which, cpu_variant_name(v), least);
        }
        if (cpu_has_bf16()) {
            check(forward_select(NULL, "bf16", &err));
            time_subject(which, "bf16", least);
        }
    }
}

int main(int argc, char **argv)
{
    check(arena_open(&arena, 1ULL << 30, &err));
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        for (size_t which = 0; which < MEASURED; which++)
            write_subject(which, argv[2]);
    } else if (argc == 2 && strcmp(argv[1], "time") == 0) {
        time_all(0.5);
    } else if (argc == 2 && strcmp(argv[1], "peak") == 0) {
        printf("peak\tfloat32\t%.1f\n", peak_float32());
        printf("peak\tbf16\t%.1f\n", peak_bf16());
    } else {
        fprintf(stderr, "usage: nn_bench write FOLDER | time | peak\n");
        return EX_USAGE;
    }
    return 0;
}
