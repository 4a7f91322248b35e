// SPDX-License-Identifier: Apache-2.0
// What train, walk, retrain and tune begin with: a recipe, the rows on standard input, and the
// samples that they make.
#ifndef TICKHOUSE_NN_SESSION_H
#define TICKHOUSE_NN_SESSION_H

#include "files.h"
#include "model/folder.h"
#include "walk/samples.h"
#include "walk/table.h"

struct session {
    struct recipe recipe;
    struct udf_folder models;       // the models folder; "" where there is none
    struct arena input, data, work; // while rows are read; rows and samples; all else
    struct rows rows;
    struct samples samples;
    struct table table;
};

// Finds the models folder, isolates the process, and opens the output. A session that was opened,
// also in vain, has to be closed.
int session_open(struct session *session, const char *output, const struct table_column *columns,
                 size_t count, struct err *err);

// The recipe of the settings; see settings_resolve.
int session_resolve(struct session *session, const struct settings *settings,
                    const struct settings *like, struct err *err);

// Opens the model that a reference names, and the settings that it was trained with. *found is
// false where there is no such model; everything else that goes wrong is an error. What `model` and
// `settings` point to is in session->data and the bytes.
struct session_model {
    struct model_location location;
    struct model_reference reference;
    struct model_bytes bytes;
    struct model model;
    struct settings settings;
};
int session_model(struct session *session, const char *reference, bool *found,
                  struct session_model *model, struct err *err);

// Reads the rows, checks them for leaks, makes the samples and lays the network out. `also`: more
// columns to read, for another model; or NULL.
int session_read(struct session *session, const char *also, struct err *err);

void session_close(struct session *session);

#endif
