// SPDX-License-Identifier: Apache-2.0
#ifndef TICKHOUSE_GDELT_TEXT_SENTIMENT_H
#define TICKHOUSE_GDELT_TEXT_SENTIMENT_H

#include "base/err.h"

// Finds the folder of lexicons: $TICKHOUSE_LEXICONS, else lexicons/ beside the executable.
int text_sentiment_setup(struct err *err);

#endif
