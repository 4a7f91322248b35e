// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it.
#include "gdelt.h"
#include "list.h"

const struct udf_family udf_family = {
    .name = "gdelt",
    .summary = "fields, companies and sentiment of GDELT's news",
    .functions = udf_list_functions,
};
