// SPDX-License-Identifier: Apache-2.0
// A 128-bit hash of content, to tell batches apart. Fast and well spread, but not cryptographic:
// who can choose the content can make two that collide.
#ifndef TICKHOUSE_BASE_HASH_H
#define TICKHOUSE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
    uint64_t low, high;
};

void hash_init(struct hash *hash);

// Each piece counts with its length: "ab" then "c" differs from "a" then "bc".
void hash_add(struct hash *hash, const void *data, size_t size);

// Writes 32 hexadecimal digits and a NUL.
void hash_text(const struct hash *hash, char out[static 33]);

#endif
