// SPDX-License-Identifier: Apache-2.0
#include "forward/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct forward {
    struct network network;
};

int forward_open(const struct network *network, struct forward **forward, struct err *err)
{
    const size_t bytes = network->weight_count * sizeof(float);
    *forward = malloc(sizeof **forward + bytes);
    if (*forward == NULL)
        return err_set(err, EX_OSERR, "no memory for %zu parameters", network->weight_count);
    (*forward)->network = *network;
    (*forward)->network.weights = memcpy(*forward + 1, network->weights, bytes);
    return 0;
}

void forward_close(struct forward *forward)
{
    free(forward);
}

void forward_run(struct forward *forward, const float *x, size_t batch, float *y)
{
    const struct network *network = &forward->network;
    double out[NETWORK_MAX_UNITS];
    for (size_t i = 0; i < batch; i++) {
        const bool failed =
            forward_reference(network, x + i * network->lookback * network->features, 1, out,
                              NULL) != 0;
        for (size_t o = 0; o < network->outputs; o++)
            y[i * network->outputs + o] = failed ? NAN : (float)out[o];
    }
}
