// SPDX-License-Identifier: Apache-2.0
// A training for scripts that disturb it: fit_tool CHECKPOINT OUTPUT [EPOCHS]. Trains a small GRU
// on numbers made from a seed, says each epoch on standard output, and writes the weights to
// OUTPUT. SIGTERM ends it after the epoch, with exit code 3.
#include "values.h"

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t asked_to_stop;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    asked_to_stop = 1;
}

static int say(void *user, const struct fit_progress *progress)
{
    (void)user;
    (void)printf("%zu\t%.9g\n", progress->epoch, progress->train_loss);
    (void)fflush(stdout);
    return asked_to_stop;
}

static int write_weights(const char *path, const struct network *network)
{
    FILE *file = fopen(path, "wb");
    const size_t size = sizeof *network->weights;
    if (file == NULL || fwrite(network->weights, size, network->weight_count, file) == 0)
        return EX_IOERR;
    return fclose(file) == 0 ? 0 : EX_IOERR;
}

static int train(struct network *network, const char *checkpoint, size_t epochs,
                 struct fit_result *result, struct err *err)
{
    struct problem p = problem_new(fit_core_at(0), network, 2000, 0, 5);
    struct fit_options options;
    fit_options_default(&options);
    options.epochs = epochs;
    options.threads = 2;
    TRY(fit_initialize(network, 9, err));
    TRY(fit_run(network, &options, &p.set, NULL, checkpoint, say, NULL, result, err));
    problem_free(&p);
    return 0;
}

int main(int argc, char **argv)
{
    struct network network = {.lookback = 20,
                              .features = 4,
                              .layer_count = 3,
                              .layers = {{.kind = LAYER_GRU, .units = 24, .reset_after = true},
                                         {.kind = LAYER_DROPOUT, .dropout = 0.2},
                                         {.kind = LAYER_DENSE, .units = 1}}};
    struct err err = {0};
    struct fit_result result;
    if (argc < 3)
        return EX_USAGE;
    (void)signal(SIGTERM, ask_to_stop);
    int code = network_lay_out(&network, &err);
    network.weights = values_new(network.weight_count);
    if (code == 0)
        code = train(&network, argv[1], argc > 3 ? strtoul(argv[3], NULL, 10) : 40, &result, &err);
    if (code == 0)
        code = write_weights(argv[2], &network);
    free(network.weights);
    if (code != 0)
        (void)fprintf(stderr, "%s\n", err.text);
    return code != 0 ? code : result.stopped ? 3 : 0;
}
