// SPDX-License-Identifier: Apache-2.0
#include "stream.h"
#include "base/time.h"

static double stream_clock(const struct stream *stream)
{
    return stream->ran + (stream->listeners != 0 ? clock_seconds() - stream->since : 0);
}

int stream_open(struct stream *stream, const struct feed_settings *settings, double speed,
                double replay_seconds, struct err *err)
{
    *stream = (struct stream){
        .settings = settings, .speed = speed, .replay_seconds = replay_seconds, .place_count = 1};
    TRY(feed_open(&stream->head.feed, settings, err));
    for (size_t i = 0; i < STREAM_PLACES; i++)
        TRY(feed_open(&stream->places[i].feed, settings, err));
    return 0;
}

void stream_close(struct stream *stream)
{
    feed_close(&stream->head.feed);
    for (size_t i = 0; i < STREAM_PLACES; i++)
        feed_close(&stream->places[i].feed);
}

// The newest place that is old enough; the start, which is the first, always is.
static size_t place_of(const struct stream *stream, double at)
{
    size_t place = stream->place_count - 1;
    while (place != 0 && stream->places[place].at > at)
        place--;
    return place;
}

void stream_join(struct stream *stream, struct feed *feed)
{
    const double now = stream_clock(stream);
    const size_t place = place_of(stream, now - stream->replay_seconds);
    feed_copy(feed, stream->replay_seconds > 0 ? &stream->places[place].feed : &stream->head.feed);
    if (stream->listeners++ == 0)
        stream->since = clock_seconds();
}

void stream_leave(struct stream *stream, const struct feed *feed)
{
    if (feed->step > stream->head.feed.step)
        feed_copy(&stream->head.feed, feed);
    stream->ran = stream_clock(stream);
    stream->since = clock_seconds();
    stream->listeners--;
}

static void move_place(struct stream_place *to, const struct stream_place *from)
{
    feed_copy(&to->feed, &from->feed);
    to->at = from->at;
}

void stream_mark(struct stream *stream, const struct feed *feed)
{
    const double now = stream_clock(stream);
    struct stream_place *last = &stream->places[stream->place_count - 1];
    if (stream->replay_seconds <= 0 ||
        now < last->at + stream->replay_seconds / (STREAM_PLACES / 2) ||
        feed->step <= last->feed.step || !feed_is_boundary(feed))
        return;
    const size_t needless = place_of(stream, now - stream->replay_seconds);
    for (size_t i = needless; needless != 0 && i < stream->place_count; i++)
        move_place(&stream->places[i - needless], &stream->places[i]);
    stream->place_count -= needless;
    if (stream->place_count == STREAM_PLACES)
        return;
    feed_copy(&stream->places[stream->place_count].feed, feed);
    stream->places[stream->place_count++].at = now;
}

double stream_wait(const struct stream *stream, const struct market_tick *tick)
{
    if (stream->speed <= 0)
        return 0;
    return (double)tick->due * 1e-6 / stream->speed - stream_clock(stream);
}
