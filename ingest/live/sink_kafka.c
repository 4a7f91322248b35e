// SPDX-License-Identifier: Apache-2.0
// Rows as change events into Kafka, one topic for ticks and one for news; the key is the symbol or
// the article's number. A batch is stored once all its messages are acknowledged.
//
// When they are not in time, the messages are still on their way: the same batch tried again only
// waits for them. After a failure a new producer sends those that the old one was not told of, so a
// message can lie in the topic twice, which tables keyed by (symbol, timestamp) do not notice.
#include "base/time.h"
#include "envelope.h"
#include "live_sink.h"
#include "net/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENT_BYTES = 4 << 20, KEY_BYTES = 24, TABLES = 2, TICKS = 0, NEWS = 1 };

static const double acknowledge_seconds = 10; // for one try of a batch

struct sink_kafka {
    struct live_sink sink;
    struct live_sink_options options;
    struct kafka_producer *producer;
    char *topics[TABLES];
    struct envelope envelopes[TABLES];
    struct kafka_header headers[TABLES][4];
    struct buffer event;
    uint64_t batch; // the one on its way
    size_t sent;    // of its rows
    size_t done;    // acknowledged before the present producer was opened
    uint64_t base;  // what the producer had sent before row `done`
};

static struct sink_kafka *self(struct live_sink *sink)
{
    return (struct sink_kafka *)sink;
}

static int open_producer(struct sink_kafka *sink, struct err *err)
{
    const struct kafka_settings settings = {
        .brokers = sink->options.brokers,
        .properties = sink->options.properties,
        .quiet = sink->options.quiet,
        .give_up = sink->options.give_up,
        .give_up_context = sink->options.give_up_context,
    };
    return kafka_open(&sink->producer, &settings, err);
}

// Makes the message of a row; its key is in `key` or in the batch.
static int build(struct sink_kafka *sink, const struct live_batch *batch, size_t row,
                 char key[static KEY_BYTES], struct kafka_message *message, struct err *err)
{
    const int64_t now = clock_microseconds();
    const int table = row < batch->tick_count ? TICKS : NEWS;
    sink->event.size = 0;
    if (table == TICKS) {
        const struct tick tick = live_batch_tick(batch, row);
        TRY(envelope_tick(&sink->envelopes[TICKS], &tick, now, &sink->event, err));
        *message = (struct kafka_message){.key = tick.symbol.data, .key_size = tick.symbol.size};
    } else {
        const struct article article = live_batch_article(batch, row - batch->tick_count);
        TRY(envelope_article(&sink->envelopes[NEWS], &article, now, &sink->event, err));
        const int size = snprintf(key, KEY_BYTES, "%llu", (unsigned long long)article.id);
        *message = (struct kafka_message){.key = key, .key_size = (size_t)size};
    }
    message->topic = sink->topics[table];
    message->value = sink->event.data;
    message->value_size = sink->event.size;
    message->headers = sink->headers[table];
    return 0;
}

static int send_rest(struct sink_kafka *sink, const struct live_batch *batch, struct err *err)
{
    for (; sink->sent < live_batch_rows(batch); sink->sent++) {
        char key[KEY_BYTES];
        struct kafka_message message;
        uint64_t number;
        TRY(build(sink, batch, sink->sent, key, &message, err));
        TRY(kafka_send(sink->producer, &message, &number, err));
    }
    return 0;
}

// Which rows of the batch need not be sent again by a new producer.
static void note_acknowledged(struct sink_kafka *sink)
{
    uint64_t number = 0;
    (void)kafka_acknowledged(sink->producer, &number, NULL);
    if (number > sink->base)
        sink->done += (size_t)(number - sink->base);
}

// A producer that has lost a message says so for ever.
static int renew(struct sink_kafka *sink, struct err *err)
{
    note_acknowledged(sink);
    kafka_close(sink->producer);
    sink->producer = NULL;
    sink->sent = sink->done;
    sink->base = 0;
    return open_producer(sink, err);
}

static int begin(struct sink_kafka *sink, const struct live_batch *batch, struct err *err)
{
    uint64_t number;
    if (sink->producer != NULL && kafka_acknowledged(sink->producer, &number, NULL) != 0)
        TRY(renew(sink, err));
    if (sink->producer == NULL)
        TRY(open_producer(sink, err));
    if (sink->batch == batch->number)
        return 0;
    TRY(kafka_acknowledged(sink->producer, &sink->base, err));
    sink->batch = batch->number;
    sink->sent = sink->done = 0;
    return 0;
}

static int store_kafka(struct live_sink *base, const struct live_batch *batch, struct err *err)
{
    struct sink_kafka *sink = self(base);
    TRY(begin(sink, batch, err));
    TRY(send_rest(sink, batch, err));
    TRY(kafka_flush(sink->producer, acknowledge_seconds, err));
    base->stored += live_batch_rows(batch);
    return 0;
}

static void close_kafka(struct live_sink *base)
{
    struct sink_kafka *sink = self(base);
    kafka_close(sink->producer);
    for (size_t i = 0; i < TABLES; i++) {
        free(sink->topics[i]);
        envelope_free(&sink->envelopes[i]);
    }
    buffer_free(&sink->event);
    free(sink);
}

// dbserver1.public.finnhub_stocks gives dbserver1.public.finnhub_news.
static char *news_topic(const char *topic)
{
    const char *dot = strrchr(topic, '.');
    char *made = NULL;
    const int folder = dot != NULL ? (int)(dot + 1 - topic) : 0;
    return asprintf(&made, "%.*sfinnhub_news", folder, topic) < 0 ? NULL : made;
}

static int open_table(struct sink_kafka *sink, int table, const char *server, const char *name,
                      struct err *err)
{
    const char *source = sink->options.source != NULL ? sink->options.source : "";
    const struct kafka_header headers[] = {
        {"schema", name}, {"version", "1"}, {"source", source}, {NULL, NULL}};
    memcpy(sink->headers[table], headers, sizeof headers);
    return envelope_init(&sink->envelopes[table], server, name, err);
}

static int open_parts(struct sink_kafka *sink, struct err *err)
{
    const char *topic = sink->options.topic;
    char server[64];
    (void)snprintf(server, sizeof server, "%.*s", (int)strcspn(topic, "."), topic);
    if (strpbrk(topic, "\"\\") != NULL || topic[0] == '\0')
        return err_set(err, EX_USAGE, "--topic wants letters, digits, '.', '_' and '-', not '%s'",
                       topic);
    sink->topics[TICKS] = strdup(topic);
    sink->topics[NEWS] = news_topic(topic);
    if (sink->topics[TICKS] == NULL || sink->topics[NEWS] == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    TRY(open_table(sink, TICKS, server, "finnhub_stocks", err));
    TRY(open_table(sink, NEWS, server, "finnhub_news", err));
    return open_producer(sink, err);
}

int live_sink_open_kafka(struct live_sink **sink, const struct live_sink_options *options,
                         struct err *err)
{
    struct sink_kafka *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return err_set(err, EX_OSERR, "out of memory");
    opened->sink = (struct live_sink){"kafka", store_kafka, close_kafka, 0};
    opened->options = *options;
    buffer_init(&opened->event, EVENT_BYTES);
    const int code = open_parts(opened, err);
    if (code != 0)
        close_kafka(&opened->sink);
    else
        *sink = &opened->sink;
    return code;
}
