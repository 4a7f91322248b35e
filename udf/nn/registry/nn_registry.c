// SPDX-License-Identifier: Apache-2.0
// nn-registry: brings versions of models to a registry and back. The only main(): it finds the
// command, and turns errors into a sentence on stderr and an exit code.
#include "base/version.h"
#include "registry/commands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"push", "upload a version of a model, with what its training left", command_push},
    {"pull", "bring a version into the models folder", command_pull},
    {"runs", "list the versions of a registry, or what waits to be pushed", command_runs},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    (void)fprintf(out, "nn-registry: bring versions of models to a registry and back\n\n"
                       "usage: nn-registry COMMAND [options]\n\ncommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    (void)fprintf(out, "\n'nn-registry COMMAND --help' tells more; --version prints the version\n");
}

static void print_completion(void)
{
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("%s\n", commands[i].name);
    (void)printf("--help\n--version\n");
}

static int run(int argc, char **argv, struct err *err)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1, err);
    if (strcmp(argv[1], "--help") == 0)
        print_help(stdout);
    else if (strcmp(argv[1], "--version") == 0)
        (void)printf("nn-registry %s\n", TICKHOUSE_VERSION);
    else if (strcmp(argv[1], "--complete") == 0)
        print_completion();
    else
        return err_set(err, EX_USAGE, "unknown command '%s'; 'nn-registry --help' lists them",
                       argv[1]);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return EX_USAGE;
    }
    int code = run(argc, argv, &err);
    if (err.code != 0)
        (void)fprintf(stderr, "nn: %s\n", err.text);
    if (fflush(stdout) != 0 && code == 0)
        code = EX_IOERR;
    return code;
}
