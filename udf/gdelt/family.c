// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it.
#include "gdelt.h"
#include "list.h"
#include "text_sentiment.h"

const struct udf_family udf_family = {
    .name = "gdelt",
    .summary = "fields, companies and sentiment of GDELT's news",
    .functions = udf_list_functions,
    .setup = text_sentiment_setup,
};
