// SPDX-License-Identifier: Apache-2.0
#include "model/route.h"
#include "base/hash.h"
#include "base/random.h"

#include <string.h>

bool route_is_canary(const char *name, const char *key, size_t key_size, double share)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, name, strlen(name));
    hash_add(&hash, key, key_size);
    return random_share(random_mix(hash.high)) < share;
}
