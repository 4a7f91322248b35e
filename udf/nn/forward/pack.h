// SPDX-License-Identifier: Apache-2.0
// A layer's weights as the panels of kernels.h.
#ifndef TICKHOUSE_NN_PACK_H
#define TICKHOUSE_NN_PACK_H

#include "kernels.h"

// What the panels will be; `data` is left alone.
struct panels pack_plan(const struct kernels *kernels, enum panel_kind kind,
                        const struct network_layer *layer);

// Fills `data`, panels->count x panels->size floats, and points the panels at it. `weights`: those
// of the network, moved on by direction_stride for the second direction.
void pack_panels(const struct kernels *kernels, const struct network_layer *layer,
                 const float *weights, struct panels *panels, float *data);

#endif
