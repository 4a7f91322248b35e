// SPDX-License-Identifier: Apache-2.0
// The functions of gdelt.def, one a file.
#define UDF_LIST "gdelt.def"
#include "prototypes.h"
