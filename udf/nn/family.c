// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it.
#include "nn.h"

#include "list.h" // after UDF_LIST is named

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"models", nn_models_command},
    {"show", nn_show_command},
    {"promote", nn_promote_command},
    {"sequences", nn_sequences_command},
};

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

static void document(FILE *out)
{
    (void)fprintf(
        out,
        "`model` is a model of the models folder: `nvda@production`, `nvda@3`, or `nvda`, "
        "which means `nvda@production`, and the newest version while nothing is in production. "
        "A model that is promoted answers from the next block on, without a restart. "
        "[models.md](models.md) tells how one is trained, imported and promoted.\n\n"
        "A model's sequences are made of ordered rows by the table function `nn sequences`: a row "
        "for each that ends a look-back window, with `seq` of all columns that are not ticker, "
        "date and target. No window crosses tickers, a gap of more than `--max-gap` days or a "
        "feature that is not finite; the target is NaN where it is not known yet, or lies "
        "`--horizon` rows ahead across a gap. The newest window of a ticker is what is predicted "
        "from. Training cuts its windows by the same rule.\n\n"
        "```sql\n"
        "SELECT ticker, date, nn_predict_scalar('nvda', seq) AS predicted, target\n"
        "FROM executable('nn sequences --lookback 20 --horizon 1 --max-gap 10', Native,\n"
        "    'ticker String, date Date, seq Array(Array(Float32)), target Float64',\n"
        "    (SELECT ticker, date, return_t, volatility_7, target_next_return AS target\n"
        "     FROM warehouse.gold_stock_analytics ORDER BY ticker, date));\n"
        "```\n\n");
}

const struct udf_family udf_family = {
    .name = "nn",
    .summary =
        "recurrent networks: predictions of GRU and LSTM models, and what they are judged by",
    .functions = udf_list_functions,
    .setup = loaded_setup,
    .document = document,
    .command = run_command,
    .usage = "       nn models           what is in the models folder\n"
             "       nn show MODEL       what is known of a model\n"
             "       nn promote MODEL    point an alias at a version\n"
             "       nn sequences        rows in, look-back windows out: for executable()\n",
    .complete = complete,
};
