// SPDX-License-Identifier: Apache-2.0
#include "feed.h"
#include "base/random.h"

enum { LATE_MOST = 15, AGAIN_FIRST = 16, AGAIN_MOST = 30 }; // trades later

int feed_open(struct feed *feed, const struct feed_settings *settings, struct err *err)
{
    *feed = (struct feed){.settings = settings, .newest = INT64_MIN, .shown = INT64_MIN};
    TRY(market_open(&feed->market, &settings->market, err));
    feed->has_ahead = market_next(&feed->market, &feed->ahead);
    return 0;
}

void feed_close(struct feed *feed)
{
    market_close(&feed->market);
}

void feed_copy(struct feed *to, const struct feed *from)
{
    struct market market = to->market;
    market_copy(&market, &from->market);
    *to = *from;
    to->market = market;
}

static uint64_t bits_of(const struct feed *feed, uint64_t number, uint64_t purpose)
{
    return random_mix(random_mix(feed->settings->market.seed + purpose) ^ number * RANDOM_STEP);
}

// After how many further trades this one comes; 0: at once.
static uint64_t lateness(const struct feed *feed, uint64_t number)
{
    const uint64_t bits = bits_of(feed, number, 1);
    return random_share(bits) < feed->settings->disorder ? 1 + bits % LATE_MOST : 0;
}

// After how many it comes again; 0: never. Always after it came first.
static uint64_t repetition(const struct feed *feed, uint64_t number)
{
    const uint64_t bits = bits_of(feed, number, 2);
    return random_share(bits) < feed->settings->duplicates
               ? AGAIN_FIRST + bits % (AGAIN_MOST - AGAIN_FIRST + 1)
               : 0;
}

static void put(struct feed *feed, const struct market_tick *tick, bool is_again)
{
    feed->out[feed->out_count++] = (struct feed_tick){*tick, is_again};
    if (tick->milliseconds > feed->shown)
        feed->shown = tick->milliseconds;
}

static void move_ahead(struct feed *feed)
{
    const struct market_tick *tick = &feed->ahead;
    const uint64_t late = lateness(feed, tick->number), again = repetition(feed, tick->number);
    const uint64_t last = tick->number + (late > again ? late : again);
    feed->ring[tick->number % FEED_RING].tick = *tick;
    feed->newest = tick->milliseconds;
    if (last > feed->last_step)
        feed->last_step = last;
    feed->has_ahead = market_next(&feed->market, &feed->ahead);
}

// One trade of the market, or after its end none, and what is due with it.
static bool make_step(struct feed *feed)
{
    if (!feed->has_ahead && feed->step >= feed->last_step)
        return false;
    const uint64_t now = ++feed->step;
    feed->out_count = feed->out_at = 0;
    if (feed->has_ahead)
        move_ahead(feed);
    for (uint64_t i = now > AGAIN_MOST ? now - AGAIN_MOST : 1; i <= now; i++) {
        const struct market_tick *tick = &feed->ring[i % FEED_RING].tick;
        if (tick->number != i)
            continue;
        if (i + lateness(feed, i) == now)
            put(feed, tick, false);
        if (repetition(feed, i) != 0 && i + repetition(feed, i) == now &&
            tick->milliseconds < feed->shown) // else nobody could tell it from another trade
            put(feed, tick, true);
    }
    return true;
}

// Without disorder there is nothing to look back for.
static bool make_plain_step(struct feed *feed)
{
    if (!feed->has_ahead)
        return false;
    feed->step++;
    feed->out[0] = (struct feed_tick){feed->ahead, false};
    feed->out_count = 1;
    feed->out_at = 0;
    feed->newest = feed->ahead.milliseconds;
    feed->has_ahead = market_next(&feed->market, &feed->ahead);
    return true;
}

const struct feed_tick *feed_peek(struct feed *feed)
{
    const bool is_plain = feed->settings->disorder <= 0 && feed->settings->duplicates <= 0;
    while (feed->out_at == feed->out_count)
        if (is_plain ? !make_plain_step(feed) : !make_step(feed))
            return NULL;
    return &feed->out[feed->out_at];
}

void feed_take(struct feed *feed)
{
    feed->out_at++;
}

bool feed_is_boundary(const struct feed *feed)
{
    return feed->out_at == feed->out_count && feed->step >= feed->last_step &&
           (!feed->has_ahead || feed->ahead.milliseconds > feed->newest);
}
