// SPDX-License-Identifier: Apache-2.0
// The commands of nn-train. Each reads Native blocks on standard input and answers with rows.
#ifndef TICKHOUSE_NN_COMMAND_H
#define TICKHOUSE_NN_COMMAND_H

#include "base/err.h"

int train_command(int argc, char **argv, struct err *err);
int walk_command(int argc, char **argv, struct err *err);
int retrain_command(int argc, char **argv, struct err *err);

#endif
