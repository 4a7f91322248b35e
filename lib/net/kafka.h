// SPDX-License-Identifier: Apache-2.0
// A Kafka producer, thin over librdkafka: idempotent, acks=all, compressed; what librdkafka takes
// as "key=value" is passed through (SASL, TLS, batch sizes).
//
// What others must not read (sasl.password, ssl.key.password, ...) is refused among the properties,
// since those come from the command line, where every user of the machine sees it; it belongs into
// a file of lines "key=value" that TICKHOUSE_KAFKA_PROPERTIES names.
#ifndef TICKHOUSE_NET_KAFKA_H
#define TICKHOUSE_NET_KAFKA_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_producer;

struct kafka_settings {
    const char *brokers; // HOST:PORT,...
    const char *const
        *properties;    // "key=value" as -X of kcat takes them, ended by NULL; may be NULL
    const char *client; // client.id; NULL: tickhouse
    bool quiet;
    bool (*give_up)(void *context); // asked several times a second while waiting; may be NULL
    void *give_up_context;
};

struct kafka_header {
    const char *name, *value;
};

struct kafka_message {
    const char *topic;
    const void *key; // NULL: none
    size_t key_size;
    const void *value; // NULL: a tombstone
    size_t value_size;
    const struct kafka_header *headers; // ended by a NULL name; may be NULL
};

// Does not wait for a broker: one that is away shows when messages stay unacknowledged.
int kafka_open(struct kafka_producer **producer, const struct kafka_settings *settings,
               struct err *err);

// What is not acknowledged by now may or may not arrive.
void kafka_close(struct kafka_producer *producer);

// Hands a copy over and returns; waits while librdkafka's queue is full. `*number` counts the
// messages of this producer from 1. A producer belongs to one thread.
int kafka_send(struct kafka_producer *producer, const struct kafka_message *message,
               uint64_t *number, struct err *err);

// Up to which number every message is acknowledged by all in-sync replicas. Serves delivery
// reports; a message that failed for good is an error, here and from then on, and only a new
// producer helps: at once when the error is retriable, else after somebody has mended something.
int kafka_acknowledged(struct kafka_producer *producer, uint64_t *number, struct err *err);

// Whether librdkafka has said that every broker is down, and nothing was acknowledged since.
bool kafka_is_away(const struct kafka_producer *producer);

// What librdkafka complained of last; empty when it did not.
const char *kafka_trouble(const struct kafka_producer *producer);

// Waits until all are acknowledged, at most so long; EX_TEMPFAIL, retriable, when they are not.
int kafka_flush(struct kafka_producer *producer, double seconds, struct err *err);

#endif
