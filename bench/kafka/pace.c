// SPDX-License-Identifier: Apache-2.0
// Sends change events at a fixed rate: event i is due at START + i / RATE whether or not the ones
// before it went out in time, and carries that time as its ts and its number as its position.
// Prints START in microseconds first.
//
//   kafka_pace BROKERS TOPIC RATE SECONDS
#include "base/time.h"
#include "net/kafka.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SYMBOLS = 100, LEAD_MICROSECONDS = 200000 };

static void sleep_until(int64_t due)
{
    int64_t left = due - clock_microseconds();
    if (left > 0)
        nanosleep(&(struct timespec){left / 1000000, left % 1000000 * 1000}, NULL);
}

static int send_event(struct kafka_producer *producer, const char *topic, uint64_t i, int64_t due,
                      struct err *err)
{
    char text[512];
    int size =
        snprintf(text, sizeof text,
                 "{\"before\":null,\"after\":{\"symbol\":\"S%03" PRIu64
                 "\",\"price\":\"100.%02" PRIu64 "\",\"volume\":\"%" PRIu64 "\",\"ts\":%" PRId64
                 "},\"source\":{\"version\":\"3.7.0.Final\",\"connector\":\"postgresql\","
                 "\"name\":\"dbserver1\",\"snapshot\":\"false\",\"db\":\"finnhub\","
                 "\"schema\":\"public\",\"table\":\"finnhub_stocks\",\"lsn\":%" PRIu64
                 "},\"transaction\":null,\"op\":\"c\",\"ts_ms\":%" PRId64 "}",
                 i % SYMBOLS, i % 100, i + 1, due, i + 1, due / 1000);
    struct kafka_message message = {.topic = topic, .value = text, .value_size = (size_t)size};
    uint64_t number;
    return kafka_send(producer, &message, &number, err);
}

static int run(char **words, struct err *err)
{
    static const char *const properties[] = {"linger.ms=1", NULL};
    struct kafka_settings settings = {.brokers = words[0], .properties = properties};
    struct kafka_producer *producer;
    TRY(kafka_open(&producer, &settings, err));
    double rate = atof(words[2]);
    uint64_t count = (uint64_t)(rate * atof(words[3]));
    int64_t start = clock_microseconds() + LEAD_MICROSECONDS;
    printf("%" PRId64 "\n", start);
    fflush(stdout);
    for (uint64_t i = 0; i < count; i++) {
        int64_t due = start + (int64_t)((double)i * 1e6 / rate);
        sleep_until(due);
        TRY(send_event(producer, words[1], i, due, err));
    }
    TRY(kafka_flush(producer, 60, err));
    kafka_close(producer);
    return 0;
}

int main(int count, char **words)
{
    struct err err = {0};
    if (count != 5) {
        fputs("usage: kafka_pace BROKERS TOPIC RATE SECONDS\n", stderr);
        return 64;
    }
    if (run(words + 1, &err) == 0)
        return 0;
    fprintf(stderr, "kafka_pace: %s\n", err.text);
    return 70;
}
