// SPDX-License-Identifier: Apache-2.0
// Which of two models answers for a key, while a canary has a share of them.
#ifndef TICKHOUSE_NN_ROUTE_H
#define TICKHOUSE_NN_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

// Does `key` belong to the canary of the model `name`, which has `share` of all keys? The same key
// is always answered the same, in SQL, over HTTP and after a restart; a larger share keeps the keys
// of a smaller one; and two models' canaries do not get the same keys. 0 is nobody, 1 everybody.
bool route_is_canary(const char *name, const char *key, size_t key_size, double share);

#endif
