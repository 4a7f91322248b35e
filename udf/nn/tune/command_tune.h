// SPDX-License-Identifier: Apache-2.0
// `nn-train tune`: searches for the settings of a training.
#ifndef TICKHOUSE_NN_COMMAND_TUNE_H
#define TICKHOUSE_NN_COMMAND_TUNE_H

#include "base/err.h"

int tune_command(int argc, char **argv, struct err *err);

#endif
