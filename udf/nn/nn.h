// SPDX-License-Identifier: Apache-2.0
// The functions of nn.def, and what they share.
#define UDF_LIST "nn.def"
#include "facts.h"
#include "loaded.h"
#include "prototypes.h"

// Commands of the executable.
int nn_models_command(int argc, char **argv, struct err *err);
int nn_show_command(int argc, char **argv, struct err *err);
int nn_promote_command(int argc, char **argv, struct err *err);
int nn_sequences_command(int argc, char **argv, struct err *err);
