// SPDX-License-Identifier: Apache-2.0
// Doubles and floats as the text that Java 17 gives them. Connect runs on it, so this is what
// stands in Debezium's messages: not always the shortest text (2.0E-3 style), and for floats from
// 2^49 on not even the nearest number, so that other printers differ.
#ifndef TICKHOUSE_CAPTURE_JAVA_NUMBER_H
#define TICKHOUSE_CAPTURE_JAVA_NUMBER_H

#include "capture/text.h"

enum { JAVA_NUMBER_BYTES = 32 };

// At most JAVA_NUMBER_BYTES; the caller has made room. NaN and infinities are in quotes, as Jackson
// writes them.
void java_double(struct buffer *out, double value);
void java_float(struct buffer *out, float value);

#endif
