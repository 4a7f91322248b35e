// SPDX-License-Identifier: Apache-2.0
// What tune can search over, and what a trial's values are as settings of a training.
#ifndef TICKHOUSE_NN_RANGES_H
#define TICKHOUSE_NN_RANGES_H

#include "tune/space.h"
#include "walk/settings.h"

// The ranges that hold unless others are given. What the settings name is fixed to it.
int ranges_default(const struct settings *settings, const struct recipe *recipe,
                   struct space *space, struct err *err);

// Refuses a dimension that no setting has, and values that none takes.
int ranges_check(const struct space *space, struct err *err);

// The settings with a trial's values in the place of what is searched.
struct trial_settings {
    struct settings settings;
    char layers[512], optimizer[SPACE_MAX_TEXT]; // what `settings` points to
};
int trial_settings_make(const struct space *space, const double *values,
                        const struct settings *settings, enum model_task task,
                        struct trial_settings *made, struct err *err);

// "hidden=64 dropout=0.21 ...", of what has more than one value, or of everything where nothing
// has.
void ranges_describe(const struct space *space, const double *values, char *text, size_t room);

// The help's lines.
extern const char ranges_notes[];

#endif
