// SPDX-License-Identifier: Apache-2.0
// What is to be pushed: a version of a model, and where to. An order is a small file in the models
// folder from before its first request until it is carried out, so that no failure of a registry,
// the network or this machine loses it: MODELS/.push/NAME@VERSION.KEY.json, replaced by rename.
#ifndef TICKHOUSE_NN_ORDER_H
#define TICKHOUSE_NN_ORDER_H

#include "base/arena.h"
#include "model/folder.h"

enum { ORDER_URL_BYTES = 1024, ORDER_EXPERIMENT_BYTES = 256, ORDER_RUN_BYTES = 64 };

struct order {
    char name[FOLDER_MAX_NAME + 1];
    uint32_t version;
    char alias[FOLDER_MAX_NAME + 1];         // to point there; "" none
    char url[ORDER_URL_BYTES];               // of the registry
    char experiment[ORDER_EXPERIMENT_BYTES]; // of MLflow
    char run[ORDER_RUN_BYTES];               // of MLflow, once there is one; ""
    int64_t since;                           // microseconds since 1970-01-01 UTC
    uint32_t tries;
    char error[LIMIT_ERROR_TEXT]; // of the last try
};

int order_save(const char *models, const struct order *order, struct err *err);
void order_remove(const char *models, const struct order *order);

// All that wait, oldest first, in the arena. A file that is no order is passed over with a line on
// stderr.
int order_list(const char *models, struct arena *arena, struct order **orders, size_t *count,
               struct err *err);

// Fills `order` with what an earlier try to carry out the same left behind; else leaves it.
int order_recall(const char *models, struct order *order, struct err *err);

// One process at a time pushes from a models folder; EX_TEMPFAIL when another one does. The lock
// ends with the process.
int order_lock(const char *models, struct err *err);

#endif
