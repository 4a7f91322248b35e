// SPDX-License-Identifier: Apache-2.0
// bench_latency BROKERS TOPIC COUNT: reads the next COUNT messages of the topic's only partition as
// they come, and prints how long after their commit (source.ts_us) they were here: p50, p90, p99
// and the longest, in milliseconds. It says "ready" on stderr when it waits at the end of the
// topic.
#include "base/time.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MILLISECONDS = 20000 };

static int by_size(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double commit_time(const char *value, size_t size)
{
    static const char source[] = "\"source\":{", time[] = "\"ts_us\":";
    const char *at = memmem(value, size, source, sizeof source - 1);
    if (at != NULL)
        at = memmem(at, size - (size_t)(at - value), time, sizeof time - 1);
    return at != NULL ? strtod(at + sizeof time - 1, NULL) : 0;
}

static rd_kafka_t *open_consumer(const char *brokers, const char *topic)
{
    static const char *const settings[][2] = {{"group.id", "bench-latency"},
                                              {"fetch.wait.max.ms", "5"},
                                              {"enable.auto.commit", "false"},
                                              {"enable.partition.eof", "true"}};
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        (void)rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text, sizeof text);
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, text, sizeof text);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_END;
    (void)rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return consumer;
}

// At the end of the topic the consumer is told so, once.
static size_t gather(rd_kafka_t *consumer, double *times, size_t count)
{
    size_t got = 0;
    while (got < count) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, WAIT_MILLISECONDS);
        if (message == NULL)
            break;
        const double now = (double)clock_microseconds();
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            (void)fprintf(stderr, "ready\n");
        else if (message->err == 0 && message->payload != NULL)
            times[got++] = (now - commit_time(message->payload, message->len)) / 1000;
        rd_kafka_message_destroy(message);
    }
    return got;
}

int main(int argc, char **argv)
{
    const size_t count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    double *times = calloc(count + 1, sizeof *times);
    if (count == 0 || times == NULL) {
        (void)fprintf(stderr, "usage: bench_latency BROKERS TOPIC COUNT\n");
        return 64;
    }
    rd_kafka_t *consumer = open_consumer(argv[1], argv[2]);
    const size_t got = gather(consumer, times, count);
    qsort(times, got, sizeof *times, by_size);
    (void)printf("%.2f %.2f %.2f %.2f\n", times[got / 2], times[got * 9 / 10],
                 times[got * 99 / 100], times[got > 0 ? got - 1 : 0]);
    (void)rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    free(times);
    return got == count ? 0 : 75;
}
