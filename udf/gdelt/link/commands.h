// SPDX-License-Identifier: Apache-2.0
// The linker's commands: `gdelt link`, `gdelt aliases`, `gdelt make-aliases`.
#ifndef TICKHOUSE_UDF_GDELT_LINK_COMMANDS_H
#define TICKHOUSE_UDF_GDELT_LINK_COMMANDS_H

#include "base/err.h"

int gdelt_link_command(int argc, char **argv, struct err *err);
int gdelt_aliases_command(int argc, char **argv, struct err *err);
int gdelt_make_aliases_command(int argc, char **argv, struct err *err);

#endif
