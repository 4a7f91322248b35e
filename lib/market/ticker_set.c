// SPDX-License-Identifier: Apache-2.0
#include "market/ticker_set.h"
#include "base/hash.h"

#include <string.h>

enum { TICKER_SET_FIRST = 1024 };

static int slots_new(struct ticker_set *set, size_t capacity, struct err *err)
{
    struct ticker_slot *slots = arena_alloc(set->arena, capacity, sizeof *slots, err);
    if (slots == NULL)
        return err_code(err, EX_OSERR);
    memset(slots, 0, capacity * sizeof *slots);
    set->slots = slots;
    set->capacity = capacity;
    return 0;
}

int ticker_set_init(struct ticker_set *set, struct arena *arena, struct err *err)
{
    *set = (struct ticker_set){.arena = arena};
    return slots_new(set, TICKER_SET_FIRST, err);
}

// The slot that holds the ticker, or the free one where it belongs.
static struct ticker_slot *slot_of(const struct ticker_set *set, const struct ticker *ticker)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, ticker->text, ticker->size);
    for (size_t at = hash.low;; at++) {
        struct ticker_slot *slot = &set->slots[at & (set->capacity - 1)];
        if (slot->entry == NULL ||
            (slot->entry->ticker.size == ticker->size &&
             memcmp(slot->entry->ticker.text, ticker->text, ticker->size) == 0))
            return slot;
    }
}

struct ticker_entry *ticker_set_find(const struct ticker_set *set, const struct ticker *ticker)
{
    return slot_of(set, ticker)->entry;
}

static int grow(struct ticker_set *set, struct err *err)
{
    const struct ticker_slot *old = set->slots;
    const size_t old_capacity = set->capacity;
    TRY(slots_new(set, old_capacity * 2, err));
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].entry != NULL)
            *slot_of(set, &old[i].entry->ticker) = old[i];
    return 0;
}

struct ticker_entry *ticker_set_add(struct ticker_set *set, const struct ticker *ticker,
                                    struct err *err)
{
    struct ticker_slot *slot = slot_of(set, ticker);
    if (slot->entry != NULL)
        return slot->entry;
    if (set->count * 2 >= set->capacity) {
        if (grow(set, err) != 0)
            return NULL;
        slot = slot_of(set, ticker);
    }
    struct ticker_entry *entry = arena_alloc(set->arena, 1, sizeof *entry, err);
    if (entry == NULL)
        return NULL;
    *entry = (struct ticker_entry){.ticker = *ticker};
    set->count++;
    return slot->entry = entry;
}
