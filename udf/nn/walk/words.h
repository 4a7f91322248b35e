// SPDX-License-Identifier: Apache-2.0
// Options that come by a query. ClickHouse puts no parameters into the command of executable(), but
// a second query's answer arrives on descriptor 3: `--options-fd 3` reads the options there, so
// that a parameterized view can take them.
#ifndef TICKHOUSE_NN_WORDS_H
#define TICKHOUSE_NN_WORDS_H

#include "base/arena.h"

// Where argv has --options-fd N, replaces both words by those of the one String that a Native block
// on descriptor N holds, parted at spaces that no quotes ("..." or '...') keep; else leaves it.
// Options that name files are refused there. New words are in the arena.
int words_of_query(int *argc, char ***argv, struct arena *arena, struct err *err);

#endif
