// SPDX-License-Identifier: Apache-2.0
// The market's clock and the places where a connection may begin. The clock runs while somebody
// listens; who comes back begins where the feed was `replay_seconds` of that clock ago, at the
// start of a millisecond.
#ifndef TICKHOUSE_INGEST_MOCK_STREAM_H
#define TICKHOUSE_INGEST_MOCK_STREAM_H

#include "feed.h"

enum { STREAM_PLACES = 16 };

struct stream {
    const struct feed_settings *settings;
    double speed, replay_seconds;
    double ran, since; // seconds until `since`, and clock_seconds() from which it runs
    size_t listeners;
    struct stream_place {
        struct feed feed;
        double at; // of the clock
    } places[STREAM_PLACES], head;
    size_t place_count;
};

int stream_open(struct stream *stream, const struct feed_settings *settings, double speed,
                double replay_seconds, struct err *err);
void stream_close(struct stream *stream);

// `feed` is an opened feed of the same settings.
void stream_join(struct stream *stream, struct feed *feed);
void stream_leave(struct stream *stream, const struct feed *feed);

// Remembers where the feed is, if it is time to and the place is one to begin at.
void stream_mark(struct stream *stream, const struct feed *feed);

// Seconds until the trade is due; 0 or less when it is.
double stream_wait(const struct stream *stream, const struct market_tick *tick);

#endif
