// SPDX-License-Identifier: Apache-2.0
#include "model/route.h"
#include "base/hash.h"

#include <string.h>

// The end of splitmix64 (Steele, Lea, Flood 2014): keys that are alike share no bits afterwards.
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return x ^ x >> 31;
}

bool route_is_canary(const char *name, const char *key, size_t key_size, double share)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, name, strlen(name));
    hash_add(&hash, key, key_size);
    return (double)(mix(hash.high) >> 11) * 0x1p-53 < share;
}
