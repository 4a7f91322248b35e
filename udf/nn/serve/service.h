// SPDX-License-Identifier: Apache-2.0
// What is answered to a request, whoever brings it: paths, models, canaries, errors.
//   GET  /v2, /v2/health/live, /v2/health/ready
//   GET  /v2/models/M, /v2/models/M/ready, POST /v2/models/M/infer; M/versions/V for M@V
//   GET  /v1/models, /v1/models/M, POST /v1/models/M:predict
// M is what SQL takes: NAME, NAME@ALIAS or NAME@VERSION. While NAME has an alias `canary` with a
// share, requests for NAME with a key of that share are answered by it.
#ifndef TICKHOUSE_NN_SERVICE_H
#define TICKHOUSE_NN_SERVICE_H

#include "serve/served.h"

enum { SERVICE_REPLY_BYTES = 256 << 20 };

struct service_request {
    const char *method, *path;
    const char *key; // of the header; NULL for none. The body's goes before it
    const char *body;
    size_t size;
};

struct service_reply {
    unsigned status;
    const char *allow;                // methods, with 405
    char model[FOLDER_MAX_NAME + 16]; // NAME@VERSION that answered; ""
    struct buffer body;               // the caller has initialised it
};

void service_answer(struct served_models *models, const struct service_request *request,
                    struct service_reply *reply);

// Makes the reply an error: {"error": "..."}.
void service_refuse(struct service_reply *reply, unsigned status, const char *sentence);

#endif
