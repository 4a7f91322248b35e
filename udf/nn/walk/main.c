// SPDX-License-Identifier: Apache-2.0
// nn-train: the commands that learn. ClickHouse starts it for executable(), the driver for
// `./tickhouse nn train` and its relatives.
#include "base/version.h"
#include "forward/forward.h"
#include "native/native.h"
#include "tune/command_tune.h"
#include "udf.h"
#include "walk/command.h"
#include "walk/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"train", "train a network on rows, and keep it as a model", train_command},
    {"walk", "train and test forward in time, beside baselines", walk_command},
    {"tune", "search for the settings that train best", tune_command},
    {"retrain", "train anew, and promote the model where it is better", retrain_command},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void)
{
    (void)printf("nn-train: networks that learn from rows\n\nusage:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  nn-train %-8s %s\n", commands[i].name, commands[i].summary);
    (void)printf("  nn-train --help | --version\n\n'nn-train COMMAND --help' has its options.\n");
    return 0;
}

static int run(size_t command, int argc, char **argv, struct err *err)
{
    TRY(forward_set_up(err)); // what TICKHOUSE_CPU asks for, before any work is done
    return commands[command].run(argc, argv, err);
}

static int dispatch(int argc, char **argv, struct err *err)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    if (strcmp(word, "--help") == 0)
        return print_help();
    if (strcmp(word, "--version") == 0)
        return printf("nn-train %s\n", TICKHOUSE_VERSION) > 0 ? 0 : EX_IOERR;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(word, "--complete") == 0)
            (void)printf("%s\n", commands[i].name);
        else if (strcmp(word, commands[i].name) == 0)
            return run(i, argc - 1, argv + 1, err);
    }
    return strcmp(word, "--complete") == 0
               ? 0
               : err_set(err, EX_USAGE, "unknown command '%s'; 'nn-train --help' lists them", word);
}

static bool answers_text(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--output=tsv") == 0 ||
            (strcmp(argv[i], "--output") == 0 && i + 1 < argc && strcmp(argv[i + 1], "tsv") == 0))
            return true;
    return isatty(STDOUT_FILENO) == 1;
}

// ClickHouse ignores exit codes unless it is told otherwise, so a failure must also be seen on the
// output.
static void say_error(const struct err *err)
{
    struct native_sink sink;
    struct err ignored = {0};
    if (native_sink_fd(&sink, STDOUT_FILENO, &ignored) != 0)
        return;
    (void)native_write_error(&sink, err);
    native_sink_close(&sink);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct arena words = {0};
    int code = arena_open(&words, 1 << 20, &err);
    if (code == 0)
        code = words_of_query(&argc, &argv, &words, &err);
    const bool text = answers_text(argc, argv); // the commands rearrange their words
    if (code == 0)
        code = dispatch(argc, argv, &err);
    if (fflush(stdout) != 0 && code == 0)
        code = err_set(&err, EX_IOERR, "cannot write the output: %s", strerror(errno));
    if (code != 0 && err.text[0] != '\0') {
        (void)fprintf(stderr, "nn-train: %s\n", err.text);
        if (!text) {
            say_error(&err);
            udf_drain();
        }
    }
    arena_close(&words);
    return code;
}
