// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it.
#include "gdelt.h"
#include "link/aliases.h"
#include "link/commands.h"
#include "list.h"
#include "text_sentiment.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"link", gdelt_link_command},
    {"aliases", gdelt_aliases_command},
    {"make-aliases", gdelt_make_aliases_command},
};

// The folders that the functions read, before the environment is dropped.
static int setup(struct err *err)
{
    TRY(text_sentiment_setup(err));
    return aliases_setup(err);
}

static int run_command(int argc, char **argv, struct err *err)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc, argv, err);
    return -1;
}

static void complete(FILE *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        (void)fprintf(out, "%s\n", commands[i].name);
}

const struct udf_family udf_family = {
    .name = "gdelt",
    .summary = "fields, companies and sentiment of GDELT's news",
    .functions = udf_list_functions,
    .setup = setup,
    .command = run_command,
    .usage = "       gdelt link             which companies rows of text name (link --help)\n"
             "       gdelt aliases          print the aliases that the linker knows\n"
             "       gdelt make-aliases     make listed.tsv out of lists of listed companies\n",
    .complete = complete,
};
