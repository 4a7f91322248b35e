// SPDX-License-Identifier: Apache-2.0
// Two lanes of multiply-and-fold, each 64 x 64 -> 128 bits with the halves xored, over 8-byte
// words.
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

// Odd constants without structure: fractional bits of the golden ratio, sqrt 2, sqrt 3, sqrt 5.
#define HASH_PHI 0x9e3779b97f4a7c15ULL
#define HASH_SQRT2 0x6a09e667f3bcc909ULL
#define HASH_SQRT3 0xbb67ae8584caa73bULL
#define HASH_SQRT5 0x3c6ef372fe94f82bULL

static uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void add_word(struct hash *hash, uint64_t word)
{
    hash->low = fold(hash->low ^ word, HASH_PHI) + word;
    hash->high = fold(hash->high + word, HASH_SQRT3) ^ hash->low;
}

void hash_init(struct hash *hash)
{
    *hash = (struct hash){HASH_SQRT2, HASH_SQRT5};
}

void hash_add(struct hash *hash, const void *data, size_t size)
{
    const char *at = data;
    uint64_t word;
    add_word(hash, size ^ HASH_SQRT5);
    for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
        memcpy(&word, at, sizeof word);
        add_word(hash, word);
    }
    if (size == 0)
        return;
    word = 0;
    memcpy(&word, at, size);
    add_word(hash, word);
}

void hash_text(const struct hash *hash, char out[static 33])
{
    (void)snprintf(out, 33, "%016llx%016llx", (unsigned long long)fold(hash->low, HASH_SQRT2),
                   (unsigned long long)fold(hash->high, HASH_PHI));
}
