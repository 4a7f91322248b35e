// SPDX-License-Identifier: Apache-2.0
// A message as a line of text: {"topic","key","value"}, the latter two as strings or null.
#ifndef TICKHOUSE_INGEST_PGCDC_LINE_H
#define TICKHOUSE_INGEST_PGCDC_LINE_H

#include "base/buffer.h"
#include "capture/capture.h"

#include <stdio.h>

// `line` is where it is put together.
int line_print(FILE *out, struct buffer *line, const struct capture_message *message,
               struct err *err);

#endif
