// SPDX-License-Identifier: Apache-2.0
// TCP ports on the loopback address: is one free, and if not, whose is it.
#ifndef TICKHOUSE_HUB_PORTS_H
#define TICKHOUSE_HUB_PORTS_H

#include "base/err.h"
#include <stdint.h>

// Fails when something listens on *port; the sentence names `option`, with which another port is
// chosen. A *port of 0 is replaced by a free one.
int port_claim(int64_t *port, const char *option, struct err *err);

#endif
