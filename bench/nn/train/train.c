// SPDX-License-Identifier: Apache-2.0
// Our side of bench/nn_train.sh:
//   nn_train_bench data NETWORK FILE              writes start weights, rows and targets
//   nn_train_bench train NETWORK FILE THREADS EPOCHS
// The latter prints, separated by tabs: the shortest time of a batch, and the validation loss after
// each epoch. With one thread that is CPU time, which says the same on a machine that others use.
#include "train/fit.h"
#include "train/random.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOKBACK = 60, VALIDATION = 1024, TIMED = 64 }; // timed: one batch

#define GRU(n)                                                                                     \
    {                                                                                              \
        .kind = LAYER_GRU, .units = (n), .reset_after = true                                       \
    }
#define LSTM(n)                                                                                    \
    {                                                                                              \
        .kind = LAYER_LSTM, .units = (n)                                                           \
    }
#define DENSE(n, name)                                                                             \
    {                                                                                              \
        .kind = LAYER_DENSE, .units = (n), .activation = ACTIVATION_##name                         \
    }
#define NETWORK(feature_count, count, ...)                                                         \
    {                                                                                              \
        .lookback = LOOKBACK, .features = (feature_count), .layer_count = (count), .layers = {     \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct net {
    const char *name;
    size_t samples;
    enum fit_loss loss;
    struct network network;
} nets[] = {
    {"gru", 2048, FIT_MSE, NETWORK(20, 2, GRU(64), DENSE(1, LINEAR))},
    {"gru2", 2048, FIT_MSE, NETWORK(20, 3, GRU(64), GRU(64), DENSE(1, LINEAR))},
    {"lstm3", 1024, FIT_CROSS_ENTROPY,
     NETWORK(5, 4, LSTM(128), LSTM(64), LSTM(32), DENSE(3, SOFTMAX))},
};

// What the file holds, in this order: samples, validation, lookback, features, weights as uint32;
// then weights, rows and targets as float.
struct data {
    uint32_t sizes[5];
    float *weights, *rows, *targets;
    uint32_t *ends;
    size_t row_count, sample_count;
};

static void *take(size_t count, size_t size)
{
    void *memory = aligned_alloc(64, (count * size + 63) / 64 * 64);
    if (memory == NULL)
        exit(EX_OSERR);
    return memory;
}

static struct data data_new(const struct net *net, const struct network *network)
{
    struct data data = {.sizes = {(uint32_t)net->samples, VALIDATION, LOOKBACK,
                                  (uint32_t)network->features, (uint32_t)network->weight_count}};
    data.sample_count = net->samples + VALIDATION;
    data.row_count = data.sample_count + LOOKBACK - 1;
    data.weights = take(network->weight_count, sizeof(float));
    data.rows = take(data.row_count * network->features, sizeof(float));
    data.targets = take(data.sample_count, sizeof(float));
    data.ends = take(data.sample_count, sizeof(uint32_t));
    for (size_t i = 0; i < data.sample_count; i++)
        data.ends[i] = (uint32_t)(i + LOOKBACK - 1);
    return data;
}

// The target follows the mean of the first feature, of which late values count more; as a number,
// or in three classes of about the same size.
static void fill(const struct net *net, struct data *data)
{
    uint64_t state = 2026;
    const size_t features = net->network.features;
    for (size_t i = 0; i < data->row_count * features; i++)
        data->rows[i] = (float)random_normal(&state);
    for (size_t i = 0; i < data->sample_count; i++) {
        double mean = 0;
        for (size_t k = 0; k < LOOKBACK; k++)
            mean += (double)data->rows[(i + k) * features] * (double)(k + 1) / 300;
        const float class_number = mean < -0.2 ? 0.0F : mean < 0.2 ? 1.0F : 2.0F;
        data->targets[i] = net->loss == FIT_MSE ? (float)tanh(mean) : class_number;
    }
}

static bool move(FILE *file, void *values, size_t count, bool write)
{
    return (write ? fwrite(values, 4, count, file) : fread(values, 4, count, file)) == count;
}

static int move_data(const char *path, const struct net *net, struct data *data, bool write)
{
    FILE *file = fopen(path, write ? "wb" : "rb");
    const bool moved = file != NULL && move(file, data->sizes, 5, write) &&
                       move(file, data->weights, data->sizes[4], write) &&
                       move(file, data->rows, data->row_count * net->network.features, write) &&
                       move(file, data->targets, data->sample_count, write);
    if (file == NULL || fclose(file) != 0 || !moved) {
        perror(path);
        return EX_IOERR;
    }
    return 0;
}

struct times {
    clockid_t clock;
    double last, best;
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int note_time(void *user, const struct fit_progress *progress)
{
    struct times *times = user;
    const double now = seconds(times->clock), took = now - times->last;
    times->last = now;
    if (progress->epoch > 1 && took < times->best)
        times->best = took;
    return 0;
}

static int print_loss(void *user, const struct fit_progress *progress)
{
    (void)user;
    (void)printf("\t%.6f", progress->validation_loss);
    return 0;
}

static void start(struct network *network, const struct data *data)
{
    memcpy(network->weights, data->weights, network->weight_count * sizeof(float));
}

static int train(const struct net *net, struct network *network, const struct data *data,
                 struct fit_options *options, struct err *err)
{
    const size_t epochs = options->epochs, features = network->features;
    struct fit_set set = {data->rows, features, data->ends, data->targets, TIMED};
    const struct fit_set validation = {data->rows, features, data->ends + net->samples,
                                       data->targets + net->samples, VALIDATION};
    struct fit_result result;
    struct times times = {.clock =
                              options->threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC,
                          .best = DBL_MAX};
    network->weights = take(network->weight_count, sizeof(float));
    start(network, data);
    options->epochs = epochs * net->samples / TIMED;
    TRY(fit_run(network, options, &set, NULL, NULL, note_time, &times, &result, err));
    (void)printf("%.7f", times.best);
    start(network, data);
    options->epochs = epochs;
    set.count = net->samples;
    TRY(fit_run(network, options, &set, &validation, NULL, print_loss, NULL, &result, err));
    (void)printf("\n");
    return 0;
}

static const struct net *find(const char *name)
{
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        if (strcmp(nets[i].name, name) == 0)
            return &nets[i];
    return NULL;
}

static int run(const struct net *net, char **argv, bool training, struct err *err)
{
    struct network network = net->network;
    struct fit_options options;
    TRY(network_lay_out(&network, err));
    struct data data = data_new(net, &network);
    if (!training) {
        network.weights = data.weights;
        TRY(fit_initialize(&network, 1, err));
        fill(net, &data);
        return move_data(argv[3], net, &data, true);
    }
    TRY(move_data(argv[3], net, &data, false));
    fit_options_default(&options);
    options.loss = net->loss;
    options.threads = strtoul(argv[4], NULL, 10);
    options.epochs = strtoul(argv[5], NULL, 10);
    return train(net, &network, &data, &options, err);
}

int main(int argc, char **argv)
{
    const struct net *net = argc > 3 ? find(argv[2]) : NULL;
    const bool training = argc == 6 && strcmp(argv[1], "train") == 0;
    struct err err = {0};
    if (net == NULL || !(training || strcmp(argv[1], "data") == 0))
        return EX_USAGE;
    const int code = run(net, argv, training, &err);
    if (err.code != 0)
        (void)fprintf(stderr, "%s\n", err.text);
    return code;
}
