// SPDX-License-Identifier: Apache-2.0
// A trained model into the models folder, with all that should be known of it, and the record of
// its run beside it.
#ifndef TICKHOUSE_NN_SAVE_H
#define TICKHOUSE_NN_SAVE_H

#include "walk/history.h"
#include "walk/hold.h"
#include "walk/judge.h"
#include "walk/session.h"

struct saving {
    const char *name, *source, *snapshot;
    const struct fit_result *result;
    const struct history *history; // NULL: none
    struct hold *hold;             // room for the model, or NULL
};

// The bytes that a model of this network and its record take at most.
size_t save_size(const struct network *network);

// Fills the model's dates, edges, notes and metrics, adds it as the next version of saving->name,
// and writes VERSION/ beside it. The record is the lesser half: where it cannot be written, a
// sentence on standard error says so. verdict: of the test, or of the validation without one.
int save_model(struct session *session, const struct lesson *lesson, const struct saving *saving,
               struct model *model, struct verdict *verdict, uint32_t *version, struct err *err);

// The model's file under a hidden name, for what was interrupted.
int save_aside(struct session *session, const struct lesson *lesson, const struct saving *saving,
               struct model *model, char *path, size_t room, struct err *err);

#endif
