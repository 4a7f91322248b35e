// SPDX-License-Identifier: Apache-2.0
// A message as a line of text: {"topic","key","value"}, the latter two as strings or null.
#ifndef TICKHOUSE_INGEST_PGCDC_LINE_H
#define TICKHOUSE_INGEST_PGCDC_LINE_H

#include "capture/capture.h"

#include <stdio.h>

int line_print(FILE *out, const struct capture_message *message, struct err *err);

#endif
