// SPDX-License-Identifier: Apache-2.0
// Who asks an MLflow server, as a header. It comes from the environment only: arguments are seen by
// every process of the machine.
#ifndef TICKHOUSE_NN_CREDENTIALS_H
#define TICKHOUSE_NN_CREDENTIALS_H

#include "base/err.h"

struct credentials {
    char header[4096]; // "Authorization: ..."; "" for nobody
};

int credentials_read(struct credentials *credentials, struct err *err);

#endif
