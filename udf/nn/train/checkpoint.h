// SPDX-License-Identifier: Apache-2.0
// The file that a killed training goes on from: where it stands, weights, the best weights, what
// the optimiser remembers, and a hash of all of it. It belongs to one training, told by a hash of
// what decides its result.
#ifndef TICKHOUSE_NN_TRAIN_CHECKPOINT_H
#define TICKHOUSE_NN_TRAIN_CHECKPOINT_H

#include "base/hash.h"
#include "train/train.h"

// Of everything that decides the result: options, network, start weights, data.
struct hash checkpoint_identity(const struct trainer *trainer, const struct fit_set *train,
                                const struct fit_set *validation);

// Writes beside and renames. What fails is said in err, and the file that was there stays.
int checkpoint_write(const char *path, const struct trainer *trainer, const struct hash *identity,
                     struct err *err);

// Fills the trainer when there is a file; *found says whether there was. One of another training,
// or a damaged one, is EX_DATAERR.
int checkpoint_read(const char *path, struct trainer *trainer, const struct hash *identity,
                    bool *found, struct err *err);

#endif
