// SPDX-License-Identifier: Apache-2.0
#include "spread.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { MICROSECONDS = 1000, ENTRIES_OF_TRADE = 2, SLOTS_OF_ENTRY = 2 };

// One for each millisecond of a symbol, whose `stored` is its next microsecond, and one for each
// price and volume in it: how many were stored, and how many the message has shown so far.
struct spread_slot {
    struct hash key; // 0: empty
    uint32_t message;
    uint16_t shown, stored;
};

int spread_init(struct spread *spread, size_t trades, struct err *err)
{
    size_t capacity = 1;
    while (capacity < trades * ENTRIES_OF_TRADE * SLOTS_OF_ENTRY)
        capacity *= 2;
    *spread = (struct spread){.capacity = capacity,
                              .newest = INT64_MIN,
                              .recent = calloc(capacity, sizeof *spread->recent),
                              .older = calloc(capacity, sizeof *spread->older)};
    if (spread->recent != NULL && spread->older != NULL)
        return 0;
    spread_free(spread);
    return err_set(err, EX_OSERR, "out of memory for the trades that were seen");
}

void spread_free(struct spread *spread)
{
    free(spread->recent);
    free(spread->older);
    *spread = (struct spread){0};
}

void spread_connection(struct spread *spread)
{
    spread->newest = INT64_MIN;
}

void spread_message(struct spread *spread)
{
    spread->message++;
}

static bool is_equal(const struct hash *a, const struct hash *b)
{
    return a->low == b->low && a->high == b->high;
}

// The key's slot, or the empty one where it belongs.
static struct spread_slot *find(struct spread_slot *slots, size_t capacity, const struct hash *key)
{
    size_t at = key->low & (capacity - 1);
    while ((slots[at].key.low | slots[at].key.high) != 0 && !is_equal(&slots[at].key, key))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static void forget_older(struct spread *spread)
{
    struct spread_slot *slots = spread->older;
    memset(slots, 0, spread->capacity * sizeof *slots);
    spread->older = spread->recent;
    spread->recent = slots;
    spread->used = 0;
}

// What is still asked for moves to the recent generation.
static struct spread_slot *remember(struct spread *spread, struct hash *key)
{
    key->high |= 1; // so that no key is the empty one
    struct spread_slot *slot = find(spread->recent, spread->capacity, key);
    if (is_equal(&slot->key, key))
        return slot;
    const struct spread_slot *old = find(spread->older, spread->capacity, key);
    *slot = *old; // empty, or what is known of it
    slot->key = *key;
    spread->used++;
    return slot;
}

// Equal trades are counted anew in each message, unless the millisecond goes on since the last.
static void begin_count(struct spread *spread, struct spread_slot *equals, int64_t milliseconds)
{
    if (equals->message != spread->message && milliseconds != spread->newest)
        equals->shown = 0;
    equals->message = spread->message;
    if (milliseconds > spread->newest)
        spread->newest = milliseconds;
}

enum spread_result spread_place(struct spread *spread, const struct trade *trade, int64_t *ts)
{
    struct hash key;
    if (spread->used + ENTRIES_OF_TRADE > spread->capacity / SLOTS_OF_ENTRY)
        forget_older(spread);
    hash_init(&key);
    hash_add(&key, trade->symbol.data, trade->symbol.size);
    hash_add(&key, &trade->milliseconds, sizeof trade->milliseconds);
    struct hash millisecond_key = key;
    hash_add(&key, trade->price.data, trade->price.size);
    hash_add(&key, trade->volume.data, trade->volume.size);
    struct spread_slot *millisecond = remember(spread, &millisecond_key);
    struct spread_slot *equals = remember(spread, &key);
    begin_count(spread, equals, trade->milliseconds);
    if (equals->shown < equals->stored) {
        equals->shown++;
        return SPREAD_DUPLICATE;
    }
    if (millisecond->stored == MICROSECONDS)
        return SPREAD_CROWDED;
    equals->shown++;
    equals->stored++;
    *ts = trade->milliseconds * MICROSECONDS + millisecond->stored++;
    return SPREAD_NEW;
}
